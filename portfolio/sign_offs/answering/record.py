"""One signature: everything that one person answers at once, bound to what they were shown, in one commit.

Who may sign, and by which way, is the affair of the verbs: `requests` for whoever answers, `paper` for what a teacher
copies from a paper that was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.documents import Activity, Attestation, Candidacy, Person, Placement, Portfolio, SignOffLink
from portfolio.documents.attestations import ANSWERS, ShownPiece
from portfolio.documents.fields import place_of
from portfolio.errors import Forbidden, Invalid, NotNow, Stale
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.content import Shown, refuse_withdrawn, shown_of
from portfolio.store.chains import Event, event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Hold, Insert, commit, portfolio_chain

EXPLAINED = ("refused", "partly")
REPEATED = ("activity_title", "activity_digest", "statement_id", "statement_version", "statement")


class OwnWork(Forbidden):
    code = "own_work"
    detail = "Il s'agit de votre propre portfolio : une autre personne doit répondre de sa réalité."


class ShownHasChanged(NotNow):
    code = "shown_has_changed"
    detail = "Ce qui vous a été montré a changé depuis : relisez, puis répondez."


@dataclass(frozen=True)
class Answer:
    """answer: one of ANSWERS. shown_digest: as told by `content`. comment: needed to refuse, even in part."""

    activity: Activity
    seat: str
    answer: str
    shown_digest: str
    comment: str | None = None


@dataclass(frozen=True)
class Signer:
    """person: whose answers they are. name, function: as typed; by default the account's and the placement's.

    came: by which way, see `how_they_came`.
    """

    person: Person
    name: str | None
    function: str | None
    came: dict[str, Any]


def sign(by: Actor, signer: Signer, answers: Sequence[Answer], at: datetime) -> list[Attestation]:
    """Fills the requests that wait for this person, or signs off unasked; an answer given before stays beside it.

    Raises OwnWork, Withdrawn, ShownHasChanged, Invalid (`answers.<rank>.<field>`). Rights are the verb's to check.
    """
    refuse_own_work(by, *(one.activity for one in answers))
    said = _all_said(answers)
    # Read before what it guards: whatever moves from here on is refused inside the transaction.
    held: list[Any] = list(Portfolio.objects(pk__in={one.activity.candidacy for one in answers}))
    held += {one.activity.id: one.activity for one in answers}.values()
    waiting, proof = _waiting(signer.person, answers), {"act": new_id(), **signer.came, "answered_at": at}
    changes: list[Any] = [Hold(thing, {"revision": thing.revision}) for thing in held]
    functions = functions_of(signer.person, (one.activity for one in answers))
    signed, events = [], []
    for one, words, seen in zip(answers, said, _seen(answers), strict=True):
        found = waiting.get((one.activity.id, one.seat))
        about = found or unasked(signer.person, one.activity, one.seat, functions.get(one.activity.placement), at)
        values = words | proof | _bound_to(seen) | _signed_by(about, signer)
        values["placement"] = one.activity.placement
        events.append(_answered(by, one.activity, about, values, at))
        changes.append(Change(about, values) if found else signed_as(about, values))
        signed.append(about)
    errands = [Errand("sign_off_receipt", {"act": proof["act"], "person": signer.person.id})]
    try:
        commit(changes, events, errands if any(one.seat == "tutor" for one in answers) else [])
    except (NotNow, Stale):
        raise ShownHasChanged() from None
    return signed


def _all_said(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Raises Invalid, naming every answer that is to be corrected."""
    if not answers:
        raise Invalid({"answers": ["Répondez pour au moins une activité."]})
    if len({(one.activity.id, one.seat) for one in answers}) < len(answers):
        raise Invalid({"answers": ["Une même activité figure deux fois."]})
    said: list[dict[str, Any]] = []
    errors: dict[str, list[str]] = {}
    for rank, one in enumerate(answers):
        refuse_withdrawn(one.activity)
        try:
            said.append(checked_answer(one.answer, one.comment))
        except Invalid as invalid:
            errors |= {f"answers.{rank}.{name}": words for name, words in invalid.errors.items()}
    if errors:
        raise Invalid(errors)
    return said


def _seen(answers: Sequence[Answer]) -> list[Shown]:
    """What each answers for, as it is now. Raises ShownHasChanged where it is not what was read."""
    seen: dict[tuple[Any, str], Shown] = {}
    for seat in {one.seat for one in answers}:
        activities = [one.activity for one in answers if one.seat == seat]
        seen |= {(key, seat): found for key, found in shown_of(activities, seat).items()}
    if any(seen[one.activity.id, one.seat].digest != one.shown_digest for one in answers):
        raise ShownHasChanged()
    return [seen[one.activity.id, one.seat] for one in answers]


