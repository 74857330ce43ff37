"""Who may sit on a commission: the arrêté's rule (annexe II D, E5), and by whose right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from portfolio.documents import Candidacy, Grant, Person, Placement
from portfolio.errors import Invalid
from portfolio.identifiers import Malformed
from portfolio.identifiers import email as email_address


class MemberTwice(Invalid):
    code = "member_twice"
    detail = "Une commission réunit deux personnes différentes : indiquez une autre personne."


class CandidateSits(Invalid):
    code = "candidate_sits"
    detail = "Le candidat ne siège pas à la commission qui apprécie son propre portfolio."


class ProfessorDoesNotFollow(Invalid):
    code = "professor_does_not_follow"
    detail = (
        "Le premier membre est un professeur chargé du suivi de ce candidat (arrêté du 13 février 2017, "
        "annexe II D, E5). Indiquez-en un, ou faites enregistrer d'abord qu'il suit ce candidat."
    )


class SecondHasNoStanding(Invalid):
    code = "second_has_no_standing"
    detail = (
        "Le second membre est le tuteur d'une entreprise d'accueil de ce candidat ou, en son absence, un deuxième "
        "professeur chargé des enseignements professionnels en STS Assurance "
        "(arrêté du 13 février 2017, annexe II D, E5)."
    )


class TutorAbsenceMissing(Invalid):
    code = "tutor_absence_missing"
    detail = "Un deuxième professeur ne siège qu'en l'absence du tuteur : indiquez le motif de cette absence."


class TutorSits(Invalid):
    code = "tutor_sits"
    detail = "Cette personne est le tuteur du candidat : s'il siège, ne déclarez pas le tuteur absent."


class SeatOfTheirOwnMaking(Invalid):
    code = "seat_of_their_own_making"
    detail = (
        "Personne ne siège par un droit qu'il s'est donné, ni par un droit de professeur que l'autre membre lui a "
        "donné : choisissez une autre personne, ou faites redonner ce droit par quelqu'un qui ne siège pas."
    )


@dataclass(frozen=True)
class Standing:
    """What somebody is to one candidate today. person: an id, or what was typed where nobody is known by it.

    grounds: {quality: who gave each right that they could sit by, as the journal names them}.
    """

    person: Any
    name: str = ""
    is_candidate: bool = False
    follows: bool = False
    tutors: bool = False
    teaches_profession: bool = False
    grounds: dict[str, frozenset[str]] = field(default_factory=dict, compare=False)

    def sits_by_right_of(self, quality: str, but: set[str]) -> bool:
        """Whether one of the rights that this quality rests on was given by somebody else than these."""
        return quality not in self.grounds or not self.grounds[quality] <= but


def check_members(professor: Standing, second: Standing, tutor_absence: str | None) -> str:
    """The quality of the second member: `tutor` or `second_professor`. Pure.

    tutor_absence: why the tutor does not sit, None when they do. Each refusal names the rule it comes from.
    """
    quality = _second_quality(professor, second, tutor_absence)
    one, other = str(professor.person), str(second.person)
    # A follower names the tutor as a rule: the office is told where that was late (`sheet.remarks`), nobody is refused.
    barred = {other} if quality == "tutor" else {one, other}
    if not (professor.sits_by_right_of("follower", {one, other}) and second.sits_by_right_of(quality, barred)):
        raise SeatOfTheirOwnMaking()
    return quality


def _second_quality(professor: Standing, second: Standing, tutor_absence: str | None) -> str:
    if professor.person == second.person:
        raise MemberTwice()
    if professor.is_candidate or second.is_candidate:
        raise CandidateSits()
    if not professor.follows:
        raise ProfessorDoesNotFollow()
    if second.tutors and tutor_absence:
        raise TutorSits()
    if second.tutors:
        return "tutor"
    if not second.teaches_profession:
        raise SecondHasNoStanding()
    if not tutor_absence:
        raise TutorAbsenceMissing()
    return "second_professor"


def standing(candidacy: Candidacy, who: Any) -> Standing:
    """who: an id, or an e-mail address, for a teacher of another school whom this school cannot list."""
    person = _known(who)
    if person is None:
        return Standing(person=who)
    live = person.live_grants
    placed = Placement.objects(candidacy=candidacy.id, tutor=person.id, cancelled_at=None).scalar("id")
    teaches_here = any(grant.role == "teacher" and grant.school == candidacy.school for grant in live)
    return Standing(
        person=person.id,
        name=person.name,
        is_candidate=person.id == candidacy.person,
        follows=teaches_here and person.id in candidacy.followers,
        tutors=any(grant.role == "tutor" and grant.placement in placed for grant in live),
        teaches_profession=any(grant.role == "teacher" and grant.teaches_profession for grant in live),
        grounds={
            "follower": _given_by(live, lambda one: one.role == "teacher" and one.school == candidacy.school),
            "tutor": _given_by(live, lambda one: one.role == "tutor" and one.placement in placed),
            "second_professor": _given_by(live, lambda one: one.role == "teacher" and one.teaches_profession),
        },
    )


def _given_by(live: list[Grant], carries: Callable[[Grant], bool]) -> frozenset[str]:
    return frozenset(grant.granted_by for grant in live if carries(grant))


def _known(who: Any) -> Person | None:
    query: dict[str, Any]
    if ObjectId.is_valid(who):
        query = {"pk": ObjectId(who)}
    else:
        try:
            query = {"email": email_address(str(who))}
        except Malformed:
            return None
    found: Person | None = Person.objects(state__ne="suspended", **query).first()
    return found
