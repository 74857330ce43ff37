"""Periods from a list: what it would add is shown, good lines are added, the same list again changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import pytest

from portfolio.documents import Candidacy, Company, Person, Placement
from portfolio.enrolment import placements
from portfolio.enrolment.lists.reading import SPLIT_NAMES, UNLIKELY_DATES
from portfolio.enrolment.period_lists.correcting import AMEND_KNOWN
from portfolio.enrolment.period_lists.matching import CANDIDACY, PeriodLine
from portfolio.enrolment.period_lists.period_list import NamesUnchecked, PeriodList, add_periods, read_periods
from portfolio.errors import Forbidden
from tests.enrolment.lists.test_any_list import workbook
from tests.support.concurrency import together
from tests.support.worlds.world import World

TITLES = (
    *("Élève", "Classe", "Organisme d’accueil", "SIRET", "Ville", "Du", "Au", "Jours", "Tuteur", "Fonction"),
    *("Mél tuteur", "Tél tuteur"),
)
MAY, JUNE = datetime(2026, 5, 18), datetime(2026, 6, 26)  # noqa: DTZ001  # a cell has no zone
MORVAN = ("2BTSA2", "Cabinet Morvan Assurances", 95690795000011, "Quimper", MAY, JUNE, 29, "Ronan BODÉNEZ", "Agent")
WITH_ADDRESS = (*MORVAN, "ronan.bodenez@morvan.example", 612345678)
WITHOUT = (*MORVAN, None, None)


def shown(world: World, *rows: tuple[Any, ...], **said: Any) -> PeriodList:
    by = world.actor(world.office)
    return read_periods(by, world.school, "2027", workbook(TITLES, *rows), world.clock(), **said)


def added(
    world: World,
    *rows: tuple[Any, ...],
    corrections: Mapping[int, Mapping[str, str]] | None = None,
    agreed: Collection[str] = (),
) -> PeriodList:
    by, data = world.actor(world.office), workbook(TITLES, *rows)
    return add_periods(by, world.school, "2027", data, world.clock(), None, corrections, agreed)


def only(periods: PeriodList) -> PeriodLine:
    assert periods.read.file_errors == []
    (line,) = periods.lines
    return line


@pytest.fixture
def adele(world: World) -> Candidacy:
    return world.new_candidacy(birth_name="Abgrall", given_names="Adèle, Marie", division="2BTSA2")


@pytest.mark.parametrize("written", ["SIVA", "Siva SANS PRENOM", "Siva Sans prénom"])
def test_a_candidate_who_has_one_name_is_found_by_it(world: World, written: str) -> None:
    siva = world.new_candidacy(birth_name="Siva", given_names="", division="2BTSA2")
    world.new_candidacy(birth_name="Siva", given_names="Anand", division="2BTSA1")
    assert only(shown(world, (written, *WITHOUT))).candidacy == siva


def test_a_line_is_shown_and_then_adds_its_period_company_and_tutor(world: World, adele: Candidacy) -> None:
    row = ("ABGRALL Adèle", *WITH_ADDRESS)
    line = only(shown(world, row))
    assert (line.state, line.candidacy, line.company) == ("ready", adele, None)
    assert Placement.objects.count() == Company.objects.count() == 0
    (line,) = added(world, row).of("added")
    placement = Placement.objects.get(candidacy=adele.id)
    assert (placement.starts_on, placement.ends_on, placement.days) == ("2026-05-18", "2026-06-26", 29)
    assert (placement.kind, placement.company_name, placement.tutor_name) == (
        "stage",
        "Cabinet Morvan Assurances",
        "Ronan BODÉNEZ",
    )
    assert Company.objects.get(pk=placement.company).siret == "95690795000011"
    assert Person.objects.get(pk=placement.tutor).email == "ronan.bodenez@morvan.example"


def test_the_same_list_again_changes_nothing(world: World, adele: Candidacy) -> None:
    row = ("ABGRALL Adèle", *WITH_ADDRESS)
    added(world, row)
    before = Placement.objects.get().revision, Person.objects.count(), Company.objects.count()
    assert only(added(world, row)).state == "known"
    assert (Placement.objects.get().revision, Person.objects.count(), Company.objects.count()) == before


def test_a_tutor_without_address_is_no_fault(world: World, adele: Candidacy) -> None:
    assert only(added(world, ("ABGRALL Adèle", *WITHOUT))).state == "added"
    assert Person.objects.get(pk=Placement.objects.get().tutor).email is None


def test_an_amended_line_shows_what_differs_and_writes_nothing(world: World, adele: Candidacy) -> None:
    added(world, ("ABGRALL Adèle", *WITH_ADDRESS))
    amended = (*WITH_ADDRESS[:6], 28, "Anne BODÉNEZ", *WITH_ADDRESS[8:])
    line = only(added(world, ("ABGRALL Adèle", *amended)))
    differs = {"days": ["29", "28"], "tutor": ["Ronan BODÉNEZ", "Anne BODÉNEZ"]}
    assert (line.state, line.differs) == ("differs", differs)
    assert Placement.objects.get().days == 29


def test_an_amended_line_corrects_when_asked_what_nobody_signed(world: World, adele: Candidacy) -> None:
    added(world, ("ABGRALL Adèle", *WITH_ADDRESS))
    amended = (*WITH_ADDRESS[:4], MAY, datetime(2026, 6, 25), 28, "Anne BODÉNEZ", None, "anne@morvan.example", None)  # noqa: DTZ001
    assert only(added(world, ("ABGRALL Adèle", *amended), agreed=[AMEND_KNOWN])).state == "corrected"
    period = Placement.objects.get()
    assert (period.ends_on, period.days, period.tutor_name) == ("2026-06-25", 28, "Anne BODÉNEZ")
    assert only(added(world, ("ABGRALL Adèle", *amended), agreed=[AMEND_KNOWN])).state == "known"


def test_a_list_changes_nothing_that_is_signed(world: World) -> None:
    period, signed = world.placement, world.candidacy
    world.sign_off()
    by, at = world.actor(world.office), world.clock()
    text = (
        "N° candidat;SIRET;Du;Au;Jours;Tuteur\n"
        f"{signed.candidate_number};{world.company.siret};{period.starts_on};{period.ends_on};{period.days - 1};"
        f"{period.tutor_name.upper()}\n"
    ).encode()
    periods = add_periods(by, world.school, "2027", text, at, agreed=[AMEND_KNOWN, SPLIT_NAMES])
    line = only(periods)
    assert line.state == "known" and "signé" in line.kept and "days" in line.differs
    assert Placement.objects.get(pk=period.id).days == period.days


def test_days_that_nobody_said_are_counted_and_shown(world: World, adele: Candidacy) -> None:
    line = only(added(world, ("ABGRALL Adèle", *WITH_ADDRESS[:6], None, *WITH_ADDRESS[7:])))
    assert line.state == "added" and Placement.objects.get().days == 29  # Whit Monday left out
    assert line.row.warnings[0].startswith("Jours non dits : 29")
    before = Placement.objects.get()
    placements.amend_placement(world.actor(world.office), before, {"days": 20}, world.clock())
    again = only(added(world, ("ABGRALL Adèle", *WITH_ADDRESS[:6], None, *WITH_ADDRESS[7:])))
    assert (again.state, again.differs) == ("known", {})


def test_days_that_cannot_be_counted_are_asked_for(world: World, adele: Candidacy) -> None:
    long = (*WITH_ADDRESS[:4], datetime(2020, 1, 1), datetime(2099, 1, 1), None, *WITH_ADDRESS[7:])  # noqa: DTZ001
    assert only(shown(world, ("ABGRALL Adèle", *long))).row.errors.keys() == {"days"}


def test_what_is_said_of_a_column_is_remembered(world: World, adele: Candidacy) -> None:
    text = (
        "Mon BTS;SIRET;Entreprise;Ville;Du;Au;Tuteur\nABGRALL Adèle;95690795000011;M;Quimper;18/05/26;26/06/26;LY Jo\n"
    )
    by, at = world.actor(world.office), world.clock()
    read_periods(by, world.school, "2027", text.encode(), at, {"monbts": "candidate"})
    assert world.school.reload().list_titles == {}
    add_periods(by, world.school, "2027", text.encode(), at, {"monbts": "candidate"})
    assert only(read_periods(by, world.school.reload(), "2027", text.encode(), at)).state == "known"


def test_a_cancelled_period_is_not_added_again(world: World, adele: Candidacy) -> None:
    added(world, ("ABGRALL Adèle", *WITH_ADDRESS))
    placements.cancel_placement(world.actor(world.office), Placement.objects.get(), "Refusée", world.clock())
    line = only(added(world, ("ABGRALL Adèle", *WITH_ADDRESS)))
    assert line.state == "known" and "annulée" in line.row.warnings[0]
    assert Placement.objects.count() == 1


def test_wrong_lines_name_their_cells_and_keep_no_other_out(world: World, adele: Candidacy) -> None:
    periods = added(
        world,
        ("ABGRALL Adèle", *WITH_ADDRESS),
        ("INCONNU Paul", *WITH_ADDRESS),
        ("ABGRALL Adèle", "", "Ponant", 12345678901234, "Brest", JUNE, MAY, 900, "Cher", "", "cher@", None),
    )
    good, unknown, wrong = periods.lines
    assert good.state == "added" and Placement.objects.count() == 1
    assert unknown.row.errors.keys() == {"candidate"} and unknown.row.places["candidate"] == "A3"
    assert wrong.row.errors.keys() == {"siret", "days", "tutor", "tutor_email"}
    assert {wrong.row.places[name] for name in wrong.row.errors} == {"D4", "H4", "I4", "K4"}


def test_a_cell_corrected_by_hand_makes_a_line_right(world: World, adele: Candidacy) -> None:
    row = ("ABGRALL Adèl", *WITH_ADDRESS[:6], "beaucoup", *WITH_ADDRESS[7:])
    assert only(shown(world, row)).row.errors.keys() == {"candidate", "days"}
    typed = {2: {"candidate": "Adèle Abgrall", "days": "29"}}
    assert only(added(world, row, corrections=typed)).state == "added"


def test_namesakes_are_chosen_among_by_birth_date_class_or_hand(world: World, adele: Candidacy) -> None:
    other = world.new_candidacy(birth_name="Abgrall", given_names="Adèle", birth_date="2006-01-02", division="2BTSA1")
    assert only(shown(world, ("ABGRALL Adèle", *WITH_ADDRESS))).candidacy == adele
    of_neither = ("ABGRALL Adèle", "TS2", *WITH_ADDRESS[1:])
    line = only(shown(world, of_neither))
    assert line.state == "wrong" and {one.id for one in line.fits} == {adele.id, other.id}
    chosen = only(added(world, of_neither, corrections={2: {CANDIDACY: str(other.id)}}))
    assert (chosen.state, chosen.candidacy) == ("added", other)


def test_a_number_and_a_birth_date_name_the_candidate(world: World, adele: Candidacy) -> None:
    by = world.actor(world.office)
    head = "N° candidat;Nom;Prénom;Né le;Entreprise;SIRET;Ville;Du;Au;Jours;Nom du tuteur;Prénom du tuteur\n"
    tail = "Morvan;95690795000011;Quimper;18/05/26;26/06/26;29;Bodénez;Ronan\n"
    lines = (
        f"{adele.candidate_number};;;;{tail}{adele.candidate_number};Nguyen;Marc;;{tail}"
        f";Abgrall;Adèle;12/04/2005;{tail};Abgrall;Adèle;13/04/2005;{tail}"
    )
    read = read_periods(by, world.school, "2027", (head + lines).encode(), world.clock())
    assert [sorted(line.row.errors) for line in read.lines] == [[], ["candidate_number"], ["row"], ["birth_date"]]


def test_a_tutor_whose_name_ends_nowhere_is_asked_about(world: World, adele: Candidacy) -> None:
    row = ("ABGRALL Adèle", *WITH_ADDRESS[:7], "Bodénez Ronan", *WITH_ADDRESS[8:])
    assert shown(world, row).questions == {SPLIT_NAMES: [(2, "Bodénez Ronan → Bodénez | Ronan")]}
    with pytest.raises(NamesUnchecked):
        added(world, row)
    assert only(added(world, row, agreed=[SPLIT_NAMES])).state == "added"


def test_a_period_far_from_the_session_is_asked_about(world: World, adele: Candidacy) -> None:
    begins = datetime(1970, 1, 5)  # noqa: DTZ001  # a cell has no zone
    row = ("ABGRALL Adèle", *WITH_ADDRESS[:4], begins, *WITH_ADDRESS[5:])
    assert list(shown(world, row).questions) == [UNLIKELY_DATES]
    with pytest.raises(NamesUnchecked):
        added(world, row)
    assert only(added(world, row, agreed=[UNLIKELY_DATES])).state == "added"


def test_a_line_that_its_act_refuses_says_why(world: World, adele: Candidacy) -> None:
    again = (*WITH_ADDRESS[:4], JUNE, datetime(2026, 7, 3), 5, "Anne BODÉNEZ", *WITH_ADDRESS[8:])  # noqa: DTZ001
    apart = world.new_candidacy(birth_name="Diop", given_names="Gaël")
    first, second = added(world, ("ABGRALL Adèle", *WITH_ADDRESS), ("DIOP Gaël", *again)).lines
    assert (first.state, second.state) == ("added", "wrong")
    assert second.row.errors.keys() == {"tutor_email"}
    assert Placement.objects(candidacy=apart.id).count() == 0


def test_two_sendings_at_once_add_a_period_once(world: World, adele: Candidacy) -> None:
    world.office  # noqa: B018  # made before the race
    together(*[lambda: added(world, ("ABGRALL Adèle", *WITH_ADDRESS))] * 2)
    assert Placement.objects.count() == Company.objects.count() == 1


def test_a_list_is_for_the_office(world: World, adele: Candidacy) -> None:
    by = world.actor(world.follower)
    with pytest.raises(Forbidden):
        read_periods(by, world.school, "2027", b"x", world.clock())


@pytest.mark.parametrize("address", [None, "agence@morvan.example"])
def test_a_line_without_a_tutor_is_added_and_says_that_one_is_to_be_named(
    world: World, adele: Candidacy, address: str | None
) -> None:
    row = ("ABGRALL Adèle", *MORVAN[:7], None, None, address, None)
    line = only(shown(world, row))
    assert (line.state, line.row.errors) == ("ready", {})
    assert any("Tuteur à désigner" in warning for warning in line.row.warnings)
    assert any("n'est pas gardé" in warning for warning in line.row.warnings) == bool(address)
    assert only(added(world, row)).state == "added"
    placement = Placement.objects.get(candidacy=adele.id)
    assert (placement.tutor, placement.shown_tutor) == (None, "à désigner")
    again = only(added(world, ("ABGRALL Adèle", *WITH_ADDRESS)))
    assert (again.state, again.differs["tutor"]) == ("differs", ["à désigner", "Ronan BODÉNEZ"])
    assert not any("Tuteur à désigner" in warning for warning in only(added(world, row)).row.warnings)
    named = only(added(world, ("ABGRALL Adèle", *WITH_ADDRESS), agreed=[SPLIT_NAMES, AMEND_KNOWN]))
    assert (named.state, Placement.objects.get(candidacy=adele.id).tutor_name) == ("corrected", "Ronan BODÉNEZ")
