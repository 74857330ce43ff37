"""Sign-offs: a tutor or a teacher answers for the reality of one activity, on the digest of what they were shown.

Asked for or spontaneous, while the portfolio is open or submitted: a late one counts if it is about the frozen content.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.circular import circular
from portfolio.circular_terms import Statement
from portfolio.content import activity_content, digest, files_of, shown_content
from portfolio.deposit import Withdrawn
from portfolio.documents import Activity, Attestation, Candidacy, Evidence, Person, Placement, Portfolio
from portfolio.documents.attestations import ANSWERS, ShownPiece
from portfolio.documents.fields import place_of
from portfolio.entropy import new_id
from portfolio.errors import Forbidden, Invalid, NotNow, Stale
from portfolio.journal import AlreadyExists, Change, Event, Hold, Insert, commit, portfolio_chain
from portfolio.permissions import Action, require
from portfolio.placements import PlacementCancelled
from portfolio.places import academy_of
from portfolio.read.sign_offs import seats_of, sign_offs_on
from portfolio.relations import Actor

ATTEST_AS = {"tutor": Action.ATTEST_AS_TUTOR, "teacher": Action.ATTEST_AS_TEACHER}
EXPLAINED = ("refused", "partly")
SHORTEST_REASON = 10


class OwnWork(Forbidden):
    code = "own_work"
    detail = "Il s'agit de votre propre portfolio : une autre personne doit répondre de sa réalité."


class NoTutorToAsk(NotNow):
    code = "no_tutor_to_ask"
    detail = (
        "Cette activité n'est rattachée à aucune période en entreprise : elle n'a pas de tuteur. "
        "Rattachez-la à une période, ou demandez à un professeur."
    )


class AlreadyRequested(NotNow):
    code = "already_requested"
    detail = "Cette confirmation a déjà été demandée à {name} le {since} : la réponse est attendue."


class ShownHasChanged(NotNow):
    code = "shown_has_changed"
    detail = "Ce qui vous a été montré a changé depuis : relisez, puis répondez."


class TutorAnswered(NotNow):
    code = "tutor_answered"
    detail = "Le tuteur a répondu sur cette activité, ou en a déjà été dispensé : il n'y a pas lieu de le dispenser."


@dataclass(frozen=True)
class PieceShown:
    """content: `content.shown_content`. revision: of the piece when it was read; digest: of the content."""

    evidence: ObjectId
    revision: int
    content: dict[str, Any]
    digest: str


@dataclass(frozen=True)
class Shown:
    """What a signatory reads before answering. digest: of all of it, to be echoed by the answer."""

    activity: dict[str, Any]
    activity_digest: str
    pieces: tuple[PieceShown, ...]
    statement: Statement
    digest: str


def request(by: Actor, activity: Activity, seat: str, person_id: ObjectId | None, at: datetime) -> Attestation:
    """Asks a tutor of the placement (by default its tutor), or a teacher who follows the candidate or teaches the
    profession (by default the only one who follows). Raises NoTutorToAsk, PlacementCancelled, AlreadyRequested.
    """
    require(by, Action.REQUEST_SIGN_OFF, activity)
    _present(activity)
    asked, function = (_tutor if seat == "tutor" else _teacher)(activity, person_id)
    waiting = Attestation.objects(activity=activity.id, person=asked.id, state="requested").first()
    if waiting is not None:
        raise _already_requested(waiting)
    attestation = Attestation(
        id=new_id(),
        created_at=at,
        **place_of(activity),
        activity=activity.id,
        placement=activity.placement,
        seat=seat,
        person=asked.id,
        state="requested",
        requested_by=by.id,
        signer_name=asked.name,
        signer_function=function,
    )
    data = {"activity": str(activity.id), "seat": seat, "person": str(asked.id)}
    event = Event(portfolio_chain(activity), "sign_off_requested", by.journal_name, at, attestation, data)
    try:
        commit([Hold(activity, {"withdrawn_at": None}), Insert(attestation)], event)
    except AlreadyExists:
        raise _already_requested(attestation) from None
    return attestation


def _already_requested(waiting: Attestation) -> AlreadyRequested:
    zone = ZoneInfo(academy_of(waiting.academy).timezone)
    return AlreadyRequested(name=waiting.signer_name, since=f"{waiting.created_at.astimezone(zone):%d/%m/%Y}")


def _tutor(activity: Activity, person_id: ObjectId | None) -> tuple[Person, str | None]:
    if activity.placement is None:
        raise NoTutorToAsk()
    placement = Placement.objects.get(pk=activity.placement)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    person = _granted(person_id or placement.tutor, {"role": "tutor", "placement": placement.id})
    if person is None:
        raise Invalid({"person": ["Cette personne n'est pas tuteur pour cette période en entreprise."]})
    return person, placement.tutor_function if person.id == placement.tutor else None


def _teacher(activity: Activity, person_id: ObjectId | None) -> tuple[Person, str | None]:
    candidacy = Candidacy.objects.get(pk=activity.candidacy)
    if person_id is None:
        if len(candidacy.followers) != 1:
            raise Invalid({"person": ["Indiquez le professeur à qui demander."]})
        person_id = candidacy.followers[0]
    grant = {"role": "teacher", "school": candidacy.school}
    if person_id not in candidacy.followers:
        grant["teaches_profession"] = True
    person = _granted(person_id, grant)
    if person is None or person.id == candidacy.person:
        raise Invalid(
            {"person": ["Cette personne ne suit pas le candidat et n'enseigne pas le métier dans l'établissement."]}
        )
    return person, None


def _granted(person_id: ObjectId, grant: dict[str, Any]) -> Person | None:
    live = {"$elemMatch": {**grant, "revoked_at": None}}
    found: Person | None = Person.objects(__raw__={"_id": person_id, "grants": live}).first()
    return found


def shown(by: Actor, activity: Activity, seat: str) -> Shown:
    """The activity, the ready pieces that this seat answers for, and the circular's statement."""
    require(by, Action.READ_ACTIVITY, activity)
    _present(activity)
    return _shown(activity, seat)


