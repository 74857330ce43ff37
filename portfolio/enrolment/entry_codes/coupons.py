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
    return render(make_codes(by, school, session, at, division), school, session, there(school, at))


def coupon_pdf(by: Actor, candidacy: Candidacy, at: datetime) -> bytes:
    """Makes the code of one candidate anew and returns their coupon alone, as PDF. Raises CodeNotNeeded."""
    made = make_code_of(by, candidacy, at)
    school = School.objects.get(pk=candidacy.school)
    return render([made], school, candidacy.session, there(school, at))


def there(school: School, at: datetime) -> datetime:
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
    where = f"{content['school']}, session {session}"
    classes = [
        {
            "heading": f"{division or NO_CLASS} – {where} : {made_words(len(codes), now)}",
            "coupons": [
                {"name": entry.candidacy.display_name, "class": division, "code": unbroken(entry.code)}
                for entry in codes
            ],
            "kept": [],
        }
        for division, codes in (
            (division, list(entries))
            for division, entries in groupby(made, lambda entry: entry.candidacy.division or "")
        )
    ]
    asked = "2. Tapez ce code, votre date de naissance et votre e\u2011mail."
    titled = f"Coupons de première connexion, session {session}"
    view = {"title": titled, "fictional": content["fictional"], "until": until_words(made[0].until, now)}
    view |= {"said": instructions(PAGE, asked), "classes": classes, "kept_title": ""}
    return laid_out(view, canonical(content), now)


def instructions(page: str, asked: str) -> list[str]:
    """Returns what a coupon says to do. page: address of the page where its code is typed, without host. asked: what
    is typed there.
    """
    address = current().settings.public_url.partition("//")[2] + page
    return [f"1. Ouvrez {address}", asked, "3. Ouvrez le lien reçu par courriel."]


def until_words(until: datetime, now: datetime) -> str:
    """Returns until when a code opens, in French. now: in the zone in which it is printed."""
    return f"avant\u00a0le\u00a0{until.astimezone(now.tzinfo):%d/%m/%Y}"


def made_words(count: int, now: datetime) -> str:
    """Returns when the coupons of a page were made, in French, and that they replace others. now: as printed."""
    moment = f"le {now:%d/%m/%Y} à {now:%H} h {now:%M}"
    if count == 1:
        return f"préparé {moment}, il remplace le précédent"
    return f"préparés {moment}, ils remplacent les précédents"


def unbroken(code: str) -> str:
    """Returns a code that no line breaks."""
    return code.replace("-", "\u2011")


def laid_out(view: dict[str, object], attached: bytes, now: datetime) -> bytes:
    """Returns the PDF of coupons. view: title, fictional, until, said, kept_title, and classes (heading, coupons with
    name, class and code, kept: lines of the list that the office keeps). attached: canonical JSON, without codes.
    """
    words: dict[str, object] = json.loads(json.dumps(each(view, wrapping)))
    return typeset(TEMPLATE, words, attached, now.date())
