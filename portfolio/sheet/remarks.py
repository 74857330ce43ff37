"""Remarks for the office before it transmits a sheet: facts on who sat and how they signed, without judgement.

A remark does not mean that something is wrong: a follower replaces a tutor who left, two members sign in one room.
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.counting import many
from portfolio.documents import Candidacy, Person, Placement, Result, Sheet
from portfolio.documents.commissions import SheetState
from portfolio.documents.fields import by_id
from portfolio.enrolment.institutions import academies_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.alike import HeldAccount, may_be_the_same
from portfolio.store.connections import current

TOGETHER = timedelta(hours=1)
ON_TUTORS = ("placement_added", "placement_amended", "tutor_named", "tutor_replaced", "tutor_name_corrected")
FIRST_SEATING = ("placement_added", "tutor_named")
SEATING = (*FIRST_SEATING, "tutor_replaced")
# {event: code of the remark}
CODES = {
    "placement_added": "tutor_named",
    "tutor_named": "tutor_named",
    "tutor_replaced": "tutor_replaced",
    "tutor_name_corrected": "tutor_name_corrected",
    "address_corrected": "tutor_address_corrected",
}
DEVICE = (
    "Les deux signatures sont venues du même réseau et du même navigateur, à {apart} d'intervalle. Les postes d'un "
    "même établissement se ressemblent souvent : à vérifier seulement si cela vous surprend."
)
SENTENCES = {
    "tutor_named": "{who}, membre de la commission, a désigné {tutor} comme tuteur chez {company} le {on}, alors que "
    "la période {began}.",
    "tutor_replaced": "{who}, membre de la commission, a remplacé le tuteur chez {company} le {on}, alors que la "
    "période {began}. Le tuteur est aujourd'hui {tutor}.",
    "tutor_name_corrected": "{who}, membre de la commission, a corrigé le nom du tuteur chez {company} le {on}, "
    "alors que la période {began}. Le tuteur est aujourd'hui {tutor}.",
    "tutor_address_corrected": "{who}, membre de la commission, a changé l'adresse e-mail de {tutor}, tuteur chez "
    "{company}, le {on}, alors que la période {began}.",
}
BEGAN = "avait commencé le {day}"
STARTS = ("starts_on", "started_on")  # in the links of a placement: the start as set, and as it stood before
MOVED = "avait été enregistrée d'abord comme commençant le {day}"

CORRECTED = (
    "La fiche porte {before} ; l'identité a été corrigée depuis : {now}. Ce qui est signé ne se corrige pas : {then}"
)
ANOTHER = "la commission en établit une autre, qui se signe et se transmet de nouveau."
BY_THE_JURY = f"le jury, qui a arrêté la note, peut annuler la fiche avec ce motif ; {ANOTHER}"
ONCE_PUBLISHED = (
    "le résultat est publié, la fiche ne s'annule plus. Signalez la correction au service des examens de l'académie."
)
# {field: (its name in the content of a sheet, its French name)}
COMPARED = {
    "candidate_number": ("number", "le n° de candidat"),
    "birth_name": ("birth_name", "le nom de naissance"),
    "usage_name": ("usage_name", "le nom d'usage"),
    "given_names": ("given_names", "les prénoms"),
    "birth_date": ("birth_date", "la date de naissance"),
}

ALIKE_MEMBERS = (
    "Les deux membres, {first} et {second}, ont le même nom ou des adresses proches : "
    "vérifiez que ce sont deux personnes."
)

ChainLink = dict[str, Any]


@dataclass(frozen=True)
class Remark:
    """A French sentence.

    code: identity_corrected, alike_members, tutor_named, tutor_replaced, tutor_name_corrected,
    tutor_address_corrected or same_device.
    """

    code: str
    sentence: str


def of_sheet(by: Actor, sheet: Sheet) -> list[Remark]:
    """Returns the remarks on one sheet; [] if there are none. Raises NotFound, Forbidden."""
    require(by, Action.READ_REMARKS, sheet)
    return of_sheets(by, [sheet])[sheet.id]


def of_sheets(by: Actor, sheets: Sequence[Sheet]) -> dict[ObjectId, list[Remark]]:
    """Returns {sheet id: remarks} of every sheet, in a constant number of queries; remarks on devices for the office
    only. The caller checks READ_REMARKS.
    """
    people = by_id(Person, (member for sheet in sheets for member in sheet.members))
    changed, corrected = _by_members(sheets, people), corrected_since(sheets)
    for sheet in sheets:
        changed[sheet.id] = [*_alike_members(sheet, people), *changed[sheet.id]]
    for sheet_id, sentence in corrected.items():
        changed[sheet_id].insert(0, Remark("identity_corrected", sentence))
    return {
        sheet.id: [*changed[sheet.id], *(_devices(sheet) if may(by, Action.TRANSMIT, sheet) else [])]
        for sheet in sheets
    }


# --- a number or a name corrected since -----------------------------------------------------------


def corrected_since(sheets: Sequence[Sheet]) -> dict[ObjectId, str]:
    """Returns {sheet id: French sentence} of the sheets in force whose number, names or birth date are no longer those
    of the candidacy, which says what leads to another sheet; a number that came later is no correction. Three queries
    at most, for any number of sheets.
    """
    ids = [sheet.id for sheet in sheets if sheet.live]
    if not ids:
        return {}
    contents = {sheet.id: sheet.content for sheet in sheets if sheet.live and sheet.content}
    if unread := [key for key in ids if key not in contents]:
        contents |= dict(Sheet.objects(pk__in=unread).scalar("id", "content"))
    candidacies = by_id(Candidacy, (sheet.candidacy for sheet in sheets))
    differing = {}
    for sheet in sheets:
        if sheet.id in contents:
            before, now = _differences(json.loads(contents[sheet.id])["candidate"], candidacies[sheet.candidacy])
            if before:
                differing[sheet] = {"before": ", ".join(before), "now": ", ".join(now)}
    published = _published(differing)
    return {
        sheet.id: CORRECTED.format(**words, then=_what_follows(sheet, sheet.id in published))
        for sheet, words in differing.items()
    }


def to_void(by: Actor, candidacy: Candidacy) -> list[str]:
    """Returns what `corrected_since` says of the sheets of a candidacy that `by` may read; [] where all agree."""
    readable = {"$and": [scope(by, Action.READ_SHEET, Sheet), {"candidacy": candidacy.id, "live": True}]}
    return list(corrected_since(list(Sheet.objects(__raw__=readable))).values())


def told_to_member(by: Actor, sheet: Sheet) -> str | None:
    """Returns what `corrected_since` says of a sheet to a member who drew it up, and who reads no other remark; None
    for whoever else reads it, or where nothing was corrected.
    """
    reads_all = by.id not in sheet.members or may(by, Action.READ_REMARKS, sheet)
    return None if reads_all else corrected_since([sheet]).get(sheet.id)


def _published(sheets: Iterable[Sheet]) -> set[ObjectId]:
    """Returns the ids of those of the sheets whose result is published."""
    decided = [sheet.id for sheet in sheets if sheet.state == SheetState.FINAL]
    return set(Result.objects(sheet__in=decided, published=True).scalar("sheet")) if decided else set()


def _what_follows(sheet: Sheet, published: bool) -> str:
    """Returns the French end of the sentence on a sheet that no longer names its candidate rightly."""
    if published:
        return ONCE_PUBLISHED
    return BY_THE_JURY if sheet.state == SheetState.FINAL else f"annulez la fiche avec ce motif ; {ANOTHER}"


def _differences(printed: dict[str, str], candidacy: Candidacy) -> tuple[list[str], list[str]]:
    """Returns what the sheet says and what stands now, in words, of each field that differs; both may be empty."""
    before, now = [], []
    for field, (name, words) in COMPARED.items():
        signed, stands = printed[name] or "", unicodedata.normalize("NFC", candidacy[field] or "").strip()
        if signed != stands and not (name == "number" and not signed):
            before.append(f"{words} « {_shown(name, signed)} »")
            now.append(f"« {_shown(name, stands)} »")
    return before, now


def _shown(name: str, value: str) -> str:
    """Returns a value as people write it: a day as 30/06/2005, « aucun » for none. name: in the content of a sheet."""
    if name == "birth_date" and value:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return value or "aucun"


# --- two members, or one with two accounts ----------------------------------------------------------


def _alike_members(sheet: Sheet, people: dict[ObjectId, Person]) -> list[Remark]:
    """Returns the remark on two members who may be one person; [] if nothing says so. people: the members, by id."""
    members = [people[member] for member in sheet.members if member in people]
    return [
        Remark("alike_members", ALIKE_MEMBERS.format(first=first.name, second=second.name))
        for first, second in combinations(members, 2)
        if may_be_the_same(HeldAccount(first.name, first.email), HeldAccount(second.name, second.email))
    ]


# --- tutors chosen by a member after the placement began ------------------------------------------


def _by_members(sheets: Sequence[Sheet], people: dict[ObjectId, Person]) -> dict[ObjectId, list[Remark]]:
    placements = list(Placement.objects(candidacy__in=[sheet.candidacy for sheet in sheets], cancelled_at=None))
    if not placements:
        return defaultdict(list)
    tutored = [f"person:{placement.tutor}" for placement in placements if placement.tutor is not None]
    links = _links([f"portfolio:{sheet.candidacy}" for sheet in sheets], tutored)
    names = {str(person.id): person.name for person in people.values()}
    academies = academies_of(sheet.academy for sheet in sheets)
    zones = {code: ZoneInfo(academy.timezone) for code, academy in academies.items()}
    remarks: dict[ObjectId, list[Remark]] = defaultdict(list)
    for sheet in sheets:
        for placement in (placement for placement in placements if placement.candidacy == sheet.candidacy):
            acts = [link for link in links if link["data"].get("placement") == str(placement.id)]
            acts += [link for link in links if link["chain"] == f"person:{placement.tutor}"]
            remarks[sheet.id] += _on_tutor(sheet, placement, acts, names, zones[sheet.academy])
    return remarks


def _links(portfolios: list[str], tutors: list[str]) -> list[ChainLink]:
    """Returns the acts on tutors in the chains of these portfolios, and the corrected addresses in those of tutors."""
    of_portfolios = {"chain": {"$in": portfolios}, "name": {"$in": list(ON_TUTORS)}}
    of_tutors = {"chain": {"$in": tutors}, "name": "address_corrected"}
    acts = current().database.events.find({"$or": [of_portfolios, of_tutors]})
    return list(acts.sort([("at", 1), ("_id", 1)]))


def _on_tutor(
    sheet: Sheet, placement: Placement, acts: list[ChainLink], names: dict[str, str], zone: ZoneInfo
) -> Iterator[Remark]:
    members = {str(person) for person in sheet.members}
    seated = [link for link in acts if link["name"] in SEATING]
    began = _first_start(placement, acts)
    for link in acts:
        day = link["at"].astimezone(zone).date()
        who = link["data"].get("asked_by", link["by"])  # a delayed change is written by the worker or its confirmer
        if link["name"] not in CODES or who not in members or day.isoformat() <= began:
            continue
        if link["name"] in FIRST_SEATING and (link is not seated[-1] or placement.tutor not in sheet.members):
            continue  # a placement or tutor entered late changes no tutor; it is a remark only if this tutor sits
        code = CODES[link["name"]]
        facts = {"who": names[who], "tutor": placement.shown_tutor, "company": placement.company_name}
        began_in_words = (BEGAN if began == placement.starts_on else MOVED).format(
            day=f"{date.fromisoformat(began):%d/%m/%Y}"
        )
        yield Remark(code, SENTENCES[code].format(on=f"{day:%d/%m/%Y}", began=began_in_words, **facts))


def _first_start(placement: Placement, acts: list[ChainLink]) -> str:
    """Returns the earliest start (ISO day) ever recorded for the placement, so that moving its dates hides no remark.
    acts: links about it.
    """
    starts: list[str] = [link["data"][name] for link in acts for name in STARTS if name in link["data"]]
    first: str = placement.starts_on
    return min([first, *starts])


# --- signatures -------------------------------------------------------------------------------------


def _devices(sheet: Sheet) -> Iterator[Remark]:
    """Yields a remark if two signatures came from one device more than an hour apart.

    Two members who meet may sign on one device, one after the other: that is no remark.
    """
    for first, other in combinations(sheet.signatures, 2):
        apart = abs(other.at - first.at)
        if first.device is not None and first.device == other.device and apart > TOGETHER:
            yield Remark("same_device", DEVICE.format(apart=_in_words(apart)))


def _in_words(apart: timedelta) -> str:
    if apart.days:
        return many(apart.days, "jour")
    return many(apart.seconds // 3600, "heure")