def _waiting(person: Person, answers: Sequence[Answer]) -> dict[tuple[Any, str], Attestation]:
    asked = Attestation.objects(person=person.id, state="requested", activity__in=[one.activity.id for one in answers])
    return {(one.activity, one.seat): one for one in asked}


def how_they_came(by: Actor) -> dict[str, Any]:
    """The proof's part that does not depend on what is signed."""
    visit = by.sign_in
    if visit is None:
        return {"channel": "signed_in"}
    came: dict[str, Any] = {"channel": "signed_in", "network": visit.network, "device": visit.device}
    if by.confined:
        came |= {"channel": visit.way, "opened_by": visit.opened_by, "opened_at": visit.created_at}
    if visit.way == "link":
        link = SignOffLink.objects(pk=visit.opened_by).only("row").first()
        came["mail"] = link.row if link else None
    return came


def checked_answer(answer: str, comment: str | None) -> dict[str, Any]:
    comment = (comment or "").strip() or None
    if answer not in ANSWERS:
        raise Invalid({"answer": [f"Réponse attendue : {', '.join(ANSWERS)}."]})
    if answer in EXPLAINED and comment is None:
        raise Invalid({"comment": ["Dites en une phrase ce qui n'est pas confirmé : le candidat doit comprendre."]})
    return {"state": answer, "comment": comment}


def functions_of(person: Person, activities: Iterable[Activity]) -> dict[Any, str | None]:
    """{placement: the function under which the school knows its tutor}"""
    placements = Placement.objects(pk__in={one.placement for one in activities} - {None}, tutor=person.id)
    return dict(placements.scalar("id", "tutor_function"))


def unasked(person: Person, activity: Activity, seat: str, function: str | None, at: datetime) -> Attestation:
    """An answer, not yet written, that nobody had asked for. function: proposed, see `functions_of`."""
    names = {"signer_name": person.name, "signer_function": function if seat == "tutor" else None}
    about = {"activity": activity.id, "seat": seat, "person": person.id}
    return Attestation(id=new_id(), created_at=at, **place_of(activity), **about, **names)


def signed_as(attestation: Attestation, said: dict[str, Any]) -> Insert:
    for name, value in said.items():
        setattr(attestation, name, value)
    return Insert(attestation)


def _signed_by(about: Attestation, signer: Signer) -> dict[str, Any]:
    """As typed, else as they were proposed."""
    typed = {"signer_name": signer.name, "signer_function": signer.function}
    return {field: (value or "").strip() or getattr(about, field) for field, value in typed.items()}


def _bound_to(seen: Shown) -> dict[str, Any]:
    """What ties the answer to exactly what was on the screen."""
    pieces = [
        ShownPiece(evidence=one.evidence, revision=one.revision, digest=one.digest, title=one.content["title"])
        for one in seen.pieces
    ]
    return {
        "activity_title": seen.activity["title"],
        "activity_digest": seen.activity_digest,
        "pieces": pieces,
        "shown_digest": seen.digest,
        "statement_id": seen.statement.id,
        "statement_version": seen.statement.version,
        "statement": seen.statement.text,
    }


def _answered(by: Actor, activity: Activity, signed: Attestation, said: dict[str, Any], at: datetime) -> Event:
    data = {"activity": str(activity.id), **sealed(said | {"seat": signed.seat})}
    return event_by(by, at, portfolio_chain(activity), EventName.SIGN_OFF_ANSWERED, signed, data)


def sealed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the chain keeps of an answer, also as it is stored. The comment, the names and what a receipt repeats of
    what was shown stay out of it; their digests are in it."""
    bound = {name: answer.get(name) for name in REPEATED}
    bound["pieces"] = [[one[name] for name in ("evidence", "revision", "digest", "title")] for one in answer["pieces"]]
    return {
        "seat": answer["seat"],
        "answer": answer["state"],
        "shown": answer["shown_digest"],
        "words": digest({name: answer.get(name) for name in ("comment", "signer_name", "signer_function")}),
        "bound": digest(bound),
        "channel": answer["channel"],
        "act": str(answer["act"]),
    }


def refuse_own_work(by: Actor, *things: Any) -> None:
    """Nobody answers for their own work, whatever other role they hold. things: anything below a candidacy."""
    if Candidacy.objects(pk__in={thing.candidacy for thing in things}, person=by.id).only("id").first():
        raise OwnWork()
