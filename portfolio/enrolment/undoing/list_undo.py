"""Takes back what lists wrote: what was used since stays and is named, all the rest leaves.

Each line is taken back in one commit, as it was written; the last commit says what became of all of them. After an
interruption, the same act does the rest.
"""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import ListImport, RosterImport
from portfolio.documents.candidacies import RosterState
from portfolio.documents.places import ListImportState, WrittenKind, WrittenRow
from portfolio.enrolment.undoing.taking_back import TAKES_BACK
from portfolio.enrolment.undoing.use import InPart, ListUse, use_of
from portfolio.errors import NotNow, Refusal, RuleSource, Unavailable
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, commit
from portfolio.validation import checked_reason

NAMED = 5
_OF_CANDIDATES = (WrittenKind.CANDIDATE, WrittenKind.CANDIDATE_CORRECTED)


class ListUndone(NotNow):
    code = "list_undone"
    source = RuleSource.INTEGRITY
    detail = "Ce que ces listes avaient enregistré est déjà annulé : il n'y a plus rien à annuler."


class ListInUse(NotNow):
    code = "list_in_use"
    source = RuleSource.INTEGRITY
    detail = "Rien ne s'annule : tout ce que ces listes ont enregistré a servi depuis ({what}). Corrigez chaque page."


def undo(by: Actor, written: ListImport, reason: str, at: datetime) -> ListImport:
    """Takes back what lists wrote, but for what was used since, and returns it, with why each line that stays does.
    Invitations that did not leave yet do not leave. Raises ListUndone, ListInUse where nothing can be taken back,
    Invalid on `reason`, Unavailable.
    """
    require(by, Action.UNDO_LIST_IMPORT, written)
    why = checked_reason(reason)
    if written.state != ListImportState.WRITTEN:
        raise ListUndone()
    use = use_of(written)
    for kind, take_back in TAKES_BACK.items():
        for row in written.rows:
            if row.kind == kind:
                try:
                    row.kept = take_back(by, use, row, at)
                except Unavailable:
                    raise
                except Refusal as refusal:
                    row.kept = refusal.message
                row.letter_left = row.kept is None and _was_written_to(use, row)
    _record(by, written, why, at)
    return written


def _was_written_to(use: ListUse, row: WrittenRow) -> bool:
    if row.kind == WrittenKind.CANDIDATE and row.thing in use.candidacies:
        return use.candidacies[row.thing].person in use.letters_left
    return row.kind == WrittenKind.TEACHER and row.thing in use.letters_left


def _record(by: Actor, written: ListImport, why: str, at: datetime) -> None:
    """Records what became of each line. Raises ListInUse where all of them stay, whole."""
    kept = [row for row in written.rows if row.kept]
    if all(row.kept and not isinstance(row.kept, InPart) for row in written.rows):
        more = f" et {len(kept) - NAMED} de plus" if len(kept) > NAMED else ""
        raise ListInUse(what="; ".join(row.label for row in kept[:NAMED]) + more)
    values = {"state": ListImportState.UNDONE, "rows": written.rows, "undone_reason": why}
    undone = Change(written, values, expected={"state": ListImportState.WRITTEN})
    data = {"rows": len(written.rows), "kept": [str(row.thing) for row in kept]}
    commit(
        [undone, *_rosters_after(written, why)],
        event_by(by, at, f"school:{written.school}", EventName.LIST_UNDONE, written, data),
    )


def _rosters_after(written: ListImport, why: str) -> list[AnyChange]:
    """Returns the changes of the imports of candidates: undone where nothing of them stays, else of those who stay."""
    gone = {row.thing for row in written.rows if row.kind == WrittenKind.CANDIDATE and not row.kept}
    stays = any(row.kept for row in written.rows if row.kind in _OF_CANDIDATES)
    changes: list[AnyChange] = []
    for roster in RosterImport.objects(pk__in=written.rosters, state=RosterState.CONFIRMED):
        left = [candidacy for candidacy in roster.enrolled if candidacy not in gone]
        whole = not left and not stays
        after = {"enrolled": left, "state": RosterState.UNDONE if whole else roster.state}
        if whole:
            after |= {"undone_reason": why, "waiting": 0}
        changes.append(Change(roster, after, expected={"state": RosterState.CONFIRMED}))
    return changes
