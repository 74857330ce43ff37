"""The receipt of a sign-off: what was said, about what exactly, when and by which way. A page, a mail, a PDF/A.

It is made from what was stored with each answer, so that it reads the same whatever became of the activities since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import Academy, Attestation, Candidacy, Placement, School
from portfolio.documents.fields import instant
from portfolio.errors import NotFound
from portfolio.identifiers import is_rehearsal
from portfolio.papers.channels import ANSWERS, channel_words
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.canonical_json import canonical
from portfolio.store.digests import digest

SCHEMA = "portfolio-e5/recu/1"
TEMPLATE = TEMPLATES / "recu.typ"


@dataclass(frozen=True)
class Receipt:
    """content: plain data, see `build`. zone: in which its hours are read."""

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
    """For whoever may read every answer of this act. Raises NotFound, also where nothing was answered yet."""
    signed = list(Attestation.objects(act=act).order_by("id"))
    if act is None or not signed:
        raise NotFound()
    for one in signed:
        require(by, Action.READ_ATTESTATION, one)
    candidacies = _by_id(Candidacy, [one.candidacy for one in signed])
    schools = _by_id(School, [one.school for one in signed])
    placements = _by_id(Placement, [one.placement for one in signed])
    zone = ZoneInfo(Academy.objects.get(code=signed[0].academy).timezone)
    return Receipt(act, build(signed, candidacies, schools, placements), zone)


def acts_of(by: Actor) -> list[Attestation]:
    """One answer of each act that this person signed as a tutor, the latest act first, of those they may still read."""
    mine = list(Attestation.objects(person=by.id, seat="tutor", act__ne=None).order_by("-answered_at"))
    readable = set(by.values("tutor", "placement"))
    return list({one.act: one for one in reversed(mine) if one.placement in readable}.values())[::-1]


def _by_id(kind: Any, ids: list[Any]) -> dict[Any, Any]:
    return {one.id: one for one in kind.objects(pk__in=set(ids) - {None})}


# --- pure ---------------------------------------------------------------------------------------


def build(
    signed: Sequence[Attestation],
    candidacies: dict[Any, Candidacy],
    schools: dict[Any, School],
    placements: dict[Any, Placement],
) -> dict[str, Any]:
    """signed: the answers of one act. Plain data, in JSON's types; instants in RFC 3339."""
    first = signed[0]
    groups: dict[tuple[Any, Any], list[Attestation]] = defaultdict(list)
    for one in signed:
        groups[one.candidacy, one.placement].append(one)
    return {
        "schema": SCHEMA,
        "act": str(first.act),
        "fictional": is_rehearsal(first.session),
        "signed_at": instant(first.answered_at).isoformat(),
        "signer": {"name": first.signer_name, "function": first.signer_function, "seat": first.seat},
        "channel": first.channel,
        "about": [
            _about(said, candidacies[candidacy], schools[said[0].school], placements.get(placement))
            for (candidacy, placement), said in groups.items()
        ],
    }


def _about(
    said: list[Attestation], candidacy: Candidacy, school: School, placement: Placement | None
) -> dict[str, Any]:
    first = said[0]
    names = ("company_name", "company_city", "starts_on", "ends_on")
    return {
        "candidate": candidacy.display_name,
        "school": f"{school.name}, {school.city}",
        "placement": {name: getattr(placement, name) for name in names} if placement else None,
        "statement": {"id": first.statement_id, "version": first.statement_version, "text": first.statement},
        "activities": [_answer(one) for one in said],
    }


def _answer(one: Attestation) -> dict[str, Any]:
    return {
        "activity": str(one.activity),
        "title": one.activity_title,
        "answer": one.state,
        "comment": one.comment,
        "shown_digest": one.shown_digest,
        "activity_digest": one.activity_digest,
        "pieces": [{"title": piece.title, "revision": piece.revision, "digest": piece.digest} for piece in one.pieces],
    }


# --- on paper -----------------------------------------------------------------------------------


def pdf(found: Receipt) -> bytes:
    """PDF/A-3a with the receipt's data attached; the same receipt gives the same bytes."""
    attached = canonical(found.content)
    return typeset(TEMPLATE, each(_in_words(found), wrapping) | _whole(found), attached, found.at.date())


def _whole(found: Receipt) -> dict[str, Any]:
    """Digests, meant to be copied: the template gives them the room they need."""
    said = [one for group in found.content["about"] for one in group["activities"]]
    shown = {one["activity"]: one["shown_digest"] for one in said}
    return {"digest": digest(found.content), "reference": str(found.act), "shown": shown}


def _in_words(found: Receipt) -> dict[str, Any]:
    content, at = found.content, found.at
    signer = ", ".join(filter(None, (content["signer"]["name"], content["signer"]["function"])))
    return {
        "title": "Reçu de confirmation d'activités",
        "fictional": content["fictional"],
        "facts": [
            ["Signé par", signer],
            ["Le", f"{at:%d/%m/%Y à %H h %M}"],
            ["Par", channel_words(content["channel"])],
        ],
        "about": [_group_in_words(group) for group in content["about"]],
    }


def _group_in_words(group: dict[str, Any]) -> dict[str, Any]:
    placement = group["placement"]
    return {
        "candidate": f"{group['candidate']} – {group['school']}",
        "placement": _period(placement) if placement else "",
        "statement": group["statement"]["text"],
        "activities": [_answer_in_words(one) for one in group["activities"]],
    }


def _period(placement: dict[str, Any]) -> str:
    starts, ends = (datetime.fromisoformat(placement[name]) for name in ("starts_on", "ends_on"))
    where = f"{placement['company_name']}, {placement['company_city']}"
    return f"{where}, du {starts:%d/%m/%Y} au {ends:%d/%m/%Y}"


def _answer_in_words(one: dict[str, Any]) -> dict[str, Any]:
    pieces = [f"{piece['title']} (révision {piece['revision']})" for piece in one["pieces"]]
    return {
        "title": one["title"],
        "answer": ANSWERS[one["answer"]],
        "comment": one["comment"] or "",
        "pieces": pieces,
        "activity": one["activity"],
    }
