"""A class enrolled from the wrong file leaves again, all or none, as long as nothing was done about its candidates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio.documents import Candidacy, Person, Placement, Portfolio, RosterImport
from portfolio.errors import Invalid, NotNow
from portfolio.identity.invitations import ended_invitations
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Remove, commit

SAID_NUMBERS = 5


class NotConfirmed(NotNow):
    code = "import_not_confirmed"
    detail = "Cet import n'a inscrit personne, ou il est déjà annulé : il n'y a rien à annuler."


class CandidaciesInUse(NotNow):
    code = "candidacies_in_use"
    detail = (
        "Quelque chose a déjà été fait pour des candidats de cet import (n° {numbers}) : dépôt, période en entreprise, "
        "professeur chargé du suivi ou correction. L'import ne s'annule plus d'un coup : corrigez ces candidatures."
    )


def undo(by: Actor, shown: RosterImport, reason: str, at: datetime) -> RosterImport:
    """Removes what the import wrote: candidacies, portfolios, accounts that nobody ever opened. Others lose the grant.

    What follows makes a candidacy "in use": whatever moves it or its portfolio, and a placement. So a second commit
    cannot slip in between (placements hold the candidacy, a commission needs followers, which move it).
    Raises NotConfirmed, CandidaciesInUse, Invalid; NotNow, Stale where one of them moved at this very moment.
    """
    require(by, Action.UNDO_IMPORT, shown)
    if not reason.strip():
        raise Invalid({"reason": ["Dites pourquoi : le motif est conservé."]})
    if shown.state != "confirmed":
        raise NotConfirmed()
    candidacies = list(Candidacy.objects(pk__in=shown.enrolled))
    portfolios = list(Portfolio.objects(pk__in=shown.enrolled))
    _refuse_those_in_use(candidacies, portfolios)
    people = {one.id: one for one in Person.objects(pk__in=[one.person for one in candidacies])}
    changes: list[Any] = [
        Change(shown, {"state": "undone", "undone_reason": reason.strip()}, expected={"state": "confirmed"}),
        *(Remove(one, expected={"held": one.held}) for one in (*candidacies, *portfolios)),
    ]
    for candidacy in candidacies:
        changes += _without_candidacy(people[candidacy.person], candidacy, at)
    data = {"candidacies": [str(one.id) for one in candidacies], "sha256": shown.sha256}
    event = event_by(by, at, f"school:{shown.school}", EventName.ROSTER_UNDONE, shown, data)
    commit(changes, event)
    return shown


def _refuse_those_in_use(candidacies: list[Candidacy], portfolios: list[Portfolio]) -> None:
    placed = set(Placement.objects(candidacy__in=[one.id for one in candidacies]).scalar("candidacy"))
    moved = {one.id for one in (*candidacies, *portfolios) if one.revision > 1 or one.held}
    used = sorted(one.candidate_number for one in candidacies if one.id in placed | moved)
    if used:
        more = f" et {len(used) - SAID_NUMBERS} de plus" if len(used) > SAID_NUMBERS else ""
        raise CandidaciesInUse(numbers=", ".join(used[:SAID_NUMBERS]) + more)


def _without_candidacy(person: Person, candidacy: Candidacy, at: datetime) -> list[Any]:
    """An account made for this candidacy alone, in which nobody ever came, leaves with it: a name that was mistyped in
    the file must not stand in the way of the right one."""
    live = [grant for grant in person.live_grants if grant.candidacy == candidacy.id]
    never_opened = person.state == "invited" and person.password is None
    if never_opened and len(person.grants) == len(live) and set(person.schools) <= {candidacy.school}:
        return [Remove(person), ended_invitations(person, at)]
    for grant in live:
        grant.revoked_at = at
    return [Change(person, {"grants": person.grants})]
