"""A class from a file: shown first, written once, all or nobody."""

from __future__ import annotations

import codecs
import itertools
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from portfolio.documents import Candidacy, Person, Portfolio, RosterImport
from portfolio.enrolment.lists.reading import UNLIKELY_DATES
from portfolio.enrolment.rosters import roster_import
from portfolio.errors import Forbidden, Invalid, NotFound, Refusal
from portfolio.store.connections import Connections
from portfolio.store.journal import AlreadyExists
from tests.conftest import Clock
from tests.support.worlds.world import World

HEADER = ("Nom de naissance", "Prénoms", "N° candidat", "Courriel", "Date de naissance", "Statut", "Classe")
LEFEVRE = ("Lefèvre", "Zoé", "02012345678", "zoe@exemple.fr", "12/04/2005", "scolaire", "TS2A")
NGUYEN = ("Nguyen", "Marc", "02012345679", "marc@exemple.fr", "2004-11-30", "apprenti", "TS2A")


def file(*lines: tuple[str, ...], delimiter: str = ";") -> str:
    return "".join(delimiter.join(line) + "\r\n" for line in (HEADER, *lines))


def line(number: int, **changed: str) -> tuple[str, ...]:
    letters = f"{chr(65 + number % 26)}{chr(97 + number // 26)}"
    row = (f"Nom{letters}", "Léa", f"02{number:09d}", f"eleve{number}@exemple.fr", "01/02/2005", "scolaire", "TS2A")
    return tuple(changed.get(title, cell) for title, cell in zip(HEADER, row, strict=True))


def shown(world: World, *lines: tuple[str, ...], session: str = "2027") -> RosterImport:
    data = file(*lines).encode()
    return roster_import.preview(world.actor(world.office), world.school, session, data, world.clock())


def confirmed(world: World, roster: RosterImport, *homonyms: int) -> RosterImport:
    fresh = RosterImport.objects.get(pk=roster.id)
    return roster_import.confirm(world.actor(world.office), fresh, list(homonyms), world.clock())


def row_errors(roster: RosterImport) -> dict[int, dict[str, list[str]]]:
    return {row["line"]: row["errors"] for row in roster.rows if row["errors"]}


def mails(store: Connections) -> int:
    return store.database["outbox"].count_documents({"kind": "invitation"})


# --- the file -------------------------------------------------------------------------------------

WRITTEN = {
    "UTF-8": ("utf-8", b""),
    "UTF-8 with BOM": ("utf-8", codecs.BOM_UTF8),
    "Windows": ("cp1252", b""),
    "UTF-16 little": ("utf-16-le", codecs.BOM_UTF16_LE),
    "UTF-16 big": ("utf-16-be", codecs.BOM_UTF16_BE),
    "UTF-16 without BOM": ("utf-16-le", b""),
}


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_whatever_wrote_the_file_the_same_class_is_enrolled(world: World, delimiter: str) -> None:
    for name, (encoding, bom) in WRITTEN.items():
        data = bom + file(LEFEVRE, NGUYEN, delimiter=delimiter).encode(encoding)
        roster = roster_import.preview(world.actor(world.office), world.school, "2027", data, world.clock())
        assert (roster.delimiter, roster.file_errors, row_errors(roster)) == (delimiter, [], {}), name
        assert [row["values"]["birth_name"] for row in roster.rows] == ["Lefèvre", "Nguyen"], name
    assert Candidacy.objects.count() == 0
    confirmed(world, roster)
    assert {one.birth_name: one.status for one in Candidacy.objects} == {"Lefèvre": "scolaire", "Nguyen": "apprenti"}


def test_a_preview_enrols_nobody_and_writes_to_nobody(world: World, store: Connections) -> None:
    roster = shown(world, LEFEVRE, NGUYEN)
    assert roster.state == "previewed"
    assert (Candidacy.objects.count(), Person.objects(email="zoe@exemple.fr").count(), mails(store)) == (0, 0, 0)


def test_a_file_that_is_no_list_is_shown_with_its_faults_and_never_confirmed(world: World) -> None:
    office = world.actor(world.office)
    for data in (b"", b"\x00\x01\x02", b"PK\x03\x04zip", "Nom;Prénom\r\n".encode(), file().encode()):
        roster = roster_import.preview(office, world.school, "2027", data, world.clock())
        assert roster.file_errors and all(error.endswith(".") for error in roster.file_errors)
        with pytest.raises(roster_import.RowsInError):
            confirmed(world, roster)


