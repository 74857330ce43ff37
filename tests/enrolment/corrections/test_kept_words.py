"""What is frozen keeps what it said, and those whom it concerns are told: what, until when, whom to ask."""

from __future__ import annotations

from typing import Any

from portfolio.documents import Candidacy, Person, Placement
from portfolio.enrolment import enrol, placements
from portfolio.enrolment.moves import company_facts, tutor_names
from portfolio.store.connections import current
from portfolio.submission import submit
from portfolio.submission.kept_words import kept_since
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.requests import get
from tests.support.filling import words
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds import juries
from tests.support.worlds.commissions import convened, drafted
from tests.support.worlds.world import World

RIGHT: dict[str, str | None] = {"name": "Assurances de la Saône", "city": "Mâcon", "siret": None}


def handed_in(world: World) -> None:
    world.new_piece()
    world.submit()


def correct(world: World) -> None:
    placement = Placement.objects.get(pk=world.placement.id)
    company_facts.correct_company(world.actor(world.office), placement, RIGHT, world.clock())


def told(world: World, person: Person) -> list[str]:
    """The mails about a correction that this person got."""
    return [
        words_of(mail)
        for mail in files(current())
        if mail["To"] == person.email and "correction" in str(mail["Subject"])
    ]


def kept(world: World) -> Any:
    return kept_since(Candidacy.objects.get(pk=world.candidacy.id), world.portfolio)


def test_a_company_that_is_corrected_stays_as_it_was_in_what_was_handed_in(world: World) -> None:
    handed_in(world)
    assert kept(world) is None
    correct(world)
    (line,) = kept(world).lines
    assert "« Assurances du Rhône, Lyon »" in line and "« Assurances de la Saône, Mâcon »" in line
    assert "rouvrir le portfolio" in kept(world).then
    submit.reopen(world.actor(world.follower), world.portfolio, "Corriger", world.clock())
    assert kept(world).then == "La prochaine remise portera ce qui est corrigé."
    world.__class__._submit(world)
    assert kept(world) is None


def test_once_published_nobody_is_asked_to_reopen(world: World) -> None:
    handed_in(world)
    assert world.jury  # it is made
    juries.decide(world, juries.sheet_of(world, candidacy=world.candidacy))
    juries.publish(world)
    correct(world)
    assert "telle quelle" in kept(world).then and "rouvr" not in kept(world).then


def test_dates_a_tutor_and_a_cancelled_period_are_told_too(world: World) -> None:
    handed_in(world)
    office, placement = world.actor(world.office), world.placement
    tutor_names.correct_tutor_names(
        office, Placement.objects.get(pk=placement.id), {"family_name": "Durand", "given_names": "Ana"}, world.clock()
    )
    fresh = Placement.objects.get(pk=placement.id)
    placements.amend_placement(office, fresh, {"days": 30}, world.clock())
    (line,) = kept(world).lines
    assert "tuteur « Ana Durand »" in line and "30 jours" in line and "Rhône" in line
    placements.cancel_placement(office, Placement.objects.get(pk=placement.id), "Pas faite", world.clock())
    assert kept(world).lines == ("Période chez Assurances du Rhône : la remise la porte ; elle a été annulée depuis.",)


def test_the_candidate_who_follows_and_who_sits_are_told_by_mail(world: World, clock: Clock) -> None:
    handed_in(world)
    convened(world, second=world.second_teacher.id, tutor_absence="En congé")
    correct(world)
    deliver(clock)
    for person in (world.candidate, world.follower, world.second_teacher):
        (said,) = told(world, person)
        assert "« Assurances du Rhône, Lyon »" in said and "« Assurances de la Saône, Mâcon »" in said
        assert "rouvr" in said, said
    assert "Fiche" not in told(world, world.candidate)[0] and told(world, world.tutor) == []


def test_nobody_is_told_where_nothing_was_handed_in(world: World, clock: Clock) -> None:
    world.new_piece()
    correct(world)
    deliver(clock)
    assert told(world, world.candidate) == []


def test_members_are_told_of_a_name_corrected_since_their_sheet_and_the_candidate_is_not(
    world: World, clock: Clock, client_for: Clients
) -> None:
    sheet = drafted(world)
    fresh = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.amend_candidacy(world.actor(world.office), fresh, {"birth_name": "Dupré"}, clock())
    deliver(clock)
    for member in (Person.objects.get(pk=one) for one in sheet.members):
        (said,) = told(world, member)
        assert f"Fiche n° {sheet.number}" in said and "« Dupré »" in said
    assert told(world, world.candidate) == []
    page = words(client_for(world.follower).get(f"/fiches/{sheet.id}"))
    assert "identité a été corrigée depuis" in page


def test_the_pages_of_those_concerned_say_it(world: World, client_for: Clients) -> None:
    handed_in(world)
    correct(world)
    for person, path in (
        (world.candidate, f"/portfolio/{world.portfolio.id}/remise"),
        (world.follower, f"/classe/candidats/{world.candidacy.id}"),
        (world.office, f"/etablissement/candidats/{world.candidacy.id}"),
    ):
        page = words(client_for(person).get(path))
        assert "Corrigé depuis la remise n° 1" in page and "Assurances de la Saône" in page, path
        read = get(client_for(person), f"/portfolios/{world.portfolio.id}").json["kept"]
        assert (read["number"], len(read["lines"])) == (1, 1)
        assert ("demandez" in read["then"]) is (person == world.candidate), read
