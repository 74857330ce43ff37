"""« Droits et comptes »: puts in words each act on the rights and accounts of those who may open a mark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.dates_in_words import day_in_words
from portfolio.documents import Academy, AccountChange, Jury, Person, School
from portfolio.documents.account_changes import ChangeKind, ChangeState, Resemblance
from portfolio.documents.people import Role
from portfolio.documents.rows import Row
from portfolio.enrolment.account_changes import accounts_of, alike_in, waits
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor, jury_in, jury_key
from portfolio.rules.texts.exam import named

PARIS = ZoneInfo("Europe/Paris")
SOMEBODY = "une personne dont le compte n'existe plus"
SENTENCES: dict[str, str] = {
    ChangeKind.GRANT: "{by} a donné à {person} le droit suivant : {rights}.",
    ChangeKind.GRANT_END: "{by} a retiré à {person} le droit suivant : {rights}.",
    ChangeKind.ADDRESS: "{by} a demandé que l'adresse e-mail de {person} soit changée{of}.",
    "address_at_once": "{by} a changé l'adresse e-mail de {person}{of}.",
    "own_address": "{by} a changé sa propre adresse e-mail{of}.",
    ChangeKind.INVITATION: (
        "{by} a demandé que {person} reçoive une invitation à choisir un nouveau mot de passe, "
        "qui retire aussi son application d'authentification{of}."
    ),
    ChangeKind.SUSPENSION: "{by} a suspendu le compte de {person}{of}.",
    ChangeKind.REINSTATEMENT: "{by} a rétabli le compte de {person}{of}.",
    ChangeKind.DEPUTY_SEATED: "{by} a fait siéger {person} à la place de {titular}{then}{of}.",
    ChangeKind.DEPUTY_UNSEATED: "{by} a mis fin à une suppléance : {person} ne siège plus à la place de {titular}{of}.",
}


DOUBTS: dict[str, str] = {
    Resemblance.AUTHOR_PERSON: "{by}, qui l'a demandé, et {person}, que cela concerne, ont {alike}",
    Resemblance.AUTHOR_SECOND: "{by}, qui l'a demandé, et {second} ont {alike}",
    Resemblance.PERSON_SECOND: "{person}, que cela concerne, et {second} ont {alike}",
}
ALIKE = {
    True: "le même nom ou des adresses proches : si c'est une seule personne, ce n'est pas un second regard.",
    False: "le même nom ou des adresses proches : cela a été confirmé, et reste à vérifier.",
}
REFUSE = " Refusez."  # to those who may
YOU = "vous"


@dataclass(frozen=True)
class ChangeStanding:
    """The standing of a change today.

    code: waits_for_somebody, waits_for_its_day, counts (without confirmation), confirmed, refused or over (done at
    once). who: the person who confirmed or refused it. at: when it began to count, was refused, or will count.
    """

    code: str
    who: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class PlacesNamed:
    """What changes name of places. schools: {id: "name, city"}. zones: {key of a jury where a deputy sits from a day to
    come: time zone of the academy that pilots it}.
    """

    schools: dict[ObjectId, str]
    zones: dict[str, str]


@dataclass(frozen=True)
class AccountChangeLine:
    """One change. sentence: the author, the act, the person. email: the new address, see `email_for`. doubts: French
    sentences on who may be one person with two accounts, the reader among them while it waits.
    """

    change: AccountChange | Row
    sentence: str
    standing: ChangeStanding
    may_confirm: bool
    may_refuse: bool
    email: str | None
    doubts: tuple[str, ...]


def lines(by: Actor, changes: Sequence[AccountChange | Row], at: datetime) -> list[AccountChangeLine]:
    """Returns a line per change, in their order. Two queries, for any number of changes, and two more where a deputy
    sits from a day to come. The caller checks rights, by `scope`.
    """
    accounts, places = accounts_of(changes), places_of(changes)
    names = _names(accounts)
    return [_line(by, change, accounts, names, places, at) for change in changes]


def sentences(changes: Sequence[AccountChange | Row]) -> list[str]:
    """Returns a French sentence per change, in their order. As many queries as `lines`."""
    names, places = names_of(changes), places_of(changes)
    return [sentence(change, names, places) for change in changes]


def _line(
    by: Actor,
    change: AccountChange | Row,
    accounts: dict[str, Person],
    names: dict[str, str],
    places: PlacesNamed,
    at: datetime,
) -> AccountChangeLine:
    waiting = waits(change, at)
    second = by.id != change.person and by.journal_name != change.by
    may_confirm = waiting and second and may(by, Action.CONFIRM_ACCOUNT_CHANGE, change)
    may_refuse = waiting and may(by, Action.REFUSE_ACCOUNT_CHANGE, change)
    alike = alike_in(change, accounts, by.person if may_confirm else None)
    return AccountChangeLine(
        change,
        sentence(change, names, places),
        standing(change, names, at),
        may_confirm=may_confirm,
        may_refuse=may_refuse,
        email=email_for(by, change, at),
        doubts=tuple(doubts(change, names, alike, may_refuse=may_refuse)),
    )


def doubts(
    change: AccountChange | Row, names: dict[str, str], today: Sequence[str] = (), *, may_refuse: bool = False
) -> list[str]:
    """Returns a French sentence per resemblance: as it was kept when the change was confirmed, else as it is `today`
    while it waits. names: as of `names_of`. may_refuse: whether the reader does; they are told to.
    """
    waiting = change.state == ChangeState.WAITING
    who = {"by": name_in(names, change.by), "person": name_in(names, str(change.person))}
    who |= {
        "second": YOU if waiting else name_in(names, change.settled_by),
        "alike": ALIKE[waiting] + (REFUSE if waiting and may_refuse else ""),
    }
    return [DOUBTS[code].format(**who) for code in (today if waiting else change.alike or ())]


def email_for(by: Actor, change: AccountChange | Row, at: datetime) -> str | None:
    """Returns the new address while it waits, to the person concerned and to those who may confirm it; else None."""
    readable = waits(change, at) and (by.id == change.person or may(by, Action.CONFIRM_ACCOUNT_CHANGE, change))
    return change.email if readable else None


def sentence(change: AccountChange | Row, names: dict[str, str], places: PlacesNamed) -> str:
    """Returns the French sentence of a change. names: as of `names_of`. places: as of `places_of`."""
    who = {"by": name_in(names, change.by), "person": name_in(names, str(change.person))}
    if change.titular is not None:
        who |= {"titular": name_in(names, str(change.titular)), "then": _from_then(change, places.zones)}
    rights = rights_in_words(change, places.schools)
    words = SENTENCES[_act(change)].format(**who, rights=rights, of=f" ({rights})" if rights else "")
    return words[0].upper() + words[1:]


def _from_then(change: AccountChange | Row, zones: dict[str, str]) -> str:
    """Returns the words of the day, still to come when it was recorded, from which a deputy sits; "" otherwise. It
    begins at midnight in the academy that pilots the jury. zones: as of `PlacesNamed`.
    """
    if change.counts_from is None:
        return ""
    zone = ZoneInfo(zones.get(change.juries[0], PARIS.key))
    return f", à partir du {day_in_words(change.counts_from.astimezone(zone).date())}"


def _act(change: AccountChange | Row) -> str:
    """Returns the act as a key of SENTENCES: an address that waits for nothing was changed at once."""
    if change.what != ChangeKind.ADDRESS or change.counts_from is not None:
        return str(change.what)
    return "own_address" if change.by == str(change.person) else "address_at_once"


def rights_in_words(change: AccountChange | Row, schools: dict[ObjectId, str]) -> str:
    """Returns the rights concerned, « jury de l'académie 10, E5, BTS Assurance, session 2027 », joined by semicolons;
    "" without any. schools: as of `PlacesNamed`.
    """
    held = ["administrateur du service"] if change.role == Role.ADMINISTRATOR else []
    sits = "service des examens" if change.role == Role.EXAM_SERVICE else "jury"
    sits = "suppléant au jury" if change.deputy else sits
    for jury in change.juries or []:
        of = jury_in(jury)
        held.append(f"{sits} {_of_academies(of.academies)}, {named(of.exam)}, session {of.session}")
    there = "membre d'une commission" if change.role in (Role.TEACHER, Role.TUTOR) else "secrétariat ou direction"
    held += [f"{there}, {schools.get(school, 'établissement fermé')}" for school in change.schools or []]
    return " ; ".join(held)


def _of_academies(codes: Sequence[str]) -> str:
    return f"de l'académie {codes[0]}" if len(codes) == 1 else f"des académies {' et '.join(codes)}"


def standing(change: AccountChange | Row, names: dict[str, str], at: datetime) -> ChangeStanding:
    """Returns how a change stands at that instant: a code, who decided it and when. names: as of `names_of`."""
    if waits(change, at):
        return ChangeStanding(
            "waits_for_its_day" if change.counts_from else "waits_for_somebody", at=change.counts_from
        )
    if change.state == ChangeState.DONE and change.settled_at is None:
        return ChangeStanding("over", at=change.created_at)
    if change.state == ChangeState.REFUSED:
        return ChangeStanding("refused", name_in(names, change.settled_by), change.settled_at)
    if change.settled_by in (None, "system"):
        return ChangeStanding("counts", at=change.counts_from)
    return ChangeStanding("confirmed", name_in(names, change.settled_by), change.settled_at)


def name_in(names: dict[str, str], journal_name: str | None) -> str:
    """Returns the name of the person with this journal name, SOMEBODY for None or an account that no longer exists.
    names: as of `names_of`.
    """
    return names.get(journal_name or "", SOMEBODY)


def names_of(changes: Iterable[AccountChange | Row]) -> dict[str, str]:
    """Returns {journal name: person's name} of all people that the changes name."""
    return _names(accounts_of(changes))


def _names(accounts: Mapping[str, Person]) -> dict[str, str]:
    people = {journal_name: person.name for journal_name, person in accounts.items()}
    return {"system": "la ligne de commande du service"} | people


def people_named(journal_names: Iterable[str | ObjectId]) -> dict[str, str]:
    """Returns {journal name: name of the person}, in one query; unknown people are absent. Raises InvalidId for a name
    that is no id, such as "system".
    """
    ids = {ObjectId(name) for name in journal_names}
    return {str(person.id): person.name for person in Person.objects(pk__in=ids).only("given_names", "family_name")}


def places_of(changes: Sequence[AccountChange | Row]) -> PlacesNamed:
    """Returns the places that the changes name."""
    ids = {school for change in changes for school in change.schools or []}
    schools = {school.id: f"{school.name}, {school.city}" for school in School.objects(pk__in=ids)} if ids else {}
    later = [change for change in changes if change.titular is not None and change.counts_from is not None]
    return PlacesNamed(schools, _zones({key for change in later for key in change.juries}))


def _zones(keys: set[str]) -> dict[str, str]:
    """Returns {key of a jury: time zone of the academy that pilots it}; two queries, none without a key."""
    if not keys:
        return {}
    juries = list(Jury.objects(__raw__={"$or": [jury_in(key)._asdict() for key in sorted(keys)]}))
    zones = dict(Academy.objects(code__in={jury.academy for jury in juries}).scalar("code", "timezone"))
    return {jury_key(jury.academies, jury.session, jury.exam): zones[jury.academy] for jury in juries}
