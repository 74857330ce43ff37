"""What the office reads before it transmits a sheet: facts about who sat and how they signed, judged by nobody here.

None of it says that something is wrong: a follower replaces a tutor who left, two members sign in the same room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from portfolio.documents import Academy, Person, Placement, Sheet
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.store.connections import current

TOGETHER = timedelta(hours=1)
ON_TUTORS = ("placement_added", "placement_amended", "tutor_replaced")
# {link of a chain: what it comes to}
CODES = {
    "placement_added": "tutor_named",
    "tutor_replaced": "tutor_replaced",
    "address_corrected": "tutor_address_corrected",
}
DEVICE = (
    "Les deux signatures sont venues du même réseau et du même navigateur, à {apart} d'intervalle. Les postes d'un "
    "même établissement se ressemblent souvent : à vérifier seulement si cela vous surprend."
)
SAID = {
    "tutor_named": "{who}, membre de la commission, a désigné {tutor} comme tuteur chez {company} le {on}, alors que "
    "la période {began}.",
    "tutor_replaced": "{who}, membre de la commission, a remplacé le tuteur chez {company} le {on}, alors que la "
    "période {began}. Le tuteur est aujourd'hui {tutor}.",
    "tutor_address_corrected": "{who}, membre de la commission, a changé l'adresse e-mail de {tutor}, tuteur chez "
    "{company}, le {on}, alors que la période {began}.",
}
BEGAN = "avait commencé le {day}"
STARTS = ("starts_on", "started_on")  # in the links of a period: as it was set, as it stood before
MOVED = "avait été enregistrée d'abord comme commençant le {day}"

Row = dict[str, Any]


@dataclass(frozen=True)
class Remark:
    """code: tutor_named, tutor_replaced, tutor_address_corrected, same_device."""

    code: str
    sentence: str


def of_sheet(by: Actor, sheet: Sheet) -> list[Remark]:
    require(by, Action.READ_REMARKS, sheet)
    return of_sheets(by, [sheet])[sheet.id]


def of_sheets(by: Actor, sheets: Sequence[Any]) -> dict[Any, list[Remark]]:
    """{sheet: remarks}, in a constant number of queries. Of the devices, to the office alone. Rights are the caller's
    to check: READ_REMARKS."""
    changed = _by_members(sheets)
    return {
        sheet.id: [*changed[sheet.id], *(_devices(sheet) if may(by, Action.TRANSMIT, sheet) else [])]
        for sheet in sheets
    }


# --- tutors that a member chose, once the period had begun ------------------------------------------


def _by_members(sheets: Sequence[Any]) -> dict[Any, list[Remark]]:
    placements = list(Placement.objects(candidacy__in=[one.candidacy for one in sheets], cancelled_at=None))
    if not placements:
        return defaultdict(list)
    links = _links([f"portfolio:{one.candidacy}" for one in sheets], ON_TUTORS)
    moved = _links([f"person:{one.tutor}" for one in placements], ("address_corrected",))
    names = {
        str(one.id): one.name for one in Person.objects(pk__in={person for sheet in sheets for person in sheet.members})
    }
    zones = {one.code: ZoneInfo(one.timezone) for one in Academy.objects(code__in={one.academy for one in sheets})}
    told: dict[Any, list[Remark]] = defaultdict(list)
    for sheet in sheets:
        for placement in (one for one in placements if one.candidacy == sheet.candidacy):
            acts = [link for link in links if link["data"].get("placement") == str(placement.id)]
            acts += [link for link in moved if link["chain"] == f"person:{placement.tutor}"]
            told[sheet.id] += _told(sheet, placement, acts, names, zones[sheet.academy])
    return told


def _links(chains: list[str], names: Sequence[str]) -> list[Row]:
    query = {"chain": {"$in": chains}, "name": {"$in": list(names)}}
    return list(current().database.events.find(query).sort([("at", 1), ("_id", 1)]))


def _told(sheet: Any, placement: Placement, acts: list[Row], names: dict[str, str], zone: ZoneInfo) -> Iterator[Remark]:
    members = {str(person) for person in sheet.members}
    replaced = any(link["name"] == "tutor_replaced" for link in acts)
    began = _first_start(placement, acts)
    for link in acts:
        day = link["at"].astimezone(zone).date()
        who = link["data"].get("asked_by", link["by"])  # a change that waited is done by the worker or who confirmed it
        if link["name"] not in CODES or who not in members or day.isoformat() <= began:
            continue
        if link["name"] == "placement_added" and (replaced or placement.tutor not in sheet.members):
            continue  # a period that was entered late is no change; that its tutor sits is worth a word
        code = CODES[link["name"]]
        facts = {"who": names[who], "tutor": placement.tutor_name, "company": placement.company_name}
        said = (BEGAN if began == placement.starts_on else MOVED).format(day=f"{date.fromisoformat(began):%d/%m/%Y}")
        yield Remark(code, SAID[code].format(on=f"{day:%d/%m/%Y}", began=said, **facts))


def _first_start(placement: Placement, acts: list[Row]) -> str:
    """The earliest day that the period was ever said to begin: whoever moves its dates hides no remark by it."""
    said: list[str] = [link["data"][name] for link in acts for name in STARTS if name in link["data"]]
    first: str = placement.starts_on
    return min([first, *said])


# --- signatures -------------------------------------------------------------------------------------


def _devices(sheet: Any) -> Iterator[Remark]:
    """Two people in one room sign on one device, one after the other: there is nothing to say of it."""
    for one, other in combinations(sheet.signatures, 2):
        apart = abs(other.at - one.at)
        if one.device is not None and one.device == other.device and apart > TOGETHER:
            yield Remark("same_device", DEVICE.format(apart=_in_words(apart)))


def _in_words(apart: timedelta) -> str:
    if apart.days:
        return f"{apart.days} jour{'s' if apart.days > 1 else ''}"
    hours = apart.seconds // 3600
    return f"{hours} heure{'s' if hours > 1 else ''}"
