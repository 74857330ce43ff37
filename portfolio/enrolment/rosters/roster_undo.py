"""Undoes the enrolment of a class from a wrong file, all or none, as long as nothing was done about its candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from portfolio.documents import Candidacy, Person, Placement, Portfolio, RosterImport
from portfolio.documents.candidacies import RosterState
from portfolio.documents.fields import by_id
from portfolio.documents.people import PersonState
from portfolio.enrolment.enrol import amendment
from portfolio.enrolment.moves.numbers import held_numbers
from portfolio.errors import NotNow, RuleSource
from portfolio.identity.invitations import ended_invitations
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Remove, commit
from portfolio.validation import checked_reason

NUMBERS_QUOTED = 5


class NotConfirmed(NotNow):
    code = "import_not_confirmed"
    source = RuleSource.INTEGRITY
    detail = "Cet import n'a inscrit personne, ou il est déjà annulé : il n'y a rien à annuler."


class CandidaciesInUse(NotNow):
    code = "candidacies_in_use"
    source = RuleSource.INTEGRITY
    detail = (
        "Quelque chose a déjà été fait pour des candidats de cet import (n° {numbers}) : dépôt, période en entreprise, "
        "professeur chargé du suivi ou correction. L'import ne s'annule plus d'un coup : corrigez ces candidatures."
    )


def undo(by: Actor, roster: RosterImport, reason: str, at: datetime) -> RosterImport:
    """Removes what the import wrote (candidacies, portfolios, accounts never opened; other accounts lose the grant;
    what it corrected is as before), and returns the import. A candidacy is in use once it or its portfolio moved, or
    has a placement: so a second commit cannot slip in between (placements hold the candidacy, a commission needs
    followers, which move it). Raises NotConfirmed, CandidaciesInUse, Invalid on `reason`; NotNow or Stale if one of
    them moves at the same moment.
    """
    require(by, Action.UNDO_IMPORT, roster)
    why = checked_reason(reason)
    if roster.state != RosterState.CONFIRMED:
        raise NotConfirmed()
    candidacies = list(Candidacy.objects(pk__in=roster.enrolled))
    portfolios = list(Portfolio.objects(pk__in=roster.enrolled))
    _refuse_those_in_use(candidacies, portfolios)
    people = by_id(Person, (candidacy.person for candidacy in candidacies))
    values = {"state": RosterState.UNDONE, "undone_reason": why, "waiting": 0}
    changes: list[AnyChange] = [
        Change(roster, values, expected={"state": RosterState.CONFIRMED}),
        *(Remove(thing, expected={"held": thing.held}) for thing in (*candidacies, *portfolios)),
    ]
    for candidacy in candidacies:
        changes += without_candidacy(people[candidacy.person], candidacy, at)
    changes += _taken_back(roster, at)
    data = {"candidacies": [str(candidacy.id) for candidacy in candidacies], "sha256": roster.sha256}
    event = event_by(by, at, f"school:{roster.school}", EventName.ROSTER_UNDONE, roster, data)
    commit(changes, event)
    return roster


def _refuse_those_in_use(candidacies: list[Candidacy], portfolios: list[Portfolio]) -> None:
    """Raises CandidaciesInUse, with their numbers, if one of these was changed or has a placement."""
    placed = set(Placement.objects(candidacy__in=[candidacy.id for candidacy in candidacies]).scalar("candidacy"))
    moved = {thing.id for thing in (*candidacies, *portfolios) if thing.revision > 1 or thing.held}
    used = sorted(
        candidacy.candidate_number or candidacy.display_name
        for candidacy in candidacies
        if candidacy.id in placed | moved
    )
    if used:
        more = f" et {len(used) - NUMBERS_QUOTED} de plus" if len(used) > NUMBERS_QUOTED else ""
        raise CandidaciesInUse(numbers=", ".join(used[:NUMBERS_QUOTED]) + more)


def _taken_back(roster: RosterImport, at: datetime) -> list[AnyChange]:
    """Returns the changes, not yet written, that take back what the import corrected about people enrolled before; an
    address that was given stays, since mails left to it. Raises CandidaciesInUse if a value moved since.
    """
    amended = {row["done"]: row["changes"] for row in roster.rows if row.get("done") and row.get("changes")}
    changes: list[AnyChange] = []
    for candidacy in Candidacy.objects(pk__in=list(amended)):
        changes += corrected_back(candidacy, amended[str(candidacy.id)])
    return [*held_numbers(changes), *changes]


def corrected_back(candidacy: Candidacy, corrections: Mapping[str, Sequence[str]]) -> list[Change]:
    """Returns the changes, not yet written, that give a candidacy back the values of before a list, but for an address.
    corrections: field -> [before, after]. Raises CandidaciesInUse if a value moved since.
    """
    corrected = {name: pair for name, pair in corrections.items() if name != "email"}
    if any((candidacy[name] or "") != after for name, (_, after) in corrected.items()):
        raise CandidaciesInUse(numbers=candidacy.candidate_number or candidacy.display_name)
    before: dict[str, object] = {name: pair[0] or None for name, pair in corrected.items()}
    if not before:
        return []
    back, _ = amendment(candidacy, before)
    if "candidate_number" in before:
        back[0].values["candidate_number"] = before["candidate_number"]
    return back


def without_candidacy(person: Person, candidacy: Candidacy, at: datetime) -> list[AnyChange]:
    """Returns the changes, not yet written, that take the candidacy from its person. An account made for this candidacy
    alone and never signed in to is removed, so that a name mistyped in the file does not prevent the right one.
    """
    live = [grant for grant in person.live_grants if grant.candidacy == candidacy.id]
    never_opened = person.state == PersonState.INVITED and person.password is None
    if never_opened and len(person.grants) == len(live) and set(person.schools) <= {candidacy.school}:
        return [Remove(person), ended_invitations(person, at)]
    for grant in live:
        grant.revoked_at = at
    return [Change(person, {"grants": person.grants})]