@pytest.mark.parametrize("session", ["2035", "27", "20277"])
def test_a_session_that_is_not_open_is_refused_before_the_file_is_read(world: World, session: str) -> None:
    with pytest.raises(Invalid) as refusal:
        shown(world, LEFEVRE, session=session)
    assert list(refusal.value.errors) == ["session"]


# --- line by line ---------------------------------------------------------------------------------


def test_each_line_is_told_what_to_correct(world: World) -> None:
    roster = shown(
        world,
        line(1),
        line(2, **{"N° candidat": "n° 123"}),
        line(3, **{"Date de naissance": "30/02/2005", "Statut": "touriste"}),
        line(4, **{"Date de naissance": "31/04/2005"}),
        line(5, Courriel="eleve1@exemple.fr"),
    )
    errors = row_errors(roster)
    assert {number: set(fields) for number, fields in errors.items()} == {
        2: {"email"},
        3: {"candidate_number"},
        4: {"birth_date", "status"},
        5: {"birth_date"},
        6: {"email"},
    }
    with pytest.raises(roster_import.RowsInError) as refusal:
        confirmed(world, roster)
    assert "(5)" in refusal.value.message
    assert Candidacy.objects.count() == 0


def test_a_birth_date_that_makes_no_sense_is_asked_about(world: World) -> None:
    roster = shown(world, line(1, **{"Date de naissance": "01/02/2031"}), line(2))
    assert row_errors(roster) == {}
    with pytest.raises(roster_import.QuestionsUnanswered):
        confirmed(world, roster)
    by, again = world.actor(world.office), RosterImport.objects.get(pk=roster.id)
    roster_import.confirm(by, again, [], world.clock(), [UNLIKELY_DATES])
    assert sorted(Candidacy.objects.scalar("birth_date"))[-1] == "2031-02-01"


def test_what_is_taken_already_is_told_beside_its_line(world: World) -> None:
    confirmed(world, shown(world, LEFEVRE, NGUYEN))
    world.person("Martin")
    Person.objects(family_name="Martin").update(set__email="d.martin@exemple.fr")
    roster = shown(
        world,
        ("Petit", "Ana", LEFEVRE[2], "ana@exemple.fr", *LEFEVRE[4:]),
        (LEFEVRE[0], LEFEVRE[1], "02012345690", LEFEVRE[3], *LEFEVRE[4:]),
        (LEFEVRE[0], "Léo", "02012345691", NGUYEN[3], *LEFEVRE[4:]),
        ("Martin", "Léo", "02012345692", "d.martin@exemple.fr", *LEFEVRE[4:]),
    )
    errors = row_errors(roster)
    assert [list(errors[number]) for number in (2, 3, 4, 5)] == [["candidate_number"], ["email"], ["email"], ["email"]]
    assert "déjà celle d'un candidat" in errors[3]["email"][0]
    for number in (4, 5):
        assert "sous un autre nom" in errors[number]["email"][0]


def test_somebody_known_by_another_role_or_session_is_enrolled_under_their_account(
    world: World, store: Connections
) -> None:
    confirmed(world, shown(world, LEFEVRE))
    again = confirmed(world, shown(world, LEFEVRE, session="2027R"))
    person = Person.objects.get(email="zoe@exemple.fr")
    assert {one.session for one in Candidacy.objects(person=person.id)} == {"2027", "2027R"}
    assert (len(again.enrolled), mails(store)) == (1, 1)


# --- homonyms -------------------------------------------------------------------------------------


# --- confirmation ---------------------------------------------------------------------------------


def test_a_class_of_35_is_enrolled_whole_with_one_mail_each(world: World, store: Connections) -> None:
    roster = confirmed(world, shown(world, *(line(number) for number in range(35))))
    assert roster.state == "confirmed"
    assert len(roster.enrolled) == Candidacy.objects.count() == Portfolio.objects.count() == mails(store) == 35
    assert store.database["events"].count_documents({"name": "roster_confirmed"}) == 1


