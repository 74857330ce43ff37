"""What was keyed into the national system, read back against the bordereau."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portfolio.errors import Forbidden, Invalid
from portfolio.jury import reconcile_marks
from portfolio.jury.mark_list import MarkListRow, mark_list_csv
from portfolio.jury.reconcile_marks import compare, read_keyed
from portfolio.store.connections import Connections
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World


def row(number: str, mark: str | None = "12.50", outcome: str | None = None, **changed: Any) -> MarkListRow:
    values: dict[str, Any] = {
        "session_code": "2027",
        "rehearsal": False,
        "academy": "Lyon",
        "uai": "0690026D",
        "candidate_number": number,
        "birth_name": "Lefèvre",
        "given_names": "Zoé",
        "exam": "E5",
        "mark": Decimal(mark) if mark else None,
        "outcome_label": outcome,
        "sheet_number": "1",
        "digest": "0" * 64,
    }
    return MarkListRow(**values | changed)


ROWS = [row("02000000001"), row("02000000002", "8"), row("02000000003", None, "Portfolio non remis")]
SAME = "02000000001;12,5\n02000000002;8\n02000000003;portfolio non remis"


@pytest.mark.parametrize(
    "text",
    [
        SAME,
        "\ufeffN° candidat;Note\r\n" + SAME.replace("\n", "\r\n"),
        SAME.replace(";", "\t").replace("12,5", "12.50"),
        "02000000001   12,5\n02000000002 8,00\n02000000003 Portfolio non remis\n\n",
        '"02000000001";"Lefèvre";"12,5/20"\n"02000000002";"Lefèvre";"08"\n"02000000003";"";"Portfolio non remis"',
    ],
)
def test_the_same_marks_are_the_same_however_they_are_written(text: str) -> None:
    compared = compare("e5", ROWS, read_keyed(text))
    assert compared.differences == () and (compared.expected, compared.keyed, compared.equal) == (3, 3, 3)


def test_each_difference_is_named() -> None:
    text = "02000000001;12\n02000000002;8\n02000000002;9\n02000000009;15\nbonjour à tous"
    found = compare("e5", ROWS, read_keyed(text))
    assert [(one.kind, one.candidate_number, one.expected, one.keyed, one.lines) for one in found.differences] == [
        ("different", "02000000001", "12,5", "12", (1,)),
        ("twice", "02000000002", "8", "8 ; 9", (2, 3)),
        ("missing", "02000000003", "Portfolio non remis", "", ()),
        ("extra", "02000000009", "", "15", (4,)),
        ("unreadable", "", "", "bonjour à tous", (5,)),
    ]
    assert found.counts == {
        "expected": 3,
        "keyed": 5,
        "equal": 0,
        **dict.fromkeys(("missing", "different", "extra", "twice", "unreadable"), 1),
        "zeros": 0,
    }


def test_numbers_that_differ_by_leading_zeros_alone_are_one_and_it_is_said() -> None:
    rows = [*ROWS[:2], row("2000000003", "9")]
    text = "2000000001;12,5\n2000000002;9\n02000000003;9\n"
    found = compare("e5", rows, read_keyed(text))
    assert [(one.kind, one.candidate_number, one.keyed, one.lines) for one in found.differences] == [
        ("zeros", "02000000001", "12,5 (saisi sous 2000000001)", (1,)),
        ("different", "02000000002", "9 (saisi sous 2000000002)", (2,)),
        ("zeros", "2000000003", "9 (saisi sous 02000000003)", (3,)),
    ]
    assert (found.equal, found.counts["zeros"]) == (0, 2)


def test_a_number_that_two_candidates_could_have_lost_a_zero_of_is_neither() -> None:
    rows = [row("02000000001"), row("002000000001")]
    kinds = [one.kind for one in compare("e5", rows, read_keyed("2000000001;12,5")).differences]
    assert kinds == ["missing", "missing", "extra"]


def test_a_candidate_keyed_with_and_without_the_zero_is_keyed_twice() -> None:
    (found,) = compare("e5", [row("02000000001")], read_keyed("02000000001;12,5\n2000000001;12,5")).differences
    assert (found.kind, found.keyed, found.lines) == ("twice", "12,5 ; 12,5 (saisi sous 2000000001)", (1, 2))


def test_an_empty_or_endless_text_is_refused() -> None:
    for text in ("", " \n;;\n", "N° candidat;Note", "1;2\n" * (reconcile_marks.MAX_LINES + 1)):
        with pytest.raises(Invalid):
            read_keyed(text)


def test_our_own_list_keyed_as_it_is_differs_in_nothing_once_reduced_to_two_columns() -> None:
    lines = mark_list_csv(ROWS).decode("utf-8-sig").splitlines()
    two = [";".join(line.split(";")[index] for index in (3, 7)) for line in lines]
    assert compare("e5", ROWS, read_keyed("\n".join(two))).differences == ()


def test_a_number_with_a_sheet_and_an_outcome_has_a_line_for_each() -> None:
    rows = [row("02000000001"), row("02000000001", "8")]

    def kinds(*marks: str) -> list[tuple[str, str]]:
        keyed = read_keyed("\n".join(f"02000000001;{mark}" for mark in marks))
        return [(one.kind, one.expected) for one in compare("e5", rows, keyed).differences]

    assert kinds("8", "12,5") == []
    assert kinds("8") == [("missing", "12,5")]
    assert kinds("8", "9") == [("different", "12,5")]
    assert kinds("12,5", "12,5") == [("different", "8")]
    assert kinds("12,5", "8", "8") == [("twice", "8")]


def test_it_is_recorded_without_any_mark(world: World, store: Connections) -> None:
    sheet = sheet_of(world, "12")
    number = sheet.number.partition("-")[2]
    office = world.actor(world.office)
    found = reconcile_marks.reconcile(office, world.school, "2027", f"{number};13", world.clock())
    assert [one.kind for one in found.differences] == ["different"]
    event = store.database.events.find_one({"name": "mark_list_reconciled"})
    assert event is not None and event["data"]["different"] == 1 and event["data"]["session"] == "2027"
    assert number not in str(event["data"]) and len(event["data"]["sha256"]) == 64
    with pytest.raises(Forbidden):
        reconcile_marks.reconcile(world.actor(world.follower), world.school, "2027", "x;1", world.clock())
