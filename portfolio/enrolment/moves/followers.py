"""Hands the candidates whom a teacher follows to another one, with what waits for an answer; and back afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Attestation, Candidacy, Person, School
from portfolio.documents.people import Role
from portfolio.documents.places import TeacherReplacement
from portfolio.enrolment.moves.addressees import HandedOn, Holder, hand_on
from portfolio.enrolment.moves.departures import barred_for, followed_by, followed_instead, teaching
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.store.journal import Hold, HoldAll


def teachers_of(school: ObjectId, people: Iterable[ObjectId], at: datetime) -> dict[ObjectId, Person]:
    """Returns {id: person} of those of these people (ids) who teach in the school at that instant. One query."""
    named = {"_id": {"$in": list(people)}} | teaching(school, at)
    return {person.id: person for person in Person.objects(__raw__=named).order_by("id")}


def taken_over(
    by: Actor, begun: TeacherReplacement, absent: Person, substitute: Person, school: School, at: datetime
) -> HandedOn:
    """Returns, not yet written, what a replacement changes as it begins: the substitute follows in the place of the
    absent one, and what waits is asked of them by mail. Notes on `begun` whom it took. Of those whom the substitute
    tutors, who follows them stays.
    """
    whose = HoldAll(Candidacy, {"followers": absent.id, "school": school.id})
    barred = barred_for(substitute.id)
    followed = [candidacy for candidacy in followed_by(absent, school.id, at) if candidacy.id not in barred]
    followed = [candidacy for candidacy in followed if begun.division in (None, candidacy.division)]
    begun.taken = [candidacy.id for candidacy in followed]
    begun.joined = [candidacy.id for candidacy in followed if substitute.id not in candidacy.followers]
    after = [(candidacy, _in_the_place_of(candidacy.followers, absent.id, substitute.id)) for candidacy in followed]
    handed = followed_instead(by, after, at)
    _ask_instead(by, handed, school, begun.taken, absent, substitute, at)
    return _held(handed, whose, absent, substitute, school)


def given_back(
    by: Actor, ended: TeacherReplacement, absent: Person, substitute: Person, school: School, at: datetime
) -> HandedOn:
    """Returns, not yet written, what a replacement changes as it ends: whoever was absent follows again those who were
    taken, and is asked for what waits. A substitute who followed some of them before goes on following these.
    """
    here = {"_id": {"$in": list(ended.taken)}, "school": school.id}
    whose = HoldAll(Candidacy, here)
    barred, after = barred_for(absent.id), []
    for candidacy in Candidacy.objects(__raw__=here).order_by("name_key", "id"):
        left = candidacy.followers
        if candidacy.id not in barred and substitute.id in left:  # whom the office named meanwhile stays
            if candidacy.id in ended.joined:
                left = _in_the_place_of(left, substitute.id, absent.id)
            after.append((candidacy, left if absent.id in left else [*left, absent.id]))
    handed = followed_instead(by, after, at)
    back = [candidacy.id for candidacy, _ in after if candidacy.id in ended.joined]
    _ask_instead(by, handed, school, back, substitute, absent, at)
    return _held(handed, whose, substitute, absent, school)


def _in_the_place_of(followers: list[ObjectId], leaving: ObjectId, coming: ObjectId) -> list[ObjectId]:
    return list(dict.fromkeys(coming if follower == leaving else follower for follower in followers))


def _ask_instead(
    by: Actor,
    handed: HandedOn,
    school: School,
    candidacies: list[ObjectId],
    leaving: Person,
    coming: Person,
    at: datetime,
) -> None:
    """Adds to `handed` the end of what waits for one teacher about these candidacies (ids), asked of the other one."""
    about = {"person": leaving.id, "school": school.id, "seat": SignOffSeat.TEACHER, "candidacy": {"$in": candidacies}}

    def holder(request: Attestation) -> Holder:
        return Holder(coming.id, coming.name, None, request.placement)

    asked = hand_on(by, about, holder, at)
    handed.changes += asked.changes
    handed.events += asked.events
    handed.errands += asked.errands


def _held(handed: HandedOn, whose: HoldAll, leaving: Person, coming: Person, school: School) -> HandedOn:
    """Returns `handed` behind its guards: nobody is followed meanwhile, whoever comes still teaches there."""
    teaches = {"$elemMatch": {"role": Role.TEACHER, "school": school.id, "revoked_at": None}}
    handed.changes[:0] = [Hold(leaving, {}), Hold(coming, {"grants": teaches}), whose]
    return handed
