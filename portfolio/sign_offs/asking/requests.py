"""Sign-offs: a tutor or a teacher answers for the reality of one activity, on the digest of what they were shown.

Asked for or spontaneous, while the portfolio is open or submitted: a late one counts if it is about the frozen content.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Candidacy, Person, Placement
from portfolio.documents.fields import place_of
from portfolio.enrolment.asking_mail import mail_that_asks
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.errors import Invalid, NotNow
from portfolio.ids import new_id
from portfolio.policy.permissions import Action, require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.content import Shown as Shown
from portfolio.sign_offs.answering.content import refuse_withdrawn
from portfolio.sign_offs.answering.content import shown as shown
from portfolio.sign_offs.answering.record import Answer as Answer
from portfolio.sign_offs.answering.record import OwnWork as OwnWork
from portfolio.sign_offs.answering.record import ShownHasChanged as ShownHasChanged
from portfolio.sign_offs.answering.record import Signer, how_they_came, refuse_own_work, sign, signed_as, unasked
from portfolio.sign_offs.answering.record import checked_answer as checked_answer
from portfolio.sign_offs.answering.status import sign_offs_on
from portfolio.store.digests import digest
from portfolio.store.journal import AlreadyExists, Event, Hold, Insert, commit, portfolio_chain

ATTEST_AS = {"tutor": Action.ATTEST_AS_TUTOR, "teacher": Action.ATTEST_AS_TEACHER}
SHORTEST_REASON = 10


class NoTutorToAsk(NotNow):
    code = "no_tutor_to_ask"
    detail = (
        "Cette activité n'est rattachée à aucune période en entreprise : elle n'a pas de tuteur. "
        "Rattachez-la à une période, ou demandez à un professeur."
    )


class AlreadyRequested(NotNow):
    code = "already_requested"
    detail = "Cette confirmation a déjà été demandée à {name} le {since} : la réponse est attendue."


class Contested(NotNow):
    code = "placement_contested"
    detail = (
        "Le tuteur a signalé un problème sur cette période : il n'est plus sollicité. "
        "Le professeur chargé du suivi corrige le tuteur ou la période, ou reprend les demandes."
    )


class TutorAnswered(NotNow):
    code = "tutor_answered"
    detail = "Le tuteur a répondu sur cette activité, ou en a déjà été dispensé : il n'y a pas lieu de le dispenser."


def request(by: Actor, activity: Activity, seat: str, person_id: ObjectId | None, at: datetime) -> Attestation:
    """Asks a tutor of the placement (by default its tutor), or a teacher who follows the candidate or teaches the
    profession (by default the only one who follows). Raises NoTutorToAsk, PlacementCancelled, AlreadyRequested.
    """
    asked = _request(by, activity, seat, person_id, at)
    waiting = _waiting_like(asked)
    if waiting is not None:
        raise _already_requested(waiting)
    try:
        _ask(by, [(activity, asked)], at)
    except AlreadyExists:
        raise _already_requested(asked) from None
    return asked


def request_many(
    by: Actor, activities: list[Activity], seat: str, person_id: ObjectId | None, at: datetime
) -> list[Attestation]:
    """Asks for several activities of one portfolio in one act. What waits already is left as it is, and given back.

    Raises as `request` does, on the first activity that cannot be asked for: then nothing is asked.
    """
    if len({activity.candidacy for activity in activities}) != 1:
        raise Invalid({"activities": ["Choisissez au moins une activité, toutes du même portfolio."]})
    wanted = [(activity, _request(by, activity, seat, person_id, at)) for activity in activities]
    waiting = {asked.activity: _waiting_like(asked) for _, asked in wanted}
    new = [(activity, asked) for activity, asked in wanted if waiting[activity.id] is None]
    if new:
        _ask(by, new, at)
    return [waiting[activity.id] or asked for activity, asked in wanted]


def _waiting_like(asked: Attestation) -> Attestation | None:
    waiting: Attestation | None = Attestation.objects(
        activity=asked.activity, person=asked.person, state="requested"
    ).first()
    return waiting


def _ask(by: Actor, requests: list[tuple[Activity, Attestation]], at: datetime) -> None:
    """One transaction, and one mail to each person however many requests wait for them."""
    changes: list[Any] = []
    events = []
    for activity, asked in requests:
        changes += [Hold(activity, {"withdrawn_at": None}), Insert(asked)]
        data = {"activity": str(activity.id), "seat": asked.seat, "person": str(asked.person)}
        events.append(Event(portfolio_chain(activity), "sign_off_requested", by.journal_name, at, asked, data))
    people = sorted({(asked.person, asked.seat) for _, asked in requests})
    commit(changes, events, [mail_that_asks(person, seat, at) for person, seat in people])


def _request(by: Actor, activity: Activity, seat: str, person_id: ObjectId | None, at: datetime) -> Attestation:
    """Not yet written."""
    require(by, Action.REQUEST_SIGN_OFF, activity)
    refuse_withdrawn(activity)
    asked, function = (_tutor if seat == "tutor" else _teacher)(activity, person_id)
    return Attestation(
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


def _already_requested(waiting: Attestation) -> AlreadyRequested:
    zone = ZoneInfo(academy_of(waiting.academy).timezone)
    return AlreadyRequested(name=waiting.signer_name, since=f"{waiting.created_at.astimezone(zone):%d/%m/%Y}")


def _tutor(activity: Activity, person_id: ObjectId | None) -> tuple[Person, str | None]:
    if activity.placement is None:
        raise NoTutorToAsk()
    placement = Placement.objects.get(pk=activity.placement)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    if placement.contested_at is not None:
        raise Contested()
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
    """One activity alone: see `answer_many`."""
    try:
        only = [Answer(activity, seat, answer, shown_digest, comment)]
        return answer_many(by, only, signer_name, signer_function, at)[0]
    except Invalid as invalid:
        raise Invalid({name.rpartition(".")[2]: said for name, said in invalid.errors.items()}) from None


def answer_many(
    by: Actor, answers: Sequence[Answer], signer_name: str | None, signer_function: str | None, at: datetime
) -> list[Attestation]:
    """All that one person signs at once: see `sign`. How they came is taken from `by`."""
    for one in answers:
        require(by, ATTEST_AS[one.seat], one.activity)
    assert by.person is not None
    return sign(by, Signer(by.person, signer_name, signer_function, how_they_came(by)), answers, at)


def waive_tutor(by: Actor, activity: Activity, reason: str, at: datetime) -> Attestation:
    """The teacher who follows does without the tutor's sign-off, and says why: the tutor left, cannot tell, is ill…

    Raises NoTutorToAsk, TutorAnswered. A tutor who answers later is heard: that answer then counts.
    """
    require(by, Action.WAIVE_TUTOR, activity)
    refuse_own_work(by, activity)
    refuse_withdrawn(activity)
    if activity.placement is None:
        raise NoTutorToAsk()
    reason = checked_reason(reason)
    seat = sign_offs_on(activity).tutor
    if seat.attestation is not None and not seat.stale and seat.attestation.state != "not_known":
        raise TutorAnswered()
    assert by.person is not None
    waiver = unasked(by.person, activity, "tutor", None, at)
    said = {"state": "waived", "comment": reason, "placement": activity.placement, "answered_at": at}
    data = {"activity": str(activity.id), "reason": digest(reason)}
    event = Event(portfolio_chain(activity), "tutor_waived", by.journal_name, at, waiver, data)
    commit([Hold(activity, {"withdrawn_at": None}), signed_as(waiver, said)], event)
    return waiver


def checked_reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Invalid(
            {"reason": [f"Dites pourquoi, en {SHORTEST_REASON} caractères au moins : le motif est conservé."]}
        )
    return reason
