"""Records one signature: everything that one person answers at once, bound to what they were shown, in one commit.

Callers check who may sign, and by which channel: `answers` for the signatory, `paper` for a teacher who copies a signed
paper.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict

from bson import ObjectId

from portfolio.documents import (
    Activity,
    Attestation,
    Candidacy,
    Evidence,
    EvidenceFile,
    Person,
    Placement,
    Portfolio,
    SignOffLink,
)
from portfolio.documents.attestations import ANSWERS, ShownPiece, SignOffChannel, SignOffState
from portfolio.documents.fields import CandidacyThing, by_id, instant, place_of
from portfolio.documents.people import SignInWay
from portfolio.documents.portfolios import FileState, PieceState
from portfolio.enrolment.moves.abandonment import still_in_ccf
from portfolio.errors import Forbidden, Invalid, NotFound, NotNow, RuleSource, Stale, Unavailable
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.content import Shown, differences, refuse_withdrawn, shown_of
from portfolio.store.chains import Event, event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import (
    INSISTS_S,
    RETRY_AFTER_S,
    AnyChange,
    Change,
    Errand,
    Hold,
    HoldAll,
    Insert,
    MovedMeanwhile,
    commit,
    portfolio_chain,
)

REPEATED = ("activity_title", "activity_digest", "statement_id", "statement_version", "statement")


class OwnWork(Forbidden):
    code = "own_work"
    source = RuleSource.INTEGRITY
    detail = "Il s'agit de votre propre portfolio : une autre personne doit répondre de sa réalité."


class ShownHasChanged(NotNow):
    """Raised where what is answered for is not what was read.

    errors: {`answers.<rank>.shown_digest`: French sentences that say what changed}, of the answers concerned alone.
    """

    code = "shown_has_changed"
    source = RuleSource.INTEGRITY
    detail = "Ce qui vous a été montré a changé depuis : relisez, puis répondez."

    def __init__(self, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__()
        self.errors = errors or {}


@dataclass(frozen=True)
class Answer:
    """One answer, as typed. answer: one of ANSWERS, checked by `sign`. shown_digest: echoed from `content`.

    comment: required to refuse, even in part.
    """

    activity: Activity
    seat: SignOffSeat
    answer: str
    shown_digest: str
    comment: str | None = None


class _OwnWords(TypedDict):
    """The answer itself, as it is stored."""

    state: str
    comment: str | None


@dataclass(frozen=True)
class Signer:
    """person: whose answers they are. name, function: as typed; by default the account's and the placement's.

    came: the channel and its proof, see `channel_and_proof`.
    """

    person: Person
    name: str | None
    function: str | None
    came: dict[str, Any]


def sign(by: Actor, signer: Signer, answers: Sequence[Answer], at: datetime) -> list[Attestation]:
    """Answers the requests that wait for the signer, or signs off unasked; earlier answers are kept. Returns the
    attestations in the order of `answers`. Raises OwnWork, OneSitting, Abandoned, Withdrawn, ShownHasChanged, Invalid
    (`answers.<rank>.<field>`). The caller checks the rights. What moves elsewhere in the portfolio refuses nothing: the
    act then reads again, and goes on if what is answered for is still what was read. Raises Unavailable if it moved at
    every reading for INSISTS_S.
    """
    refuse_own_work(by, *(given.activity for given in answers))
    checked = _all_said(answers)
    until, before = time.monotonic() + INSISTS_S, None
    while True:
        held = _held(answers)  # before the content that it guards is read
        before = _current(by, answers, before)
        try:
            return _write(by, signer, list(zip(answers, checked, before, strict=True)), held, at)
        except (MovedMeanwhile, Stale):
            if time.monotonic() > until:
                raise Unavailable(retry_after=RETRY_AFTER_S) from None
        answers = _read_again(answers)


def _write(
    by: Actor,
    signer: Signer,
    answers: Sequence[tuple[Answer, _OwnWords, Shown]],
    held: list[Hold | HoldAll],
    at: datetime,
) -> list[Attestation]:
    """Commits the answers and returns the attestations. answers: each with its own words and what it is about. held:
    the guards of these. Raises MovedMeanwhile or Stale if any of it moved since it was read.
    """
    given_answers = [given for given, _, _ in answers]
    waiting, proof = _waiting(signer.person, given_answers), {"act": new_id(), **signer.came, "answered_at": at}
    changes: list[AnyChange] = [*held]
    functions = functions_of(signer.person, (given.activity for given in given_answers))
    signed, events = [], []
    for given, words, content in answers:
        activity, request = given.activity, waiting.get((given.activity.id, given.seat))
        about = request or unasked(signer.person, activity, given.seat, functions.get(activity.placement), at)
        values = {**words, **proof, **_bound_to(content), **_signed_by(about, signer)}
        values["placement"] = activity.placement
        events.append(_answered(by, activity, about, values, at))
        changes.append(Change(about, values) if request else signed_as(about, values))
        signed.append(about)
    errands = [Errand("sign_off_receipt", {"act": proof["act"], "person": signer.person.id})]
    commit(changes, events, errands if any(given.seat == SignOffSeat.TUTOR for given in given_answers) else [])
    return signed


def _held(answers: Sequence[Answer]) -> list[Hold | HoldAll]:
    """Returns the guards of what the answers are about: the candidacies in CCF, the activities, their pieces and the
    files of these. Raises OneSitting, Abandoned.

    Every act on a piece or a file changes the portfolio: holding that too, whatever its revision, misses none that is
    added at the same moment.
    """
    activities = {given.activity.id: given.activity for given in answers}
    portfolios = Portfolio.objects(pk__in={activity.candidacy for activity in activities.values()})
    held: list[Hold | HoldAll] = [*still_in_ccf(*activities.values())]
    held += [Hold(portfolio, {}) for portfolio in portfolios]
    held += [Hold(activity, {"revision": activity.revision}) for activity in activities.values()]
    pieces = HoldAll(Evidence, {"activity": {"$in": list(activities)}, "state": {"$ne": PieceState.WITHDRAWN}})
    files = HoldAll(EvidenceFile, {"evidence": {"$in": list(pieces.revisions)}, "state": FileState.VERIFIED})
    return [*held, pieces, files]


def _read_again(answers: Sequence[Answer]) -> list[Answer]:
    """Returns the answers with their activities as they are now. Raises NotFound if one was eliminated, Withdrawn."""
    now = by_id(Activity, (given.activity.id for given in answers))
    if any(given.activity.id not in now for given in answers):
        raise NotFound()  # eliminated
    for activity in now.values():
        refuse_withdrawn(activity)
    return [replace(given, activity=now[given.activity.id]) for given in answers]


def _all_said(answers: Sequence[Answer]) -> list[_OwnWords]:
    """Returns the state and comment of each answer. Raises Invalid, naming every answer to correct (also if there is
    none, or one twice); Withdrawn.
    """
    if not answers:
        raise Invalid({"answers": ["Répondez pour au moins une activité."]})
    if len({(given.activity.id, given.seat) for given in answers}) < len(answers):
        raise Invalid({"answers": ["Une même activité figure deux fois."]})
    checked: list[_OwnWords] = []
    errors: dict[str, list[str]] = {}
    for rank, given in enumerate(answers):
        refuse_withdrawn(given.activity)
        try:
            checked.append(checked_answer(given.answer, given.comment))
        except Invalid as invalid:
            errors |= {f"answers.{rank}.{name}": words for name, words in invalid.errors.items()}
    if errors:
        raise Invalid(errors)
    return checked


def _current(by: Actor, answers: Sequence[Answer], before: list[Shown] | None) -> list[Shown]:
    """Returns what each answer is about, as it is now. Raises ShownHasChanged if it differs from what was read.

    before: the same at an earlier reading of this act, from which the refusal says what changed.
    """
    current: dict[tuple[ObjectId, SignOffSeat], Shown] = {}
    for seat in {given.seat for given in answers}:
        activities = [given.activity for given in answers if given.seat == seat]
        current |= {(activity_id, seat): content for activity_id, content in shown_of(activities, seat, by).items()}
    contents = [current[given.activity.id, given.seat] for given in answers]
    errors: dict[str, list[str]] = {}
    for rank, (given, content) in enumerate(zip(answers, contents, strict=True)):
        if content.digest != given.shown_digest:
            sentences = [f"« {content.activity['title']} » a changé depuis que vous l'avez lue."]
            errors[f"answers.{rank}.shown_digest"] = sentences + (differences(before[rank], content) if before else [])
    if errors:
        raise ShownHasChanged(errors)
    return contents


def _waiting(person: Person, answers: Sequence[Answer]) -> dict[tuple[ObjectId, SignOffSeat], Attestation]:
    ids = [given.activity.id for given in answers]
    requests = Attestation.objects(person=person.id, state=SignOffState.REQUESTED, activity__in=ids)
    return {(request.activity, request.seat): request for request in requests}


def channel_and_proof(by: Actor) -> dict[str, Any]:
    """Returns the fields of an attestation that state the channel and its proof (network, device, link or code), the
    part of a signature that does not depend on what is signed.
    """
    visit = by.sign_in
    if visit is None:
        return {"channel": SignOffChannel.SIGNED_IN}
    came: dict[str, Any] = {"channel": SignOffChannel.SIGNED_IN, "network": visit.network, "device": visit.device}
    if by.confined:
        came |= {"channel": visit.way, "opened_by": visit.opened_by, "opened_at": visit.created_at}
    if visit.way == SignInWay.LINK:
        link = SignOffLink.objects(pk=visit.opened_by).only("row").first()
        came["mail"] = link.row if link else None
    return came


def checked_answer(answer: str, comment: str | None) -> _OwnWords:
    """Returns the state and comment to store; a blank comment is None: no text asks for one, even with a refusal.
    Raises Invalid if the answer is none of ANSWERS.
    """
    comment = (comment or "").strip() or None
    if answer not in ANSWERS:
        raise Invalid({"answer": [f"Réponse attendue : {', '.join(ANSWERS)}."]})
    return {"state": answer, "comment": comment}


def functions_of(person: Person, activities: Iterable[Activity]) -> dict[ObjectId, str | None]:
    """Returns {placement id: the function under which the school knows its tutor, or None}, for those of the placements
    of these activities whose tutor is this person.
    """
    placements = Placement.objects(pk__in={activity.placement for activity in activities} - {None}, tutor=person.id)
    return dict(placements.scalar("id", "tutor_function"))


def unasked(person: Person, activity: Activity, seat: SignOffSeat, function: str | None, at: datetime) -> Attestation:
    """Returns an attestation that answers no request, not yet written. function: proposed, see `functions_of`."""
    names = {"signer_name": person.name, "signer_function": function if seat == SignOffSeat.TUTOR else None}
    about = {"activity": activity.id, "seat": seat, "person": person.id}
    return Attestation(id=new_id(), created_at=at, **place_of(activity), **about, **names)


def signed_as(attestation: Attestation, values: dict[str, Any]) -> Insert:
    """Sets the values on an attestation that is not written, and returns its insertion."""
    for name, value in values.items():
        setattr(attestation, name, value)
    return Insert(attestation)


def _signed_by(about: Attestation, signer: Signer) -> dict[str, str | None]:
    """Returns {signer_name, signer_function} as typed; for an empty one, as the request proposed it."""
    typed = {"signer_name": signer.name, "signer_function": signer.function}
    return {field: (value or "").strip() or getattr(about, field) for field, value in typed.items()}


def _bound_to(content: Shown) -> dict[str, Any]:
    """Returns the fields that bind the answer to exactly what was on the screen."""
    pieces = [
        ShownPiece(
            evidence=piece.evidence,
            revision=piece.revision,
            digest=piece.digest,
            title=piece.content["title"],
            late_since=piece.late_since,
        )
        for piece in content.pieces
    ]
    return {
        "activity_title": content.activity["title"],
        "activity_digest": content.activity_digest,
        "pieces": pieces,
        "shown_digest": content.digest,
        "statement_id": content.statement.id,
        "statement_version": content.statement.version,
        "statement": content.statement.text,
    }


def _answered(by: Actor, activity: Activity, signed: Attestation, values: dict[str, Any], at: datetime) -> Event:
    data = {"activity": str(activity.id), **sealed(values | {"seat": signed.seat})}
    return event_by(by, at, portfolio_chain(activity), EventName.SIGN_OFF_ANSWERED, signed, data)


def sealed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the chain keeps of an answer, JSON-ready. answer: values to write, or the document as stored. The
    comment, the names and what a receipt repeats of the content are kept as digests only.
    """
    bound = {name: answer.get(name) for name in REPEATED}
    bound["pieces"] = [
        [piece[name] for name in ("evidence", "revision", "digest", "title")] + _lateness(piece)
        for piece in answer["pieces"]
    ]
    return {
        "seat": answer["seat"],
        "answer": answer["state"],
        "shown": answer["shown_digest"],
        "words": digest({name: answer.get(name) for name in ("comment", "signer_name", "signer_function")}),
        "bound": digest(bound),
        "channel": answer["channel"],
        "act": str(answer.get("act")),  # none of a taken answer: its receipt is that of the first
    }


def _lateness(piece: Mapping[str, datetime | None] | ShownPiece) -> list[str]:
    """Returns nothing for a piece that came in time: answers given before lateness was kept have the same digest."""
    return [instant(piece["late_since"]).isoformat()] if "late_since" in piece and piece["late_since"] else []


def refuse_own_work(by: Actor, *things: CandidacyThing) -> None:
    """Raises OwnWork if any of these things is of the caller's own candidacy, even if they hold another role."""
    if Candidacy.objects(pk__in={thing.candidacy for thing in things}, person=by.id).only("id").first():
        raise OwnWork()
