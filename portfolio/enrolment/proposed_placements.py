"""Periods in companies that a candidate or a tutor proposes: nothing counts before the school accepts one.

Who follows the candidate answers, or the office where nobody does; they are reminded until somebody has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypedDict

from bson import ObjectId

from portfolio import identifiers
from portfolio.documents import Candidacy, Company, Person, ProposedPlacement, School
from portfolio.documents.candidacies import ProposedCompany, ProposedState, ProposedTutor, there_in_ccf
from portfolio.documents.fields import place_of
from portfolio.documents.people import PersonState, Role, counting
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.institutions import new_company
from portfolio.enrolment.placements import (
    DATES,
    PlacementValues,
    TutorValues,
    placement_to_add,
    refuse_without_portfolio,
    unlikely_period,
    within,
)
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.unlikely_dates import asked_unless_confirmed
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, Hold, Insert, commit, portfolio_chain
from portfolio.validation import check_fields, checked_reason

MOST_WAITING, MOST_IN_A_DAY = 5, 10
ASKS, TELLS = "placement_proposed", "placement_answered"
COMPANY = ("name", "city", "siret", "local_number", "country", "address")


class ProposedTerms(TypedDict, total=False):
    """company: name, city; siret, or country and address. starts_on, ends_on: ISO days. tutor: whom the candidate
    names, None if nobody is known yet; a tutor who proposes is the tutor.
    """

    company: dict[str, str | None]
    kind: str
    starts_on: str
    ends_on: str
    days: int
    missions: str | None
    tutor: TutorValues | None
    confirmed: bool


class AcceptedValues(PlacementValues, total=False):
    """What the school corrects of the period; all else stays as it was proposed. company: one of the school's, else the
    proposed one. words: for the author.
    """

    words: str | None


class TooManyProposed(NotNow):
    code = "too_many_proposed_placements"
    source = RuleSource.LIMIT
    detail = (
        "{most} périodes proposées attendent déjà une réponse : retirez-en une, ou attendez celle de l'établissement."
    )


class ProposedTooOften(NotNow):
    code = "proposed_too_often"
    source = RuleSource.LIMIT
    detail = "Vous avez proposé {most} périodes en un jour : corrigez-les avec l'établissement, ou attendez demain."


class ProposedSettled(NotNow):
    code = "proposed_placement_settled"
    source = RuleSource.INTEGRITY
    detail = "Cette période proposée a déjà eu sa réponse, ou a été retirée."


def propose(by: Actor, candidacy: Candidacy, values: ProposedTerms, at: datetime) -> ProposedPlacement:
    """Proposes a period, by the candidate or one of their tutors, and returns it; those who answer are told by mail.
    Raises NoPortfolio, Abandoned, TooManyProposed, ProposedTooOften, Eliminated, DateToConfirm, Invalid by field.
    """
    require(by, Action.PROPOSE_PLACEMENT, candidacy)
    refuse_without_portfolio(candidacy)
    kept = still_kept(candidacy)
    _refuse_too_many(by, candidacy, at)
    checked = check_fields(dict(values), DATES)
    within(checked["starts_on"], checked["ends_on"], values["days"])
    unusual = asked_unless_confirmed(values, unlikely_period(candidacy, values["kind"], checked.values()))
    assert by.person is not None
    proposed = ProposedPlacement(
        id=new_id(),
        created_at=at,
        **place_of(candidacy),
        author=by.id,
        author_name=by.person.name,
        company=_company(candidacy, values["company"], at),
        kind=values["kind"],
        days=values["days"],
        missions=values.get("missions"),
        tutor=_tutor(by, candidacy, values.get("tutor")),
        **checked,
    )
    data = {"proposed": str(proposed.id), "starts_on": proposed.starts_on}
    event = event_by(by, at, portfolio_chain(candidacy), EventName.PLACEMENT_PROPOSED, proposed, data | unusual)
    asked = [
        asking_mail(proposed, person, 0, None) for person in who_answers(candidacy.school, candidacy.followers, at)
    ]
    commit([kept, Insert(proposed), Hold(candidacy, there_in_ccf(candidacy))], event, asked)
    return proposed


def _refuse_too_many(by: Actor, candidacy: Candidacy, at: datetime) -> None:
    waiting = ProposedPlacement.objects(candidacy=candidacy.id, state=ProposedState.PROPOSED).count()
    if waiting >= MOST_WAITING:
        raise TooManyProposed(most=MOST_WAITING)
    lately = ProposedPlacement.objects(author=by.id, created_at__gt=at - timedelta(days=1)).count()  # withdrawn or not
    if lately >= MOST_IN_A_DAY:
        raise ProposedTooOften(most=MOST_IN_A_DAY)


def _company(candidacy: Candidacy, values: dict[str, str | None], at: datetime) -> ProposedCompany:
    """Returns the company as it would be added to the school. Raises Invalid on `company.…`."""
    try:
        company = new_company(School.objects.get(pk=candidacy.school), values, at)
    except Invalid as invalid:
        raise Invalid({f"company.{name}": sentences for name, sentences in invalid.errors.items()}) from invalid
    return ProposedCompany(**{name: getattr(company, name) for name in COMPANY})


def _tutor(by: Actor, candidacy: Candidacy, values: TutorValues | None) -> ProposedTutor | None:
    """Returns the tutor: the author where they tutor the candidate, else the one whom the candidate names, None
    where they name nobody. Raises Invalid on `tutor.…`.
    """
    assert by.person is not None
    if candidacy.person != by.id:
        person = by.person
        return ProposedTutor(family_name=person.family_name, given_names=person.given_names, email=person.email)
    if not values:
        return None
    errors = {f"tutor.{name}": ["Indiquez-le."] for name in ("given_names", "family_name") if not values.get(name)}
    if errors:
        raise Invalid(errors)
    try:
        address = check_fields(dict(values), {"email": identifiers.email}).get("email")
    except Invalid as invalid:
        raise Invalid({"tutor.email": invalid.errors["email"]}) from invalid
    if address is not None and address == by.person.email:
        raise Invalid({"tutor.email": ["Cette adresse est la vôtre : indiquez celle du tuteur."]})
    return ProposedTutor(
        family_name=values["family_name"],
        given_names=values["given_names"],
        email=address,
        function=values.get("function"),
    )


def who_answers(school: ObjectId, followers: Sequence[ObjectId], at: datetime) -> list[ObjectId]:
    """Returns the ids of those of the followers of a candidate of this school who are its active teachers at that
    instant, or of its office where there are none.
    """
    return _Answering(school, at).of(followers)


class _Answering:
    """Who answers in one school at that instant: its teachers and its office, each asked for once. Two queries."""

    def __init__(self, school: ObjectId, at: datetime) -> None:
        self.school, self.at = school, at

    @cached_property
    def teachers(self) -> set[ObjectId]:
        return answering_teachers(self.school, self.at)

    @cached_property
    def office(self) -> list[ObjectId]:
        return _active(Role.OFFICE, self.school, self.at)

    def of(self, followers: Sequence[ObjectId]) -> list[ObjectId]:
        """Returns those of these followers (ids) who answer, or the office where none does."""
        able = [follower for follower in followers if follower in self.teachers] if followers else []
        return able or self.office


def answering_teachers(school: ObjectId, at: datetime) -> set[ObjectId]:
    """Returns the ids of the active teachers of the school at that instant: the followers among them answer."""
    return set(_active(Role.TEACHER, school, at))


def _active(role: Role, school: ObjectId, at: datetime) -> list[ObjectId]:
    grant = {"role": role, "school": school, **counting(at)}
    active = {"grants": {"$elemMatch": grant}, "state": PersonState.ACTIVE}
    return list(Person.objects(__raw__=active).order_by("id").scalar("id"))


def asked_of_others(after: Iterable[tuple[Candidacy, Sequence[ObjectId]]], at: datetime) -> list[Errand]:
    """Returns the mails about what waits to those who answer once these follow the candidates, and did not before; []
    where nothing waits. after: each candidacy with its followers (ids) from now on. One query, and two for each school.
    """
    following = {candidacy.id: (candidacy, followers) for candidacy, followers in after}
    schools: dict[ObjectId, _Answering] = {}
    mails: list[Errand] = []
    for proposed in _waiting_of(following):
        candidacy, followers = following[proposed.candidacy]
        answering = schools.setdefault(candidacy.school, _Answering(candidacy.school, at))
        before = answering.of(candidacy.followers)
        arriving = [person for person in answering.of(followers) if person not in before]
        mails += [asking_mail(proposed, person, 0, None) for person in arriving]
    return mails


def asked_about_proposals(candidacies: Iterable[ObjectId], people: Sequence[ObjectId]) -> list[Errand]:
    """Returns the mails to these people (ids) about what waits of these candidacies (ids); [] where nothing does. One
    query.
    """
    return [asking_mail(proposed, person, 0, None) for proposed in _waiting_of(candidacies) for person in people]


def _waiting_of(candidacies: Iterable[ObjectId]) -> list[ProposedPlacement]:
    about: dict[str, Any] = {"candidacy__in": list(candidacies)}
    return list(ProposedPlacement.objects(**about, state=ProposedState.PROPOSED).order_by("id"))


def asking_mail(proposed: ProposedPlacement, person: ObjectId, number: int, due_at: datetime | None) -> Errand:
    """Returns the errand of the mail that asks this person (id) for an answer. number: of the reminder, 0 for the first
    mail. due_at: None for at once.
    """
    payload = {"person": person, "proposed": proposed.id, "number": number}
    return Errand(ASKS, payload, f"{ASKS}:{proposed.id}:{person}", due_at)


# --- the answer -----------------------------------------------------------------------------------


def accept(by: Actor, proposed: ProposedPlacement, values: AcceptedValues, at: datetime) -> ProposedPlacement:
    """Adds the period as proposed, with what the school corrects of it, and returns the proposed one, which names it.
    Raises ProposedSettled, NoPortfolio, Abandoned, DateToConfirm, Invalid by field, Eliminated, OwnGrant; AlreadyExists
    if the company was added meanwhile.
    """
    _waiting(by, Action.ANSWER_PROPOSED_PLACEMENT, proposed)
    candidacy = Candidacy.objects.get(pk=proposed.candidacy)
    terms = PlacementValues(
        kind=values.get("kind") or proposed.kind,
        starts_on=values.get("starts_on") or proposed.starts_on,
        ends_on=values.get("ends_on") or proposed.ends_on,
        days=values.get("days") or proposed.days,
        missions=values.get("missions", proposed.missions),
        tutor=values["tutor"] if "tutor" in values else _named(proposed.tutor),
        confirmed=values.get("confirmed", False),
    )
    company, added = _company_of(proposed, values.get("company"), at)
    placement, changes, event = placement_to_add(by, candidacy, company, terms, at)
    settled = _settled(by, proposed, ProposedState.ACCEPTED, values.get("words"), at)
    settled.values["placement"] = placement.id
    data = {"proposed": str(proposed.id), "placement": str(placement.id)}
    accepted = event_by(by, at, portfolio_chain(proposed), EventName.PLACEMENT_ACCEPTED, proposed, data)
    commit([settled, *added, *changes], [accepted, event], [_answer_mail(proposed)])
    return proposed


def _named(tutor: ProposedTutor | None) -> TutorValues | None:
    if tutor is None:
        return None
    return TutorValues(
        family_name=tutor.family_name, given_names=tutor.given_names, email=tutor.email, function=tutor.function
    )


def _company_of(proposed: ProposedPlacement, chosen: ObjectId | None, at: datetime) -> tuple[Company, list[AnyChange]]:
    """Returns the company of the school that is chosen, or bears the proposed SIRET, else a new one with its insertion.
    Raises Invalid on `company`.
    """
    of_school = Company.objects(school=proposed.school)
    if chosen is not None:
        known = of_school.filter(pk=chosen).first()
        if known is None:
            raise Invalid({"company": ["Cette entreprise n'est pas connue de l'établissement."]})
        return known, []
    siret = proposed.company.siret
    known = of_school.filter(siret=siret).first() if siret else None
    if known is not None:
        return known, []
    values = {name: getattr(proposed.company, name) for name in COMPANY}
    company = new_company(School.objects.get(pk=proposed.school), values, at)
    return company, [Insert(company)]


def refuse(by: Actor, proposed: ProposedPlacement, words: str, at: datetime) -> ProposedPlacement:
    """Refuses a proposed period, and returns it. words: why, for its author. Raises ProposedSettled, Invalid on
    `reason`.
    """
    _waiting(by, Action.ANSWER_PROPOSED_PLACEMENT, proposed)
    settled = _settled(by, proposed, ProposedState.REFUSED, checked_reason(words), at)
    data = {"proposed": str(proposed.id)}
    event = event_by(by, at, portfolio_chain(proposed), EventName.PLACEMENT_REFUSED, proposed, data)
    commit([settled], event, [_answer_mail(proposed)])
    return proposed


def withdraw(by: Actor, proposed: ProposedPlacement, at: datetime) -> ProposedPlacement:
    """Withdraws a proposed period, by its author, and returns it. Raises ProposedSettled."""
    _waiting(by, Action.WITHDRAW_PROPOSED_PLACEMENT, proposed)
    data = {"proposed": str(proposed.id)}
    event = event_by(by, at, portfolio_chain(proposed), EventName.PLACEMENT_UNPROPOSED, proposed, data)
    still = {"state": ProposedState.PROPOSED}
    commit([Change(proposed, {"state": ProposedState.WITHDRAWN}, expected=still)], event)
    return proposed


def _waiting(by: Actor, action: Action, proposed: ProposedPlacement) -> None:
    require(by, action, proposed)
    if proposed.state != ProposedState.PROPOSED:
        raise ProposedSettled()


def _settled(by: Actor, proposed: ProposedPlacement, state: ProposedState, words: str | None, at: datetime) -> Change:
    answer = (words or "").strip() or None
    values = {"state": state, "answer": answer, "answered_by": by.id, "answered_at": at}
    return Change(proposed, values, expected={"state": ProposedState.PROPOSED})


def _answer_mail(proposed: ProposedPlacement) -> Errand:
    return Errand(TELLS, {"person": proposed.author, "proposed": proposed.id})
