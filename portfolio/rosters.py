"""Enrolling a whole class from a file: read and shown first, written only once confirmed, all or none."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from portfolio.accounts import invitation_errands
from portfolio.documents import Candidacy, Person, RosterImport, School
from portfolio.enrol import enrolment
from portfolio.errors import Invalid, NotNow
from portfolio.identifiers import session_code
from portfolio.journal import Change, Event, Insert, commit
from portfolio.permissions import Action, require
from portfolio.relations import Actor
from portfolio.roster import Known, homonyms, read_roster

PREVIEW_LASTS = timedelta(days=2)


class ImportOver(NotNow):
    code = "import_over"
    detail = "Cet import a déjà été confirmé, ou il date de plus de deux jours. Envoyez le fichier à nouveau."


class RowsInError(NotNow):
    code = "rows_in_error"
    detail = "Le fichier contient {count} lignes en erreur. Corrigez-les dans le fichier et envoyez-le à nouveau."


class HomonymsUndecided(NotNow):
    code = "homonyms_undecided"
    detail = "Des homonymes restent à trancher (lignes {lines}) : indiquez les lignes à inscrire quand même."


def preview(by: Actor, school: School, session: str, data: bytes, at: datetime) -> RosterImport:
    """Reads a CSV and keeps what it says, line by line, with errors, warnings and homonyms. Enrols nobody."""
    require(by, Action.ENROL, school)
    session = session_code(session)
    roster = read_roster(data)
    rows = [
        {"line": row.line, "values": row.values, "errors": row.errors, "warnings": row.warnings, "homonyms": []}
        for row in roster.rows
    ]
    by_line = {row["line"]: row for row in rows}
    for homonym in homonyms(roster.rows, _known(school, session)):
        by_line[homonym.line]["homonyms"].append({"candidacy": homonym.known_id, "message": homonym.message_fr})
    _mark_taken(rows, school.academy, session)
    shown = RosterImport(
        created_at=at,
        school=school.id,
        academy=school.academy,
        session=session,
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=roster.encoding,
        delimiter=roster.delimiter,
        file_errors=roster.file_errors,
        unknown_columns=roster.unknown_columns,
        rows=rows,
        expires_at=at + PREVIEW_LASTS,
    )
    data_said = {"sha256": shown.sha256, "rows": len(rows)}
    commit([Insert(shown)], Event(f"school:{school.id}", "roster_previewed", by.journal_name, at, shown, data_said))
    return shown


def _known(school: School, session: str) -> list[Known]:
    found = Candidacy.objects(school=school.id, session=session)
    return [
        Known(str(one.id), f"{one.birth_name} {one.given_names}", one.birth_date, one.candidate_number) for one in found
    ]


def _mark_taken(rows: list[dict[str, Any]], academy: str, session: str) -> None:
    """A candidate number is one in an academy and session, whichever the school."""
    numbers = [row["values"].get("candidate_number") for row in rows]
    query = {"academy": academy, "session": session, "candidate_number__in": [number for number in numbers if number]}
    taken = set(Candidacy.objects(**query).scalar("candidate_number"))
    emails = [row["values"].get("email") for row in rows if row["values"].get("email")]
    holders = {person.id: person.email for person in Person.objects(email__in=emails)}
    enrolled = set(Candidacy.objects(person__in=list(holders), session=session).scalar("person"))
    here = {holders[person] for person in enrolled}
    for row in rows:
        if row["values"].get("candidate_number") in taken:
            row["errors"].setdefault("candidate_number", []).append("Ce numéro est déjà inscrit pour cette session.")
        if row["values"].get("email") in here:
            row["errors"].setdefault("email", []).append("Cette adresse est déjà celle d'un candidat de cette session.")


def confirm(by: Actor, shown: RosterImport, homonym_lines: list[int], at: datetime) -> RosterImport:
    """Enrols every line, in one transaction. homonym_lines: those a person looked at and wants all the same."""
    require(by, Action.CONFIRM_IMPORT, shown)
    if shown.state != "previewed" or shown.expires_at <= at:
        raise ImportOver()
    in_error = [row for row in shown.rows if row["errors"]]
    if shown.file_errors or in_error or not shown.rows:
        raise RowsInError(count=max(len(in_error), len(shown.file_errors), 1))
    undecided = [row["line"] for row in shown.rows if row["homonyms"] and row["line"] not in homonym_lines]
    if undecided:
        raise HomonymsUndecided(lines=", ".join(map(str, undecided)))
    school = School.objects.get(pk=shown.school)
    changes: list[Any] = []
    enrolled = []
    for row in shown.rows:
        values = dict(row["values"]) | {"session": shown.session}
        candidacy, written = _enrolment_of_line(by, school, values, row["line"], at)
        enrolled.append(candidacy.id)
        changes += written
    changes.append(Change(shown, {"state": "confirmed", "enrolled": enrolled}, expected={"state": "previewed"}))
    data = {"candidacies": [str(one) for one in enrolled], "sha256": shown.sha256}
    event = Event(f"school:{shown.school}", "roster_confirmed", by.journal_name, at, shown, data)
    commit(changes, event, invitation_errands(changes))
    return shown


def _enrolment_of_line(
    by: Actor, school: School, values: dict[str, Any], line: int, at: datetime
) -> tuple[Candidacy, list[Any]]:
    try:
        return enrolment(by, school, values, at)
    except Invalid as invalid:
        raise Invalid({f"ligne {line}, {field}": said for field, said in invalid.errors.items()}) from invalid
