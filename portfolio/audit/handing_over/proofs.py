"""Writes the links of the chains of an owner, their heads and seals, and how their heads are under the anchors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pymongo.client_session import ClientSession

from portfolio.audit.anchors import paths_of
from portfolio.audit.handing_over.folder import HandOverFolder
from portfolio.audit.handing_over.rows import plain, sealed_groups
from portfolio.audit.handing_over.scopes import IDS_AT_ONCE, Owner
from portfolio.store.batches import batches
from portfolio.store.connections import current
from portfolio.store.seals import RawRow

JOURNAL = "preuves/journal.jsonl"
HEADS = "preuves/tetes.jsonl"
SEALS = "preuves/sceaux.jsonl"
ANCHORS = "preuves/ancrages.jsonl"
PATHS = "preuves/chemins.jsonl"
SEALS_AT_ONCE = 200
# What each file holds, in French, for the description.
CALLED = {
    JOURNAL: "les maillons des chaînes remises, dans l'ordre : chaque ligne est le maillon exact que son sceau tient",
    HEADS: "la tête de chaque chaîne : son nombre de maillons (seq) et le sceau du dernier (mac)",
    SEALS: "les sceaux de lignes remises que porte un maillon d'une chaîne non remise",
    ANCHORS: "les ancrages quotidiens de toutes les chaînes du service : jour, racine, racine d'avant, horodatage",
    PATHS: "pour la dernière tête ancrée de chaque chaîne, le chemin qui mène à la racine de son jour",
}


def write_journal(
    folder: HandOverFolder, owner: Owner, session: ClientSession
) -> tuple[dict[str, int], dict[str, str]]:
    """Writes the links and the heads of the owner's chains. Returns {name of a file: its lines} and {chain: "chain
    seq:mac" of its head}.
    """
    heads: dict[str, str] = {}
    chains = owner.chains()

    def lines() -> Iterator[RawRow]:
        for batch in batches(chains, IDS_AT_ONCE):
            rows = current().database.chains.find({"_id": {"$in": batch}}, session=session).sort("_id", 1)
            for row in rows:
                heads[row["_id"]] = f"{row['_id']} {row['seq']}:{row['mac']}"
                yield {"chain": row["_id"], "seq": row["seq"], "mac": row["mac"]}

    counts = {JOURNAL: folder.write_lines(JOURNAL, _links(chains, session)), HEADS: folder.write_lines(HEADS, lines())}
    return counts, heads


def _links(chains: Iterable[str], session: ClientSession) -> Iterator[RawRow]:
    for batch in batches(chains, IDS_AT_ONCE):
        links = current().database.events.find({"chain": {"$in": batch}}, {"_id": 0}, session=session)
        yield from links.sort([("chain", 1), ("seq", 1)])


def seals_elsewhere(names: Iterable[str], chains: Collection[str], session: ClientSession) -> Iterator[RawRow]:
    """Yields the seals of these rows that links of other chains bear: a jury's act is about many schools.

    names: of rows, as seals have them. chains: those that are given.
    """
    kept = {"chain": 1, "seq": 1, "at": 1, "key_id": 1, "seals": 1, "_id": 0}
    for batch in batches(names, SEALS_AT_ONCE):
        wanted = set(batch)
        links = current().database.events.find({"seals.of": {"$in": batch}}, kept, session=session)
        for link in (link for link in links.sort([("chain", 1), ("seq", 1)]) if link["chain"] not in chains):
            for seal in (seal for seal in link["seals"] if seal["of"] in wanted):
                known = sealed_groups(seal["of"].partition(":")[0])
                groups = {name: mac for name, mac in seal["groups"].items() if name in known}
                if groups:
                    where = {"at": link["at"], "key_id": link["key_id"], "of": seal["of"]}
                    yield where | {"revision": seal["revision"], "groups": groups}


def write_anchors(folder: HandOverFolder, heads: dict[str, str], session: ClientSession) -> dict[str, int]:
    """Writes every anchor with its time stamp, and a path for the last anchored head of each chain in `heads` ({chain:
    head}). Returns {name of a file: its lines}.
    """
    anchors = list(current().database.anchors.find(session=session).sort("_id", 1))
    for anchor in anchors:
        if anchor.get("timestamp"):
            folder.write(stamp_path(anchor["_id"]), [anchor["timestamp"]])
    lines = [
        {name: plain(anchor[name]) for name in ("root", "previous", "key_id")}
        | {"day": anchor["_id"], "timestamp": stamp_path(anchor["_id"]) if anchor.get("timestamp") else None}
        for anchor in anchors
    ]
    paths = _paths(anchors, set(heads), session)
    return {ANCHORS: folder.write_lines(ANCHORS, lines), PATHS: folder.write_lines(PATHS, paths)}


def stamp_path(day: str) -> str:
    """Returns the path, in the folder, of the time stamp of an ISO day."""
    return f"preuves/horodatages/ancrage-{day}.tsr"


def _paths(anchors: list[RawRow], chains: set[str], session: ClientSession) -> Iterator[RawRow]:
    """Yields a path for the last anchored head of each of these chains, the latest day first; none of a day whose key
    this service has no longer.
    """
    waiting = set(chains)
    for anchor in reversed(anchors):
        key = current().chain_keys.get(anchor["key_id"])
        if not waiting or key is None:
            continue
        rows = current().database.anchored_heads.find({"day": anchor["_id"]}, session=session).sort("rank", 1)
        heads = [head for row in rows for head in row["heads"]]
        wanted = {head for head in heads if head.partition(" ")[0] in waiting}
        if not wanted:
            continue
        for path in paths_of(key, anchor["_id"], heads, anchor["previous"], wanted):
            chain, _, end = path.head.partition(" ")
            waiting.discard(chain)
            where = {"day": anchor["_id"], "chain": chain, "seq": int(end.partition(":")[0])}
            yield where | {
                "mac": end.partition(":")[2],
                "salt": path.salt,
                "index": path.index,
                "siblings": list(path.siblings),
            }
