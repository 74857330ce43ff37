"""Moves candidacies to the newest version of their session's circular, by an act of the office that is recorded.

Here, and not where candidates are enrolled: a grid in progress follows. The plan reads no grid: it shows the office
what the circulars say, never what a member wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.commission.amend import MembersAtWork, SheetIsOut
from portfolio.commission.convene import new_grid
from portfolio.commission.grids import missing
from portfolio.documents import Assessment, Candidacy, Commission, Grid, School, Sheet
from portfolio.documents.candidacies import Pin
from portfolio.documents.commissions import AssessmentState, CommissionState
from portfolio.enrolment.circulars.differences import CircularDifference, differences
from portfolio.enrolment.deadline_moves import move_mail, moved_by_circular
from portfolio.enrolment.enrol import circular_to_pin
from portfolio.enrolment.pinned import circular_of
from portfolio.enrolment.schools.offered_exams import chosen_exam
from portfolio.errors import NotNow, RuleSource, Stale
from portfolio.identifiers import Malformed, session_code
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular import rank
from portfolio.rules.texts.circular_terms import Circular, GridTerms, MarkRule
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Hold, Insert, MovedMeanwhile, assessment_chain, commit
from portfolio.validation import check_fields

OWN_CANDIDACY = "C'est votre propre candidature : une autre personne du secrétariat la fait passer."
CHANGED_MEANWHILE = "La candidature a changé au même moment : recommencez."


class NotTheNewestCircular(NotNow):
    code = "not_the_newest_circular"
    source = RuleSource.INTEGRITY
    detail = "La version installée la plus récente est la {version} : relisez ce qu'elle change, puis recommencez."


class OnThatCircular(NotNow):
    code = "on_that_circular"
    source = RuleSource.INTEGRITY
    detail = "Cette candidature est déjà sur la version {version} de la circulaire."


@dataclass(frozen=True)
class VersionMove:
    """The candidacies on one earlier version, and what the newest one changes for them.

    stay: those with an evaluation sheet, which keep the version that it was drawn up under.
    """

    before: Circular
    changes: tuple[CircularDifference, ...]
    move: tuple[Candidacy, ...]
    stay: tuple[Candidacy, ...]


@dataclass(frozen=True)
class CircularPlan:
    """newest: the version to move to. current: the candidacies that are on it. moves: the others, oldest version
    first. own: the caller's own candidacies on an earlier version, which somebody else moves.
    """

    newest: Circular
    current: tuple[Candidacy, ...]
    moves: tuple[VersionMove, ...]
    own: tuple[Candidacy, ...] = ()

    @property
    def movable(self) -> int:
        """Returns the number of candidacies that the act would move."""
        return sum(len(version.move) for version in self.moves)


@dataclass(frozen=True)
class CircularMoves:
    """What a move of many did. left: (candidacy, why) of those that stay on their version, in French."""

    moved: tuple[Candidacy, ...]
    left: tuple[tuple[Candidacy, str], ...]


def plan(by: Actor, school: School, session: str, division: str | None = None, exam: str | None = None) -> CircularPlan:
    """Returns which candidacies of the school and session would move, and what changes for them; division: of one class
    only. exam: its code, where the school offers several. Whoever gave up is not counted: they move once they are back.
    Two queries. Raises Invalid on `session`, on `exam`.

    Whether a sheet exists, a draft included, is told: the office must know why a candidacy stays, and is refused a new
    date of the commission for the same reason. Neither what the sheet holds nor how far it is.
    """
    require(by, Action.ENROL, school)
    checked = check_fields({"session": session}, {"session": session_code})["session"]
    of_exam = chosen_exam(school, exam).code
    newest = circular_to_pin(checked, of_exam)
    about = {"school": school.id, "exam": of_exam, "session": checked} | ({"division": division} if division else {})
    everybody = list(Candidacy.objects(**about, abandoned=None).order_by("name_key", "id"))
    listed = [candidacy for candidacy in everybody if may(by, Action.MOVE_CIRCULAR, candidacy)]
    movable = {candidacy.id for candidacy in listed}
    own = [person for person in everybody if person.id not in movable and circular_of(person) != newest]
    with_sheet = set(Sheet.objects(candidacy__in=[candidacy.id for candidacy in listed], live=True).scalar("candidacy"))
    earlier: dict[Circular, list[Candidacy]] = {}
    for candidacy in listed:
        earlier.setdefault(circular_of(candidacy), []).append(candidacy)
    current = tuple(earlier.pop(newest, ()))
    moves = [
        VersionMove(
            before,
            tuple(differences(before, newest)),
            tuple(candidacy for candidacy in people if candidacy.id not in with_sheet),
            tuple(candidacy for candidacy in people if candidacy.id in with_sheet),
        )
        for before, people in sorted(earlier.items(), key=lambda pair: rank(pair[0]))
    ]
    return CircularPlan(newest, current, tuple(moves), tuple(own))


def move_to_newest(by: Actor, candidacy: Candidacy, version: str, at: datetime) -> Candidacy:
    """Moves one candidacy to the newest circular of its session, and returns it. version: the one whose changes the
    office read. The grids in progress keep each degree whose row and degree still exist; what falls is kept, and no
    longer used. A deadline that moves is noted, and the candidate told. Raises NotTheNewestCircular, OnThatCircular,
    SheetIsOut; MembersAtWork if a member was writing.
    """
    require(by, Action.MOVE_CIRCULAR, candidacy)
    after = circular_to_pin(candidacy.session, candidacy.exam)
    if version != after.version:
        raise NotTheNewestCircular(version=after.version)
    before = candidacy.circular
    if (before.id, before.version, before.sha256) == after.pin:
        raise OnThatCircular(version=after.version)
    if Sheet.objects(candidacy=candidacy.id, live=True).first():
        raise SheetIsOut()
    data = {"from": f"{before.id}.v{before.version}", "to": f"{after.id}.v{after.version}", "sha256": after.sha256}
    events = [event_by(by, at, f"school:{candidacy.school}", EventName.CIRCULAR_MOVED, candidacy, data)]
    pins = {"circular": Pin(**after.pin._asdict()), "referential": Pin(**after.referential._asdict())}
    move = moved_by_circular(candidacy, after, at)
    changes: list[AnyChange] = [Change(candidacy, pins, push={"deadline_moves": move} if move else {})]
    commission = Commission.objects(candidacy=candidacy.id, state=CommissionState.CONVENED).first()
    if commission is not None:
        assessment = Assessment.objects.get(pk=commission.id)
        changes += [_appraisal(assessment, after, at), *_grids(commission, after.grid, at)]
        events.append(event_by(by, at, assessment_chain(commission), EventName.CIRCULAR_MOVED, commission, data))
    try:
        commit(changes, events, move_mail(candidacy, move))
    except MovedMeanwhile:
        raise MembersAtWork() from None
    except Stale as stale:
        if isinstance(stale.thing, Candidacy):
            raise
        raise MembersAtWork() from None
    return candidacy


def move_all_to_newest(
    by: Actor,
    school: School,
    session: str,
    division: str | None,
    version: str,
    at: datetime,
    exam: str | None = None,
) -> CircularMoves:
    """Moves every candidacy of the school and session, or of one class, and returns who moved, and who did not and why.
    Each is one commit: after an interruption, a second call moves the rest. One with a sheet, the caller's own, or one
    that changed meanwhile, is left as it is. exam: as for `plan`. Raises NotTheNewestCircular; Invalid on `session`, on
    `exam`.
    """
    planned = plan(by, school, session, division, exam)
    if version != planned.newest.version:
        raise NotTheNewestCircular(version=planned.newest.version)
    moved = []
    left = [(candidacy, OWN_CANDIDACY) for candidacy in planned.own]
    left += [(candidacy, SheetIsOut().message) for group in planned.moves for candidacy in group.stay]
    for candidacy in (candidacy for group in planned.moves for candidacy in group.move):
        try:
            moved.append(move_to_newest(by, candidacy, version, at))
        except (SheetIsOut, MembersAtWork, OnThatCircular) as refusal:
            left.append((candidacy, refusal.message))
        except Stale:
            left.append((candidacy, CHANGED_MEANWHILE))
    return CircularMoves(tuple(moved), tuple(left))


# --- the work of the commission --------------------------------------------------------------------


def _appraisal(assessment: Assessment, after: Circular, at: datetime) -> Change | Hold:
    """Returns the guard that refuses the move while a sheet is drawn up; it sets aside a mark that the new scale does
    not have, and an outcome that the new circular does not name.
    """
    still_open = {"state": AssessmentState.OPEN}
    fallen: dict[str, Any] = {}
    if assessment.proposed_mark is not None and not _on_the_scale(str(assessment.proposed_mark), after.mark):
        fallen["proposed_mark"] = str(assessment.proposed_mark)
    if assessment.outcome is not None and assessment.outcome not in after.outcomes:
        fallen |= {"outcome": assessment.outcome, "outcome_reference": assessment.outcome_reference}
    if not fallen:
        return Hold(assessment, still_open)
    kept = {"members": list(assessment.members), "until": at, **fallen}
    return Change(assessment, dict.fromkeys(fallen), push={"earlier": kept}, expected=still_open)


def _on_the_scale(mark: str, rule: MarkRule) -> bool:
    try:
        rule.read(mark)
    except Malformed:
        return False
    return True


def _grids(commission: Commission, rules: GridTerms, at: datetime) -> list[AnyChange]:
    """Returns the changes of the grids in use. One from which something falls is set aside, and another one begins with
    what stands. Where an own grid now lacks something, both return to their authors, and the accord begins again.
    """
    live = list(Grid.objects(commission=commission.id, live=True))
    standing = {grid.id: _standing(commission, grid, rules, at) for grid in live}
    returned = any(grid.sealed_at and missing(rules, standing[grid.id]) for grid in live)
    changes: list[AnyChange] = []
    for grid in live:
        following = standing[grid.id]
        if returned:
            _return(following, alone=len(live) > 1)
        if _written(following) != _written(grid):
            changes += [Change(grid, {"live": False, "opened": False}), Insert(following)]
        else:
            changes.append(Hold(grid, {"revision": grid.revision}))
    return changes


def _standing(commission: Commission, grid: Grid, rules: GridTerms, at: datetime) -> Grid:
    """Returns a grid, unsaved, with what stands of this one: the rows and the degrees that the circular still has."""
    following = new_grid(commission, grid.member, grid.members, at)
    following.degrees = {row: code for row, code in grid.degrees.items() if row in rules.rows and code in rules.codes}
    following.observations = {row: text for row, text in grid.observations.items() if row in rules.rows}
    following.sealed_at, following.opened = grid.sealed_at, grid.opened
    return following


def _return(grid: Grid, alone: bool) -> None:
    """Unseals a grid. alone: whether members score alone first; the shared grid is then drawn from theirs, anew."""
    grid.sealed_at, grid.opened = None, False
    if alone and grid.member is None:
        grid.degrees, grid.observations = {}, {}


def _written(grid: Grid) -> tuple[object, ...]:
    return (dict(grid.degrees), dict(grid.observations), grid.sealed_at, grid.opened)
