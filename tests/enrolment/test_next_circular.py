"""The provisional circular of the next session, made from the last one by one command."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import commands
from portfolio.enrolment.circulars.next_year import a_year_later, next_text
from portfolio.rules.texts.circular import FOLDER, circular_for
from portfolio.rules.texts.circular_reader import read_circular
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.worlds.two_exams import FOLDER as OTHER_EXAMS
from tests.support.worlds.two_exams import Z9, second_exam

PUBLISHED = {
    "  document_sha256: null": f"  document_sha256: {'ab' * 32}\n  compared_by: Inès P.\n  compared_on: 2026-12-14",
    "  reference: null": '  reference: "2026-12/DEC4"',
    "  pilot_academy: null": "  pilot_academy: Toulouse",
    "template_version: provisoire-1": "template_version: annexe-7",
    "to_confirm: true": "to_confirm: false",
}


def year_after(folder: Path, text: str, name: str = "2027.v1.yaml") -> Circular:
    last = folder / name
    last.write_text(text, encoding="utf-8")
    made = folder / "2028.v1.yaml"
    made.write_text(next_text(text, read_circular(last)), encoding="utf-8")
    return read_circular(made)


def test_the_circulars_of_both_years_are_shipped_and_provisional() -> None:
    both = [circular_for(session, BTS_ASSURANCE_E5) for session in ("2027", "2028")]
    assert [known.id for known in both] == ["2027", "2028"]
    assert all(known.provisional for known in both)
    deadlines = [known.portfolio.deadline for known in both]
    assert [f"{deadline:%a %d/%m %H:%M}" for deadline in deadlines] == ["Fri 07/05 18:00", "Fri 05/05 18:00"]


def test_the_one_shipped_for_2028_is_what_the_command_makes_of_2027() -> None:
    text = (FOLDER / "2027.v1.yaml").read_text(encoding="utf-8")
    made = next_text(text, circular_for("2027", BTS_ASSURANCE_E5))
    assert made == (FOLDER / "2028.v1.yaml").read_text(encoding="utf-8")
    assert "2027" not in made.replace("2027-", "").replace("2026-", "")


def test_nothing_published_last_year_stands_behind_the_next_one(tmp_path: Path) -> None:
    text = (FOLDER / "2027.v1.yaml").read_text(encoding="utf-8")
    for provisional, published in PUBLISHED.items():
        assert provisional in text
        text = text.replace(provisional, published)
    made = year_after(tmp_path, text)
    assert made.provisional
    assert (made.source.pilot_academy, made.source.reference) == (None, None)
    assert made.source.title == (
        "Modèle provisoire de la session 2028, établi d'après la circulaire de la session 2027"
    )
    assert all(outcome.to_confirm for outcome in made.outcomes.values())
    assert made.sheet.template_version == "provisoire-1"


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2027, 5, 7), date(2028, 5, 5)),
        (date(2028, 5, 5), date(2029, 5, 4)),
        (date(2029, 5, 4), date(2030, 5, 3)),
        (date(2031, 5, 2), date(2032, 4, 30)),
        (date(2032, 4, 30), date(2033, 4, 29)),
        (date(2028, 2, 29), date(2029, 2, 27)),
    ],
)
def test_a_day_keeps_its_day_of_the_week_near_its_date(day: date, later: date) -> None:
    assert a_year_later(day) == later
    assert later.weekday() == day.weekday()


def test_a_file_that_exists_is_never_written_again(tmp_path: Path) -> None:
    made = CliRunner().invoke(commands.cli, ["next-circular", "--folder", str(tmp_path)])
    assert made.exit_code == 0, made.output
    assert [path.name for path in tmp_path.iterdir()] == ["2029.v1.yaml"]
    assert read_circular(tmp_path / "2029.v1.yaml").id == "2029"
    (tmp_path / "2029.v1.yaml").write_text("en usage")
    again = CliRunner().invoke(commands.cli, ["next-circular", "--folder", str(tmp_path)])
    assert again.exit_code == 1
    assert "2029.v1.yaml existe déjà" in again.output
    assert (tmp_path / "2029.v1.yaml").read_text() == "en usage"


def test_where_several_exams_are_installed_the_command_is_told_which(tmp_path: Path) -> None:
    asked = ["next-circular", "--folder", str(tmp_path), "--exams-dir", str(OTHER_EXAMS)]
    with second_exam():
        unsaid = CliRunner().invoke(commands.cli, asked)
        assert unsaid.exit_code == 1 and "E5, BTS Assurance ; Z9" in unsaid.output
        made = CliRunner().invoke(commands.cli, [*asked, "--exam", Z9])
        assert made.exit_code == 0, made.output
        following = read_circular(tmp_path / "2028.v1.yaml")
        assert following.referential == circular_for("2027", Z9).referential
