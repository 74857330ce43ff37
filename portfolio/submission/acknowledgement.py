"""Acknowledges a submission on paper: what was handed in, when, under which digest. PDF/A, for a page and a mail.

It is made from the frozen revision alone, so that nothing done afterwards alters it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from portfolio.counting import many
from portfolio.documents import Candidacy, School, Submission
from portfolio.documents.fields import instant, read
from portfolio.enrolment.deadline import is_told_lateness
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.lateness import late_in_words
from portfolio.identifiers import is_rehearsal
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.canonical_json import canonical
from portfolio.submission.lateness import without_lateness

SCHEMA = "portfolio-e5/accuse/1"
TEMPLATE = TEMPLATES / "accuse.typ"


class PieceHandedIn(TypedDict):
    """One piece, as it was frozen. late_since: RFC 3339; None if it was deposited in time."""

    title: str
    revision: int
    digest: str
    late_since: str | None


class PieceLeftAside(TypedDict):
    """One piece that came after the deadline and that the office did not hand in. since: RFC 3339."""

    title: str
    since: str


class AcknowledgementContent(TypedDict):
    """The data attached to the paper. submitted_at: RFC 3339. late_reason: None on time. To whoever is told of no
    lateness, late_reason and digest are None.
    """

    schema: str
    fictional: bool
    candidate: str
    school: str
    session: str
    number: int
    submitted_at: str
    late_reason: str | None
    activities: int
    confirmations: int
    left_out: int
    pieces: list[PieceHandedIn]
    left_aside: list[PieceLeftAside]
    digest: str | None
    chain_head: str | None


@dataclass(frozen=True)
class Acknowledgement:
    """The paper of one submission. zone: of the hours it prints."""

    content: AcknowledgementContent
    zone: ZoneInfo

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.content["submitted_at"]).astimezone(self.zone)

    @property
    def file_name(self) -> str:
        return f"accuse-de-remise-{self.content['number']}.pdf"


def acknowledgement(by: Actor, submission: Submission) -> Acknowledgement:
    """Returns the acknowledgement of a submission that the caller may read: without what was late and the digest that
    covers it for whoever may not know of adaptations. Raises NotFound, Forbidden.
    """
    require(by, Action.READ_SUBMISSION, submission)
    candidacy = read(Candidacy, submission.candidacy)
    school = read(School, submission.school)
    zone = ZoneInfo(academy_of(submission.academy).timezone)
    with_lateness = is_told_lateness(by, candidacy)
    return Acknowledgement(_build(submission, candidacy, school, with_lateness=with_lateness), zone)


def contents_in_words(content: AcknowledgementContent) -> str:
    """Returns « 3 preuves, 2 activités, 1 confirmation ; 1 preuve sans rien à lire, laissée de côté »."""
    counted = [
        many(len(content["pieces"]), "preuve"),
        many(content["activities"], "activité"),
        many(content["confirmations"], "confirmation"),
    ]
    left_out = content["left_out"]
    bare = many(left_out, "preuve sans rien à lire, laissée de côté", "preuves sans rien à lire, laissées de côté")
    after = f" ; {bare}" if left_out else ""
    return ", ".join(counted) + after


def pdf(paper: Acknowledgement) -> bytes:
    """Returns a PDF/A-3a with its data attached; the same acknowledgement gives the same bytes."""
    content = paper.content
    facts = [
        ["Candidat", content["candidate"]],
        ["Établissement", content["school"]],
        ["Session", content["session"]],
        ["Remis le", f"{paper.at:%d/%m/%Y à %H h %M (%H:%M:%S)}"],
        ["Contenu", contents_in_words(content)],
    ]
    if content["late_reason"]:
        facts.append(["Remis par le secrétariat", content["late_reason"]])
    for piece in content["left_aside"]:
        facts.append(["Laissée de côté", f"{piece['title']}{_late_in_words(piece['since'], paper.zone)}"])
    view = {
        "title": f"Accusé de remise n° {content['number']}",
        "fictional": content["fictional"],
        "facts": facts,
        "pieces": [
            [f"{piece['title']} (révision {piece['revision']}){_late_in_words(piece['late_since'], paper.zone)}"]
            for piece in content["pieces"]
        ],
    }
    # Digests are left unwrapped: they are meant to be copied.
    digests = {"digest": content["digest"] or "", "chain_head": content["chain_head"] or ""}
    return typeset(TEMPLATE, each(view, wrapping) | digests, canonical(content), paper.at.date())


def _late_in_words(since: str | None, zone: ZoneInfo) -> str:
    """Returns `late_in_words` after a comma, or "" for None. since: ISO instant."""
    return f", {late_in_words(datetime.fromisoformat(since), zone)}" if since else ""


def _build(
    submission: Submission, candidacy: Candidacy, school: School, *, with_lateness: bool
) -> AcknowledgementContent:
    frozen = json.loads(submission.content)
    if not with_lateness:
        frozen = without_lateness(frozen)
    return {
        "schema": SCHEMA,
        "fictional": is_rehearsal(submission.session),
        "candidate": candidacy.display_name,
        "school": submission.given_in or f"{school.name}, {school.city}",
        "session": submission.session,
        "number": submission.number,
        "submitted_at": instant(submission.created_at).isoformat(),
        "late_reason": submission.late_reason if with_lateness else None,
        "activities": len(frozen["activities"]),
        "confirmations": sum(answer["answered_at"] is not None for answer in frozen["attestations"]),
        "left_out": len(frozen["left_out"]),
        "pieces": [
            {
                "title": piece["title"],
                "revision": piece["revision"],
                "digest": piece["digest"],
                "late_since": frozen.get("late", {}).get(piece["id"]),
            }
            for piece in frozen["pieces"]
        ],
        "left_aside": [{"title": piece["title"], "since": piece["since"]} for piece in frozen.get("left_aside", [])],
        "digest": submission.digest if with_lateness else None,
        "chain_head": submission.chain_head,
    }
