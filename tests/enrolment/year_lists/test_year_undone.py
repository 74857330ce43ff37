"""A year's import undone: what nobody used leaves, what was used stays and is named."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Candidacy, Company, Invitation, ListImport, Person, Placement, Portfolio, RosterImport
from portfolio.documents.places import ListImportState
from portfolio.enrolment import enrol, placements
from portfolio.enrolment.moves import company_facts
from portfolio.enrolment.period_lists.correcting import AMEND_KNOWN
from portfolio.enrolment.period_lists.period_list import add_periods
from portfolio.enrolment.undoing import list_undo
from portfolio.enrolment.undoing.list_undo import ListInUse, ListUndone, undo
from portfolio.enrolment.year_lists.year import TAKE_OVER, YearLists
from portfolio.errors import Invalid, NotFound, Unavailable
from portfolio.evidence import deposit
from portfolio.identity import invitations
from portfolio.store.connections import Connections
from tests.enrolment.year_lists.test_year import TEACHERS, WHOLE_YEAR, added, book, everything
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.world import World

WRONG = "Ce n'étaient pas les bons fichiers"


def undone(world: World, written: ListImport | None = None, reason: str = WRONG) -> ListImport:
    fresh = ListImport.objects.get(pk=written.id) if written is not None else ListImport.objects.get()
    return undo(world.actor(world.office), fresh, reason, world.clock())


def kept(written: ListImport) -> dict[str, str]:
    return {row.label: row.kept for row in written.rows if row.kept}


@pytest.fixture
def year(world: World) -> YearLists:
    assert world.school is not None
    return added(world, book(**WHOLE_YEAR), TEACHERS)


def adele() -> Candidacy:
    return Candidacy.objects.get(birth_name="ABGRALL")


def test_nothing_is_left_of_a_year_and_the_right_files_follow(world: World, store: Connections) -> None:
    assert world.office and world.follower
    before = everything(), Portfolio.objects.count()
    added(world, book(**WHOLE_YEAR), TEACHERS)
    written = undone(world)
    assert kept(written) == {} and written.state == ListImportState.UNDONE
    again = everything(), Portfolio.objects.count()
    imports, links = RosterImport.objects.count(), Invitation.objects.count()
    assert again == ([*before[0][:4], imports, links], before[1])
    assert Invitation.objects(used_at=None).count() == 0 and RosterImport.objects.get().state == "undone"
    event = store.database.events.find_one({"name": "list_undone"})
    assert event is not None and event["data"]["kept"] == []
    assert len(added(world, book(**WHOLE_YEAR), TEACHERS).of("added")) == 9


def test_the_same_files_again_write_nothing_to_take_back(world: World, year: YearLists) -> None:
    again = added(world, book(**WHOLE_YEAR), TEACHERS)
    assert year.written is not None and again.written is None and ListImport.objects.count() == 1


def test_mails_that_did_not_leave_do_not_leave(world: World, year: YearLists, store: Connections) -> None:
    undone(world)
    deliver(world.clock)
    assert files(store) == []


def test_who_was_written_to_is_named(world: World, year: YearLists) -> None:
    deliver(world.clock)
    told = {row.label for row in undone(world).rows if row.letter_left}
    assert told == {"Adèle ABGRALL", "Maëlle GUILLOU", "François DÉSIRÉ", "Lina OSMANI"}
    assert Invitation.objects(used_at=None).count() == 0  # none of the links that left opens anything


def _deposits(world: World) -> None:
    by = world.actor(Person.objects.get(pk=adele().person))
    placement = Placement.objects.get(candidacy=adele().id)
    values = {"title": "Relance", "context": "pfmp", "mission": "Relancer", "placement": placement.id}
    deposit.add_activity(by, Portfolio.objects.get(pk=adele().id), values, world.clock())


def test_a_candidate_who_deposited_stays_with_what_is_theirs(world: World, year: YearLists) -> None:
    _deposits(world)
    written = undone(world)
    assert [one.birth_name for one in Candidacy.objects] == ["ABGRALL"]
    assert Placement.objects.count() == 1 and {one.siret for one in Company.objects} >= {"95690795000011"}
    named = kept(written)
    assert {label.partition(",")[0] for label in named} == {"Adèle ABGRALL", "Cabinet Morvan Assurances"}
    assert "Une activité" in next(text for label, text in named.items() if "du 18/05/2026" in label)
    roster = RosterImport.objects.get()
    assert (roster.state, roster.enrolled) == ("confirmed", [adele().id])


def _follows(world: World) -> None:
    enrol.set_followers(world.actor(world.office), adele(), [world.follower.id], world.clock())


def _another_period(world: World) -> None:
    world.new_placement(adele())


def _amended(world: World) -> None:
    enrol.amend_candidacy(world.actor(world.office), adele(), {"division": "2B"}, world.clock())


@pytest.mark.parametrize("use", [_follows, _another_period, _amended])
def test_a_candidate_of_whom_anything_moved_stays(world: World, year: YearLists, use: Any) -> None:
    use(world)
    assert "Adèle ABGRALL" in kept(undone(world))
    assert [one.birth_name for one in Candidacy.objects] == ["ABGRALL"]


def test_a_teacher_who_came_in_stays(world: World, year: YearLists) -> None:
    guillou = Person.objects.get(family_name="GUILLOU")
    token = invitations.invitation_token(Invitation.objects.get(person=guillou.id))
    invitations.accept_invitation(token, "Une phrase de sept mots bien longue", world.clock())
    assert "déjà venu" in kept(undone(world))["Maëlle GUILLOU"]
    assert [one.family_name for one in Person.objects(email__endswith="@lycee.example")] == ["GUILLOU"]


def test_a_teacher_who_follows_somebody_else_stays(world: World, year: YearLists) -> None:
    other = world.new_candidacy(birth_name="Corre", followed=False)
    guillou = Person.objects.get(family_name="GUILLOU")
    enrol.set_followers(world.actor(world.office), other, [guillou.id], world.clock())
    assert "1 candidat suivi" in kept(undone(world))["Maëlle GUILLOU"]


def test_a_teacher_known_before_only_loses_the_right(world: World) -> None:
    stranger = world.new_teacher(world.new_school("0691644M"))
    line = (
        f"Nom;Prénom;Mél;Matière\r\n{stranger.family_name};{stranger.given_names};{stranger.email};Droit\r\n".encode()
    )
    added(world, line)
    assert len(Person.objects.get(pk=stranger.id).live_grants) == 2
    assert kept(undone(world)) == {}
    assert len(Person.objects.get(pk=stranger.id).live_grants) == 1


def test_who_follows_whom_is_as_before(world: World) -> None:
    candidacy = world.new_candidacy(birth_name="Benali", given_names="Bilal", division="2BTSA1")
    followed = list(candidacy.followers)
    lines = "Nom;Prénom;Mél;Suit\r\nDÉSIRÉ;François;francois.desire@lycee.example;2BTSA1\r\n".encode()
    added(world, lines, agreed=[TAKE_OVER])
    assert Candidacy.objects.get(pk=candidacy.id).followers != followed
    assert kept(undone(world)) == {}
    assert Candidacy.objects.get(pk=candidacy.id).followers == followed
    assert Person.objects(email="francois.desire@lycee.example").count() == 0


def test_companies_alone_leave_unless_somebody_is_there(world: World) -> None:
    lines = b"Entreprise;SIRET;Ville\r\nMorvan;95690795000011;Quimper\r\nPonant;95825379100015;Brest\r\n"
    added(world, lines)
    there = Company.objects.get(name="Ponant")
    Placement.objects(pk=world.placement.id).update(set__company=there.id)
    assert kept(undone(world)) == {"Ponant, Brest": "Des périodes y sont enregistrées."}
    assert [one.name for one in Company.objects(name__in=["Morvan", "Ponant"])] == ["Ponant"]


def test_a_company_corrected_since_stays(world: World, year: YearLists) -> None:
    placement = Placement.objects.get(candidacy=adele().id)
    facts = {"name": "Cabinet Morvan", "city": "Quimper"}
    company_facts.correct_company(world.actor(world.office), placement, facts, world.clock())
    named = kept(undone(world))
    assert "Cabinet Morvan Assurances, Quimper" in named and "Adèle ABGRALL" in named


# --- a list of periods alone ----------------------------------------------------------------------


def periods(world: World, data: bytes, **said: Any) -> ListImport:
    listed = add_periods(world.actor(world.office), world.school, "2027", data, world.clock(), **said)
    assert listed.written is not None
    return listed.written


@pytest.fixture
def both(world: World) -> list[Candidacy]:
    return [
        world.new_candidacy(birth_name="Abgrall", given_names="Adèle", division="2BTSA2"),
        world.new_candidacy(birth_name="Benali", given_names="Bilal", division="2BTSA1"),
    ]


NAMED = (
    "Élève;SIRET;Entreprise;Ville;Du;Au;Jours;Tuteur;Mél tuteur\r\n"
    "ABGRALL Adèle;95690795000011;Morvan;Quimper;18/05/2026;26/06/2026;30;Ronan BODÉNEZ;ronan@morvan.example\r\n"
    "BENALI Bilal;95825379100015;Ponant;Brest;18/05/2026;26/06/2026;30;Sylvie COZIC;\r\n"
).encode()


def test_periods_leave_with_their_tutors_and_companies(world: World, both: list[Candidacy]) -> None:
    before = everything()
    written = periods(world, NAMED)
    assert Placement.objects.count() == 2
    assert kept(undone(world, written)) == {} and everything() == before
    with pytest.raises(ListUndone):
        undone(world, written)


def test_a_period_with_an_activity_stays_and_the_other_leaves(world: World, both: list[Candidacy]) -> None:
    written = periods(world, NAMED)
    mine = Placement.objects.get(candidacy=both[0].id)
    by = world.actor(Person.objects.get(pk=both[0].person))
    values = {"title": "Relance", "context": "pfmp", "mission": "Relancer", "placement": mine.id}
    deposit.add_activity(by, Portfolio.objects.get(pk=both[0].id), values, world.clock())
    named = kept(undone(world, written))
    assert [one.id for one in Placement.objects] == [mine.id]
    assert sorted(label.partition(",")[0] for label in named) == ["Adèle Abgrall", "Morvan"]
    assert Person.objects.get(pk=mine.tutor).live_grants


def test_a_period_amended_at_the_same_moment_stays(
    world: World, both: list[Candidacy], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = periods(world, NAMED)
    mine = Placement.objects.get(candidacy=both[0].id)
    placements.amend_placement(world.actor(world.office), mine, {"days": 12}, world.clock())
    assert len(kept(undone(world, written))) == 2 and Placement.objects.count() == 1


def test_a_list_of_which_all_was_used_is_not_undone(world: World, both: list[Candidacy]) -> None:
    written = periods(world, NAMED)
    for placement in Placement.objects:
        placements.amend_placement(world.actor(world.office), placement, {"days": 12}, world.clock())
    with pytest.raises(ListInUse) as refused:
        undone(world, written)
    assert "Adèle Abgrall" in refused.value.message and Placement.objects.count() == 2
    assert ListImport.objects.get(pk=written.id).state == ListImportState.WRITTEN


def test_a_corrected_period_is_as_before(world: World, both: list[Candidacy]) -> None:
    periods(world, NAMED)
    mine = Placement.objects.get(candidacy=both[0].id)
    said = ("26/06/2026;30;Ronan BODÉNEZ;ronan@morvan".encode(), b"30/06/2026;32;Anne LE GALL;anne@morvan")
    amended = NAMED.replace(*said)
    corrected = periods(world, amended, agreed=[AMEND_KNOWN])
    assert Placement.objects.get(pk=mine.id).tutor_name == "Anne LE GALL"
    assert kept(undone(world, corrected)) == {}
    back = Placement.objects.get(pk=mine.id)
    names = ("ends_on", "days", "tutor", "tutor_name")
    assert [back[name] for name in names] == [mine[name] for name in names]


def test_an_amended_candidate_is_as_before(world: World, year: YearLists) -> None:
    rows = tuple(tuple("2BTSA9" if cell == "2BTSA2" else cell for cell in row) for row in WHOLE_YEAR["élèves"])
    amended = added(world, book(élèves=rows))
    assert adele().division == "2BTSA9" and amended.written is not None
    assert kept(undone(world, amended.written)) == {} and adele().division == "2BTSA2"


def test_a_candidate_whose_address_was_given_too_is_as_before_but_for_it(world: World, year: YearLists) -> None:
    person = Person.objects.get(pk=adele().person)
    person.update(set__email=None)
    rows = tuple(tuple("2BTSA9" if cell == "2BTSA2" else cell for cell in row) for row in WHOLE_YEAR["élèves"])
    amended = added(world, book(élèves=rows))
    assert amended.written is not None and Person.objects.get(pk=person.id).email == person.email
    assert "L'adresse e-mail donnée reste" in kept(undone(world, amended.written))["Adèle ABGRALL"]
    assert adele().division == "2BTSA2" and Person.objects.get(pk=person.id).email == person.email


def test_what_an_interrupted_undo_took_back_is_not_said_to_stay(
    world: World, both: list[Candidacy], monkeypatch: pytest.MonkeyPatch
) -> None:
    periods(world, NAMED)
    mine = Placement.objects.get(candidacy=both[0].id)
    said = ("26/06/2026;30;Ronan BODÉNEZ;ronan@morvan".encode(), b"30/06/2026;32;Anne LE GALL;anne@morvan")
    corrected = periods(world, NAMED.replace(*said), agreed=[AMEND_KNOWN])
    interrupted(world, corrected, monkeypatch)
    assert Placement.objects.get(pk=mine.id).tutor == mine.tutor
    assert kept(undone(world, corrected)) == {}


def test_what_was_corrected_of_a_candidate_is_taken_back_once(
    world: World, year: YearLists, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = tuple(tuple("2BTSA9" if cell == "2BTSA2" else cell for cell in row) for row in WHOLE_YEAR["élèves"])
    amended = added(world, book(élèves=rows))
    assert amended.written is not None
    interrupted(world, amended.written, monkeypatch)
    assert kept(undone(world, amended.written)) == {} and adele().division == "2BTSA2"


def test_who_follows_whom_is_taken_back_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    candidacy = world.new_candidacy(birth_name="Benali", given_names="Bilal", division="2BTSA1")
    lines = "Nom;Prénom;Mél;Suit\r\nDÉSIRÉ;François;francois.desire@lycee.example;2BTSA1\r\n".encode()
    added(world, lines, agreed=[TAKE_OVER])
    interrupted(world, ListImport.objects.get(), monkeypatch)
    assert kept(undone(world)) == {}
    assert Candidacy.objects.get(pk=candidacy.id).followers == candidacy.followers


def interrupted(world: World, written: ListImport, monkeypatch: pytest.MonkeyPatch) -> None:
    """Undoes a list, but for its last commit: the engine is down then."""

    def down(*changes: object) -> None:
        raise Unavailable(retry_after=5)

    with monkeypatch.context() as patched, pytest.raises(Unavailable):
        patched.setattr(list_undo, "commit", down)
        undone(world, written)


# --- who may --------------------------------------------------------------------------------------


def test_it_says_why_and_only_to_its_own_office(world: World, year: YearLists) -> None:
    with pytest.raises(Invalid):
        undone(world, reason="  ")
    stranger = world.new_office(world.new_school("0691644M"))
    with pytest.raises(NotFound):
        undo(world.actor(stranger), ListImport.objects.get(), WRONG, world.clock())
    assert Placement.objects.count() == 2
