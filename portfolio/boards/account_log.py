"""« Droits et comptes »: each act on the rights and accounts of those who may open a mark, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Person, School
from portfolio.enrolment.account_changes import waits
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor

SOMEBODY = "une personne dont le compte n'existe plus"
SAID = {
    "grant": "{by} a donné à {person} le droit suivant : {rights}.",
    "grant_end": "{by} a retiré à {person} le droit suivant : {rights}.",
    "address": "{by} a demandé que l'adresse e-mail de {person} soit changée{of}.",
    "address_at_once": "{by} a changé l'adresse e-mail de {person}{of}.",
    "own_address": "{by} a changé sa propre adresse e-mail{of}.",
    "invitation": (
        "{by} a demandé que {person} reçoive une invitation à choisir un nouveau mot de passe, "
        "qui retire aussi son application d'authentification{of}."
    ),
    "suspension": "{by} a suspendu le compte de {person}{of}.",
    "reinstatement": "{by} a rétabli le compte de {person}{of}.",
}


@dataclass(frozen=True)
class Standing:
    """code: waits_for_somebody, waits_for_its_day, counts (nobody confirmed), confirmed, refused, over (done at once).

    who: confirmed or refused it. at: since when it counts or was refused, or when it will count.
    """

    code: str
    who: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """sentence: who did what, about whom. email: the new address, for whoever may confirm it, while it waits."""

    change: Any
    sentence: str
    standing: Standing
    may_confirm: bool
    may_refuse: bool
    email: str | None


def lines(by: Actor, changes: Sequence[Any], at: datetime) -> list[Line]:
    """In two queries, however many there are. Rights are the caller's to check: `scope`."""
    names, schools = names_of(changes), schools_of(changes)
    return [_line(by, change, names, schools, at) for change in changes]


def sentences(changes: Sequence[Any]) -> list[str]:
    """In two queries, however many there are."""
    names, schools = names_of(changes), schools_of(changes)
    return [sentence(change, names, schools) for change in changes]


def _line(by: Actor, change: Any, names: dict[str, str], schools: dict[Any, str], at: datetime) -> Line:
    waiting = waits(change, at)
    second = by.id != change.person and by.journal_name != change.by
    return Line(
        change,
        sentence(change, names, schools),
        standing(change, names, at),
        may_confirm=waiting and second and may(by, Action.CONFIRM_ACCOUNT_CHANGE, change),
        may_refuse=waiting and may(by, Action.REFUSE_ACCOUNT_CHANGE, change),
        email=email_for(by, change, at),
    )


def email_for(by: Actor, change: Any, at: datetime) -> str | None:
    """The new address, while it waits, for whom it is about and for whoever may confirm it."""
    told = waits(change, at) and (by.id == change.person or may(by, Action.CONFIRM_ACCOUNT_CHANGE, change))
    return change.email if told else None


def sentence(change: Any, names: dict[str, str], schools: dict[Any, str]) -> str:
    who = {"by": name_in(names, change.by), "person": name_in(names, str(change.person))}
    rights = rights_in_words(change, schools)
    said = SAID[_act(change)].format(**who, rights=rights, of=f" ({rights})" if rights else "")
    return said[0].upper() + said[1:]


def _act(change: Any) -> str:
    """What was done, as a key of SAID: an address that waits for nothing was changed at once."""
    if change.what != "address" or change.counts_from is not None:
        return str(change.what)
    return "own_address" if change.by == str(change.person) else "address_at_once"


def rights_in_words(change: Any, schools: dict[Any, str]) -> str:
    """« jury de l'académie 10, session 2027 »; several are joined."""
    held = ["administrateur du service"] if change.role == "administrator" else []
    for one in change.juries or []:
        academy, _, session = one.partition(" ")
        held.append(f"jury de l'académie {academy}, session {session}")
    there = "membre d'une commission" if change.role in ("teacher", "tutor") else "secrétariat ou direction"
    held += [f"{there}, {schools.get(one, 'établissement fermé')}" for one in change.schools or []]
    return " ; ".join(held)


def standing(change: Any, names: dict[str, str], at: datetime) -> Standing:
    if waits(change, at):
        return Standing("waits_for_its_day" if change.counts_from else "waits_for_somebody", at=change.counts_from)
    if change.state == "done" and change.settled_at is None:
        return Standing("over", at=change.created_at)
    if change.state == "refused":
        return Standing("refused", name_in(names, change.settled_by), change.settled_at)
    if change.settled_by in (None, "system"):
        return Standing("counts", at=change.counts_from)
    return Standing("confirmed", name_in(names, change.settled_by), change.settled_at)


def name_in(names: dict[str, str], journal_name: str | None) -> str:
    return names.get(journal_name or "", SOMEBODY)


def names_of(changes: Iterable[Any]) -> dict[str, str]:
    """{journal name: how the person is called}"""
    named = {one for change in changes for one in (str(change.person), change.by, change.settled_by)}
    ids = [ObjectId(one) for one in named if one and one != "system"]
    people = list(Person.objects(pk__in=ids).only("given_names", "family_name")) if ids else []
    return {"system": "la ligne de commande du service"} | {str(one.id): one.name for one in people}


def schools_of(changes: Iterable[Any]) -> dict[Any, str]:
    ids = {school for change in changes for school in change.schools or []}
    return {one.id: f"{one.name}, {one.city}" for one in School.objects(pk__in=ids)} if ids else {}
