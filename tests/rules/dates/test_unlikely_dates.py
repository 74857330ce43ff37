"""Which days are asked about: those that nobody means, and none of an ordinary training."""

from __future__ import annotations

from datetime import date

import pytest

from portfolio.rules.unlikely_dates import (
    WORKING_LIFE,
    DateToConfirm,
    asked_unless_confirmed,
    far_from_session,
    outside,
    to_come,
    unlikely_birth,
)

TODAY = date(2027, 1, 12)


@pytest.mark.parametrize("day", ["1970-01-01", "2099-12-31", "0202-11-03", "2028-01-01", "2022-12-31"])
def test_a_day_far_from_the_session_is_asked_about(day: str) -> None:
    (doubt,) = far_from_session([None, day, "2026-11-03"], "2027R")
    assert doubt.code == "far" and "est loin de la session 2027R" in doubt.sentence


def test_the_days_of_a_training_and_of_an_old_employment_are_not() -> None:
    assert list(far_from_session(["2023-09-01", "2025-01-06", "2027-12-31", None], "2027")) == []
    assert list(far_from_session(["1990-09-01"], "2027", WORKING_LIFE)) == []


def test_what_is_over_is_not_to_come() -> None:
    assert [doubt.sentence for doubt in to_come(["2027-01-12", "2027-01-13"], TODAY)] == ["le 13/01/2027 est à venir"]


@pytest.mark.parametrize(
    ("whole", "span"),
    [
        (("2026-05-18", "2026-06-26"), "(du 18/05/2026 au 26/06/2026)"),
        (("2026-05-18", None), "(à partir du 18/05/2026)"),
        ((None, "2026-01-31"), "(jusqu'au 31/01/2026)"),
    ],
)
def test_a_day_outside_what_it_is_part_of_is_asked_about(whole: tuple[str | None, str | None], span: str) -> None:
    day = "2026-05-17" if whole[0] else "2026-02-01"
    (doubt,) = outside([day], whole, "l'activité")
    assert doubt.sentence.endswith(span)
    assert list(outside([whole[0] or whole[1], None], whole, "l'activité")) == []
    assert list(outside([day], (None, None), "l'activité")) == []


@pytest.mark.parametrize(
    ("born", "words"),
    [
        ("2027-01-13", "à venir"),
        ("2027-01-12", "à venir"),
        ("2013-01-13", "13 ans"),
        ("1946-01-12", "81 ans"),
    ],
)
def test_an_unlikely_birth_is_asked_about(born: str, words: str) -> None:
    (doubt,) = unlikely_birth(born, TODAY)
    assert words in doubt.sentence


@pytest.mark.parametrize("born", ["2013-01-12", "2005-04-12", "1947-01-12"])
def test_a_likely_birth_is_not(born: str) -> None:
    assert list(unlikely_birth(born, TODAY)) == []


def test_whoever_confirms_is_believed_and_what_was_confirmed_is_said() -> None:
    doubts = list(far_from_session(["1970-01-01", "2099-01-01"], "2027"))
    with pytest.raises(DateToConfirm) as asked:
        asked_unless_confirmed({}, doubts)
    assert "01/01/1970" in asked.value.message and "01/01/2099" in asked.value.message
    assert asked_unless_confirmed({"confirmed": True}, doubts) == {"unusual": ["far"]}
    assert asked_unless_confirmed({}, []) == {}
