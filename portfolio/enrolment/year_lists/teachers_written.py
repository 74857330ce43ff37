"""Invites the teachers of a list, corrects the differences that the office chose, and names whom each follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from functools import partial

from bson import ObjectId

from portfolio.documents import Candidacy, Person, School
from portfolio.documents.people import Role
from portfolio.enrolment import email_corrections
from portfolio.enrolment.corrections.staff_names import StaffNames, correct_name
from portfolio.enrolment.corrections.teaching import correct_teaching
from portfolio.enrolment.enrol import set_followers
from portfolio.enrolment.lists.tried import tried
from portfolio.enrolment.year_lists.teacher_columns import COLUMNS
from portfolio.enrolment.year_lists.teachers import (
    CALLED,
    FOLLOWS,
    NAMES,
    NO_ADDRESS,
    OTHER_ADDRESS,
    TEACHES,
    YES,
    NamedFollowers,
    TeacherLine,
)
from portfolio.identity.accounts import AlreadyGranted, invite_to_school
from portfolio.identity.dual_control import seats
from portfolio.policy.relations import Actor

STILL_SEATED = "Ce professeur siège à une commission convoquée : vérifiez que sa composition reste régulière."
ADDRESS_WAITS = "L'adresse e-mail corrigée attend l'accord d'une autre personne."


def add_teachers(
    by: Actor, school: School, lines: list[TeacherLine], amend: Mapping[int, Sequence[str]], at: datetime
) -> None:
    """Invites each teacher of a line that is right and not known yet, as the form of accounts does, notes the addresses
    of those who had none, corrects what is asked, then names those whom each follows: one who may be somebody else
    follows where a field of theirs is chosen. amend: line -> fields that differ and are to be as the list says;
    FOLLOWS, of those whom others follow. A line that is refused says why, and keeps no other out. Raises Unavailable.
    """
    for line in lines:
        if line.state == "ready" and not line.teaches and line.repeats is None:
            tried(line.row, partial(_invite, by, school, line, at), _column_of)
        chosen = {name for name in amend.get(line.row.line, ()) if name in line.amendable}
        if not line.row.errors and ("email" in chosen or line.completes):
            tried(line.row, partial(_move, by, line, at), _column_of)
        if names := [name for name in NAMES if name in chosen]:
            tried(line.row, partial(_call, by, line, names, at), _column_of)
        if TEACHES in chosen:
            tried(line.row, partial(_charge, by, school, line, at), _column_of)
    taking = {line.row.line for line in lines if FOLLOWS in amend.get(line.row.line, ())}
    same = {line.row.line for line in lines if {"email", *NAMES, FOLLOWS} & set(amend.get(line.row.line, ()))}
    _follow(by, [line for line in lines if not line.unsure or line.row.line in same], taking, at)
    for line in lines:
        if not line.taken:
            line.differs.pop(FOLLOWS, None)


def _move(by: Actor, line: TeacherLine, at: datetime) -> None:
    """Notes or corrects the address of a known teacher, as the form of their account does: at once, or once another
    agrees.
    """
    assert line.known is not None
    before, listed = line.known.email, str(line.row.values["email"])
    email_corrections.correct(by, line.known, listed, at)
    if line.known.email != listed:
        line.row.warnings.append(ADDRESS_WAITS)
        return
    line.added = before is None
    line.completes.clear()
    _wrote(line, {"email": before}, {"email": listed})


def _call(by: Actor, line: TeacherLine, names: Sequence[str], at: datetime) -> None:
    """Calls a known teacher as the list does. names: the fields to correct."""
    assert line.known is not None
    before = {name: line.known[name] for name in names}
    called = {name: line.known[name] for name in NAMES} | {name: str(line.row.values[name]) for name in names}
    correct_name(by, line.known, StaffNames(**called), at)  # type: ignore[typeddict-item]
    _wrote(line, before, {name: line.known[name] for name in names})


def _charge(by: Actor, school: School, line: TeacherLine, at: datetime) -> None:
    """Says of a known teacher whether they are in charge of professional teaching, as the list does."""
    assert line.known is not None
    listed = line.differs[TEACHES][1] == YES
    correct_teaching(by, school, line.known, listed, at)
    _wrote(line, {TEACHES: not listed}, {TEACHES: listed})
    if not listed and seats(line.known):
        line.row.warnings.append(STILL_SEATED)


def _wrote(line: TeacherLine, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """Notes what was corrected, and that it differs no more."""
    line.before |= before
    line.after |= after
    for name in after:
        line.differs.pop(name, None)
    settled = {OTHER_ADDRESS, NO_ADDRESS} if "email" in after else set() if line.called_otherwise else {CALLED}
    line.row.warnings[:] = [warning for warning in line.row.warnings if warning not in settled]


def _invite(by: Actor, school: School, line: TeacherLine, at: datetime) -> None:
    values = {name: line.row.values.get(name) for name in ("family_name", "given_names", "email")}
    values |= {"role": Role.TEACHER, "teaches_profession": line.row.values["teaches_profession"] is True}
    try:
        line.known = invite_to_school(by, school, values, at)
        teaches = [grant for grant in line.known.live_grants if grant.role == Role.TEACHER]
        line.granted = next(grant.id for grant in teaches if grant.school == school.id)
    except AlreadyGranted:  # meanwhile, by somebody else
        line.known = Person.objects(email=values["email"]).first() if values["email"] else None
    line.teaches = line.added = True


def _follow(by: Actor, lines: list[TeacherLine], taking: Set[int], at: datetime) -> None:
    """Names, of each candidate, all the teachers whom the lines say, in one act. taking: lines whose teachers follow
    those whom others follow.
    """
    by_candidate: dict[ObjectId, list[TeacherLine]] = defaultdict(list)
    candidates: dict[ObjectId, Candidacy] = {}
    for line in lines:
        if line.row.errors or (line.known is None and line.repeats is None):
            continue
        for candidacy in [*line.to_follow, *(line.taken if line.row.line in taking else [])]:
            by_candidate[candidacy.id].append(line)
            candidates[candidacy.id] = candidacy
    for key, following in by_candidate.items():
        people = [(line.repeats or line).known for line in following]
        wanted = list(dict.fromkeys(person.id for person in people if person is not None))
        before = list(candidates[key].followers)
        naming = partial(set_followers, by, candidates[key], wanted, at)
        if tried(following[0].row, naming, _column_of):
            following[0].named.append(NamedFollowers(candidates[key], before, wanted))
            for line in following:
                line.added = True
                line.to_follow = [candidacy for candidacy in line.to_follow if candidacy.id != key]
                line.taken = [candidacy for candidacy in line.taken if candidacy.id != key]


def _column_of(field: str) -> str:
    column = FOLLOWS if field == "followers" else field
    return column if column in COLUMNS else "row"