def test_a_line_costs_the_same_in_a_class_of_35_and_of_140(world: World) -> None:
    """In calls of functions, so that the machine does not matter. Twice would be a cost that grows with the class."""

    def calls_per_line(numbers: range) -> float:
        roster = shown(world, *(line(number) for number in numbers))
        fresh, by = RosterImport.objects.get(pk=roster.id), world.actor(world.office)
        calls = itertools.count()
        sys.setprofile(lambda *event: next(calls))
        try:
            roster_import.confirm(by, fresh, [], world.clock())
        finally:
            sys.setprofile(None)
        return next(calls) / len(numbers)

    calls_per_line(range(5))  # caches are warm
    assert calls_per_line(range(100, 240)) < 1.3 * calls_per_line(range(10, 45))


def test_a_number_taken_after_the_preview_enrols_nobody(world: World) -> None:
    roster = shown(world, *(line(number) for number in range(10)), LEFEVRE)
    world.new_candidacy(candidate_number=LEFEVRE[2])
    with pytest.raises(AlreadyExists) as refusal:
        confirmed(world, roster)
    assert LEFEVRE[2] in refusal.value.message
    assert Candidacy.objects.count() == 1
    assert RosterImport.objects.get(pk=roster.id).state == "previewed"


def test_an_address_taken_after_the_preview_is_told_with_its_line(world: World) -> None:
    roster = shown(world, NGUYEN, LEFEVRE)
    person = world.person("Petit")
    Person.objects(pk=person.id).update(set__email=LEFEVRE[3])
    with pytest.raises(Invalid) as refusal:
        confirmed(world, roster)
    assert list(refusal.value.errors) == ["ligne 3, email"]
    assert Candidacy.objects.count() == 0


def test_a_roster_is_confirmed_once(world: World) -> None:
    roster = shown(world, LEFEVRE)
    confirmed(world, roster)
    with pytest.raises(roster_import.ImportOver):
        confirmed(world, roster)
    assert Candidacy.objects.count() == 1


def test_a_preview_is_good_for_two_days(world: World, clock: Clock) -> None:
    roster = shown(world, LEFEVRE)
    clock.advance(hours=47)
    later = shown(world, NGUYEN)
    clock.advance(hours=1)
    with pytest.raises(roster_import.ImportOver):
        confirmed(world, roster)
    assert confirmed(world, later).state == "confirmed"


def test_confirmations_at_once_enrol_once(world: World, store: Connections) -> None:
    roster, together = shown(world, *(line(number) for number in range(12))), 4
    barrier = Barrier(together)

    def act(_: int) -> Any:
        fresh, by = RosterImport.objects.get(pk=roster.id), world.actor(world.office)
        barrier.wait()
        try:
            return roster_import.confirm(by, fresh, [], world.clock())
        except Refusal as refusal:
            return refusal.code

    with ThreadPoolExecutor(together) as threads:
        answers = list(threads.map(act, range(together)))
    codes = [one for one in answers if isinstance(one, str)]
    assert len(codes) == together - 1
    assert set(codes) <= {"stale_revision", "import_over"}, codes
    assert (Candidacy.objects.count(), mails(store)) == (12, 12)


def test_only_the_office_previews_and_confirms(world: World) -> None:
    roster = shown(world, LEFEVRE)
    stranger = world.actor(world.new_office(world.new_school("0690027E")))
    for by, refusal in ((world.actor(world.follower), Forbidden), (stranger, NotFound)):
        with pytest.raises(refusal):
            roster_import.preview(by, world.school, "2027", file(LEFEVRE).encode(), world.clock())
        with pytest.raises(NotFound):  # even that there is a roster is the office's
            roster_import.confirm(by, roster, [], world.clock())


def test_a_class_of_first_years_is_enrolled_without_numbers(world: World) -> None:
    lines = [line(rank, **{"N° candidat": ""}) for rank in (1, 2)]
    confirmed(world, shown(world, *lines, session="2028"))
    enrolled = list(Candidacy.objects(session="2028"))
    assert [(candidacy.candidate_number, candidacy.circular.id) for candidacy in enrolled] == [(None, "2028")] * 2
    again = shown(world, line(1, Courriel="autre@exemple.fr"), session="2028")
    assert [row["homonyms"][0]["candidacy"] for row in again.rows] == [str(enrolled[0].id)]