def _shown(activity: Activity, seat: str) -> Shown:
    pin = Candidacy.objects.only("circular").get(pk=activity.candidacy).circular
    rules = circular(pin.id, pin.version, pin.sha256).attestations
    statement = (rules.tutor if seat == "tutor" else rules.teacher).statement
    pieces = _pieces_shown(activity, seat)
    about = activity_content(activity)
    everything = {
        "activity": {"id": activity.id, **about},
        "seat": seat,
        "pieces": [[piece.evidence, piece.digest] for piece in pieces],
        "statement": asdict(statement),
    }
    return Shown(about, digest(about), pieces, statement, digest(everything))


def _pieces_shown(activity: Activity, seat: str) -> tuple[PieceShown, ...]:
    ready = Evidence.objects(activity=activity.id, state="ready").order_by("id")
    signed = [one for one in ready if seat in seats_of(one.nature, one.entered_by is not None, activity.context)]
    files = files_of(signed)
    contents = [shown_content(one, files[one.id]) for one in signed]
    return tuple(
        PieceShown(one.id, one.revision, content, digest(content))
        for one, content in zip(signed, contents, strict=True)
    )


def answer(
    by: Actor,
    activity: Activity,
    seat: str,
    answer: str,
    shown_digest: str,
    comment: str | None,
    signer_name: str | None,
    signer_function: str | None,
    at: datetime,
) -> Attestation:
    """Fills the request that waits for this person, or signs off unasked; an answer given before stays beside it.

    answer: one of ANSWERS. shown_digest: as told by `shown`. comment: needed to refuse, even in part.
    signer_name, signer_function: by default the account's and the placement's. Raises OwnWork, ShownHasChanged.
    """
    require(by, ATTEST_AS[seat], activity)
    refuse_own_work(by, activity)
    _present(activity)
    said = _said(answer, comment)
    # Read before what it guards: whatever moves from here on is refused inside the transaction.
    held = [Portfolio.objects.get(pk=activity.candidacy), activity]
    seen = _shown(activity, seat)
    if seen.digest != shown_digest:
        raise ShownHasChanged()
    waiting = Attestation.objects(activity=activity.id, person=by.id, seat=seat, state="requested").first()
    signed = waiting or _unasked(by, activity, seat, at)
    said |= _bound_to(seen) | _signer(signed, signer_name, signer_function)
    said |= {"placement": activity.placement, "answered_at": at}
    event = _answered(by, activity, signed, said, at)
    changes = [Hold(thing, {"revision": thing.revision}) for thing in held]
    try:
        commit([*changes, Change(signed, said) if waiting else _signed(signed, said)], event)
    except (NotNow, Stale):
        raise ShownHasChanged() from None
    return signed


