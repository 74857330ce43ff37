"""Recomputes every seal of a folder before it is signed: the service alone has the keys, and answers for the result."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from portfolio.audit.handing_over import proofs
from portfolio.audit.handing_over.rows import path_of
from portfolio.store.chains import link_mac
from portfolio.store.connections import current
from portfolio.store.seals import MAC_LENGTH, RawRow

Groups = Mapping[str, Mapping[str, list[str]]]
_Last = tuple[int, str, str]  # revision, seal, key id


@dataclass(frozen=True)
class SealsRecomputed:
    """The result. links, groups: how many seals of links and of groups of fields. faults: in French."""

    links: int
    groups: int
    faults: list[str]


def recompute(root: Path, sealed: Groups) -> SealsRecomputed:
    """Checks the seal of each link, and of each group of fields of each row, of a folder handed over. Returns how many
    of each were checked, and the faults; none if all seals are right. sealed: {collection: {group: fields}}.
    """
    links, faults = _of_links(root)
    groups, more = _of_rows(root, sealed)
    return SealsRecomputed(links, groups, faults + more)


def _of_links(root: Path) -> tuple[int, list[str]]:
    count, faults, keys = 0, list[str](), current().chain_keys
    for count, link in enumerate(_lines(root / proofs.JOURNAL), 1):  # noqa: B007  # read after the last link
        key = keys.get(link["key_id"])
        if key is None:
            faults.append(f"{_named(link)} : scellé par une clé que le service n'a plus ({link['key_id']})")
        elif link_mac(link, key) != link["mac"]:
            faults.append(f"{_named(link)} : son contenu n'a pas son sceau")
    return count, faults


def _of_rows(root: Path, sealed: Groups) -> tuple[int, list[str]]:
    count, faults, (last, removed) = 0, list[str](), _last_seals(root)
    for collection, groups in sealed.items():
        for row in _lines(root / path_of(collection)) if groups else ():
            name = f"{collection}:{row['id']}"
            if name in removed:
                faults.append(f"{name} : supprimé par un maillon, et là pourtant")
            known = last.get(name, {})
            for group in groups.keys() & known.keys():
                count += 1
                if not _holds(name, group, row, groups[group], known[group]):
                    faults.append(f"{name} : « {group} » n'est pas ce qui fut scellé")
    return count, faults


def _last_seals(root: Path) -> tuple[dict[str, dict[str, _Last]], set[str]]:
    """Returns {row: {group: its last seal, by revision}}, and the rows that a link says were removed."""
    last, removed = dict[str, dict[str, _Last]](), set[str]()
    own = ({"key_id": link["key_id"], **seal} for link in _lines(root / proofs.JOURNAL) for seal in link["seals"])
    for seal in chain(own, _lines(root / proofs.SEALS)):
        if seal.get("removed"):
            removed.add(seal["of"])
        groups = last.setdefault(seal["of"], {})
        for group, mac in seal["groups"].items():
            if group not in groups or groups[group][0] <= seal["revision"]:
                groups[group] = seal["revision"], mac, seal["key_id"]
    return last, removed


def _holds(name: str, group: str, row: RawRow, fields: list[str], seal: _Last) -> bool:
    _, mac, key_id = seal
    key = current().chain_keys.get(key_id)
    values = {field: row[field] for field in fields if row.get(field) not in (None, [], {})}
    text = json.dumps([name, group, values], sort_keys=True, ensure_ascii=False)
    return key is not None and hmac.new(key, b"seal " + text.encode(), hashlib.sha256).hexdigest()[:MAC_LENGTH] == mac


def _lines(path: Path) -> Iterator[RawRow]:
    with path.open("rb") as file:
        yield from map(json.loads, file)


def _named(link: RawRow) -> str:
    return f"{link['chain']} maillon {link['seq']}"
