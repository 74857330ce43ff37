"""The history of a portfolio reads as sentences, and names only whom the reader already knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portfolio.documents import Evidence, Person
from portfolio.errors import Forbidden, NotFound
from portfolio.evidence import deposit
from portfolio.store.connections import Connections
from portfolio.store.event_names import EventName
from portfolio.store.history import SENTENCES, Page, history, sentence
from portfolio.submission import submit
from tests.support.queries import counted
from tests.support.worlds import commissions
from tests.support.worlds.juries import decide, publish
from tests.support.worlds.world import World

DOMAIN = Path(__file__).parents[2] / "portfolio"


def read(world: World, who: Person | None = None, after: int = 0, limit: int = 200) -> Page:
    return history(world.actor(who or world.candidate), world.portfolio, after, limit)


def sentences(page: Page) -> list[str]:
    return [act.sentence for act in page.items]


# --- every event has its sentence -----------------------------------------------------------------


def event_names() -> set[str]:
    return {name.value for name in EventName}


OF_EARLIER_VERSIONS = {"code_refused"}  # in chains of 0.2


def test_every_name_is_that_of_an_act() -> None:
    sources = "".join(path.read_text("utf-8") for path in DOMAIN.rglob("*.py") if path.name != "history.py")
    assert [name for name in EventName if f"EventName.{name.name}" not in sources] == []


def test_every_event_of_the_domain_has_a_sentence() -> None:
    assert len(event_names()) > 50
    assert event_names() - set(SENTENCES) == set()


def test_no_sentence_is_left_of_an_event_that_is_gone() -> None:
    assert set(SENTENCES) - event_names() == OF_EARLIER_VERSIONS


@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_each_sentence_can_be_said(name: str) -> None:
    said = sentence(name, "le tuteur", {"answer": "partly", "number": 2})
    assert said.startswith("Le tuteur ")
    assert said.endswith(".")
    assert "{" not in said


# --- what is read ---------------------------------------------------------------------------------


def test_a_candidate_reads_what_happened_in_order(world: World) -> None:
    piece = world.new_piece(title="Lettre de relance")
    world.upload(piece)
    world.sign_off()
    world.submit()
    name, tutor = world.candidacy.display_name, world.placement.tutor_name
    assert [(act.sentence, act.about) for act in read(world).items] == [
        ("L'établissement a enregistré une période en milieu professionnel.", "Assurances du Rhône"),
        (f"{name} a ajouté une activité.", "Relance des impayés"),
        (f"{name} a ajouté une preuve.", "Lettre de relance"),
        (f"{name} a commencé l'envoi d'un fichier.", "lettre.pdf"),
        (f"{name} a envoyé un fichier, vérifié par le service.", "lettre.pdf"),
        ("Camille Professeur a répondu sur la réalité d'une activité : confirmée.", "Relance des impayés"),
        (f"{tutor} a répondu sur la réalité d'une activité : confirmée.", "Relance des impayés"),
        (f"{name} a remis le portfolio (remise n° 1).", None),
    ]


def test_a_teacher_who_signed_nothing_is_not_named(world: World) -> None:
    world.new_piece()
    world.sign_off()
    world.submit()
    colleague = world.person("Autre", world.grant("teacher", school=world.school.id), schools=(world.school.id,))
    world.candidacy.update(push__followers=colleague.id)
    submit.reopen(world.actor(colleague), world.portfolio, "Une pièce a été oubliée", world.clock())
    assert sentences(read(world))[-1] == "Un professeur a rouvert le portfolio après la remise n° 1."


def test_the_service_s_own_acts_are_the_service_s(world: World) -> None:
    assert sentence("portfolio_submitted", "le service", {"number": 3}) == (
        "Le service a remis le portfolio (remise n° 3)."
    )


def test_titles_are_those_of_today(world: World) -> None:
    piece = world.new_piece(title="Brouillon")
    fresh = Evidence.objects.get(pk=piece.id)
    deposit.amend_piece(world.actor(world.candidate), fresh, {"title": "Lettre définitive"}, world.clock())
    assert {act.about for act in read(world).items if act.name.startswith("evidence")} == {"Lettre définitive"}


def test_pages_follow_each_other_without_gap(world: World) -> None:
    for number in range(5):
        world.new_piece(title=f"Pièce {number}")
    whole = read(world)
    assert whole.next is None
    found, after = [], 0
    while True:
        page = read(world, after=after, limit=3)
        found += page.items
        if page.next is None:
            break
        after = page.next
    assert found == list(whole.items)
    assert len(found) == 7


def test_a_commission_and_a_jury_leave_no_trace(world: World) -> None:
    assert world.jury
    world.submit()
    before = read(world)
    sheet = commissions.transmitted(world, commissions.signed(world, _drafted(world)))
    decide(world, sheet, "14.5")
    publish(world)
    assert read(world) == before


def _drafted(world: World) -> Any:
    commission = commissions.convened(world)
    for person in (world.follower, world.tutor):
        commissions.fill_and_seal(world, commission, person)
    said = {"appreciation": commissions.APPRECIATION, "proposed_mark": "14,5"}
    commissions.appraise(world, world.follower, commission, **said)
    return commissions.drafted(world, commission)


def test_the_follower_reads_it_too_and_nobody_else(world: World) -> None:
    world.new_piece()
    assert read(world, world.follower) == read(world)
    for who, refused in (("tutor", NotFound), ("second_teacher", Forbidden), ("inspector", NotFound)):
        with pytest.raises(refused):
            read(world, getattr(world, who))


def test_a_long_history_takes_as_many_commands_as_a_short_one(world: World, store: Connections) -> None:
    world.new_piece()
    by, portfolio = world.actor(world.candidate), world.portfolio
    with counted(store.database) as short:
        history(by, portfolio, 0, 200)
    for number in range(20):
        world.new_piece(title=f"Pièce {number}")
    by, portfolio = world.actor(world.candidate), world.portfolio
    with counted(store.database) as long:
        assert len(history(by, portfolio, 0, 200).items) > 20
    assert short == long
