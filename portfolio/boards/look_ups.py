"""Support looks up one person by what that person says of themselves; each look-up is written down, and may be read.

There is no list to browse and no beginning of a name to try. Support acts on nothing, and in nobody's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.boards.account_log import SOMEBODY, people_named
from portfolio.boards.support.support_shown import PersonStates
from portfolio.boards.support.support_states import states_of
from portfolio.documents import Academy, Candidacy, Person
from portfolio.errors import Invalid
from portfolio.identifiers import candidate_number, email, session_code
from portfolio.identity.attempts import Budget
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import commit
from portfolio.validation import check_fields

# Numbers of candidates follow one another: who tried them all would have a list.
LOOK_UPS = Budget("look_ups", 60, timedelta(hours=1))
SOUGHT_BY = ("email", "candidate_number")
CHECKS = {"email": email, "candidate_number": candidate_number, "session": session_code}
NOBODY = {
    "email": "Personne n'est connu dans cette académie par cette adresse : faites-la épeler.",
    "candidate_number": "Personne n'est connu dans cette académie par ce numéro : faites-le relire.",
}
ONE_OF_THEM = "Donnez l'adresse e-mail ou le numéro de candidat, l'un des deux."
SEVERAL = "Ce numéro est celui de plusieurs candidats : indiquez la session, ou cherchez par l'adresse e-mail."


@dataclass(frozen=True)
class LookUp:
    """One look-up of the journal. by, person: names. sought_by: one of SOUGHT_BY."""

    id: ObjectId
    at: datetime
    by: str
    person: str
    sought_by: str


def look_up(by: Actor, academy: Academy, values: dict[str, str], at: datetime) -> PersonStates:
    """Returns the states of the person of this academy with exactly this address or number, and records it. values:
    email or candidate_number; session, where a number served in several. Raises Invalid (the same for a person of
    another academy as for nobody), TooMany.
    """
    require(by, Action.LOOK_UP_STATES, academy)
    sought_by = [name for name in SOUGHT_BY if values.get(name)]
    if len(sought_by) != 1:
        raise Invalid({"email": [ONE_OF_THEM]})
    checked = check_fields({name: value for name, value in values.items() if value}, CHECKS)
    LOOK_UPS.take(by.journal_name, at)
    person = _sought(academy, checked)
    states = states_of(academy, person, at) if person is not None else None
    if person is None or states is None:
        raise Invalid({sought_by[0]: [NOBODY[sought_by[0]]]})
    data = {"academy": academy.code, "sought_by": sought_by[0]}
    commit([], event_by(by, at, f"person:{person.id}", EventName.PERSON_LOOKED_UP, person, data))
    return states


def _sought(academy: Academy, values: dict[str, str]) -> Person | None:
    if "email" in values:
        return Person.objects(email=values["email"]).first()
    numbered = Candidacy.objects(academy=academy.code, candidate_number=values["candidate_number"])
    if "session" in values:
        numbered = numbered.filter(session=values["session"])
    people = set(numbered.scalar("person"))
    if len(people) > 1:
        raise Invalid({"session": [SEVERAL]})
    return Person.objects(pk__in=people).first()


def look_ups(by: Actor, academy: Academy, after: ObjectId | None, limit: int) -> tuple[list[LookUp], ObjectId | None]:
    """Returns look-ups in the academy, latest first, `limit` at most, after the one of this id (None: from the latest),
    and the `after` of the next page, None at the end. Raises NotFound, Forbidden.
    """
    require(by, Action.READ_LOOK_UPS, academy)
    query: dict[str, object] = {"name": EventName.PERSON_LOOKED_UP, "data.academy": academy.code}
    query |= {"_id": {"$lt": after}} if after is not None else {}
    links = list(current().database.events.find(query).sort("_id", -1).limit(limit + 1))
    names = people_named(name for link in links for name in (link["by"], link["subject"]["id"]))
    page = [
        LookUp(
            id=link["_id"],
            at=link["at"],
            by=names.get(link["by"], SOMEBODY),
            person=names.get(str(link["subject"]["id"]), SOMEBODY),
            sought_by=link["data"]["sought_by"],
        )
        for link in links[:limit]
    ]
    return page, page[-1].id if len(links) > limit else None
