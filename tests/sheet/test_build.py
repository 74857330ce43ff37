import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.sheet.build import build
from portfolio.sheet.printed_values import SheetDegree, SheetMark, SheetOutcome
from portfolio.store.canonical_json import canonical
from portfolio.store.digests import digest
from tests.sheet import cases

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("case", ["plain", "provisional_rehearsal", "without_appraisal"])
def test_a_sheet_is_the_golden_one(case):
    content = build(getattr(cases, case)())
    assert content == json.loads((GOLDEN / f"{case}.json").read_text())


def test_the_digest_of_a_sheet_never_moves_because_people_signed_it():
    content = build(cases.plain())
    assert digest(content) == "248c6097836c03e6a6228de5b0872a60c792513acbf4af2fcf8f143e4628872c"
    assert digest(json.loads(canonical(content))) == digest(content)


def test_the_order_in_which_keys_were_read_changes_nothing():
    content = build(cases.plain())
    shuffled = dict(reversed(content.items()))
    assert canonical(shuffled) == canonical(content)


def test_canonical_bytes_are_compact_sorted_utf8():
    assert canonical({"é": "œ\n\x1f", "a": [1, None, True]}) == '{"a":[1,null,true],"é":"œ\\n\\u001f"}'.encode()


@pytest.mark.parametrize(
    "change",
    [
        {"appreciation": "Portfolio sérieux."},
        {"mark": SheetMark(Decimal("15"), Decimal("0.5"))},
        {"chain_head": "c5" * 32},
        {"rehearsal": True},
        {"document_sha256": None},
        {"rows": ()},
    ],
)
def test_any_change_of_what_is_signed_changes_the_digest(change):
    assert digest(build(cases.plain(**change))) != digest(build(cases.plain()))


def test_the_same_mark_spelled_differently_by_the_store_is_the_same_sheet():
    spellings = [Decimal("14.5"), Decimal("14.50"), Decimal("1.450E+1")]
    digests = {digest(build(cases.plain(mark=SheetMark(value, Decimal("0.5"))))) for value in spellings}
    assert len(digests) == 1


def test_a_model_reconciled_with_its_annex_is_no_longer_provisional():
    assert build(cases.plain())["circular"]["provisional"] is False
    assert build(cases.plain(document_sha256=None))["circular"]["provisional"] is True


def test_a_degree_off_the_scale_is_refused():
    rows = (replace(cases.plain().rows[0], degree="TB"),)
    with pytest.raises(ValueError, match="TB"):
        build(cases.plain(rows=rows))


def test_not_evaluated_is_a_choice_and_differs_from_nothing_entered():
    row = cases.plain().rows[0]
    chosen, empty = build(cases.plain(rows=(replace(row, degree="NE"), replace(row, degree=None))))["grid"]["rows"]
    assert chosen["degree"] == {"code": "NE", "label": "Non évalué"}
    assert empty["degree"] is None


def test_a_scale_may_have_three_degrees_or_five():
    for size in (3, 5):
        scale = tuple(SheetDegree(str(n), f"Degré {n}") for n in range(size))
        rows = (replace(cases.plain().rows[0], degree=str(size - 1)),)
        grid = build(cases.plain(scale=scale, rows=rows))["grid"]
        assert len(grid["scale"]) == size
        assert grid["rows"][0]["degree"]["label"] == f"Degré {size - 1}"


def test_an_outcome_may_carry_the_mark_that_the_circular_gives_it():
    outcome = SheetOutcome("absent_force_majeure", "Absence pour cause de force majeure", "certificat n° 12")
    content = build(cases.plain(outcome=outcome, mark=SheetMark(Decimal(0), Decimal("0.5"))))
    assert content["mark"]["proposed"] == "0.00"
    assert content["outcome"]["reference"] == "certificat n° 12"


def test_dates_are_iso_and_a_meeting_not_held_is_null():
    commission = replace(cases.plain().commission, met_on=None)
    content = build(cases.plain(commission=commission))
    assert content["commission"]["met_on"] is None
    assert content["candidate"]["birth_date"] == date(2006, 2, 28).isoformat()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("cafe\u0301", "café"),
        ("un\r\ndeux\rtrois\u2028quatre", "un\ndeux\ntrois\nquatre"),
        ("a\x00b\x1bc\x7fd", "a\ufffdb\ufffdc\ufffdd"),
        ("a\ud800b", "a\ufffdb"),
        ("a\uffffb\ufdd0c\U0001fffed", "a\ufffdb\ufffdc\ufffdd"),
        ("\tL'Œuvre d'Açores  👍", "\tL'Œuvre d'Açores  👍"),
    ],
)
def test_texts_are_kept_in_a_form_that_every_file_can_carry(typed, kept):
    assert build(cases.plain(appreciation=typed))["appreciation"] == kept


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_is_typed_has_canonical_bytes_and_stays_as_it_was_built(typed):
    content = build(cases.plain(appreciation=typed))
    again = build(cases.plain(appreciation=content["appreciation"]))
    assert canonical(again) == canonical(content)
    assert json.loads(canonical(content)) == content


def test_the_ine_has_no_place_on_a_sheet():
    assert "ine" not in cases.plain().candidate.__dataclass_fields__
