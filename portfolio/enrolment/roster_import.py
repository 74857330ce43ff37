"""Enrolling a whole class from a file: read and shown first, written only once confirmed, all or none."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from portfolio.documents import Candidacy, Person, RosterImport, School
from portfolio.enrolment.enrol import birth_fault, circular_of, enrolment
from portfolio.enrolment.roster_parser import Known, homonyms, read_roster
from portfolio.errors import Invalid, NotNow
from portfolio.identifiers import name_key, session_code
from portfolio.identity.accounts import ANOTHER_NAME, invitation_errands, is_named
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Insert, commit
from portfolio.validation import check_fields

PREVIEW_LASTS = timedelta(days=2)


class ImportOver(NotNow):
    code = "import_over"
    detail = "Cet import a déjà été confirmé, ou il date de plus de deux jours. Envoyez le fichier à nouveau."


class RowsInError(NotNow):
    code = "rows_in_error"
    detail = "Le fichier contient des erreurs ({count}). Corrigez-les dans le fichier et envoyez-le à nouveau."


class HomonymsUndecided(NotNow):
    code = "homonyms_undecided"
    detail = "Des homonymes restent à trancher (lignes {lines}) : indiquez les lignes à inscrire quand même."


def preview(by: Actor, school: School, session: str, data: bytes, at: datetime) -> RosterImport:
    """Reads a CSV and keeps what it says, line by line, with errors, warnings and homonyms. Enrols nobody."""
    require(by, Action.ENROL, school)
    session = check_fields({"session": session}, {"session": session_code})["session"]
    circular_of(session)
    roster = read_roster(data)
    rows: list[dict[str, Any]] = [
        {"line": row.line, "values": row.values, "errors": row.errors, "warnings": row.warnings, "homonyms": []}
        for row in roster.rows
    ]
    by_line = {row["line"]: row for row in rows}
    for homonym in homonyms(roster.rows, _known(school, session)):
        by_line[homonym.line]["homonyms"].append({"candidacy": homonym.known_id, "message": homonym.message_fr})
    _mark_namesakes(rows)
    _mark_births(rows, at)
    _mark_taken(rows, school.academy, session)
    _mark_known(rows, session)
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
    commit([Insert(shown)], event_by(by, at, f"school:{school.id}", EventName.ROSTER_PREVIEWED, shown, data_said))
    return shown


def _known(school: School, session: str) -> list[Known]:
    found = Candidacy.objects(school=school.id, session=session)
    return [
        Known(str(one.id), f"{one.birth_name} {one.given_names}", one.birth_date, one.candidate_number) for one in found
    ]


def _mark_namesakes(rows: list[dict[str, Any]]) -> None:
    """Two lines of one name may be one person twice: somebody decides, as for those enrolled before."""
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


def _mark_taken(rows: list[dict[str, Any]], academy: str, session: str) -> None:
    """A candidate number is one in an academy and session, whichever the school."""
    numbers = [row["values"].get("candidate_number") for row in rows]
    wanted = [number for number in numbers if number]
    same = Candidacy.objects(academy=academy, session=session, candidate_number__in=wanted)
    taken = set(same.scalar("candidate_number"))
    for row in rows:
        if row["values"].get("candidate_number") in taken:
            _mark(row, "candidate_number", "Ce numéro est déjà inscrit pour cette session.")


def _mark_known(rows: list[dict[str, Any]], session: str) -> None:
    """An address that is somebody's already: only the same person may be enrolled under it, once in a session."""
    emails = [row["values"].get("email") for row in rows]
    known = {person.email: person for person in Person.objects(email__in=[email for email in emails if email])}
    enrolled = set(Candidacy.objects(person__in=[one.id for one in known.values()], session=session).scalar("person"))
    for row in rows:
        values, person = row["values"], known.get(row["values"].get("email"))
        if person is None or row["errors"].keys() & {"birth_name", "usage_name", "given_names"}:
            continue
        if not is_named(person, values["given_names"], values.get("usage_name"), values["birth_name"]):
            _mark(row, "email", ANOTHER_NAME)
        elif person.id in enrolled:
            _mark(row, "email", "Cette adresse est déjà celle d'un candidat de cette session.")


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
    enrolments = [
        _enrolment_of_line(by, school, {**row["values"], "session": shown.session}, row["line"], at)
        for row in shown.rows
    ]
    enrolled = [candidacy.id for candidacy, _ in enrolments]
    # First, so that of two confirmations at once the second is told that the import has moved on.
    changes: list[Any] = [Change(shown, {"state": "confirmed", "enrolled": enrolled}, expected={"state": "previewed"})]
    changes += [change for _, written in enrolments for change in written]
    data = {"candidacies": [str(one) for one in enrolled], "sha256": shown.sha256}
    event = event_by(by, at, f"school:{shown.school}", EventName.ROSTER_CONFIRMED, shown, data)
    commit(changes, event, invitation_errands(changes))
    return shown


def _enrolment_of_line(
    by: Actor, school: School, values: dict[str, Any], line: int, at: datetime
) -> tuple[Candidacy, list[Any]]:
    try:
        return enrolment(by, school, values, at)
    except Invalid as invalid:
        raise Invalid({f"ligne {line}, {field}": said for field, said in invalid.errors.items()}) from invalid
