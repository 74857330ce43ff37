import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.jury.mark_list import HEADER, MarkListRow, mark_list_csv


def row(**changes) -> MarkListRow:
    values = {
        "session_code": "2027",
        "rehearsal": False,
        "academy": "Paris",
        "uai": "0750654D",
        "candidate_number": "02750123456",
        "birth_name": "L'Hœur-Français",
        "given_names": "Zoë, Maÿlis",
        "exam": "E5",
        "mark": Decimal("14.50"),
        "outcome_label": None,
        "sheet_number": "2027-0750654D-0007",
        "digest": "ab" * 32,
    }
    return MarkListRow(**(values | changes))


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_list_opens_as_french_spreadsheets_expect():
    data = mark_list_csv([row()])
    assert (
        data
        == (
            "\ufeff"
            '"Session";"Académie";"UAI";"N° candidat";"Nom de naissance";"Prénoms";"Épreuve";"Note proposée";'
            '"N° de fiche";"Empreinte"\r\n'
            '"2027";"Paris";"0750654D";"02750123456";"L\'Hœur-Français";"Zoë, Maÿlis";"E5";"14,5";'
            f'"2027-0750654D-0007";"{"ab" * 32}"\r\n'
        ).encode()
    )


def test_a_list_without_candidates_is_its_header_alone():
    assert mark_list_csv([]).decode("utf-8-sig").count("\r\n") == 1


def test_candidate_numbers_keep_their_leading_zeros():
    assert read(mark_list_csv([row(candidate_number="00110000001")]))[0]["N° candidat"] == "00110000001"


@pytest.mark.parametrize(
    ("mark", "outcome", "shown"),
    [
        (Decimal("14"), None, "14"),
        (Decimal("0.00"), None, "0"),
        (Decimal("9.25"), None, "9,25"),
        (Decimal("10.00"), None, "10"),
        (None, "Portfolio non remis", "Portfolio non remis"),
        (Decimal("0"), "Absence pour cause de force majeure", "0 – Absence pour cause de force majeure"),
    ],
)
def test_a_line_says_the_mark_or_why_there_is_none(mark, outcome, shown):
    assert read(mark_list_csv([row(mark=mark, outcome_label=outcome)]))[0]["Note proposée"] == shown


def test_a_sheet_with_nothing_to_key_in_is_refused():
    with pytest.raises(ValueError, match="2027-0750654D-0007"):
        mark_list_csv([row(mark=None)])


def test_a_rehearsal_says_fictif_on_every_line():
    data = mark_list_csv([row(session_code="2027R", rehearsal=True), row(session_code="2027R", rehearsal=True)])
    assert [line["FICTIF"] for line in read(data)] == ["FICTIF", "FICTIF"]
    assert "FICTIF" not in read(mark_list_csv([row()]))[0]


def test_fictional_and_real_candidates_never_share_a_list():
    with pytest.raises(ValueError, match="fictional"):
        mark_list_csv([row(), row(rehearsal=True)])


@pytest.mark.parametrize("typed", ["=1+1", "+33600", "-2", "@SUM(A1)", "\t=1+1", "\r\n=1+1", "\u00a0=1", "\uff1d1+1"])
def test_a_name_never_becomes_a_formula(typed):
    shown = read(mark_list_csv([row(birth_name=typed)]))[0]["Nom de naissance"]
    assert shown == f"'{typed.strip()}"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), min_size=1, max_size=5))
def test_whatever_is_typed_one_candidate_is_one_line_with_every_column(names):
    lines = mark_list_csv([row(birth_name=name, given_names=name) for name in names]).decode("utf-8-sig")
    parsed = list(csv.reader(io.StringIO(lines, newline=""), delimiter=";"))
    assert [len(cells) for cells in parsed] == [len(HEADER)] * (len(names) + 1)
    assert len(lines.split("\r\n")) == len(names) + 2
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cells in parsed for cell in cells)
