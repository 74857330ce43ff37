"""Holds every stored field that counts against the last seal of it (`portfolio/seals.py`).

In batches, each read as it stood at one moment. What was stored before version 0.3 and not written since bears no seal:
it is counted, never told as a fault, until `seal_what_stands` seals it as it is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from bson import ObjectId
from pymongo.client_session import ClientSession

from portfolio import seals
from portfolio.connections import current
from portfolio.sealed_fields import PLACE, SEALED
from portfolio.verify import Fault, is_whole

BATCH = 200
BASELINE = "store"  # the chain of what the service did to the whole store
Row = dict[str, Any]
Item = TypeVar("Item")


@dataclass(frozen=True)
class _Seal:
    """The last of one group of one document. link: which sealed it."""

    revision: int
    mac: str
    link: Row


def verify_seals(candidacy: ObjectId | None = None, unsealed: list[str] | None = None) -> Iterator[Fault]:
    """Reads every document of a sealed kind once. candidacy: what hangs below this one alone.

    unsealed: is given "kind:id" of each that nothing seals because it was stored before version 0.3.
    """
    old = not everything_is_sealed(candidacy)
    for collection in SEALED:
        among = _among(collection, candidacy)
        if among is not None:
            yield from _held(collection, among, unsealed if old else None)
    yield from _lost(candidacy)


def _among(collection: str, candidacy: ObjectId | None) -> Row | None:
    """Which documents of this kind are a candidate's; None where it has no candidate."""
    if candidacy is None:
        return {}
    if collection == "candidacies":
        return {"_id": candidacy}
    placed = any(fields == PLACE for _, fields in SEALED[collection].groups.values())
    return {"candidacy": candidacy} if placed else None


def _in_chains(candidacy: ObjectId | None) -> Row:
    own = [f"portfolio:{candidacy}", f"assessment:{candidacy}"]
    return {} if candidacy is None else {"chain": {"$in": own}}


def everything_is_sealed(candidacy: ObjectId | None = None) -> bool:
    """Whether what bears no seal came past the journal: every link seals, or what stood before them was sealed.

    candidacy: by the links of its own chains.
    """
    events = current().database.events
    begun = events.find_one({"chain": BASELINE, "name": "state_sealed"})
    if begun is not None and is_whole(begun):
        return True
    old = {"seals": {"$exists": False}, **_in_chains(candidacy)}
    return not any(is_whole(link) for link in events.find(old).limit(1))


def _held(collection: str, among: Row, unsealed: list[str] | None) -> Iterator[Fault]:
    """unsealed: None where nothing was stored before seals."""
    last: Row = {}
    while True:
        with current().client.start_session(snapshot=True) as session:
            found = current().database[collection].find(among | last, session=session)
            rows = list(found.sort("_id", 1).limit(BATCH))
            if not rows:
                return
            sealed = last_seals([seals.name_of(collection, row["_id"]) for row in rows], session)
        for row in rows:
            yield from _check(collection, row, sealed[seals.name_of(collection, row["_id"])], unsealed)
        if len(rows) < BATCH:
            return
        last = {"_id": {"$gt": rows[-1]["_id"]}}


def last_seals(names: list[str], session: ClientSession | None = None) -> dict[str, dict[str, _Seal]]:
    """{name of a document: {group: its last seal}}; a document that was removed has the group `removed`."""
    found: dict[str, dict[str, _Seal]] = defaultdict(dict)
    wanted = set(names)
    for link in current().database.events.find({"seals.of": {"$in": names}}, session=session):
        if not is_whole(link):  # `verify` names it: it seals nothing
            continue
        for one in link["seals"]:
            if one["of"] in wanted:
                of = found[one["of"]]
                groups = {"removed": ""} if one.get("removed") else one["groups"]
                for group, mac in groups.items():
                    if group not in of or of[group].revision <= one["revision"]:
                        of[group] = _Seal(one["revision"], mac, link)
    return found


def _check(collection: str, row: Row, sealed: dict[str, _Seal], unsealed: list[str] | None) -> Iterator[Fault]:
    rules = SEALED[collection]
    thing = f"{rules.word} {row['_id']}"
    if not sealed and not rules.own_link:
        if unsealed is None:
            yield Fault(f"{collection}:{row['_id']}", 0, "unsealed", f"aucun maillon n'a scellé {thing}")
        else:
            unsealed.append(f"{collection}:{row['_id']}")
        return
    wrong: dict[tuple[str, int], tuple[Row, list[str]]] = {}
    for group, (words, fields) in rules.groups.items():
        seal = sealed.get(group)
        if seal is None:
            empty = all(row.get(name) in (None, [], {}) for name in fields)
            if unsealed is None and sealed and not empty:
                yield Fault(f"{collection}:{row['_id']}", 0, "unsealed", f"aucun maillon n'a scellé {thing} : {words}")
        elif not _holds(collection, row, group, seal):
            where = seal.link["chain"], seal.link["seq"]
            wrong.setdefault(where, (seal.link, []))[1].append(words)
    for (chain, seq), (link, parts) in wrong.items():
        said = f"{thing} n'est plus ce que ce maillon a scellé le {link['at']:%d/%m/%Y} : {', '.join(parts)}"
        yield Fault(chain, seq, "altered", said)


def _holds(collection: str, row: Row, group: str, seal: _Seal) -> bool:
    try:
        return seals.mac(collection, row, group, current().chain_keys[seal.link["key_id"]]) == seal.mac
    except TypeError:  # it holds what the service never writes
        return False


# --- what was sealed, and is not there any more -----------------------------------------------------


def _lost(candidacy: ObjectId | None) -> Iterator[Fault]:
    query: Row = {"seals.of": {"$exists": True}, **_in_chains(candidacy)}
    links = current().database.events.find(query, batch_size=BATCH).sort([("chain", 1), ("seq", 1)])
    told: set[str] = set()
    for batch in _batches(filter(is_whole, links)):
        where = {one["of"]: link for link in batch for one in link["seals"] if not one.get("removed")}
        absent = [name for name in _absent(where) if name not in told]
        gone = last_seals(absent) if absent else {}
        for name in absent:
            if "removed" not in gone[name]:
                told.add(name)
                link, word = where[name], SEALED[name.partition(":")[0]].word
                said = f"ce que ce maillon a scellé le {link['at']:%d/%m/%Y} n'est plus là ({word})"
                yield Fault(link["chain"], link["seq"], "lost", said)


def _absent(names: Iterable[str]) -> list[str]:
    """Those among these that should be there, by kind: what has its own link is missed by `verify_stored`."""
    of_kind: dict[str, list[ObjectId]] = defaultdict(list)
    for name in names:
        collection, _, document = name.partition(":")
        if not (SEALED[collection].may_leave or SEALED[collection].own_link):
            of_kind[collection].append(ObjectId(document))
    absent = []
    for collection, ids in of_kind.items():
        there = {row["_id"] for row in current().database[collection].find({"_id": {"$in": ids}}, {"_id": 1})}
        absent += [seals.name_of(collection, one) for one in ids if one not in there]
    return absent


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
