"""The coupons of a class on paper: PDF/A to cut, with the name, the code and what to do with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TypedDict
from zoneinfo import ZoneInfo

from portfolio.documents import Candidacy, School
from portfolio.enrolment.entry_codes.making import EntryCode, make_code_of, make_codes
from portfolio.enrolment.institutions import academy_of
from portfolio.identifiers import is_rehearsal
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.policy.relations import Actor
from portfolio.store.canonical_json import canonical
from portfolio.store.connections import current

SCHEMA = "portfolio-e5/coupons/1"
TEMPLATE = TEMPLATES / "coupons.typ"
PAGE = "/code"
NO_CLASS = "Sans classe"


class Coupon(TypedDict):
    """One coupon. division: "" where none is known."""

    name: str
    division: str


class Coupons(TypedDict):
    """The data attached to the paper: no code. made_at: ISO, in the academy's zone. fictional: of a rehearsal."""

    schema: str
    school: str
    session: str
    made_at: str
    fictional: bool
    coupons: list[Coupon]


def coupons_pdf(by: Actor, school: School, session: str, at: datetime, division: str | None = None) -> bytes:
    """Makes the codes of a class, or of all (None), and returns their coupons as PDF, each class on its own pages.
    Raises NobodyWithoutAddress, TooManyCodes.
    """
    return render(make_codes(by, school, session, at, division), school, session, _there(school, at))


def coupon_pdf(by: Actor, candidacy: Candidacy, at: datetime) -> bytes:
    """Makes the code of one candidate anew and returns their coupon alone, as PDF. Raises CodeNotNeeded."""
    made = make_code_of(by, candidacy, at)
    school = School.objects.get(pk=candidacy.school)
    return render([made], school, candidacy.session, _there(school, at))


def _there(school: School, at: datetime) -> datetime:
    """Returns the instant in the time zone of the school."""
    return at.astimezone(ZoneInfo(academy_of(school.academy).timezone))


def render(made: Sequence[EntryCode], school: School, session: str, now: datetime) -> bytes:
    """Returns the PDF of these codes, of which there is one at least, in the order of classes. now: in the academy's
    zone, printed as the moment at which they were made.
    """
    content: Coupons = {
        "schema": SCHEMA,
        "school": f"{school.name}, {school.city}",
        "session": session,
        "made_at": now.isoformat(),
        "fictional": is_rehearsal(session),
        "coupons": [
            {"name": entry.candidacy.display_name, "division": entry.candidacy.division or ""} for entry in made
        ],
    }
    address = current().settings.public_url.partition("//")[2] + PAGE
    view = {
        "title": f"Coupons de première connexion, session {session}",
        "fictional": content["fictional"],
        "until": f"avant\u00a0le\u00a0{made[0].until.astimezone(now.tzinfo):%d/%m/%Y}",
        "said": [
            f"1. Ouvrez {address}",
            "2. Tapez ce code, votre date de naissance et votre e\u2011mail.",
            "3. Ouvrez le lien reçu par courriel.",
        ],
        "classes": [
            _class_in_words(division, list(codes), content, now)
            for division, codes in groupby(made, lambda entry: entry.candidacy.division or "")
        ],
    }
    words: dict[str, object] = json.loads(json.dumps(each(view, wrapping)))
    return typeset(TEMPLATE, words, canonical(content), now.date())


def _class_in_words(division: str, codes: Sequence[EntryCode], content: Coupons, now: datetime) -> dict[str, object]:
    moment = f"le {now:%d/%m/%Y} à {now:%H} h {now:%M}"
    made = f"préparés {moment}, ils remplacent les précédents"
    if len(codes) == 1:
        made = f"préparé {moment}, il remplace le précédent"
    return {
        "heading": f"{division or NO_CLASS} – {content['school']}, session {content['session']} : {made}",
        "coupons": [
            {"name": entry.candidacy.display_name, "class": division, "code": entry.code.replace("-", "\u2011")}
            for entry in codes
        ],
    }
