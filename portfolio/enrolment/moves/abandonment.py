"""Records that a candidate gave up before the exam, and takes it back. Nothing is lost: what was deposited stays, to be
read by its candidate and those who read it before, for as long as it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NotRequired, TypedDict

from bson import ObjectId
from mongoengine import Q

from portfolio.documents import Attestation, Candidacy, Commission, Placement, Portfolio, RealityEvaluation, School
from portfolio.documents.attestations import RealityState, SignOffState
from portfolio.documents.candidacies import Abandonment, ExamForm, there_in_ccf
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import CandidacyThing, by_id
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.institutions import today_in
from portfolio.enrolment.moves.numbers import held_numbers
from portfolio.enrolment.one_sitting import OneSitting
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identity.waiting_mails.asking_mail import request_mail
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.rules.unlikely_dates import asked_unless_confirmed, far_from_session, to_come
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Hold, HoldAll, commit
from portfolio.validation import check_fields, checked_reason, day

TELLS = "abandonment"


class AbandonmentValues(TypedDict):
    """on: the ISO day from which they are no candidate any more. confirmed: an unlikely one was asked about."""

    on: str
    reason: str
    confirmed: NotRequired[bool]


class Abandoned(NotNow):
    code = "abandoned"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce candidat a abandonné : rien n'est plus demandé, confirmé ni remis pour lui. Si c'est une erreur, le "
        "secrétariat revient sur l'abandon, à la page du candidat."
    )


class NotAbandoned(NotNow):
    code = "not_abandoned"
    source = RuleSource.INTEGRITY
    detail = "Aucun abandon n'est enregistré pour ce candidat."


def refuse_outside_ccf(*candidacies: ObjectId) -> None:
    """Raises OneSitting, Abandoned where CCF asks nothing any more of one of these candidacies. One query."""
    outside = Q(ccf__form=ExamForm.PONCTUELLE) | Q(abandoned__ne=None)
    candidacy = Candidacy.objects(Q(pk__in=candidacies) & outside).only("abandoned").first()
    if candidacy is not None:
        raise OneSitting() if candidacy.abandoned is None else Abandoned()


def still_in_ccf(*things: CandidacyThing) -> list[Hold]:
    """Returns holds that refuse the act if the candidate of one of these gives up, leaves CCF or the school of the
    thing meanwhile. Raises OneSitting, Abandoned if one already did. Two queries.
    """
    about = {thing.candidacy: thing for thing in things}
    refuse_outside_ccf(*about)
    return [Hold(candidacy, there_in_ccf(about[candidacy.id])) for candidacy in by_id(Candidacy, about).values()]


def abandon(by: Actor, candidacy: Candidacy, values: AbandonmentValues, at: datetime) -> Candidacy:
    """Records that the candidate gave up, and returns the candidacy: nothing waits for anybody any more, and the number
    is free, unless something stands under it (`numbers.STANDING`). Those concerned are told by mail. Raises Abandoned
    (already), DateToConfirm; Invalid by field.
    """
    require(by, Action.AMEND_CANDIDACY, candidacy)
    if candidacy.abandoned is not None:
        raise Abandoned()
    ends_on = check_fields({"on": values.get("on")}, {"on": day}).get("on")
    if ends_on is None:
        raise Invalid({"on": ["Indiquez le jour de l'abandon."]})
    doubts = [*far_from_session([ends_on], candidacy.session), *to_come([ends_on], today_in(candidacy.academy, at))]
    unusual = asked_unless_confirmed(values, doubts)
    ended = Abandonment(on=ends_on, reason=checked_reason(values["reason"]), recorded_at=at)
    # A commission that is convened meanwhile holds the school too: its members would not be told.
    convened = HoldAll(Commission, {"candidacy": candidacy.id, "state": CommissionState.CONVENED})
    school = School.objects.get(pk=candidacy.school)
    chain, data = f"school:{candidacy.school}", {"on": ends_on} | unusual
    event = event_by(by, at, chain, EventName.CANDIDACY_ABANDONED, candidacy, data)
    letters = _letters(candidacy, "abandoned")
    commit([Change(candidacy, {"abandoned": ended}), Hold(school, {}), convened], event, letters)
    return candidacy


def take_back(by: Actor, candidacy: Candidacy, reason: str, at: datetime) -> Candidacy:
    """Takes back what was recorded, and returns the candidacy: what waited waits again, and is asked again by mail. It
    is kept, with both reasons. Raises NotAbandoned, Eliminated, Invalid on `reason`; AlreadyExists if the number
    is another's meanwhile.
    """
    require(by, Action.AMEND_CANDIDACY, candidacy)
    if candidacy.abandoned is None:
        raise NotAbandoned()
    past = Abandonment(**{name: candidacy.abandoned[name] for name in ("on", "reason", "recorded_at")})
    past.taken_back_at, past.taken_back_because = at, checked_reason(reason)
    change = Change(candidacy, {"abandoned": None}, push={"earlier_abandonments": past})
    chain, data = f"school:{candidacy.school}", {"on": past.on}
    event = event_by(by, at, chain, EventName.ABANDONMENT_TAKEN_BACK, candidacy, data)
    kept = [still_kept(candidacy)] if Portfolio.objects(pk=candidacy.id).only("id").first() else []
    commit(
        [*kept, *held_numbers([change]), change],
        event,
        [*_letters(candidacy, "taken_back"), *_asked_again(candidacy, at)],
    )
    return candidacy


def _letters(candidacy: Candidacy, what: str) -> Iterator[Errand]:
    """Yields one mail to each person concerned: the candidate, who follows, who sits, who is asked for something. What
    there is to say to each is worked out when it leaves.
    """
    people = [candidacy.person, *candidacy.followers, *waiting_on(candidacy.id)]
    for commission in Commission.objects(candidacy=candidacy.id, state=CommissionState.CONVENED):
        people += commission.members
    for person in dict.fromkeys(people):
        yield Errand(TELLS, {"candidacy": candidacy.id, "person": person, "what": what})


def waiting_on(candidacy: ObjectId) -> dict[ObjectId, list[ObjectId]]:
    """Returns {person: what waits for them about this candidacy (ids)}: sign-offs, and evaluations of reality. Three
    queries.
    """
    waiting: dict[ObjectId, list[ObjectId]] = {}
    asked = Attestation.objects(candidacy=candidacy, state=SignOffState.REQUESTED, person__ne=None)
    for request in asked.only("person"):
        waiting.setdefault(request.person, []).append(request.id)
    tutors = dict(Placement.objects(candidacy=candidacy, cancelled_at=None, tutor__ne=None).scalar("id", "tutor"))
    for evaluation in RealityEvaluation.objects(candidacy=candidacy, state=RealityState.PROPOSED).only("placement"):
        if evaluation.placement in tutors:
            waiting.setdefault(tutors[evaluation.placement], []).append(evaluation.id)
    return waiting


def _asked_again(candidacy: Candidacy, at: datetime) -> Iterator[Errand]:
    """Yields the mails that ask again, with a new link, those who were told that nothing waited any more."""
    teachers = set(
        Attestation.objects(candidacy=candidacy.id, state=SignOffState.REQUESTED, seat=SignOffSeat.TEACHER).scalar(
            "person"
        )
    )
    for person, requests in waiting_on(candidacy.id).items():
        if person in teachers:
            yield request_mail(person, SignOffSeat.TEACHER, at)
        else:
            again = {"person": person, "requests": requests, "number": 0}
            # A key of its own: a reminder that is pending, for any candidate, would stand in its place.
            yield Errand("sign_off_reminder", again, f"asked_again:{candidacy.id}:{person}")
