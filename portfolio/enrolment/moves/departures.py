"""Revokes a right, and sees to what its holder leaves: requests that wait for them, candidates whom they follow. The
commissions and the evaluations that they leave are listed, for the office to see to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Attestation, Candidacy, Commission, Grant, Person, Placement, RealityEvaluation
from portfolio.documents.attestations import SignOffState
from portfolio.documents.candidacies import IN_CCF
from portfolio.documents.commissions import CommissionState
from portfolio.documents.people import PersonState, Role, by_name, counting
from portfolio.enrolment.moves.addressees import HandedOn, Holder, hand_on, nobody, waiting
from portfolio.enrolment.placements import unseated
from portfolio.enrolment.proposed_placements import asked_of_others
from portfolio.errors import Invalid
from portfolio.identifiers import session_in_preparation
from portfolio.identity.dual_control import refuse_own
from portfolio.identity.invitations import not_suspended
from portfolio.identity.rights import revocation
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import ChangeAll, Hold, HoldAll, Insert, commit

# Rights whose work somebody else who holds the same one goes on with.
HELD_TOGETHER = (Role.ADMINISTRATOR, Role.OFFICE, Role.JURY, Role.INSPECTOR, Role.EXAM_SERVICE, Role.SUPPORT)


@dataclass(frozen=True)
class Left:
    """What a teacher of a school leaves without anybody. requests: how many wait for their answer. follows: how many
    candidates they follow; followed: those whom nobody else follows. evaluations: of reality, not yet written, of the
    candidates whom they follow. commissions: those to come where they sit; names: {candidacy: the candidate's}.
    colleagues: (id, name) of those who may take over.
    """

    requests: int
    follows: int
    followed: list[Candidacy]
    evaluations: int
    commissions: list[Commission]
    names: dict[ObjectId, str]
    colleagues: list[tuple[ObjectId, str]]


def leaves_nobody(person: Person, grant: Grant, at: datetime) -> bool:
    """Returns True of the last right of an office, a jury, an inspection… : nobody else who can come in holds it there.
    Never of the rights that are of one's own candidate or class. One query.
    """
    if grant.role not in HELD_TOGETHER or not grant.counts(at):
        return False
    there = {name: grant[name] for name in ("role", "school", "academy", "exam", "session") if grant[name]}
    others = {"_id": {"$ne": person.id}, "state": PersonState.ACTIVE, "grants": {"$elemMatch": there | counting(at)}}
    return Person.objects(__raw__=others).only("id").first() is None


def left_by(person: Person, grant: Grant, at: datetime) -> Left | None:
    """Returns what the end of this grant would leave without anybody; None of another grant than a teacher's, or where
    another one of the same school stays. Eight queries.
    """
    if grant.role != Role.TEACHER or _teaches_still(person, grant):
        return None
    colleagues = colleagues_of(person, grant.school, at)
    known = {colleague.id for colleague in colleagues}
    waits = {"person": person.id, "school": grant.school, "seat": SignOffSeat.TEACHER, "state": SignOffState.REQUESTED}
    members = {"members": person.id, "school": grant.school, "state": CommissionState.CONVENED}
    commissions = list(Commission.objects(**members, meets_at__gte=at).order_by("meets_at"))
    followed = [candidacy for candidacy in followed_by(person, grant.school, at) if candidacy.in_ccf]
    sat_for = Candidacy.objects(pk__in=[commission.candidacy for commission in commissions])
    return Left(
        requests=_awaited(waits),
        follows=len(followed),
        followed=[candidacy for candidacy in followed if known.isdisjoint(candidacy.followers)],
        evaluations=_unwritten(followed),
        commissions=commissions,
        names={candidacy.id: candidacy.display_name for candidacy in sat_for},
        colleagues=[(colleague.id, colleague.name) for colleague in colleagues],
    )


def _awaited(waits: dict[str, object]) -> int:
    """Returns how many requests that match (in terms of MongoDB) are about candidates of whom CCF asks something: what
    waits about one who gave up is asked of nobody. Two queries.
    """
    about = list(Attestation.objects(__raw__=waits).scalar("candidacy"))
    live = set(Candidacy.objects(__raw__={"_id": {"$in": about}, **IN_CCF}).scalar("id"))
    return sum(candidacy in live for candidacy in about)


def _unwritten(followed: list[Candidacy]) -> int:
    """Returns how many placements of these candidates have no evaluation of reality. Two queries."""
    of_them: dict[str, Any] = {"candidacy__in": [candidacy.id for candidacy in followed]}
    written = RealityEvaluation.objects(**of_them, placement__ne=None).scalar("placement")
    return Placement.objects(**of_them, cancelled_at=None, id__nin=list(written)).count()


def revoke_grant(
    by: Actor, person: Person, grant_id: ObjectId, at: datetime, successor: ObjectId | None = None
) -> Person:
    """Revokes a live grant, and returns the person. Of a teacher: those whom they follow are followed by the successor
    (a person's id), and what waits for them is asked of the successor, or else of the only other follower, by mail; it
    is to be asked again where there is neither. Raises Invalid on `grant`, or on `successor` if they do not teach
    there; OwnGrant if the caller names themselves; MovedMeanwhile if who takes over left, or somebody was followed, at
    that moment.
    """
    require(by, Action.REVOKE_GRANT, person)
    revoked = revocation(by, person, grant_id, at)
    left = _left_behind(by, person, revoked.grant, successor, at)
    commit([*revoked.changes, *left.changes], [revoked.event, *left.events], [*revoked.letters, *left.errands])
    return person


def _left_behind(by: Actor, person: Person, grant: Grant, successor: ObjectId | None, at: datetime) -> HandedOn:
    """Returns, not yet written, what becomes of what the holder of a grant leaves. Raises Invalid on `successor`,
    OwnGrant.
    """
    if grant.role == Role.TEACHER and not _teaches_still(person, grant):
        return _taken_over(by, person, grant, successor, at)
    if successor is not None:
        raise Invalid({"successor": ["Ce droit ne laisse rien à reprendre."]})
    return _without_tutor(by, person, grant, at) if grant.role == Role.TUTOR else HandedOn()


def _without_tutor(by: Actor, person: Person, grant: Grant, at: datetime) -> HandedOn:
    """Returns, not yet written, a period whose tutor is to be named, for whom what waited waits. One of a past session,
    or that was cancelled, keeps who tutored it.
    """
    placement = Placement.objects(pk=grant.placement, tutor=person.id, cancelled_at=None).first()
    if placement is None or placement.session < session_in_preparation(at):
        waited = {"person": person.id, "placement": grant.placement, "seat": SignOffSeat.TUTOR}
        return hand_on(by, waited, nobody, at)
    return unseated(by, placement, at)


def _taken_over(by: Actor, person: Person, grant: Grant, successor: ObjectId | None, at: datetime) -> HandedOn:
    """Returns, not yet written, the candidates whom others follow now, and the requests that wait for others. Raises
    Invalid on `successor`, OwnGrant.
    """
    colleagues = {colleague.id: colleague for colleague in colleagues_of(person, grant.school, at)}
    if successor is not None:
        refuse_own(successor, by.journal_name)
        if successor not in colleagues:
            raise Invalid({"successor": ["Cette personne n'est pas un professeur en activité de l'établissement."]})
    whose = HoldAll(Candidacy, {"followers": person.id, "school": grant.school})  # behind the person, who is held there
    asked = {"person": person.id, "school": grant.school, "seat": SignOffSeat.TEACHER}
    about = {request.candidacy for request in waiting(**asked)}
    followed, barred = followed_by(person, grant.school, at), barred_for(successor)
    followers = {
        candidate: list(known) for candidate, known in Candidacy.objects(pk__in=about).scalar("id", "followers")
    }
    for candidacy in followed:
        followers[candidacy.id] = _followers_after(candidacy, person.id, None if candidacy.id in barred else successor)

    def holder_of(request: Attestation) -> Holder | None:
        left = [follower for follower in followers[request.candidacy] if follower in colleagues]
        to = successor if successor is not None and request.candidacy not in barred else None
        to = to or (left[0] if len(left) == 1 else None)
        return Holder(to, colleagues[to].name, None, request.placement) if to is not None else None

    handed = hand_on(by, asked, holder_of, at)
    teaches: dict[str, Any] = {"role": Role.TEACHER, "school": grant.school, "revoked_at": None}
    able = {"grants": {"$elemMatch": teaches}, **not_suspended()}
    inserted = [change.document for change in handed.changes if isinstance(change, Insert)]
    asked_now = {request.person for request in inserted if isinstance(request, Attestation)}
    taking = sorted(colleagues.keys() & (asked_now | {successor}))
    handed.changes[:0] = [whose, *(Hold(colleagues[key], able) for key in taking)]
    instead = followed_instead(by, [(candidacy, followers[candidacy.id]) for candidacy in followed], at)
    handed.changes += instead.changes
    handed.events += instead.events
    handed.errands += instead.errands
    return handed


def followed_instead(by: Actor, after: Sequence[tuple[Candidacy, list[ObjectId]]], at: datetime) -> HandedOn:
    """Returns, not yet written, these candidacies with these followers; one who comes is asked about the proposed
    periods that wait. As many changes as there are different lists of followers: the caller holds the candidacies.
    """
    alike: dict[tuple[ObjectId, ...], list[ObjectId]] = defaultdict(list)
    handed = HandedOn(errands=asked_of_others(after, at))
    for candidacy, followers in after:
        data = {"followers": sorted(str(follower) for follower in followers)}
        handed.events.append(event_by(by, at, f"school:{candidacy.school}", EventName.FOLLOWERS_SET, candidacy, data))
        alike[tuple(followers)].append(candidacy.id)
    for chosen, ids in alike.items():
        handed.changes.append(ChangeAll(Candidacy, {"_id": {"$in": ids}}, {"followers": list(chosen)}))
    return handed


def _followers_after(candidacy: Candidacy, leaving: ObjectId, successor: ObjectId | None) -> list[ObjectId]:
    followers = [follower for follower in candidacy.followers if follower != leaving]
    return followers if successor is None or successor in followers else [*followers, successor]


def _teaches_still(person: Person, ended: Grant) -> bool:
    """Returns True if another live grant makes the person teach in the same school."""
    return any(
        grant.role == Role.TEACHER and grant.school == ended.school and grant.id != ended.id
        for grant in person.live_grants
    )


def colleagues_of(person: Person, school: ObjectId, at: datetime) -> list[Person]:
    """Returns the other active teachers of the school, in the order of names."""
    others = {"_id": {"$ne": person.id}} | teaching(school, at)
    return sorted(Person.objects(__raw__=others), key=by_name)


def teaching(school: ObjectId, at: datetime) -> dict[str, object]:
    """Returns the MongoDB condition of a person who teaches in the school at that instant and can come in."""
    teaches = {"role": Role.TEACHER, "school": school, **counting(at)}
    return {"grants": {"$elemMatch": teaches}, **not_suspended()}


def followed_by(person: Person, school: ObjectId, at: datetime) -> list[Candidacy]:
    """Returns the candidacies that they follow there, of sessions to come: the past ones keep who followed them. Those
    of who gave up too, who may come back.
    """
    query: dict[str, Any] = {"followers": person.id, "school": school, "session": {"$gte": session_in_preparation(at)}}
    return list(Candidacy.objects(__raw__=query).order_by("name_key", "id"))


def barred_for(successor: ObjectId | None) -> set[ObjectId]:
    """Returns the ids of the candidacies that the successor may not follow: their own, and of those whom they tutor."""
    if successor is None:
        return set()
    tutored = set(Placement.objects(tutor=successor, cancelled_at=None).scalar("candidacy"))
    return tutored | set(Candidacy.objects(person=successor).scalar("id"))
