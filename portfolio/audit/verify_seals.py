"""Compares every sealed field with its last seal (`portfolio/store/seals.py`).

Each batch is one snapshot. A document stored before its chains sealed it, and not written since, has no seal: it is
counted and is not a fault, until `seal_what_stands` seals it in its current state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bson import ObjectId
from pymongo.client_session import ClientSession

from portfolio.audit.verify_chains import Fault, FaultKind
from portfolio.store import seals
from portfolio.store.batches import batches
from portfolio.store.chains import is_whole
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.sealing.sealed import PLACE
from portfolio.store.sealing.sealed_fields import LATER, SEALED
from portfolio.store.seals import RawRow

BATCH = 200
REMOVED = ""  # key of the link that removed a document, beside its groups
BASELINE = "store"  # the chain of acts on the whole store


@dataclass(frozen=True)
class _Seal:
    """The last seal of one group of one document. link: the link that holds it."""

    revision: int
    mac: str
    link: RawRow


def verify_seals(candidacy: ObjectId | None = None, unsealed: list[str] | None = None) -> Iterator[Fault]:
    """Yields the faults of stored documents, reading each one once. candidacy: id; only what is below this one.
    unsealed: receives "kind:id" of each document stored before a group of it was sealed, and without that seal.
    """
    waiting, counted = not_yet_sealed(candidacy), [] if unsealed is None else unsealed
    for collection in SEALED:
        among = _among(collection, candidacy)
        if among is not None:
            yield from _held(collection, among, waiting[collection], counted)
    yield from _lost(candidacy)


def _among(collection: str, candidacy: ObjectId | None) -> RawRow | None:
    """Returns the MongoDB query for the documents of a candidate in a collection; {}, for all, if `candidacy` is None;
    None if the kind has no candidate. Raises KeyError for a collection that is not sealed.
    """
    if candidacy is None:
        return {}
    if collection == "candidacies":
        return {"_id": candidacy}
    placed = any(fields == PLACE for _, fields in SEALED[collection].groups.values())
    return {"candidacy": candidacy} if placed else None


def _in_chains(candidacy: ObjectId | None) -> RawRow:
    own = [f"portfolio:{candidacy}", f"assessment:{candidacy}"]
    return {} if candidacy is None else {"chain": {"$in": own}}


def not_yet_sealed(candidacy: ObjectId | None = None) -> dict[str, set[str]]:
    """Returns {collection: groups that a document may have without a seal}.

    Links were written that did not seal these groups, and no `state_sealed` lists them. A missing seal of any other
    group means that a write bypassed the journal. candidacy: only the links of its own chains.
    """
    events = current().database.events
    waiting = {collection: set(rules.groups) for collection, rules in SEALED.items()}
    old = {"seals": {"$exists": False}, **_in_chains(candidacy)}
    if not any(is_whole(link) for link in events.find(old).limit(1)):
        waiting = {collection: groups & LATER.get(collection, frozenset()) for collection, groups in waiting.items()}
    for link in events.find({"chain": BASELINE, "name": EventName.STATE_SEALED}):
        if is_whole(link):
            for collection, groups in link["data"].get("groups", {}).items():
                waiting.get(collection, set()).difference_update(groups)
    return waiting


def _held(collection: str, among: RawRow, waiting: set[str], unsealed: list[str]) -> Iterator[Fault]:
    last: RawRow = {}
    while True:
        with current().client.start_session(snapshot=True) as session:
            documents = current().database[collection].find(among | last, session=session)
            rows = list(documents.sort("_id", 1).limit(BATCH))
            if not rows:
                return
            sealed = last_seals([seals.name_of(collection, row["_id"]) for row in rows], session)
        for row in rows:
            of_row = sealed[seals.name_of(collection, row["_id"])]
            yield from _without_seal(collection, row, of_row, waiting, unsealed)
            yield from _check(collection, row, of_row)
        if len(rows) < BATCH:
            return
        last = {"_id": {"$gt": rows[-1]["_id"]}}


def last_seals(names: list[str], session: ClientSession | None = None) -> dict[str, dict[str, _Seal]]:
    """Returns {name of a document: {group: its last seal}}; a removed document has the key REMOVED."""
    last: dict[str, dict[str, _Seal]] = defaultdict(dict)
    wanted = set(names)
    for link in current().database.events.find({"seals.of": {"$in": names}}, session=session):
        if not is_whole(link):  # `verify` reports it: it seals nothing
            continue
        for entry in link["seals"]:
            if entry["of"] in wanted:
                of = last[entry["of"]]
                groups = {REMOVED: ""} if entry.get("removed") else entry["groups"]
                for group, mac in groups.items():
                    if group not in of or of[group].revision <= entry["revision"]:
                        of[group] = _Seal(entry["revision"], mac, link)
    return last


def _without_seal(
    collection: str, row: RawRow, sealed: dict[str, _Seal], waiting: set[str], unsealed: list[str]
) -> Iterator[Fault]:
    rules, name = SEALED[collection], seals.name_of(collection, row["_id"])
    if rules.own_link and not sealed:  # `verify_stored` compares it with the link of its act
        return
    bare = rules.groups.keys() - sealed.keys()
    missing = {group for group in bare if seals.filled(collection, row, group)}
    words = f"aucun maillon n'a scellé {rules.word} {row['_id']}"
    if not sealed and set(rules.groups) - waiting:
        yield Fault(name, 0, FaultKind.UNSEALED, words)
        return
    if missing & waiting or not sealed:
        unsealed.append(name)
    for group in (group for group in rules.groups if group in missing - waiting):
        yield Fault(name, 0, FaultKind.UNSEALED, f"{words} : {rules.groups[group][0]}")


def _check(collection: str, row: RawRow, sealed: dict[str, _Seal]) -> Iterator[Fault]:
    rules = SEALED[collection]
    thing = f"{rules.word} {row['_id']}"
    if REMOVED in sealed:  # an identifier is never reused
        link = sealed[REMOVED].link
        words = f"{thing}, supprimé par ce maillon le {link['at']:%d/%m/%Y}, est de nouveau là"
        yield Fault(link["chain"], link["seq"], FaultKind.ALTERED, words)
        return
    wrong: dict[tuple[str, int], tuple[RawRow, list[str]]] = {}
    for group, (label, _) in rules.groups.items():
        seal = sealed.get(group)
        if seal is not None and not _holds(collection, row, group, seal):
            where = seal.link["chain"], seal.link["seq"]
            wrong.setdefault(where, (seal.link, []))[1].append(label)
    for (chain, seq), (link, parts) in wrong.items():
        words = f"{thing} n'est plus ce que ce maillon a scellé le {link['at']:%d/%m/%Y} : {', '.join(parts)}"
        yield Fault(chain, seq, FaultKind.ALTERED, words)


def _holds(collection: str, row: RawRow, group: str, seal: _Seal) -> bool:
    try:
        return seals.mac(collection, row, group, current().chain_keys[seal.link["key_id"]]) == seal.mac
    except TypeError:  # a value that the service never writes
        return False


# --- what was sealed, and is missing ---------------------------------------------------------------


def _lost(candidacy: ObjectId | None) -> Iterator[Fault]:
    query: RawRow = {"seals.of": {"$exists": True}, **_in_chains(candidacy)}
    links = current().database.events.find(query, batch_size=BATCH).sort([("chain", 1), ("seq", 1)])
    reported: set[str] = set()
    for batch in batches(filter(is_whole, links), BATCH):
        where = {entry["of"]: link for link in batch for entry in link["seals"] if not entry.get("removed")}
        absent = [name for name in _absent(where) if name not in reported]
        gone = last_seals(absent) if absent else {}
        for name in absent:
            if REMOVED not in gone[name]:
                reported.add(name)
                link, word = where[name], SEALED[name.partition(":")[0]].word
                words = f"ce que ce maillon a scellé le {link['at']:%d/%m/%Y} n'est plus là ({word})"
                yield Fault(link["chain"], link["seq"], FaultKind.LOST, words)


def _absent(names: Iterable[str]) -> list[str]:
    """Returns those of these names ("collection:id") whose document is missing and must exist; `verify_stored` checks
    those with their own link.
    """
    of_kind: dict[str, list[ObjectId]] = defaultdict(list)
    for name in names:
        collection, _, document = name.partition(":")
        if not (SEALED[collection].may_leave or SEALED[collection].own_link):
            of_kind[collection].append(ObjectId(document))
    absent = []
    for collection, ids in of_kind.items():
        there = {row["_id"] for row in current().database[collection].find({"_id": {"$in": ids}}, {"_id": 1})}
        absent += [seals.name_of(collection, document_id) for document_id in ids if document_id not in there]
    return absent
