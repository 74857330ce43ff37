"""A rehearsal may be begun on any day of any year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from portfolio.identifiers import candidate_number, session_code
from portfolio.rules.texts import circular
from portfolio.rules.texts.circular import circular_for, deadline_utc
from portfolio.rules.texts.circular_reader import read_circular
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from rehearsal.clock import shift
from rehearsal.dates import Dates, dates_of, write_circular

DAYS = [date(2026, 11, 30) + timedelta(days=7 * week) for week in range(160)]
ZONES = ("Europe/Paris", "Indian/Reunion", "Pacific/Tahiti", "Pacific/Noumea")
WEEKS = timedelta(weeks=1)


@pytest.mark.parametrize("day", [*DAYS, date(2028, 2, 29)], ids=str)
def test_the_deadline_lies_ahead_and_what_was_done_lies_behind(day: date) -> None:
    dates = Dates(day)
    assert 3 * WEEKS <= dates.deadline.date() - day <= 57 * WEEKS
    assert (dates.deadline.month, dates.deadline.weekday()) == (5, 4)
    begins, ends = dates.placement
    assert (begins.weekday(), ends.weekday(), (ends - begins).days) == (0, 4, 46)
    assert begins < dates.activity[0] < dates.produced_on < dates.activity[1] < ends < dates.check_on < day
    session_code(dates.session)
    candidate_number(dates.number(8))


def test_the_school_year_under_way_is_that_of_the_next_deadline() -> None:
    assert [Dates(day).session for day in (date(2026, 9, 1), date(2027, 4, 16), date(2027, 4, 17))] == [
        "2027R",
        "2027R",
        "2028R",
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_its_day_is_the_academy_s(zone: str) -> None:
    at = datetime(2027, 6, 1, 12, 0, tzinfo=UTC)
    assert dates_of(at, zone).today == (date(2027, 6, 1))
    tomorrow = dates_of(at.replace(hour=23), zone).today.day == 2
    assert tomorrow == (zone != "Pacific/Tahiti")


@pytest.mark.parametrize("zone", ZONES)
def test_its_circular_is_its_own_written_once(tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dates = Dates(date(2028, 2, 29))
    write_circular(dates, tmp_path)
    written = tmp_path / "2028R.v1.yaml"
    before = written.read_bytes()
    write_circular(dates, tmp_path)
    assert written.read_bytes() == before
    monkeypatch.setattr(circular, "_rehearsals", tmp_path)
    installed = circular_for("2028R", BTS_ASSURANCE_E5)
    assert installed.source.title == "Modèle fictif, pour la répétition 2028R"
    assert deadline_utc(installed, zone) > datetime(2028, 2, 29, tzinfo=UTC)
    meets = dates.meets_at(zone)
    assert meets.hour == 14 and installed.commission.opens_on <= meets.date() <= installed.commission.closes_on


def test_a_real_session_s_circular_is_never_read_from_the_folder_of_rehearsals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_circular(Dates(date(2027, 1, 12)), tmp_path)
    text = (tmp_path / "2027R.v1.yaml").read_text()
    forged = tmp_path / "2027.v9.yaml"
    forged.write_text(text.replace("id: 2027R", "id: '2027'").replace("version: '1'", "version: '9'", 1))
    assert read_circular(forged).id == "2027"
    monkeypatch.setattr(circular, "_rehearsals", tmp_path)
    assert circular_for("2027", BTS_ASSURANCE_E5).version != "9"
    (fault,) = circular.circular_faults()
    assert str(fault) == "2027.v9.yaml : id : ici, seulement des sessions de répétition : l'année suivie de R"


def test_a_day_is_asked_for_as_a_shift_or_as_a_date() -> None:
    now = datetime(2026, 11, 30, 12, 0, 10, tzinfo=UTC)
    assert shift("", now) == ""
    assert shift("+197d", now) == "+197d"
    assert shift("2026-12-01", now) == "+86390s"
    assert shift("2026-11-30T11:59", now) == "-70s"
    assert shift("2100-01-01", now) == "+2306447990s"
    for wrong in ("demain", "+abc", "+99999d", "2200-01-01"):
        with pytest.raises(ValueError):  # noqa: PT011 - said in French by the option
            shift(wrong, now)
