"""Names the tutors of a list, completes what was missing, and corrects the differences that the office chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from portfolio.documents import Person, Placement
from portfolio.enrolment import email_corrections
from portfolio.enrolment.lists.tried import tried
from portfolio.enrolment.moves.tutor_names import TutorNames, correct_tutor_function, correct_tutor_names
from portfolio.enrolment.period_lists.correcting import tutor_of
from portfolio.enrolment.placements import replace_tutor
from portfolio.enrolment.year_lists.teachers_written import ADDRESS_WAITS
from portfolio.enrolment.year_lists.tutors import TutorLine, WrittenTutor, names_alone
from portfolio.policy.relations import Actor

MOST_AT_ONCE = 200  # lines written by one request: the others wait for the next one
SEAT = ("tutor", "tutor_function")
_COLUMN_OF = {"email": "tutor_email", "family_name": "tutor", "given_names": "tutor_given_names"}


def write_tutors(by: Actor, lines: Sequence[TutorLine], amend: Mapping[int, Sequence[str]], at: datetime) -> None:
    """Names the tutor of each line that is right on the periods that have none, as the form of a period does, completes
    what was not known of a tutor, and corrects what is asked, for MOST_AT_ONCE lines at most. amend: line -> fields
    that differ and are to be as the list says. A line that is refused says why, and keeps no other out. Raises
    Unavailable.
    """
    able = [line for line in lines if line.state == "ready" or (line.amendable and amend.get(line.row.line))]
    for line in able[:MOST_AT_ONCE]:
        chosen = [name for name in amend.get(line.row.line, ()) if name in line.amendable]
        if all(tried(line.row, act, _column_of) for act in _acts(by, line, chosen, at)) and line.written:
            line.completes.clear()
            for name in chosen:
                line.differs.pop(name)


def _acts(by: Actor, line: TutorLine, chosen: Sequence[str], at: datetime) -> list[Callable[[], None]]:
    """Returns what is to be done for a line, in order. chosen: fields that differ, to correct."""
    acts: list[Callable[[], None]] = [partial(_seat, by, line, placement, at) for placement in line.to_name]
    if "tutor" in chosen:
        for placement in line.others:
            act = _call if names_alone(line, placement) else _seat
            acts.append(partial(act, by, line, placement, at))
    for placement in line.same:
        if _is_to_write(line, "tutor_function", placement.tutor_function, chosen):
            acts.append(partial(_describe, by, line, placement, at))
    for placement in {placement.tutor: placement for placement in line.same}.values():
        if _is_to_write(line, "tutor_email", line.people[placement.tutor].email, chosen):
            acts.append(partial(_address, by, line, placement, at))
    return acts


def _is_to_write(line: TutorLine, name: str, known: str | None, chosen: Sequence[str]) -> bool:
    """Returns whether what a line says of one tutor is to be written: it completes what is not known, or was chosen."""
    return name in chosen or (known is None and name in line.completes)


def _seat(by: Actor, line: TutorLine, placement: Placement, at: datetime) -> None:
    """Names the tutor of a period, in the place of whoever was."""
    before = {name: placement[name] for name in SEAT}
    replace_tutor(by, placement, tutor_of(line.row), at)
    _wrote(line, placement, before, {name: placement[name] for name in SEAT})


def _call(by: Actor, line: TutorLine, placement: Placement, at: datetime) -> None:
    """Calls the tutor of a period as the list does."""
    named, tutor = tutor_of(line.row), Person.objects.get(pk=placement.tutor)
    names = TutorNames(family_name=named["family_name"], given_names=named["given_names"])
    names["function"] = named["function"] or placement.tutor_function
    before = {"family_name": tutor.family_name, "given_names": tutor.given_names, "function": placement.tutor_function}
    correct_tutor_names(by, placement, names, at)
    _wrote(line, placement, before, dict(names))


def _describe(by: Actor, line: TutorLine, placement: Placement, at: datetime) -> None:
    """Gives the tutor of a period the function that the list says."""
    listed, before = str(line.row.values["tutor_function"]), placement.tutor_function
    if before != listed:
        correct_tutor_function(by, placement, listed, at)
        _wrote(line, placement, {"function": before}, {"function": listed})


def _address(by: Actor, line: TutorLine, placement: Placement, at: datetime) -> None:
    """Notes or corrects the address of the tutor of a period."""
    listed, before = str(line.row.values["tutor_email"]), line.people[placement.tutor].email
    email_corrections.correct_tutor(by, placement, listed, at)
    if Person.objects(pk=placement.tutor, email=listed).only("id").first() is None:
        line.row.warnings.append(ADDRESS_WAITS)
        return
    _wrote(line, placement, {"email": before}, {"email": listed})


def _wrote(line: TutorLine, placement: Placement, before: dict[str, object], after: dict[str, object]) -> None:
    """Notes what was written; the line is `added` where nothing was known before, else `corrected`."""
    line.written.append(WrittenTutor(placement, before, after))
    if all(value is None for value in before.values()):
        line.added = True
    else:
        line.corrected = True


def _column_of(field: str) -> str:
    return _COLUMN_OF.get(field, "row")
