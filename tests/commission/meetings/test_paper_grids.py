"""Blank grids for a meeting without network, and the code by which they are keyed."""

from __future__ import annotations

import io
import re

import pikepdf
import pypdfium2
import pytest
from bson import ObjectId

from portfolio.commission.on_paper.blank_grids import NoGridToPrint, blank_grids_pdf, code_of, commission_of_code
from portfolio.documents import Commission
from portfolio.errors import NotFound
from tests.support.acts.printed_sheets import squeezed
from tests.support.worlds.commissions import ROWS, convened
from tests.support.worlds.world import World


def printed(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


def test_a_code_has_no_letter_read_as_another_and_is_the_same_each_time() -> None:
    commission = ObjectId("6b0f09517e9637b50f9bef90")
    assert code_of(commission) == code_of(ObjectId(str(commission)))
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code_of(commission))


def test_a_blank_grid_holds_one_page_with_its_rows_members_and_code(world: World) -> None:
    world.submit()
    commission = convened(world)
    pdf = blank_grids_pdf(world.actor(world.follower), [commission], world.clock().date())
    (page,) = printed(pdf)
    text = squeezed(page)
    assert all(row in text for row in ROWS)
    names = (world.follower.name, world.tutor.name, world.candidacy.display_name, code_of(commission.id))
    assert all(squeezed(words) in text for words in names)
    assert squeezed("Modèle provisoire") in text and squeezed("Réunie le") in text
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert list(document.attachments) == ["grilles.json"]


def test_a_member_finds_the_commission_by_its_code_and_nobody_else(world: World) -> None:
    world.submit()
    commission = convened(world)
    code = code_of(commission.id)
    typed = f" {code.lower().replace('-', '').replace('0', 'o').replace('1', 'l')} "
    assert commission_of_code(world.actor(world.tutor), typed) == commission.id
    assert commission_of_code(world.actor(world.tutor), "0000-0000") is None
    for person in (world.office, world.candidate, world.second_teacher):
        assert commission_of_code(world.actor(person), code) is None


def test_the_candidate_prints_none_and_a_cancelled_commission_has_none(world: World) -> None:
    commission = convened(world)
    with pytest.raises(NotFound):
        blank_grids_pdf(world.actor(world.candidate), [commission], world.clock().date())
    Commission.objects(pk=commission.id).update(set__state="cancelled")
    with pytest.raises(NoGridToPrint):
        blank_grids_pdf(world.actor(world.office), [commission.reload()], world.clock().date())
