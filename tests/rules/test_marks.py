"""Marks are exact: what is typed is what is stored, sent and shown, whatever the step of the circular."""

from __future__ import annotations

from decimal import Decimal

import pytest
from bson import Decimal128
from hypothesis import given
from hypothesis import strategies as st

from portfolio.identifiers import Malformed
from portfolio.rules.marks import format_mark, parse_mark, to_wire

HALF = Decimal("0.5")
STEPS = [Decimal(text) for text in ("1", "0.5", "0.25", "0.1", "0.05", "0.01")]


@st.composite
def steps_and_marks(draw: st.DrawFn) -> tuple[Decimal, Decimal]:
    step = draw(st.sampled_from(STEPS))
    return step, step * draw(st.integers(0, int(20 / step)))


@given(steps_and_marks())
def test_a_mark_comes_back_the_same_from_every_form(case: tuple[Decimal, Decimal]) -> None:
    step, mark = case
    parsed = parse_mark(mark, step)
    assert parsed == mark
    assert parse_mark(format_mark(parsed), step) == mark
    assert parse_mark(to_wire(parsed), step) == mark
    assert Decimal128(parsed).to_decimal() == mark
    assert to_wire(Decimal128(parsed).to_decimal()) == to_wire(parsed)


@given(steps_and_marks(), st.sampled_from([".", ","]), st.integers(0, 4), st.sampled_from(["", " ", "\n"]))
def test_comma_point_spaces_and_trailing_zeros_change_nothing(case, separator: str, zeros: int, space: str) -> None:
    step, mark = case
    text = to_wire(mark).replace(".", separator) + "0" * zeros
    parsed = parse_mark(f"{space}{text}{space}", step)
    assert str(parsed) == to_wire(mark)


@given(st.sampled_from(STEPS), st.decimals(min_value=0, max_value=20, places=4))
def test_nothing_is_ever_rounded(step: Decimal, mark: Decimal) -> None:
    if mark % step == 0:
        assert parse_mark(str(mark), step) == mark
    else:
        with pytest.raises(Malformed):
            parse_mark(str(mark), step)


@pytest.mark.parametrize("mark", ["12,25", "12.1", "12,500001", Decimal("12.25")])
def test_a_mark_between_two_steps_names_its_neighbours(mark: str | Decimal) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_mark(mark, HALF)
    assert "par pas de 0,5" in refusal.value.message
    assert "12 ou 12,5" in refusal.value.message or "12,5 ou 13" in refusal.value.message


@pytest.mark.parametrize("mark", ["-1", "20,5", "21", "999", Decimal("-0.5"), Decimal("1E+400"), Decimal("20.000001")])
def test_a_mark_outside_the_scale_is_refused(mark: str | Decimal) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_mark(mark, HALF)
    assert "entre 0 et 20" in refusal.value.message


@pytest.mark.parametrize(
    "mark",
    ["", " ", "NaN", "Infinity", "1e1", "1E+1", "12,", ",5", "12,5,0", "douze", "12/20", "+12", "١٢", "1_2", "1 2"],
)
def test_text_that_is_no_mark_is_refused_with_an_example(mark: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse_mark(mark, HALF)
    assert "12,5" in refusal.value.message


@pytest.mark.parametrize("mark", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_a_decimal_that_is_no_number_is_refused(mark: Decimal) -> None:
    with pytest.raises(Malformed):
        parse_mark(mark, HALF)


@pytest.mark.parametrize("mark", [12.5, 12, True, None, b"12"])
def test_floats_and_other_types_are_a_programming_error(mark: object) -> None:
    with pytest.raises(TypeError):
        parse_mark(mark, HALF)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", ["0", "-0.5", "0.125"])
def test_a_step_that_no_stored_mark_could_follow_is_a_programming_error(step: str) -> None:
    with pytest.raises(ValueError, match="step"):
        parse_mark("12", Decimal(step))


@given(st.text() | st.decimals() | st.decimals(allow_nan=False).map(str))
def test_anything_else_is_refused_in_words(mark: str | Decimal) -> None:
    try:
        parsed = parse_mark(mark, HALF)
    except Malformed as refusal:
        assert refusal.message.endswith(".")
    else:
        assert 0 <= parsed <= 20
        assert parsed % HALF == 0


def test_the_scale_may_be_another_one() -> None:
    assert parse_mark("40", Decimal(1), maximum=Decimal(40)) == 40
    with pytest.raises(Malformed) as refusal:
        parse_mark("10,5", HALF, maximum=Decimal(10))
    assert "entre 0 et 10" in refusal.value.message


def test_zero_has_no_sign() -> None:
    assert to_wire(parse_mark("-0", HALF)) == "0.00"
    assert to_wire(parse_mark(Decimal("-0"), HALF)) == "0.00"


@pytest.mark.parametrize(
    ("mark", "shown"), [("12.50", "12,5"), ("12.00", "12"), ("10", "10"), ("1E+1", "10"), ("0.25", "0,25"), ("0", "0")]
)
def test_marks_are_shown_the_french_way(mark: str, shown: str) -> None:
    assert format_mark(Decimal(mark)) == shown


def test_the_wire_form_never_rounds() -> None:
    assert to_wire(Decimal("7")) == "7.00"
    with pytest.raises(ValueError, match="hundredths"):
        to_wire(Decimal("12.505"))
