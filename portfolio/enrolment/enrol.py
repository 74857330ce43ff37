"""Enrols candidates, one by one or from a confirmed roster; names their followers; records notified adaptations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio import identifiers
from portfolio.documents import Candidacy, Grant, Person, Placement, Portfolio, School
from portfolio.documents.candidacies import IN_CCF, Adaptation, CcfDecision, ExamForm, Pin
from portfolio.documents.fields import place_of
from portfolio.documents.people import PersonState, Role
from portfolio.enrolment.corrections.kept import told_of_sheets
from portfolio.enrolment.deadline_moves import move_mail, moved_by_adaptation
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.moves.numbers import held_numbers
from portfolio.enrolment.proposed_placements import asked_of_others
from portfolio.enrolment.schools.habilitations import is_habilitated, last_day
from portfolio.enrolment.schools.offered_exams import chosen_exam
from portfolio.errors import Invalid, Stale
from portfolio.identity.accounts import grant_changes, invitation_errands, known_or_new
from portfolio.identity.dual_control import refuse_own
from portfolio.identity.invitations import not_suspended
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules import eligibility
from portfolio.rules.texts.circular import UnknownCircular, circular_for
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.unlikely_dates import Doubt, asked_unless_confirmed, far_from_session, unlikely_birth
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Hold, Insert, commit
from portfolio.validation import check_fields, day

CHECKS = {
    "session": identifiers.session_code,
    "candidate_number": identifiers.candidate_number,
    "ine": lambda text: identifiers.ine(text)[0],
    "birth_name": identifiers.person_name,
    "usage_name": identifiers.person_name,
    "given_names": identifiers.given_names,
    "birth_date": day,
    "email": identifiers.email,
}


def enrol(by: Actor, school: School, values: dict[str, Any], at: datetime) -> Candidacy:
    """Enrols a candidate and returns the candidacy, written. values: session, exam (where the school offers several),
    candidate_number, ine, birth_name, usage_name, given_names, birth_date (ISO), email (None where nobody knows it),
    status, division, distance, ccf_override, confirmed (an unlikely birth date). Raises DateToConfirm, Invalid by
    field, OwnGrant; AlreadyExists if the number is taken in this academy, exam and session.
    """
    require(by, Action.ENROL, school)
    candidacy, changes = enrolment(by, school, values, at)
    unusual = asked_unless_confirmed(values, unlikely_birth(candidacy.birth_date, at.date()))
    data = {"candidacy": str(candidacy.id), "ccf": candidacy.ccf.form, "rule": candidacy.ccf.rule_version}
    event = event_by(by, at, f"school:{school.id}", EventName.CANDIDATE_ENROLLED, candidacy, data | unusual)
    commit([*held_numbers(changes), *changes], event, invitation_errands(changes))
    return candidacy


def enrolment(
    by: Actor, school: School, values: dict[str, Any], at: datetime, circular: Circular | None = None
) -> tuple[Candidacy, list[AnyChange]]:
    """Returns the candidacy, not yet written, and all that is written with it: person or grant, invitation, portfolio
    if in CCF. values: as for `enrol`. circular: to pin to, the session's newest if None. Raises Invalid by field,
    OwnGrant.
    """
    checked = check_fields(values, CHECKS)
    exam = chosen_exam(school, values.get("exam")).code
    circular = circular or circular_to_pin(checked["session"], exam)
    referential = circular.referential
    candidacy = Candidacy(
        id=new_id(),
        created_at=at,
        school=school.id,
        academy=school.academy,
        exam=exam,
        division=values.get("division"),
        status=values["status"],
        ccf=form_decision(school, exam, circular, values, at),
        circular=Pin(id=circular.id, version=circular.version, sha256=circular.sha256),
        referential=Pin(id=referential.id, version=referential.version, sha256=referential.sha256),
        name_key=identifiers.name_key(f"{checked['birth_name']} {checked['given_names']}"),
        **{name: value for name, value in checked.items() if name != "email"},
    )
    name, birth_name = checked.get("usage_name") or checked["birth_name"], checked["birth_name"]
    person, is_new = known_or_new(checked.get("email"), name, checked["given_names"], at, birth_name)
    candidacy.person = person.id
    grant = Grant(role=Role.CANDIDATE, candidacy=candidacy.id, granted_by=by.journal_name, granted_at=at)
    changes: list[AnyChange] = [*grant_changes(person, is_new, grant, at, school=school.id)]
    changes.append(Insert(candidacy))
    if candidacy.ccf.form == ExamForm.CCF:
        changes.append(Insert(new_portfolio(candidacy, at)))
    return candidacy, changes


def circular_to_pin(session: str, exam: str) -> Circular:
    """Returns the latest circular of a session of an exam (its code), to pin a new candidacy to. Raises Invalid on
    `session` if it is not open yet.
    """
    try:
        return circular_for(session, exam)
    except UnknownCircular as unknown:
        raise Invalid({"session": [unknown.message]}) from unknown


def new_portfolio(candidacy: Candidacy, at: datetime) -> Portfolio:
    """Returns the empty portfolio of a candidate in CCF, not yet written."""
    return Portfolio(
        id=candidacy.id,
        **place_of(candidacy),
        created_at=at,
    )


def form_decision(school: School, exam: str, circular: Circular, values: dict[str, Any], at: datetime) -> CcfDecision:
    """Returns the decision of CCF or one sitting (D643-19) for an exam (its code). The habilitation counts that is in
    force on a day from now to the end of CCF under this circular. values: status, distance, ccf_override. Raises
    Invalid on `ccf_override` if it has no reference.
    """
    last = last_day(circular)
    checks = {"ccf_override": lambda override: eligibility.Override(**override)}
    override = check_fields(values, checks).get("ccf_override")
    facts = eligibility.EligibilityFacts(
        status=values["status"],
        school_kind=school.kind,
        carried_by_public_body=school.carried_by_public_body,
        habilitated=is_habilitated(school, exam, min(at.date(), last), last),
        distance=bool(values.get("distance")),
    )
    decision = eligibility.decide(facts, override)
    return CcfDecision(
        form=decision.form,
        reason_code=decision.reason_code,
        reason=decision.reason_fr,
        rule_version=decision.rule_version,
        override_reference=override.decision_reference if override else None,
    )


def amend_candidacy(by: Actor, candidacy: Candidacy, values: dict[str, Any], at: datetime) -> Candidacy:
    """Corrects a candidacy and returns it. values: names, birth_date, ine, division, candidate_number; absent fields
    stay, None empties an optional one. The person is renamed too, unless they hold another role. Raises DateToConfirm,
    Invalid by field, AlreadyExists if the number is taken.
    """
    require(by, Action.AMEND_CANDIDACY, candidacy)
    changes, fields = amendment(candidacy, values)
    born = changes[0].values.get("birth_date", candidacy.birth_date)
    doubts = unlikely_birth(born, at.date()) if born != candidacy.birth_date else ()
    data = {"fields": fields} | asked_unless_confirmed(values, doubts)
    event = event_by(by, at, f"school:{candidacy.school}", EventName.CANDIDACY_AMENDED, candidacy, data)
    commit([*held_numbers(changes), *changes], event, told_of_sheets(by, [candidacy.id]))
    return candidacy


def amendment(candidacy: Candidacy, values: dict[str, object]) -> tuple[list[Change], list[str]]:
    """Returns the changes, not yet written, of what `amend_candidacy` corrects, that of the candidacy first, and the
    fields that they touch. Raises Invalid by field.
    """
    named = {name: CHECKS[name] for name in CHECKS if name not in ("session", "email")}
    checked: dict[str, Any] = check_fields(values, named)
    checked |= {name: None for name in ("ine", "usage_name", "division") if name in values and values[name] is None}
    if values.get("division"):
        checked["division"] = values["division"]
    changes = [Change(candidacy, checked), *_renamed(candidacy, checked)]
    return changes, sorted(checked)


def _renamed(candidacy: Candidacy, checked: dict[str, Any]) -> list[Change]:
    """Adds the sorting key of new names to `checked`; returns the change of the person, if their name changes."""
    before = {name: getattr(candidacy, name) for name in ("birth_name", "usage_name", "given_names")}
    names = before | {name: value for name, value in checked.items() if name in before}
    if names == before:
        return []
    checked["name_key"] = identifiers.name_key(f"{names['birth_name']} {names['given_names']}")
    person = Person.objects.get(pk=candidacy.person)
    if any(grant.role != Role.CANDIDATE for grant in person.live_grants):
        return []  # a tutor or a member of a jury elsewhere keeps the name under which they sign
    called = {"family_name": names["usage_name"] or names["birth_name"], "given_names": names["given_names"]}
    return [Change(person, called, any_revision=True)]


def set_followers(by: Actor, candidacy: Candidacy, followers: list[ObjectId], at: datetime) -> Candidacy:
    """Names the teachers (person ids, replacing the earlier ones) who follow this candidate, and returns the candidacy;
    one who comes is asked about the proposed periods that wait.
    Raises as `held_followers` does; MovedMeanwhile if one left at that moment.
    """
    require(by, Action.AMEND_CANDIDACY, candidacy)
    teaching = held_followers(by, candidacy, candidacy.school, followers)
    data = {"followers": sorted(str(person) for person in followers)}
    event = event_by(by, at, f"school:{candidacy.school}", EventName.FOLLOWERS_SET, candidacy, data)
    asked = asked_of_others([(candidacy, list(dict.fromkeys(followers)))], at)
    commit([*teaching, Change(candidacy, {"followers": list(dict.fromkeys(followers))})], event, asked)
    return candidacy


def held_followers(by: Actor, candidacy: Candidacy, school: ObjectId, followers: list[ObjectId]) -> list[Hold]:
    """Returns what keeps each follower (person ids) teaching in this school until it is written. Raises Invalid on
    `followers` if one does not teach there, is the candidate or their tutor, or is named anew while their account is
    suspended; OwnGrant if the caller names themselves anew.
    """
    live = {"role": Role.TEACHER, "school": school, "revoked_at": None}
    known = list(Person.objects(__raw__={"_id": {"$in": followers}, "grants": {"$elemMatch": live}}).order_by("id"))
    if set(followers) - {person.id for person in known}:
        raise Invalid({"followers": ["Chaque suiveur doit être un enseignant de cet établissement."]})
    arriving = set(followers) - set(candidacy.followers)
    for person in arriving:
        refuse_own(person, by.journal_name)
    if any(person.state == PersonState.SUSPENDED for person in known if person.id in arriving):
        sentence = "Le compte de ce professeur est suspendu : désignez-en un autre, ou faites-le rétablir d'abord."
        raise Invalid({"followers": [sentence]})
    if candidacy.person in followers:
        raise Invalid({"followers": ["Un candidat n'est pas chargé de son propre suivi."]})
    if Placement.objects(candidacy=candidacy.id, tutor__in=followers, cancelled_at=None).first():
        raise Invalid({"followers": ["Le tuteur en entreprise ne peut pas être aussi le professeur chargé du suivi."]})
    able = {person: not_suspended() for person in arriving}
    return [Hold(person, {"grants": {"$elemMatch": live}} | able.get(person.id, {})) for person in known]


def follow_those_without(
    by: Actor, school: School, session: str, division: str | None, teacher: ObjectId, at: datetime
) -> list[Candidacy]:
    """Names one teacher (person id) for every candidate in CCF without a follower, and returns their candidacies.
    division: of one class only; None: all. One commit per candidate: after an interruption, calling it again does the
    rest. Raises as `set_followers` does.
    """
    require(by, Action.ENROL, school)
    alone = {"school": school.id, "session": session, "followers": {"$size": 0}, **IN_CCF}
    alone |= {"division": division} if division else {}
    done = []
    for candidacy in Candidacy.objects(__raw__=alone).order_by("name_key", "id"):
        try:
            done.append(set_followers(by, candidacy, [teacher], at))
        except Stale:
            continue  # a follower was named meanwhile
    return done


def unlikely_deadline(candidacy: Candidacy, deadline: datetime | None, at: datetime) -> Iterator[Doubt]:
    """Yields what is unusual of a deadline (None: it does not move): past, or far from the session."""
    if deadline is not None:
        local = deadline.astimezone(ZoneInfo(academy_of(candidacy.academy).timezone))
        yield from far_from_session([local.date().isoformat()], candidacy.session, 1)
        if deadline < at:
            yield Doubt("past", f"le {local:%d/%m/%Y à %H h %M} est déjà passé")


def adapt(by: Actor, candidacy: Candidacy, values: dict[str, Any], at: datetime) -> Candidacy:
    """Records a notified adaptation on a candidacy, and returns it. values: decision_reference, effect, deadline (a
    datetime, or None), confirmed. Never the medical ground. A deadline that moves is noted, and the candidate is told
    by mail. Raises DateToConfirm.
    """
    require(by, Action.ADAPT, candidacy)
    plain = {name: values.get(name) for name in ("decision_reference", "effect", "deadline")}
    adaptation = Adaptation(notified_at=at, **plain)
    data: dict[str, object] = {"decision_reference_recorded": True, "deadline_moved": adaptation.deadline is not None}
    data |= asked_unless_confirmed(values, unlikely_deadline(candidacy, adaptation.deadline, at))
    event = event_by(by, at, f"school:{candidacy.school}", EventName.ADAPTATION_NOTIFIED, candidacy, data)
    move = moved_by_adaptation(candidacy, adaptation, at)
    pushed: dict[str, Any] = {"adaptations": adaptation} | ({"deadline_moves": move} if move else {})
    commit([Change(candidacy, push=pushed)], event, move_mail(candidacy, move))
    return candidacy
