"""Enrols a class from a file: previewed first, written only once confirmed; lines in error wait, the others do not."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from portfolio.documents import Candidacy, RosterImport, School
from portfolio.documents.candidacies import RosterState
from portfolio.documents.fields import by_id
from portfolio.enrolment.enrol import circular_to_pin, enrolment
from portfolio.enrolment.lists.reading import SPLIT_NAMES, UNLIKELY_DATES, ReadList
from portfolio.enrolment.moves.numbers import held_numbers
from portfolio.enrolment.rosters.amended_lines import amended_by_line
from portfolio.enrolment.rosters.lost_zeros import LOST_ZEROS, WHOLE_NUMBERS, with_zeros, zeros_answered
from portfolio.enrolment.rosters.roster_columns import SINGLE_NAME, TWO_DIGIT_YEARS
from portfolio.enrolment.rosters.roster_marks import compared, enrolled_since
from portfolio.enrolment.rosters.roster_parser import read_roster
from portfolio.enrolment.rosters.stored_lines import StoredLine, whole
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
from portfolio.store.journal import AnyChange, Change, Errand, Insert, MovedMeanwhile, commit
from portfolio.validation import check_fields

PREVIEW_LASTS = timedelta(days=2)
ASKED_FR = {
    TWO_DIGIT_YEARS: "années écrites sur deux chiffres",
    SPLIT_NAMES: "nom et prénom partagés à cet endroit",
    UNLIKELY_DATES: "dates de naissance inhabituelles",
    SINGLE_NAME: "personnes qui n'ont qu'un nom",
    LOST_ZEROS: "numéros de candidat qui ont perdu leur zéro de tête, ou non",
}
ANSWERS = (*ASKED_FR, WHOLE_NUMBERS)


class ImportOver(NotNow):
    code = "import_over"
    source = RuleSource.INTEGRITY
    detail = "Cet import a déjà été confirmé, ou il date de plus de deux jours. Envoyez le fichier à nouveau."


class RowsInError(NotNow):
    code = "rows_in_error"
    source = RuleSource.LIMIT
    detail = "Aucune ligne n'est prête : il y a des erreurs ({count}). Corrigez-les sur la page, ou dans le fichier."


class HomonymsUndecided(NotNow):
    code = "homonyms_undecided"
    source = RuleSource.INTEGRITY
    detail = "Des homonymes restent à trancher (lignes {lines}) : indiquez les lignes à inscrire quand même."


class EnrolledMeanwhile(NotNow):
    code = "enrolled_meanwhile"
    source = RuleSource.INTEGRITY
    detail = "Ces personnes ont été inscrites entre-temps (lignes {lines}) : envoyez la liste de nouveau."


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
    mapping: Mapping[str, str] | None = None,
) -> RosterImport:
    """Reads a list from any file, stores its lines with errors, warnings and homonyms, and returns the import, valid
    PREVIEW_LASTS. Writes no enrolment; a file that cannot be read is in `file_errors`. exam: its code, where the school
    offers several. defaults: status and division of whoever the list does not say it of. mapping: {key of a title:
    field, "" not to read it}, remembered for the school. Raises Invalid on `session` if
    it is malformed or not open, on `exam`; TooManyViews, ListsBusy.
    """
    require(by, Action.ENROL, school)
    session = check_fields({"session": session}, {"session": session_code})["session"]
    of_exam = chosen_exam(school, exam).code
    circular_to_pin(session, of_exam)
    titles = {**school.list_titles, **(mapping or {})}
    roster = read_roster(data, at.date(), by.journal_name, titles, defaults)
    return store_preview(by, school, (session, of_exam), roster, hashlib.sha256(data).hexdigest(), at, titles)


def store_preview(
    by: Actor,
    school: School,
    sitting: tuple[str, str],
    roster: ReadList,
    sha256: str,
    at: datetime,
    titles: Mapping[str, str],
) -> RosterImport:
    """Stores what a list says, as it was read, and returns the import. sitting: session, exam (its code). sha256: of
    the file. titles: what its columns are, remembered for the school.
    """
    require(by, Action.ENROL, school)
    session, of_exam = sitting
    rows = compared(roster.rows, school, session, of_exam, at)
    preview = RosterImport(
        created_at=at,
        school=school.id,
        academy=school.academy,
        exam=of_exam,
        session=session,
        sha256=sha256,
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
    changes: list[AnyChange] = [Insert(preview)]
    if titles != school.list_titles:
        changes.append(Change(school, {"list_titles": dict(titles)}, any_revision=True))
    commit(changes, event_by(by, at, f"school:{school.id}", EventName.ROSTER_PREVIEWED, preview, facts))
    return preview


def questions(rows: Iterable[StoredLine]) -> dict[str, list[tuple[int, str]]]:
    """Returns what is asked about lines (as an import stores them): code of a question -> (line, how it was read)."""
    asked: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        for code, reading in row["asked"].items():
            asked[code].append((row["line"], reading))
    return asked


def waiting(roster: RosterImport) -> list[StoredLine]:
    """Returns the lines that are not written yet: all of a preview; of a confirmed import, those that were wrong."""
    return [row for row in map(whole, roster.rows) if not row["done"]]


def confirm(
    by: Actor, roster: RosterImport, homonym_lines: list[int], at: datetime, agreed: Collection[str] = ()
) -> RosterImport:
    """Enrols every line that is right, and corrects whoever is enrolled already, in one transaction; lines in error
    wait, and may be confirmed once they are corrected. Returns the import. homonym_lines: line numbers of homonyms that
    the office checked and confirms. agreed: codes of the `questions` whose readings they found right; LOST_ZEROS for
    numbers to be completed, WHOLE_NUMBERS for numbers that are right as written. Raises ImportOver, RowsInError,
    HomonymsUndecided, QuestionsUnanswered, EnrolledMeanwhile, Invalid (by line and field), AlreadyExists,
    MovedMeanwhile, OwnGrant if a line is about, or gives a right to, the person who confirms.
    """
    require(by, Action.CONFIRM_IMPORT, roster)
    ready = _ready(roster, homonym_lines, at, agreed)
    school, circular = School.objects.get(pk=roster.school), circular_to_pin(roster.session, roster.exam)
    if since := enrolled_since(ready, school, roster.session, roster.exam):
        raise EnrolledMeanwhile(lines=", ".join(map(str, since)))
    known = by_id(Candidacy, (ObjectId(row["known"]) for row in ready if row["known"]))
    changes: list[AnyChange] = []
    errands: list[Errand] = []
    for row in ready:
        if row["known"]:
            row["done"], written, letters = _correction_of_line(by, known, row, at)
        else:
            values = row["values"] | {"exam": roster.exam, "session": roster.session}
            candidacy, written = _enrolment_of_line(by, school, values, circular, row["line"], at)
            row["done"], letters = str(candidacy.id), invitation_errands(written)
        changes += written
        errands += letters
    enrolled = [row["done"] for row in ready if not row["known"]]
    amended = [row["done"] for row in ready if row["known"] and row["changes"]]
    written_lines = {row["line"]: row for row in ready}
    rows = [written_lines.get(row["line"], row) for row in roster.rows]
    left = sum(not row.get("done") for row in rows)
    after: dict[str, Any] = {"enrolled": [*roster.enrolled, *map(ObjectId, enrolled)], "rows": rows, "waiting": left}
    if roster.state == RosterState.PREVIEWED:
        after["state"] = RosterState.CONFIRMED
    # First, so that the second of two concurrent confirmations is refused because the import moved.
    changes = [Change(roster, after, expected={"state": roster.state}), *held_numbers(changes), *changes]
    data = {"candidacies": enrolled, "sha256": roster.sha256}
    data |= {"amended": amended} if amended else {}
    event = event_by(by, at, f"school:{roster.school}", EventName.ROSTER_CONFIRMED, roster, data)
    commit(changes, event, errands)
    return roster


def _ready(roster: RosterImport, homonym_lines: list[int], at: datetime, agreed: Collection[str]) -> list[StoredLine]:
    """Returns the lines that may be written now. Raises ImportOver, RowsInError, HomonymsUndecided,
    QuestionsUnanswered.
    """
    left = waiting(roster)
    over = roster.state == RosterState.PREVIEWED and roster.expires_at <= at
    if over or roster.state == RosterState.UNDONE or (roster.state == RosterState.CONFIRMED and not left):
        raise ImportOver()
    ready = [row for row in left if not row["errors"]]
    if roster.file_errors or not ready:
        raise RowsInError(count=max(len(left), len(roster.file_errors), 1))
    undecided = [row["line"] for row in ready if row["homonyms"] and row["line"] not in homonym_lines]
    if undecided:
        raise HomonymsUndecided(lines=", ".join(map(str, undecided)))
    answered = (set(agreed) - {LOST_ZEROS}) | ({LOST_ZEROS} if zeros_answered(agreed) else set())
    if unanswered := questions(ready).keys() - answered:
        raise QuestionsUnanswered(questions=" ; ".join(ASKED_FR[code] for code in sorted(unanswered)))
    return [with_zeros(row, agreed) for row in ready]


def _correction_of_line(
    by: Actor, known: Mapping[ObjectId, Candidacy], row: StoredLine, at: datetime
) -> tuple[str, list[AnyChange], list[Errand]]:
    """Returns the candidacy (id) that a line corrects, with the changes and mails. Raises MovedMeanwhile, Invalid."""
    if not row["changes"]:
        return str(row["known"]), [], []  # of who is gone too, maybe to another school
    candidacy = known.get(ObjectId(row["known"]))
    if candidacy is None:
        raise MovedMeanwhile()
    return str(candidacy.id), *amended_by_line(by, candidacy, row["changes"], row["line"], at)


def _enrolment_of_line(
    by: Actor, school: School, values: dict[str, Any], circular: Circular, line: int, at: datetime
) -> tuple[Candidacy, list[AnyChange]]:
    """Returns what `enrolment` returns. Raises its refusals, each error of Invalid with its line."""
    try:
        return enrolment(by, school, values, at, circular)
    except Invalid as invalid:
        raise Invalid({f"ligne {line}, {field}": sentences for field, sentences in invalid.errors.items()}) from invalid
