"""Corrects whether a teacher of a school is in charge of professional teaching there."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Person, School
from portfolio.documents.people import Role
from portfolio.errors import NotNow, RuleSource
from portfolio.identity.dual_control import refuse_own
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit


class NotTeachingHere(NotNow):
    code = "not_teaching_here"
    source = RuleSource.INTEGRITY
    detail = "Cette personne n'enseigne pas dans cet établissement : invitez-la d'abord comme professeur."


def correct_teaching(by: Actor, school: School, person: Person, teaches_profession: bool, at: datetime) -> Person:
    """Says whether a teacher is in charge of professional teaching in a school, and returns them: from then on they
    may, or may not, be convened as second professor. Commissions that are convened stay. Raises NotTeachingHere,
    OwnGrant.
    """
    require(by, Action.INVITE_TO_SCHOOL, school)
    refuse_own(person.id, by.journal_name)
    grants = [grant for grant in person.live_grants if grant.role == Role.TEACHER and grant.school == school.id]
    if not grants:
        raise NotTeachingHere()
    for grant in grants:
        grant.teaches_profession = teaches_profession
    data = {"grant": str(grants[0].id), "teaches_profession": teaches_profession}
    event = event_by(by, at, f"person:{person.id}", EventName.TEACHING_CORRECTED, person, data)
    commit([Change(person, {"grants": person.grants})], event)
    return person
