"""Convocations on paper, for the members of a commission."""

from __future__ import annotations

from datetime import date

import pypdfium2
import pytest

from portfolio.commission import amend, convocations
from portfolio.documents import Commission
from portfolio.errors import Forbidden, NotFound
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.worlds import commissions
from tests.support.worlds.world import World

DAY = date(2027, 3, 1)


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded().replace("\u200b", "") for page in document]


def test_each_member_has_a_page_with_when_where_and_whom(world: World) -> None:
    commission = commissions.convened(world)
    first, second = pages_of(convocations.convocations_pdf(world.actor(world.office), [commission], DAY))
    for page in (first, second):
        assert "lundi 12/04/2027 à 14 h 00" in page and "Salle B12" in page
        assert world.candidacy.display_name in page and "Lycée Ampère" in page
    assert "professeur chargé du suivi" in first and "tuteur de l'entreprise d'accueil" in second


def test_who_was_replaced_is_not_convened_and_a_cancelled_one_convenes_nobody(world: World) -> None:
    office, commission = world.actor(world.office), commissions.convened(world)
    arriving = {"leaving": world.tutor.id, "arriving": str(world.second_teacher.id), "reason": "Malade"}
    commission = amend.replace_member(office, commission, arriving | {"tutor_absence": "Malade"}, world.clock())
    said = convocations.content(office, [commission])["convocations"]
    assert [one["member"]["quality"] for one in said] == ["follower", "second_professor"]
    cancelled = amend.cancel(office, Commission.objects.get(pk=commission.id), "Reportée", world.clock())
    with pytest.raises(convocations.NothingToConvene):
        convocations.convocations_pdf(office, [cancelled], DAY)


def test_neither_the_candidate_nor_another_member_prints_them(world: World) -> None:
    commission = commissions.convened(world)
    with pytest.raises(NotFound):
        convocations.convocations_pdf(world.actor(world.candidate), [commission], DAY)
    with pytest.raises(Forbidden):
        convocations.convocations_pdf(world.actor(world.tutor), [commission], DAY)


def test_a_rehearsal_says_so_on_every_page(store: Connections, clock: Clock) -> None:
    world = World(clock, session="2027R")
    commission = commissions.convened(world)
    for page in pages_of(convocations.convocations_pdf(world.actor(world.office), [commission], DAY)):
        assert "FICTIF" in page
