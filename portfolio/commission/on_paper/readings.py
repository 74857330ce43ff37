"""What was written by hand is read twice: keyed by one member, read again by the other, field by field.

The second reader types the degrees and the mark again without seeing those that were keyed, and compares the words with
the scan. Only what both read alike counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from bson import ObjectId

from portfolio.commission.amend import while_open
from portfolio.commission.assess import refuse_once_drawn_up
from portfolio.commission.grids import Incomplete, missing, shared_grid
from portfolio.commission.on_paper.grid_scans import last_scan
from portfolio.documents import Assessment, Commission, Grid, GridScan
from portfolio.documents.fields import read
from portfolio.enrolment.pinned import circular_of_candidate
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identifiers import Malformed
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.marks import HUNDREDTH, format_mark, parse_mark
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Hold, HoldNone, assessment_chain, commit

DIFFERS = "votre lecture diffère de la saisie."
NOTHING_READ: dict[str, Any] = {"read_by": None, "read_name": None, "read_at": None, "read": None}


class NotOnPaper(NotNow):
    code = "meeting_not_on_paper"
    source = RuleSource.INTEGRITY
    detail = "La réunion n'est pas enregistrée comme tenue sur papier : enregistrez-la d'abord, avec cette case cochée."


class AnotherScan(NotNow):
    code = "another_grid_scan"
    source = RuleSource.INTEGRITY
    detail = "Ce scan ne compte plus : un autre a été déposé depuis, ou il a été retiré. Rechargez la page."


class NothingKeyed(NotNow):
    code = "paper_grid_not_keyed"
    source = RuleSource.INTEGRITY
    detail = "Personne n'a encore déclaré avoir saisi cette grille d'après son scan."


class SameReader(NotNow):
    code = "paper_read_by_who_keyed_it"
    source = RuleSource.INTEGRITY
    detail = "Vous avez saisi cette grille : c'est à l'autre membre de la relire."


class KeyedSince(NotNow):
    code = "paper_keyed_again"
    source = RuleSource.INTEGRITY
    detail = "La saisie a changé depuis sa déclaration : qui l'a corrigée la déclare de nouveau, puis l'autre la relit."


class ReadingDiffers(Invalid):
    """errors: the fields that were not read as they were keyed, never what was keyed."""

    code = "paper_reading_differs"
    source = RuleSource.INTEGRITY
    detail = "Votre lecture diffère de la saisie. Regardez le scan : corrigez votre lecture, ou la saisie."


class PaperNotReadAgain(NotNow):
    code = "paper_not_read_again"
    source = RuleSource.INTEGRITY
    detail = (
        "La grille a été remplie à la main : déposez son scan, déclarez la saisie, et que l'autre membre la relise "
        "d'après le scan. La fiche est établie ensuite."
    )


@dataclass(frozen=True)
class SecondReading:
    """What the second reader typed. degrees: {row: code}. mark: as typed. words_match: observations, appreciation, day
    and place are those of the scan.
    """

    degrees: Mapping[str, str]
    mark: str
    words_match: bool


class KeyedValues(TypedDict):
    """What was keyed of a paper grid. held_at: ISO."""

    degrees: dict[str, str]
    observations: dict[str, str]
    appreciation: str
    mark: str
    held_at: str | None
    place: str | None


class ReadingValues(TypedDict):
    """What a program says of a second reading, by the fields of SecondReading."""

    degrees: dict[str, str]
    mark: str
    words_match: bool


def keyed(assessment: Assessment, commission: Commission, grid: Grid) -> KeyedValues:
    """Returns what was keyed of a paper grid, JSON-ready: degrees, observations, appreciation, mark, when and where the
    commission met. grid: the shared one. Pure.
    """
    held = commission.meeting
    return {
        "degrees": dict(grid.degrees),
        "observations": dict(grid.observations),
        "appreciation": assessment.appreciation or "",
        "mark": "" if assessment.proposed_mark is None else format_mark(assessment.proposed_mark),
        "held_at": held.held_at.isoformat() if held else None,
        "place": held.place if held else None,
    }


def declare_keyed(by: Actor, scan: GridScan, at: datetime) -> GridScan:
    """Records that this member keyed the whole grid from its scan, and returns the scan; what was read again before
    falls. Raises AnotherScan, NotOnPaper, Incomplete, SheetIsOut.
    """
    assessment, commission, grid = _open(by, scan)
    errors = missing(circular_of_candidate(grid).grid, grid)
    if assessment.proposed_mark is None:
        errors["proposed_mark"] = ["Saisissez la note proposée."]
    if errors:
        raise Incomplete(errors)
    now = digest(keyed(assessment, commission, grid))
    values = {"keyed_by": by.id, "keyed_name": _name(by), "keyed_at": at, "keyed": now, **NOTHING_READ}
    event = event_by(by, at, assessment_chain(scan), EventName.PAPER_GRID_KEYED, scan, {"content": now})
    commit([Change(scan, values), *_unmoved(assessment, commission, grid)], event)
    return scan


def read_again(by: Actor, scan: GridScan, reading: SecondReading, at: datetime) -> GridScan:
    """Records that this member read the grid again, against its scan, and found what the other keyed; returns the scan.
    Raises ReadingDiffers, which names each field that differs and records nothing; AnotherScan, NotOnPaper,
    NothingKeyed, SameReader, KeyedSince, SheetIsOut.
    """
    assessment, commission, grid = _open(by, scan)
    if scan.keyed_by is None:
        raise NothingKeyed()
    if scan.keyed_by == by.id:
        raise SameReader()
    now = keyed(assessment, commission, grid)
    if digest(now) != scan.keyed:
        raise KeyedSince()
    errors = differences(now, reading)
    if errors:
        raise ReadingDiffers(errors)
    values = {"read_by": by.id, "read_name": _name(by), "read_at": at, "read": scan.keyed}
    event = event_by(by, at, assessment_chain(scan), EventName.PAPER_GRID_READ_AGAIN, scan, {"content": scan.keyed})
    commit([Change(scan, values), *_unmoved(assessment, commission, grid)], event)
    return scan


def labels_of(grid: Grid) -> dict[str, str]:
    """Returns {code: label} of the degrees of the circular of this grid, « non évalué » included, in their order."""
    rules = circular_of_candidate(grid).grid
    return {degree.code: degree.label for degree in (*rules.scale, rules.not_evaluated)}


def differences(now: KeyedValues, reading: SecondReading) -> dict[str, list[str]]:
    """Returns {field: one French sentence} for each field that was not read as it was keyed; {} if all agree. now: of
    `keyed`, whose values no sentence repeats: a second reader looks at the scan again, not at what was keyed. Pure.
    """
    errors = {
        f"degrees.{row}": [f"{row} : {DIFFERS}"]
        for row, code in now["degrees"].items()
        if reading.degrees.get(row) != code
    }
    if _mark(reading.mark) != now["mark"]:
        errors["mark"] = [f"Note : {DIFFERS}"]
    if not reading.words_match:
        errors["words_match"] = ["Comparez les observations, l'appréciation, le jour et le lieu avec le scan."]
    return errors


def _mark(typed: str) -> str:
    """Returns the mark as it is shown; what was typed where it is none."""
    try:
        return format_mark(parse_mark(typed, HUNDREDTH))
    except Malformed:
        return typed


def refuse_unread(
    commission: Commission, assessment: Assessment, grid: Grid, scan: GridScan | None
) -> list[Hold | HoldNone]:
    """Returns the guards of a sheet drawn up from paper: its two readings, and no later scan; [] where nothing
    was written by hand. scan: the last one deposited. Raises PaperNotReadAgain unless two members read alike what
    stands now.
    """
    if commission.meeting is None or not commission.meeting.on_paper or assessment.outcome:
        return []
    if scan is None or not read_alike(scan, commission, assessment, grid):
        raise PaperNotReadAgain()
    later = HoldNone(GridScan, {"commission": scan.commission, "_id": {"$gt": scan.id}, "discarded_at": None})
    return [Hold(scan, {"revision": scan.revision}), later]


def read_alike(scan: GridScan, commission: Commission, assessment: Assessment, grid: Grid) -> bool:
    """Returns True if what stands now was keyed by one member who still sits and read again by another. Pure."""
    sitting: list[ObjectId] = commission.members
    readers = {scan.keyed_by, scan.read_by}
    return len(readers) == 2 and readers <= set(sitting) and scan.read == digest(keyed(assessment, commission, grid))


def _open(by: Actor, scan: GridScan) -> tuple[Assessment, Commission, Grid]:
    """Returns the assessment of a scan, its commission, which met on paper, and its shared grid, while no sheet is out.
    Raises AnotherScan if a later one counts, NotOnPaper, SheetIsOut.
    """
    assessment = read(Assessment, scan.commission)
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    counts = last_scan(assessment)
    if counts is None or counts.id != scan.id:
        raise AnotherScan()
    commission = read(Commission, assessment.id)
    if commission.meeting is None or not commission.meeting.on_paper:
        raise NotOnPaper()
    return assessment, commission, shared_grid(assessment)


def _unmoved(assessment: Assessment, commission: Commission, grid: Grid) -> list[Hold]:
    return [
        while_open(assessment),
        Hold(commission, {"revision": commission.revision}),
        Hold(grid, {"revision": grid.revision}),
    ]


def _name(by: Actor) -> str:
    assert by.person is not None
    return by.person.name
