"""Checks who may sit on a commission: the arrêté's rule (annexe II D, E5), and who granted each member's right."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Candidacy, Commission, Grant, Person, Placement
from portfolio.documents.people import PersonState, Role
from portfolio.documents.rows import Row
from portfolio.errors import Invalid, RuleSource
from portfolio.identifiers import Malformed
from portfolio.identifiers import email as email_address
from portfolio.policy.relations import Actor
from portfolio.rules.terms import MemberQuality
from portfolio.rules.texts.exam import Exam


class MemberTwice(Invalid):
    code = "member_twice"
    source = RuleSource.ARRETE
    detail = "Une commission réunit deux personnes différentes : indiquez une autre personne."


class CandidateSits(Invalid):
    code = "candidate_sits"
    source = RuleSource.ARRETE
    detail = "Le candidat ne siège pas à la commission qui apprécie son propre portfolio."


class ProfessorDoesNotFollow(Invalid):
    code = "professor_does_not_follow"
    source = RuleSource.ARRETE
    detail = (
        "Le premier membre est un professeur chargé du suivi de ce candidat ({text}). Indiquez-en un, ou faites "
        "enregistrer d'abord qu'il suit ce candidat."
    )


class SecondHasNoStanding(Invalid):
    code = "second_has_no_standing"
    source = RuleSource.ARRETE
    detail = (
        "Le second membre est le tuteur d'une entreprise d'accueil de ce candidat ou, en son absence, un deuxième "
        "professeur chargé des enseignements professionnels en {section} ({text})."
    )


class TutorSits(Invalid):
    code = "tutor_sits"
    source = RuleSource.ARRETE
    detail = "Cette personne est le tuteur du candidat : s'il siège, ne déclarez pas le tuteur absent."


class SeatOfTheirOwnMaking(Invalid):
    code = "seat_of_their_own_making"
    source = RuleSource.INTEGRITY
    detail = (
        "Personne ne siège par un droit qu'il s'est donné, ni par un droit de professeur que l'autre membre lui a "
        "donné : choisissez une autre personne, ou faites redonner ce droit par quelqu'un qui ne siège pas."
    )


@dataclass(frozen=True)
class MemberStanding:
    """A person's relation to one candidate today. person: an id, or the text that was typed if no person matches it.

    grounds: {quality: journal names of those who granted each right that the quality rests on}.
    """

    person: ObjectId | str
    name: str = ""
    is_candidate: bool = False
    follows: bool = False
    tutors: bool = False
    teaches_profession: bool = False
    grounds: dict[MemberQuality, frozenset[str]] = field(default_factory=dict, compare=False)

    def sits_by_right_of(self, quality: MemberQuality, barred: set[str]) -> bool:
        """Returns True if a right that this quality rests on was granted by a person outside `barred` (journal names),
        or if no right is known.
        """
        return quality not in self.grounds or not self.grounds[quality] <= barred


def check_members(
    professor: MemberStanding, second: MemberStanding, tutor_absence: str | None, of_exam: Exam
) -> MemberQuality:
    """Returns the quality of the second member, TUTOR or SECOND_PROFESSOR. Pure.

    tutor_absence: the reason why the tutor does not sit, if it is said; no text asks for it. of_exam: whose text the
    refusals name. Raises MemberTwice, CandidateSits, ProfessorDoesNotFollow, TutorSits, SecondHasNoStanding,
    SeatOfTheirOwnMaking; each sentence names its rule.
    """
    quality = _second_quality(professor, second, tutor_absence, of_exam)
    first, other = str(professor.person), str(second.person)
    # A follower names the tutor as a rule: if late, it is a remark to the office (`sheet.remarks`), never a refusal.
    barred = {other} if quality == MemberQuality.TUTOR else {first, other}
    if not (
        professor.sits_by_right_of(MemberQuality.FOLLOWER, {first, other}) and second.sits_by_right_of(quality, barred)
    ):
        raise SeatOfTheirOwnMaking()
    return quality


def _second_quality(
    professor: MemberStanding, second: MemberStanding, tutor_absence: str | None, of_exam: Exam
) -> MemberQuality:
    if professor.person == second.person:
        raise MemberTwice()
    if professor.is_candidate or second.is_candidate:
        raise CandidateSits()
    if not professor.follows:
        raise ProfessorDoesNotFollow(text=of_exam.citation)
    if second.tutors and tutor_absence:
        raise TutorSits()
    if second.tutors:
        return MemberQuality.TUTOR
    if not second.teaches_profession:
        raise SecondHasNoStanding(section=of_exam.section, text=of_exam.citation)
    return MemberQuality.SECOND_PROFESSOR


def standing(candidacy: Candidacy, who: ObjectId | str) -> MemberStanding:
    """Returns a person's relation to the candidate; of an unknown one, a standing without any. who: an id, or an e-mail
    address for a teacher of another school, whom this school cannot list.
    """
    person = _known(who)
    if person is None:
        return MemberStanding(person=who)
    live = person.live_grants
    placed = Placement.objects(candidacy=candidacy.id, tutor=person.id, cancelled_at=None).scalar("id")
    teaches_here = any(grant.role == Role.TEACHER and grant.school == candidacy.school for grant in live)
    return MemberStanding(
        person=person.id,
        name=person.name,
        is_candidate=person.id == candidacy.person,
        follows=teaches_here and person.id in candidacy.followers,
        tutors=any(grant.role == Role.TUTOR and grant.placement in placed for grant in live),
        teaches_profession=any(grant.role == Role.TEACHER and grant.teaches_profession for grant in live),
        grounds={
            MemberQuality.FOLLOWER: _given_by(
                live, lambda grant: grant.role == Role.TEACHER and grant.school == candidacy.school
            ),
            MemberQuality.TUTOR: _given_by(live, lambda grant: grant.role == Role.TUTOR and grant.placement in placed),
            MemberQuality.SECOND_PROFESSOR: _given_by(
                live, lambda grant: grant.role == Role.TEACHER and grant.teaches_profession
            ),
        },
    )


def empty_seats(commissions: Iterable[Commission | Row], at: datetime) -> dict[ObjectId, dict[ObjectId, str]]:
    """Returns {commission id: {member id: name} of those who can act there no more}: their account is suspended, or the
    right that their seat rests on ended. A commission whose members all can is left out. One query.
    """
    convened = list(commissions)
    ids = {member for commission in convened for member in commission.members}
    people = Person.objects(pk__in=ids, state__ne=PersonState.SUSPENDED) if ids else ()
    sitting = {person.id: Actor(person, at=at) for person in people}
    empty: dict[ObjectId, dict[ObjectId, str]] = {}
    for commission in convened:
        for seat in commission.seats:
            holder = sitting.get(seat.person)
            if seat.left_at is None and (holder is None or not holder.holds_a_seat(commission)):
                empty.setdefault(commission.id, {})[seat.person] = seat.name
    return empty


def _given_by(live: list[Grant], carries: Callable[[Grant], bool]) -> frozenset[str]:
    return frozenset(grant.granted_by for grant in live if carries(grant))


def _known(who: ObjectId | str) -> Person | None:
    people = Person.objects(state__ne=PersonState.SUSPENDED)
    if ObjectId.is_valid(who):
        return people.filter(pk=ObjectId(who)).first()
    try:
        return people.filter(email=email_address(str(who))).first()
    except Malformed:
        return None
