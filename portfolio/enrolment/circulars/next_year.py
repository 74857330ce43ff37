"""Makes the provisional circular of the next session from the last one, so that first-years can be enrolled."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from portfolio.errors import NotNow, RuleSource
from portfolio.identifiers import exam_year
from portfolio.rules.texts.circular import circular_for, circulars, text_of
from portfolio.rules.texts.circular_reader import read_circular
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.exam import folders_of, installed_exam

Step = str | int
NOTHING = "null"
PROVISIONAL_SHEET = "provisoire-1"


class CircularMadeAlready(NotNow):
    code = "circular_made_already"
    source = RuleSource.INTEGRITY
    detail = "Le fichier {name} existe déjà : une circulaire en usage n'est jamais récrite."


class NoCircularYet(NotNow):
    code = "no_circular_yet"
    source = RuleSource.INTEGRITY
    detail = "Aucune circulaire n'est installée pour {exam} : la première s'écrit à la main, avec ses textes."


def make_next(folder: Path | None = None, exam: str | None = None) -> Path:
    """Writes the provisional circular of an exam for the year after its last session installed, and returns its path.
    folder: where to write; among those of the exam, if None. exam: its code; it may be left out where one is installed.
    Raises Invalid on `exam`, NoCircularYet, CircularMadeAlready, OSError; InvalidDataFile, with nothing written, if
    what would be cannot be read.
    """
    of = installed_exam(exam)
    sessions = [session for code, session, _ in circulars() if code == of.code and session.isdigit()]
    if not sessions:
        raise NoCircularYet(exam=of.with_diploma)
    last = circular_for(max(sessions), of.code)
    text = text_of(last)
    made = (folder or folders_of("circulars")[of.code]) / f"{exam_year(last.id) + 1}.v1.yaml"
    following = next_text(text, last)
    with TemporaryDirectory() as aside:
        tried = Path(aside) / made.name
        tried.write_text(following, encoding="utf-8")
        read_circular(tried)
    try:
        with made.open("x", encoding="utf-8") as file:
            file.write(following)
    except FileExistsError:
        raise CircularMadeAlready(name=made.name) from None
    return made


def next_text(text: str, last: Circular) -> str:
    """Returns the file of the next session: the same terms and comments, a year later, on the same days of the week,
    with no source behind them. text: the file of `last`. Pure.
    """
    year = exam_year(last.id)
    following = str(year + 1)
    calendar = {"from": last.commission.opens_on, "to": last.commission.closes_on}
    values: dict[tuple[Step, ...], str] = {
        ("id",): f'"{following}"',
        ("version",): '"1"',
        ("effective_from",): f"{date(year - 1, 9, 1)}",
        ("source", "title"): f'"{_title(last, following)}"',
        ("source", "pilot_academy"): NOTHING,
        ("source", "reference"): NOTHING,
        ("source", "document_sha256"): NOTHING,
        ("portfolio", "deadline"): f'"{_same_hour(last.portfolio.deadline):%Y-%m-%dT%H:%M}"',
        ("sheet", "template_version"): PROVISIONAL_SHEET,
        **{("source", name): NOTHING for name in ("compared_by", "compared_on") if last.source.compared_by},
        **{("commission", "calendar", name): f"{a_year_later(day)}" for name, day in calendar.items()},
        **{("outcomes", rank, "to_confirm"): "true" for rank in range(len(last.outcomes))},
    }
    replaced = _replaced(text, values)
    return re.sub(r"^#.*$", lambda comment: comment[0].replace(str(year), following), replaced, flags=re.MULTILINE)


def a_year_later(day: date) -> date:
    """Returns the same day of the week, nearest to the same date of the next year. Pure."""
    later = day + timedelta(weeks=52)
    leap_day = (day.month, day.day) == (2, 29)
    same_date = date(day.year + 1, 2, 28) if leap_day else day.replace(year=day.year + 1)
    return later if same_date - later <= timedelta(days=3) else later + timedelta(weeks=1)


def _same_hour(deadline: datetime) -> datetime:
    return datetime.combine(a_year_later(deadline.date()), deadline.time())


def _title(last: Circular, following: str) -> str:
    if last.provisional:
        return last.source.title.replace(last.id, following)
    return f"Modèle provisoire de la session {following}, établi d'après la circulaire de la session {last.id}"


def _replaced(text: str, values: dict[tuple[Step, ...], str]) -> str:
    """Returns the YAML text with other values at these places; all the rest, comments too, stays as it is written."""
    root = yaml.compose(text)
    spans = []
    for path, value in values.items():
        node = _node_at(root, path)
        spans.append((node.start_mark.index, node.end_mark.index, value))
    for begins, ends, value in sorted(spans, reverse=True):
        text = text[:begins] + value + text[ends:]
    return text


def _node_at(node: yaml.Node | None, path: tuple[Step, ...]) -> yaml.Node:
    """Returns the value at these keys of mappings and ranks of lists. Raises KeyError where there is none."""
    if isinstance(node, yaml.Node) and not path:
        return node
    if isinstance(node, yaml.SequenceNode):
        return _node_at(node.value[int(path[0])], path[1:])
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            if key.value == path[0]:
                return _node_at(child, path[1:])
    raise KeyError(path)
