"""Degrees on the circular's rows: each member's own grid until both are sealed, then the shared grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.commission.assess import (
    guard_of_appraisal,
    name_the_candidate,
    name_the_submission,
    refuse_once_drawn_up,
    submission_of,
)
from portfolio.documents import Assessment, Grid
from portfolio.enrolment.pinned import circular_of_candidate
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts import circular_terms
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Hold, assessment_chain, commit


class GridSealed(NotNow):
    code = "grid_sealed"
    source = RuleSource.INTEGRITY
    detail = "Cette grille est scellée : elle ne change plus. L'accord se note sur la grille commune."


class GridSetAside(NotNow):
    code = "grid_set_aside"
    source = RuleSource.INTEGRITY
    detail = "Un membre a été remplacé : cette grille est conservée mais n'est plus utilisée."


class GridsNotOpen(NotNow):
    code = "grids_not_open"
    source = RuleSource.CHOICE
    detail = "Les degrés se comparent quand chaque membre a scellé sa propre grille."


class SharedGridIsNotSealed(NotNow):
    code = "shared_grid_is_not_sealed"
    source = RuleSource.LIMIT
    detail = "La grille commune ne se scelle pas : établissez la fiche d'évaluation."


class OutcomeChosen(NotNow):
    code = "outcome_chosen"
    source = RuleSource.CHOICE
    detail = "Une situation sans appréciation est choisie : effacez-la avant de donner des degrés."


class Incomplete(NotNow):
    """Raised when a grid is sealed too early. errors: the missing degrees and observations, {field: sentences}."""

    code = "grid_incomplete"
    source = RuleSource.ARRETE
    detail = "Il manque des degrés ou des observations : complétez la grille."

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__()
        self.errors = errors


@dataclass(frozen=True)
class RowComparison:
    """One row of two grids. degrees, observations: in the order of the grids compared."""

    row: str
    degrees: tuple[str | None, str | None]
    observations: tuple[str, str]

    @property
    def diverges(self) -> bool:
        return self.degrees[0] != self.degrees[1]


def divergences(rows: Iterable[str], first: Grid, other: Grid) -> list[RowComparison]:
    """Returns every row, in the order given, those where the two degrees differ first. rows: codes. Pure."""
    compared = [
        RowComparison(
            row,
            (first.degrees.get(row), other.degrees.get(row)),
            (first.observations.get(row, ""), other.observations.get(row, "")),
        )
        for row in rows
    ]
    return sorted(compared, key=lambda comparison: not comparison.diverges)


def missing(rules: circular_terms.GridTerms, grid: Grid) -> dict[str, list[str]]:
    """Returns the missing degrees, and observations if the circular binds, {field: sentences}; empty if the grid is
    complete. Pure.
    """
    errors = {}
    for row in rules.rows:
        degree = grid.degrees.get(row)
        if degree is None:
            errors[f"degrees.{row}"] = [f"{row} : donnez un degré, ou « {rules.not_evaluated.label} »."]
        elif rules.binds and rules.needs_observation(degree) and not grid.observations.get(row):
            errors[f"observations.{row}"] = [f"{row} : ce degré s'explique par une observation."]
    return errors


def fill(by: Actor, grid: Grid, values: dict[str, Any], at: datetime) -> Grid:
    """Writes degrees and observations. Rows that are not named keep theirs. values: candidacy; degrees {row: code or
    None}; observations {row: text or None}; submission, if given: the number displayed. Raises Invalid, OtherCandidate,
    OtherSubmission, Eliminated, or a refusal of `_workable`.
    """
    require(by, Action.FILL_GRID, grid)
    name_the_candidate(values, grid)
    assessment = _workable(grid)
    submission = submission_of(assessment)
    name_the_submission(values, submission)
    rules = circular_of_candidate(grid).grid
    degrees: dict[str, str | None] = values.get("degrees") or {}
    observations: dict[str, str | None] = values.get("observations") or {}
    errors = _unknown(rules, degrees, observations)
    if errors:
        raise Invalid(errors)
    filled = {
        "degrees": _merged(grid.degrees, degrees),
        "observations": _merged(grid.observations, {row: (text or "").strip() for row, text in observations.items()}),
    }
    event = event_by(by, at, assessment_chain(grid), EventName.GRID_FILLED, grid, {"content": digest(filled)})
    commit([Change(grid, filled), guard_of_appraisal(assessment, submission)], event)
    return grid


def _workable(grid: Grid) -> Assessment:
    """Returns the open assessment of a grid that may still change. Raises SheetIsOut, GridSetAside (of a member who
    left), OutcomeChosen, GridSealed, GridsNotOpen (the shared one, before both are sealed).
    """
    assessment = Assessment.objects.get(pk=grid.commission)
    refuse_once_drawn_up(assessment)
    if not grid.live:
        raise GridSetAside()
    if assessment.outcome:
        raise OutcomeChosen()
    if grid.sealed_at:
        raise GridSealed()
    if grid.member is None and any(not own.opened for own in own_grids(assessment)):
        raise GridsNotOpen()
    return assessment


def own_grids(assessment: Assessment) -> list[Grid]:
    """Returns the grids that members fill in alone, in the order of the seats; none in mode `together`."""
    grid_of = {grid.member: grid for grid in Grid.objects(commission=assessment.id, live=True, member__ne=None)}
    return [grid_of[member] for member in assessment.members if member in grid_of]


def shared_grid(assessment: Assessment) -> Grid:
    """Returns the grid that both members fill in."""
    return Grid.objects.get(commission=assessment.id, live=True, member=None)


def _unknown(
    rules: circular_terms.GridTerms, degrees: dict[str, str | None], observations: dict[str, str | None]
) -> dict[str, list[str]]:
    """Returns {field: French sentences} for each row that the grid does not have, among degrees and observations, and
    each degree that its row does not accept; {} if all are known.
    """
    errors = {
        f"{field}.{row}": [f"La grille n'a pas de ligne {row}."]
        for field, given in (("degrees", degrees), ("observations", observations))
        for row in given
        if row not in rules.rows
    }
    for row, degree in degrees.items():
        if row in rules.rows and degree not in (None, *rules.codes):
            errors[f"degrees.{row}"] = [f"Degré inconnu. Degrés possibles : {', '.join(rules.codes)}."]
    return errors


def _merged(before: dict[str, str], given: dict[str, str | None]) -> dict[str, str]:
    return {row: value for row, value in {**before, **given}.items() if value}


def seal(by: Actor, grid: Grid, at: datetime) -> Grid:
    """Seals a member's own grid, which no longer changes, and returns it. The second seal opens both grids, and the
    shared one starts with the values on which they agree. Raises Incomplete, SharedGridIsNotSealed, Eliminated, or a
    refusal of `_workable`.
    """
    require(by, Action.FILL_GRID, grid)
    if grid.member is None:
        raise SharedGridIsNotSealed()
    assessment = _workable(grid)
    errors = missing(circular_of_candidate(grid).grid, grid)
    if errors:
        raise Incomplete(errors)
    try:
        return _seal(by, assessment, grid, at)
    except NotNow:  # the other member sealed at the same moment: this seal is the second one
        return _seal(by, assessment, grid, at)


def _seal(by: Actor, assessment: Assessment, grid: Grid, at: datetime) -> Grid:
    (other,) = (own for own in own_grids(assessment) if own.id != grid.id)
    both = other.sealed_at is not None
    changes: list[Change | Hold] = [
        Change(grid, {"sealed_at": at, "opened": both}),
        guard_of_appraisal(assessment, submission_of(assessment)),
    ]
    if both:
        changes += [Change(other, {"opened": True}), Change(shared_grid(assessment), _agreed(grid, other))]
    else:
        changes.append(Hold(other, {"sealed_at": None}))
    commit(changes, event_by(by, at, assessment_chain(grid), EventName.GRID_SEALED, grid, {"opened": both}))
    return grid


def _agreed(first: Grid, other: Grid) -> dict[str, dict[str, str]]:
    """Returns {degrees: …, observations: …} by row, of what is the same in both grids."""
    return {
        name: {row: value for row, value in getattr(first, name).items() if getattr(other, name).get(row) == value}
        for name in ("degrees", "observations")
    }


def compared(by: Actor, assessment: Assessment) -> tuple[list[Grid], list[RowComparison]]:
    """Returns both members' grids, in the order of the seats, and their rows compared. Raises NotFound, Forbidden,
    GridsNotOpen (before both are sealed, or in mode `together`).
    """
    require(by, Action.READ_ASSESSMENT, assessment)
    own = own_grids(assessment)
    if not own or not all(grid.opened for grid in own):
        raise GridsNotOpen()
    return own, divergences(circular_of_candidate(assessment).grid.rows, *own)
