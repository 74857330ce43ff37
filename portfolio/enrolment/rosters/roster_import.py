"""Enrols a whole class from a file: previewed first, written only once confirmed, all or none."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from portfolio.documents import Candidacy, Person, RosterImport, School
from portfolio.documents.candidacies import RosterState
from portfolio.enrolment.enrol import birth_fault, circular_to_pin, enrolment
from portfolio.enrolment.rosters.homonyms import EnrolledCandidate, homonyms
from portfolio.enrolment.rosters.roster_parser import read_roster
from portfolio.enrolment.schools.offered_exams import chosen_exam
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identifiers import name_key, session_code
from portfolio.identity.accounts import ANOTHER_NAME, invitation_errands, is_named
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular_terms import Circular
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Insert, commit
from portfolio.validation import check_fields

PREVIEW_LASTS = timedelta(days=2)


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


def preview(
    by: Actor, school: School, session: str, data: bytes, at: datetime, exam: str | None = None
) -> RosterImport:
    """Reads a CSV, stores its lines with errors, warnings and homonyms, and returns the import, valid PREVIEW_LASTS.
    Writes no enrolment; a file that cannot be read is in `file_errors`. exam: its code, where the school offers
    several. Raises Invalid on `session` if it is malformed or not open, on `exam`.
    """
    require(by, Action.ENROL, school)
    session = check_fields({"session": session}, {"session": session_code})["session"]
    of_exam = chosen_exam(school, exam).code
    circular_to_pin(session, of_exam)
    roster = read_roster(data)
    rows: list[dict[str, Any]] = [
        {"line": row.line, "values": row.values, "errors": row.errors, "warnings": row.warnings, "homonyms": []}
        for row in roster.rows
    ]
    by_line = {row["line"]: row for row in rows}
    for homonym in homonyms(roster.rows, _known(school, session, of_exam)):
        by_line[homonym.line]["homonyms"].append({"candidacy": homonym.known_id, "message": homonym.message_fr})
    _mark_namesakes(rows)
    _mark_births(rows, at)
    _mark_taken(rows, school.academy, session, of_exam)
    _mark_known(rows, session, of_exam)
    preview = RosterImport(
        created_at=at,
        school=school.id,
        academy=school.academy,
        exam=of_exam,
        session=session,
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=roster.encoding,
        delimiter=roster.delimiter,
        file_errors=roster.file_errors,
        unknown_columns=roster.unknown_columns,
        rows=rows,
        expires_at=at + PREVIEW_LASTS,
    )
    facts = {"sha256": preview.sha256, "rows": len(rows)}
    commit([Insert(preview)], event_by(by, at, f"school:{school.id}", EventName.ROSTER_PREVIEWED, preview, facts))
    return preview


def _known(school: School, session: str, exam: str) -> list[EnrolledCandidate]:
    return [
        EnrolledCandidate(
            id=str(candidacy.id),
            names=f"{candidacy.birth_name} {candidacy.given_names}",
            birth_date=candidacy.birth_date,
            candidate_number=candidacy.candidate_number or "",
        )
        for candidacy in Candidacy.objects(school=school.id, exam=exam, session=session)
    ]


def _mark_namesakes(rows: list[dict[str, Any]]) -> None:
    """Marks, in `rows` (raw lines of the import), lines of the same name as homonyms: they may be one person twice, and
    the office decides.
    """
    lines: dict[str, list[int]] = defaultdict(list)
    keys = [name_key(f"{row['values'].get('birth_name', '')} {row['values'].get('given_names', '')}") for row in rows]
    for key, row in zip(keys, rows, strict=True):
        lines[key].append(row["line"])
    for key, row in zip(keys, rows, strict=True):
        others = [str(line) for line in lines[key] if line != row["line"]]
        if key and others:
            message = f"Mêmes nom et prénoms que la ligne {', '.join(others)} : confirmez que ce sont deux personnes."
            row["homonyms"].append({"candidacy": None, "message": message})


def _mark(row: dict[str, Any], field: str, sentence: str) -> None:
    row["errors"].setdefault(field, []).append(sentence)


def _mark_births(rows: list[dict[str, Any]], at: datetime) -> None:
    for row in rows:
        if "birth_date" not in row["errors"] and (fault := birth_fault(row["values"]["birth_date"], at)):
            _mark(row, "birth_date", fault)


def _mark_taken(rows: list[dict[str, Any]], academy: str, session: str, exam: str) -> None:
    """Marks, in `rows` (raw lines of the import), candidate numbers already enrolled in the academy, exam and session:
    they are unique across its schools.
    """
    numbers = [row["values"].get("candidate_number") for row in rows]
    wanted = [number for number in numbers if number]
    same = Candidacy.objects(academy=academy, exam=exam, session=session, candidate_number__in=wanted, abandoned=None)
    taken = set(same.scalar("candidate_number"))
    for row in rows:
        if row["values"].get("candidate_number") in taken:
            _mark(row, "candidate_number", "Ce numéro est déjà inscrit pour cette session.")


def _mark_known(rows: list[dict[str, Any]], session: str, exam: str) -> None:
    """Marks, in `rows` (raw lines of the import), addresses already known: only the same person may be enrolled under
    one, once in a session of an exam.
    """
    emails = [row["values"].get("email") for row in rows]
    known = {person.email: person for person in Person.objects(email__in=[email for email in emails if email])}
    ids = [person.id for person in known.values()]
    enrolled = set(Candidacy.objects(person__in=ids, exam=exam, session=session).scalar("person"))
    for row in rows:
        values, person = row["values"], known.get(row["values"].get("email"))
        if person is None or row["errors"].keys() & {"birth_name", "usage_name", "given_names"}:
            continue
        if not is_named(person, values["given_names"], values.get("usage_name"), values["birth_name"]):
            _mark(row, "email", ANOTHER_NAME)
        elif person.id in enrolled:
            _mark(row, "email", "Cette adresse est déjà celle d'un candidat de cette session.")


def confirm(by: Actor, roster: RosterImport, homonym_lines: list[int], at: datetime) -> RosterImport:
    """Enrols every line, in one transaction, and returns the import. homonym_lines: line numbers of homonyms that the
    office checked and confirms. Raises ImportOver, RowsInError, HomonymsUndecided, Invalid (by line and field),
    AlreadyExists, OwnGrant if a line is about, or gives a right to, the person who confirms.
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
