"""The coupons of teachers and tutors on paper: no family name, which is asked with the code; the office keeps a
list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TypedDict

from portfolio.documents import Person, School
from portfolio.enrolment.entry_codes.coupons import instructions, laid_out, made_words, there, unbroken, until_words
from portfolio.enrolment.entry_codes.signatories import (
    SignatoryCode,
    make_code_of_signatory,
    make_codes_of_teachers,
    make_codes_of_tutors,
)
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.canonical_json import canonical

SCHEMA = "portfolio-e5/coupons/3"
PAGE = "/code/pro"
ASKED = "2. Tapez ce code, votre nom de famille et votre e\u2011mail."
KEPT = "Liste de remise, à garder : le nom de famille est demandé avec le code, il n'est donc écrit sur aucun coupon."


class NumberedCoupon(TypedDict):
    """One coupon. number: printed on it and in the list. division, candidate: "" of a teacher, or where none is
    known."""

    number: int
    name: str
    place: str
    division: str
    candidate: str


class NumberedCoupons(TypedDict):
    """The data attached to the paper: no code. session: "" of teachers. made_at: ISO, in the academy's zone."""

    schema: str
    school: str
    session: str
    made_at: str
    fictional: bool
    coupons: list[NumberedCoupon]


def teachers_pdf(by: Actor, school: School, at: datetime) -> bytes:
    """Makes the codes of the teachers of a school who have no address, and returns their coupons as PDF. Raises
    NobodyWithoutAddress, TooManyCodes.
    """
    return render(make_codes_of_teachers(by, school, at), school, "", there(school, at))


def tutors_pdf(by: Actor, school: School, session: str, at: datetime, division: str | None = None) -> bytes:
    """Makes the codes of the tutors of a class, or of all (None), who have no address, and returns their coupons as
    PDF, each class on its own pages. Raises NobodyWithoutAddress, TooManyCodes.
    """
    return render(make_codes_of_tutors(by, school, session, at, division), school, session, there(school, at))


def signatory_pdf(by: Actor, school: School, person: Person, at: datetime) -> bytes:
    """Makes the code of one teacher or tutor anew and returns their coupon alone, as PDF. Raises CodeNotNeeded,
    KnownElsewhere, SeatedWithoutAddress.
    """
    return render([make_code_of_signatory(by, school, person, at)], school, "", there(school, at))


def render(made: Sequence[SignatoryCode], school: School, session: str, now: datetime) -> bytes:
    """Returns the PDF of these codes, of which there is one at least, in the order of classes. session: "" where they
    are of teachers. now: in the academy's zone, printed as the moment at which they were made.
    """
    numbered = list(enumerate(made, start=1))
    content: NumberedCoupons = {
        "schema": SCHEMA,
        "school": f"{school.name}, {school.city}",
        "session": session,
        "made_at": now.isoformat(),
        "fictional": all(entry.signatory.rehearses for entry in made),
        "coupons": [_listed(number, entry) for number, entry in numbered],
    }
    of_session = f", session {session}" if session else ""
    view = {
        "title": f"Coupons de première connexion{of_session}",
        "fictional": content["fictional"],
        "until": until_words(made[0].until, now),
        "said": instructions(PAGE, ASKED),
        "classes": [
            _page(division, list(entries), f"{content['school']}{of_session}", now)
            for division, entries in groupby(numbered, lambda numbered: numbered[1].signatory.division)
        ],
        "kept_title": KEPT,
    }
    return laid_out(view, canonical(content), now)


def _listed(number: int, entry: SignatoryCode) -> NumberedCoupon:
    signatory = entry.signatory
    return {
        "number": number,
        "name": signatory.person.name,
        "place": signatory.place,
        "division": signatory.division,
        "candidate": signatory.candidate,
    }


def _page(division: str, entries: Sequence[tuple[int, SignatoryCode]], where: str, now: datetime) -> dict[str, object]:
    """Returns the page of one class: coupons without a family name, and the list with it."""
    seat = entries[0][1].signatory.seat
    whose = "Professeurs" if seat == SignOffSeat.TEACHER else f"Tuteurs, {division}" if division else "Tuteurs"
    return {
        "heading": f"{whose} – {where} : {made_words(len(entries), now)}",
        "coupons": [
            {
                "name": _without_family_name(number, entry),
                "class": entry.signatory.place,
                "code": unbroken(entry.code),
            }
            for number, entry in entries
        ],
        "kept": [_kept_line(number, entry) for number, entry in entries],
    }


def _without_family_name(number: int, entry: SignatoryCode) -> str:
    given = entry.signatory.person.given_names
    return f"N°\u00a0{number} – {given}" if given else f"N°\u00a0{number}"


def _kept_line(number: int, entry: SignatoryCode) -> str:
    signatory = entry.signatory
    whose = f"tuteur de {signatory.candidate}" if signatory.candidate else ""
    return f"N°\u00a0{number} : " + ", ".join(filter(None, [signatory.person.name, signatory.place, whose]))
