"""Makes the receipt of a sign-off: what was answered, about what exactly, when, by which channel. Page, mail, PDF/A.

It is made from what was stored with each answer, so that later changes of the activities do not alter it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import Attestation, Candidacy, Placement, School
from portfolio.documents.attestations import ShownPiece
from portfolio.documents.fields import instant
from portfolio.documents.people import Role
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.lateness import late_in_words
from portfolio.errors import NotFound
from portfolio.identifiers import is_rehearsal
from portfolio.papers.channels import ANSWERS, channel_words
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.canonical_json import canonical
from portfolio.store.digests import digest
from portfolio.store.together import read_several

SCHEMA = "portfolio-e5/recu/1"
TEMPLATE = TEMPLATES / "recu.typ"


@dataclass(frozen=True)
class Receipt:
    """The receipt of one act. content: plain data, see `build`. zone: of the hours it prints."""

    act: ObjectId
    content: dict[str, Any]
    zone: ZoneInfo

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.content["signed_at"]).astimezone(self.zone)

    @property
    def file_name(self) -> str:
        return f"recu-{self.act}.pdf"


def receipt(by: Actor, act: ObjectId | None) -> Receipt:
    """Returns the receipt of all that was signed at once (`act`: its id). Raises NotFound if it is unknown, None, or
    one of its answers may not be read; Forbidden.
    """
    signed = list(Attestation.objects(act=act).order_by("id"))
    if act is None or not signed:
        raise NotFound()
    for answer in signed:
        require(by, Action.READ_ATTESTATION, answer)
    candidacies, schools, placements = read_several(
        (Candidacy, [answer.candidacy for answer in signed]),
        (School, [answer.school for answer in signed]),
        (Placement, [answer.placement for answer in signed]),
    )
    zone = ZoneInfo(academy_of(signed[0].academy).timezone)
    return Receipt(act, build(signed, candidacies, schools, placements), zone)


def acts_of(by: Actor) -> list[Attestation]:
    """Returns one answer of each act that the caller signed as a tutor and may still read, the latest act first."""
    mine = list(Attestation.objects(person=by.id, seat=SignOffSeat.TUTOR, act__ne=None).order_by("-answered_at"))
    readable = set(by.values(Role.TUTOR, "placement"))
    return list({answer.act: answer for answer in reversed(mine) if answer.placement in readable}.values())[::-1]


# --- pure ---------------------------------------------------------------------------------------


def build(
    signed: Sequence[Attestation],
    candidacies: dict[ObjectId, Candidacy],
    schools: dict[ObjectId, School],
    placements: dict[ObjectId, Placement],
) -> dict[str, Any]:
    """Returns the receipt as plain data, in JSON's types; instants in RFC 3339. signed: the answers of one act, at
    least one. The others: by id. Pure.
    """
    first = signed[0]
    groups: dict[tuple[ObjectId, ObjectId | None], list[Attestation]] = defaultdict(list)
    for answer in signed:
        groups[answer.candidacy, answer.placement].append(answer)
    return {
        "schema": SCHEMA,
        "act": str(first.act),
        "fictional": is_rehearsal(first.session),
        "signed_at": instant(first.answered_at).isoformat(),
        "signer": {"name": first.signer_name, "function": first.signer_function, "seat": first.seat},
        "channel": first.channel,
        "about": [
            _about(
                answers,
                candidacies[candidacy],
                schools[answers[0].school],
                placements.get(placement) if placement else None,
            )
            for (candidacy, placement), answers in groups.items()
        ],
    }


def _about(
    answers: list[Attestation], candidacy: Candidacy, school: School, placement: Placement | None
) -> dict[str, Any]:
    first = answers[0]
    names = ("company_name", "company_city", "starts_on", "ends_on")
    return {
        "candidate": candidacy.display_name,
        "school": first.given_in or f"{school.name}, {school.city}",
        "placement": {name: getattr(placement, name) for name in names} if placement else None,
        "statement": {"id": first.statement_id, "version": first.statement_version, "text": first.statement},
        "activities": [_answer(answer) for answer in answers],
    }


def _answer(answer: Attestation) -> dict[str, Any]:
    return {
        "activity": str(answer.activity),
        "title": answer.activity_title,
        "answer": answer.state,
        "comment": answer.comment,
        "shown_digest": answer.shown_digest,
        "activity_digest": answer.activity_digest,
        "pieces": [_piece(piece) for piece in answer.pieces],
    }


def _piece(piece: ShownPiece) -> dict[str, object]:
    """Returns {title, revision, digest} of a piece, JSON-ready, and late_since (ISO) of a late one alone, so that other
    receipts keep their bytes.
    """
    late = {"late_since": instant(piece.late_since).isoformat()} if piece.late_since else {}
    return {"title": piece.title, "revision": piece.revision, "digest": piece.digest, **late}


# --- on paper -----------------------------------------------------------------------------------


def pdf(paper: Receipt) -> bytes:
    """Returns a PDF/A-3a with the receipt's data attached; the same receipt gives the same bytes."""
    attached = canonical(paper.content)
    return typeset(TEMPLATE, each(_in_words(paper), wrapping) | _whole(paper), attached, paper.at.date())


def _whole(paper: Receipt) -> dict[str, str | dict[str, str]]:
    """Returns {digest: of the receipt, reference: of the act, shown: {activity id: digest}}, for the template to print
    unwrapped: they are meant to be copied.
    """
    activities = [activity for group in paper.content["about"] for activity in group["activities"]]
    digests = {activity["activity"]: activity["shown_digest"] for activity in activities}
    return {"digest": digest(paper.content), "reference": str(paper.act), "shown": digests}


def _in_words(paper: Receipt) -> dict[str, Any]:
    content, at = paper.content, paper.at
    signer = ", ".join(filter(None, (content["signer"]["name"], content["signer"]["function"])))
    return {
        "title": "Reçu de confirmation d'activités",
        "fictional": content["fictional"],
        "facts": [
            ["Signé par", signer],
            ["Le", f"{at:%d/%m/%Y à %H h %M}"],
            ["Par", channel_words(content["channel"])],
        ],
        "about": [_group_in_words(group, paper.zone) for group in content["about"]],
    }


def _group_in_words(group: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    placement = group["placement"]
    return {
        "candidate": f"{group['candidate']} – {group['school']}",
        "placement": _period(placement) if placement else "",
        "statement": group["statement"]["text"],
        "activities": [_answer_in_words(answer, zone) for answer in group["activities"]],
    }


def _period(placement: dict[str, Any]) -> str:
    starts, ends = (datetime.fromisoformat(placement[name]) for name in ("starts_on", "ends_on"))
    where = f"{placement['company_name']}, {placement['company_city']}"
    return f"{where}, du {starts:%d/%m/%Y} au {ends:%d/%m/%Y}"


def _answer_in_words(answer: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "title": answer["title"],
        "answer": ANSWERS[answer["answer"]],
        "comment": answer["comment"] or "",
        "pieces": [_piece_in_words(piece, zone) for piece in answer["pieces"]],
        "activity": answer["activity"],
    }


def _piece_in_words(piece: dict[str, object], zone: ZoneInfo) -> str:
    words = [f"{piece['title']} (révision {piece['revision']})"]
    if "late_since" in piece:
        words.append(late_in_words(datetime.fromisoformat(str(piece["late_since"])), zone))
    return ", ".join(words)
