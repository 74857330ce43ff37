"""Compares the lines of a list with who is enrolled or known: homonyms, numbers and addresses that are taken."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from portfolio.documents import Candidacy, Person, School, Transfer
from portfolio.documents.candidacies import TransferState
from portfolio.documents.fields import by_id
from portfolio.enrolment.lists.reading import UNLIKELY_DATES, ListRow
from portfolio.enrolment.moves.numbers import keeping_their_number
from portfolio.enrolment.rosters.already_enrolled import AMENDED, Enrolled, recognised
from portfolio.enrolment.rosters.homonyms import EnrolledCandidate, homonyms
from portfolio.enrolment.rosters.lost_zeros import ask_about_zeros
from portfolio.enrolment.rosters.stored_lines import StoredLine, stored_line
from portfolio.identifiers import name_key
from portfolio.identity.accounts import ANOTHER_NAME, is_named
from portfolio.rules.unlikely_dates import unlikely_birth

NO_STATUS = "Le statut n'est pas dit : ajoutez-le à la liste, ou choisissez-le pour tous en la relisant."


def compared(read: list[ListRow], school: School, session: str, exam: str, at: datetime) -> list[StoredLine]:
    """Returns the lines as an import stores them, with what speaks against enrolling each in this session of an exam
    (its code).
    """
    rows = [stored_line(row) for row in read]
    by_line = {row["line"]: row for row in rows}
    enrolled = _enrolled(school, session, exam)
    for homonym in homonyms(read, [_as_homonym(person) for person in enrolled]):
        by_line[homonym.line]["homonyms"].append({"candidacy": homonym.known_id, "message": homonym.message_fr})
    _mark_namesakes(rows)
    for line, same in recognised(rows, enrolled).items():
        warnings = by_line[line]["warnings"] + same.warnings
        by_line[line] |= {"known": same.id, "changes": same.changes, "homonyms": [], "warnings": warnings}
    strangers = [row for row in rows if not row["known"]]
    _mark_births(strangers, at)
    _mark_without_status(strangers)
    _mark_known(strangers, session, exam)
    numbered = [row for row in rows if "candidate_number" in (row["changes"] if row["known"] else row["values"])]
    _mark_taken(numbered, school.academy, session, exam)
    ask_about_zeros(numbered, school.academy, session, exam)
    return rows


def enrolled_since(rows: list[StoredLine], school: School, session: str, exam: str) -> list[int]:
    """Returns the lines, of those that told of nobody enrolled when they were compared, that do by now."""
    strangers = [row for row in rows if not row["known"] and not row["homonyms"]]
    return sorted(recognised(strangers, _enrolled(school, session, exam)))


def _enrolled(school: School, session: str, exam: str) -> list[Enrolled]:
    """Returns who is enrolled here, and who was: who gave up, and who was transferred to another school."""
    left = {"school": school.id, "exam": exam, "session": session, "state": TransferState.ACCEPTED}
    moved = dict(Transfer.objects(__raw__=left).scalar("candidacy", "on"))
    here = {"school": school.id, "exam": exam, "session": session}
    candidacies = list(Candidacy.objects(__raw__={"$or": [here, {"_id": {"$in": list(moved)}}]}))
    people = by_id(Person, (candidacy.person for candidacy in candidacies))
    named = ("birth_name", "birth_date", "status", *(name for name in AMENDED if name != "email"))
    return [
        Enrolled(
            str(candidacy.id),
            {name: candidacy[name] for name in named} | {"email": _address(people.get(candidacy.person))},
            gone=_gone(candidacy, None if candidacy.school == school.id else moved[candidacy.id]),
        )
        for candidacy in candidacies
    ]


def _gone(candidacy: Candidacy, moved_on: str | None) -> str | None:
    """Returns the sentence about who is no candidate here any more; None of the others. moved_on: ISO day."""
    if moved_on is not None:
        return (
            f"Cette personne a été transférée à un autre établissement le {_french(moved_on)} : la liste ne la "
            "réinscrit pas."
        )
    if candidacy.abandoned is not None:
        return (
            f"Cette personne a abandonné le {_french(candidacy.abandoned.on)} : la liste ne la réinscrit pas. Si elle "
            "revient, annulez l'abandon à sa page."
        )
    return None


def _french(day: str) -> str:
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def _address(person: Person | None) -> str | None:
    return person.email if person else None


def _as_homonym(person: Enrolled) -> EnrolledCandidate:
    number = person.values["candidate_number"] or ""
    return EnrolledCandidate(person.id, person.names, str(person.values["birth_date"]), number)


def _mark_namesakes(rows: list[StoredLine]) -> None:
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


def _mark(row: StoredLine, field: str, sentence: str) -> None:
    row["errors"].setdefault(field, []).append(sentence)


def _mark_births(rows: list[StoredLine], at: datetime) -> None:
    for row in rows:
        if "birth_date" not in row["errors"]:
            doubts = unlikely_birth(row["values"]["birth_date"], at.date())
            row["asked"].update((UNLIKELY_DATES, doubt.sentence) for doubt in doubts)


def _mark_without_status(rows: list[StoredLine]) -> None:
    for row in rows:
        if not row["values"].get("status"):
            _mark(row, "status", NO_STATUS)


def _mark_taken(rows: list[StoredLine], academy: str, session: str, exam: str) -> None:
    """Marks, in `rows` (raw lines of the import), candidate numbers already enrolled in the academy, exam and session:
    they are unique across its schools.
    """
    numbers = [row["values"].get("candidate_number") for row in rows]
    wanted = [number for number in numbers if number]
    same = list(Candidacy.objects(academy=academy, exam=exam, session=session, candidate_number__in=wanted))
    keeping = keeping_their_number([person.id for person in same if person.abandoned is not None])
    taken = {person.candidate_number for person in same if person.abandoned is None or person.id in keeping}
    for row in rows:
        if row["values"].get("candidate_number") in taken:
            _mark(row, "candidate_number", "Ce numéro est déjà inscrit pour cette session.")


def _mark_known(rows: list[StoredLine], session: str, exam: str) -> None:
    """Marks, in `rows` (raw lines of the import), addresses already known: only the same person may be enrolled under
    one, once in a session of an exam.
    """
    emails = [row["values"].get("email") for row in rows]
    accounts = {person.email: person for person in Person.objects(email__in=[email for email in emails if email])}
    ids = [person.id for person in accounts.values()]
    enrolled = set(Candidacy.objects(person__in=ids, exam=exam, session=session).scalar("person"))
    for row in rows:
        values, person = row["values"], accounts.get(row["values"].get("email"))
        if person is None or row["errors"].keys() & {"birth_name", "usage_name", "given_names"}:
            continue
        if not is_named(person, values["given_names"], values.get("usage_name"), values["birth_name"]):
            _mark(row, "email", ANOTHER_NAME)
        elif person.id in enrolled:
            _mark(row, "email", "Cette adresse est déjà celle d'un candidat de cette session.")
