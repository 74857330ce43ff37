"""Enrols a whole class from a file: previewed first, written only once confirmed, all or none."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from portfolio.documents import Candidacy, RosterImport, School
from portfolio.documents.candidacies import RosterState
from portfolio.enrolment.enrol import circular_to_pin, enrolment
from portfolio.enrolment.lists.reading import SPLIT_NAMES
from portfolio.enrolment.rosters.roster_columns import TWO_DIGIT_YEARS
from portfolio.enrolment.rosters.roster_marks import compared
from portfolio.enrolment.rosters.roster_parser import read_roster
from portfolio.enrolment.schools.offered_exams import chosen_exam
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identifiers import session_code
from portfolio.identity.accounts import invitation_errands
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular_terms import Circular
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Insert, commit
from portfolio.validation import check_fields

PREVIEW_LASTS = timedelta(days=2)
ASKED_FR = {
    TWO_DIGIT_YEARS: "années écrites sur deux chiffres",
    SPLIT_NAMES: "nom et prénom partagés à cet endroit",
}


class ImportOver(NotNow):
    code = "import_over"
    source = RuleSource.INTEGRITY
    detail = "Cet import a déjà été confirmé, ou il date de plus de deux jours. Envoyez le fichier à nouveau."


class RowsInError(NotNow):
    code = "rows_in_error"
    source = RuleSource.LIMIT
    detail = "Le fichier contient des erreurs ({count}). Corrigez-les dans le fichier et envoyez-le à nouveau."


class HomonymsUndecided(NotNow):
    code = "homonyms_undecided"
    source = RuleSource.INTEGRITY
    detail = "Des homonymes restent à trancher (lignes {lines}) : indiquez les lignes à inscrire quand même."


class QuestionsUnanswered(NotNow):
    code = "questions_unanswered"
    source = RuleSource.INTEGRITY
    detail = "Vérifiez d'abord comment la liste est lue, puis cochez : {questions}."


def preview(
    by: Actor,
    school: School,
    session: str,
    data: bytes,
    at: datetime,
    exam: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> RosterImport:
    """Reads a list from any file, stores its lines with errors, warnings and homonyms, and returns the import, valid
    PREVIEW_LASTS. Writes no enrolment; a file that cannot be read is in `file_errors`. exam: its code, where the school
    offers several. defaults: status and division of whoever the list does not say it of. Raises Invalid on `session` if
    it is malformed or not open, on `exam`; TooManyViews, ListsBusy.
    """
    require(by, Action.ENROL, school)
    session = check_fields({"session": session}, {"session": session_code})["session"]
    of_exam = chosen_exam(school, exam).code
    circular_to_pin(session, of_exam)
    roster = read_roster(data, at.date(), by.journal_name, defaults=defaults)
    rows = compared(roster.rows, school, session, of_exam, at)
    preview = RosterImport(
        created_at=at,
        school=school.id,
        academy=school.academy,
        exam=of_exam,
        session=session,
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=roster.encoding,
        delimiter=roster.delimiter,
        file_kind=roster.file_kind,
        sheet=roster.sheet or None,
        columns=roster.columns,
        left_out=[asdict(line) for line in roster.left_out],
        file_errors=roster.file_errors,
        unknown_columns=roster.unknown_columns,
        rows=rows,
        expires_at=at + PREVIEW_LASTS,
    )
    facts = {"sha256": preview.sha256, "rows": len(rows)}
    commit([Insert(preview)], event_by(by, at, f"school:{school.id}", EventName.ROSTER_PREVIEWED, preview, facts))
    return preview


def questions(roster: RosterImport) -> dict[str, list[tuple[int, str]]]:
    """Returns what is asked about the whole list: code of a question -> (line, how it was read), in order."""
    asked: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in roster.rows:
        for code, reading in row.get("asked", {}).items():
            asked[code].append((row["line"], reading))
    return asked


def confirm(
    by: Actor, roster: RosterImport, homonym_lines: list[int], at: datetime, agreed: Collection[str] = ()
) -> RosterImport:
    """Enrols every line, in one transaction, and returns the import. homonym_lines: line numbers of homonyms that the
    office checked and confirms. agreed: codes of the `questions` whose readings they found right. Raises ImportOver,
    RowsInError, HomonymsUndecided, QuestionsUnanswered, Invalid (by line and field), AlreadyExists, OwnGrant if a line
    is about, or gives a right to, the person who confirms.
    """
    require(by, Action.CONFIRM_IMPORT, roster)
    if roster.state != RosterState.PREVIEWED or roster.expires_at <= at:
        raise ImportOver()
    in_error = [row for row in roster.rows if row["errors"]]
    if roster.file_errors or in_error or not roster.rows:
        raise RowsInError(count=max(len(in_error), len(roster.file_errors), 1))
    undecided = [row["line"] for row in roster.rows if row["homonyms"] and row["line"] not in homonym_lines]
    if undecided:
        raise HomonymsUndecided(lines=", ".join(map(str, undecided)))
    if unanswered := questions(roster).keys() - set(agreed):
        raise QuestionsUnanswered(questions=" ; ".join(ASKED_FR[code] for code in sorted(unanswered)))
    school, circular = School.objects.get(pk=roster.school), circular_to_pin(roster.session, roster.exam)
    common = {"exam": roster.exam, "session": roster.session}
    enrolments = [
        _enrolment_of_line(by, school, row["values"] | common, circular, row["line"], at) for row in roster.rows
    ]
    enrolled = [candidacy.id for candidacy, _ in enrolments]
    # First, so that the second of two concurrent confirmations is refused because the import moved.
    values = {"state": RosterState.CONFIRMED, "enrolled": enrolled}
    changes: list[AnyChange] = [Change(roster, values, expected={"state": RosterState.PREVIEWED})]
    changes += [change for _, written in enrolments for change in written]
    data = {"candidacies": [str(candidacy_id) for candidacy_id in enrolled], "sha256": roster.sha256}
    event = event_by(by, at, f"school:{roster.school}", EventName.ROSTER_CONFIRMED, roster, data)
    commit(changes, event, invitation_errands(changes))
    return roster


def _enrolment_of_line(
    by: Actor, school: School, values: dict[str, Any], circular: Circular, line: int, at: datetime
) -> tuple[Candidacy, list[AnyChange]]:
    """Returns what `enrolment` returns. Raises its refusals, each error of Invalid with its line."""
    try:
        return enrolment(by, school, values, at, circular)
    except Invalid as invalid:
        raise Invalid({f"ligne {line}, {field}": sentences for field, sentences in invalid.errors.items()}) from invalid