def _said(answer: str, comment: str | None) -> dict[str, Any]:
    comment = (comment or "").strip() or None
    if answer not in ANSWERS:
        raise Invalid({"answer": [f"Réponse attendue : {', '.join(ANSWERS)}."]})
    if answer in EXPLAINED and comment is None:
        raise Invalid({"comment": ["Dites en une phrase ce qui n'est pas confirmé : le candidat doit comprendre."]})
    return {"state": answer, "comment": comment}


def _unasked(by: Actor, activity: Activity, seat: str, at: datetime) -> Attestation:
    assert by.person is not None
    placement = Placement.objects(pk=activity.placement, tutor=by.id).first() if seat == "tutor" else None
    names = {"signer_name": by.person.name, "signer_function": placement.tutor_function if placement else None}
    about = {"activity": activity.id, "seat": seat, "person": by.id}
    return Attestation(id=new_id(), created_at=at, **place_of(activity), **about, **names)


def _signed(attestation: Attestation, said: dict[str, Any]) -> Insert:
    for name, value in said.items():
        setattr(attestation, name, value)
    return Insert(attestation)


def _signer(signed: Attestation, name: str | None, function: str | None) -> dict[str, Any]:
    """As typed, else as they were proposed."""
    typed = {"signer_name": name, "signer_function": function}
    return {field: (value or "").strip() or getattr(signed, field) for field, value in typed.items()}


def _bound_to(seen: Shown) -> dict[str, Any]:
    """What ties the answer to exactly what was on the screen."""
    return {
        "channel": "signed_in",
        "activity_digest": seen.activity_digest,
        "pieces": [ShownPiece(evidence=one.evidence, revision=one.revision, digest=one.digest) for one in seen.pieces],
        "shown_digest": seen.digest,
        "statement_id": seen.statement.id,
        "statement_version": seen.statement.version,
        "statement": seen.statement.text,
    }


def _answered(by: Actor, activity: Activity, signed: Attestation, said: dict[str, Any], at: datetime) -> Event:
    """The comment and the names stay out of the chain; their digest is in it."""
    words = digest({name: said[name] for name in ("comment", "signer_name", "signer_function")})
    data = {"activity": str(activity.id), "seat": signed.seat, "answer": said["state"]}
    data |= {"shown": said["shown_digest"], "words": words}
    return Event(portfolio_chain(activity), "sign_off_answered", by.journal_name, at, signed, data)


def waive_tutor(by: Actor, activity: Activity, reason: str, at: datetime) -> Attestation:
    """The teacher who follows does without the tutor's sign-off, and says why: the tutor left, cannot tell, is ill…

    Raises NoTutorToAsk, TutorAnswered. A tutor who answers later is heard: that answer then counts.
    """
    require(by, Action.WAIVE_TUTOR, activity)
    refuse_own_work(by, activity)
    _present(activity)
    if activity.placement is None:
        raise NoTutorToAsk()
    reason = checked_reason(reason)
    seat = sign_offs_on(activity).tutor
    if seat.attestation is not None and not seat.stale and seat.attestation.state != "not_known":
        raise TutorAnswered()
    waiver = _unasked(by, activity, "tutor", at)
    said = {"state": "waived", "comment": reason, "placement": activity.placement, "answered_at": at}
    data = {"activity": str(activity.id), "reason": digest(reason)}
    event = Event(portfolio_chain(activity), "tutor_waived", by.journal_name, at, waiver, data)
    commit([Hold(activity, {"withdrawn_at": None}), _signed(waiver, said)], event)
    return waiver


def checked_reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Invalid(
            {"reason": [f"Dites pourquoi, en {SHORTEST_REASON} caractères au moins : le motif est conservé."]}
        )
    return reason


def refuse_own_work(by: Actor, thing: Any) -> None:
    """Nobody answers for their own work, whatever other role they hold. thing: anything below the candidacy."""
    if Candidacy.objects(pk=thing.candidacy, person=by.id).only("id").first():
        raise OwnWork()


def _present(activity: Activity) -> None:
    if activity.withdrawn_at is not None:
        raise Withdrawn()
