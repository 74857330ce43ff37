"""What is asked before a sheet is signed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portfolio.documents import Link
from portfolio.sheet import draw_up
from portfolio.sheet.build import build
from portfolio.sheet.questions import SignatureToConfirm, questions
from tests.sheet import cases
from tests.support.worlds.commissions import PASSWORD, drafted, with_password
from tests.support.worlds.world import World


def test_rows_not_evaluated_and_no_piece_retained_are_asked_about() -> None:
    assert questions(build(cases.plain())) == ["1 ligne « Non évalué » : C48."]
    plain = cases.plain()
    nothing = replace(plain, portfolio=replace(plain.portfolio, pieces=()))
    assert questions(build(nothing))[1] == "Aucun élément du portfolio n'est retenu à l'appui de l'appréciation."


def test_nothing_is_asked_of_an_outcome_nor_of_pieces_shown_on_paper() -> None:
    assert questions(build(cases.without_appraisal())) == []
    plain = cases.plain()
    on_paper = replace(plain, portfolio=replace(plain.portfolio, revision=0, pieces=()))
    assert questions(build(on_paper)) == ["1 ligne « Non évalué » : C48."]


def test_a_signature_waits_for_the_confirmation_which_its_link_says(world: World) -> None:
    sheet = drafted(world)
    by = world.actor(with_password(world.follower))
    with pytest.raises(SignatureToConfirm) as asked:
        draw_up.sign(by, sheet, sheet.digest, PASSWORD, world.clock())
    assert "Aucun élément" in asked.value.message
    assert draw_up.sign(by, sheet, sheet.digest, PASSWORD, world.clock(), confirmed=True).signatures
    assert Link.objects.get(name="sheet_signed").data["confirmed"] is True
