"""Verifies the chains: names a tampered, missing, misplaced or truncated link.

A chain cut and its head put back together shows by a link of another chain that names what was cut, until that one is
cut too: anchors, kept elsewhere, show it always.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from portfolio.store.chains import GENESIS, has_form, is_whole
from portfolio.store.connections import current

_ANCHOR = re.compile(r"(\S+) ([1-9][0-9]*):([0-9a-f]{64})")


@dataclass(frozen=True)
class Fault:
    """what: tampered | missing | misplaced | truncated | head | unknown_key; of what is stored (`verify_stored`),
    altered | unsealed | lost. words: for a person, in French. seq: 0 where no link is to blame.
    """

    chain: str
    seq: int
    what: str
    words: str

    @property
    def line(self) -> str:
        return f"{self.chain} maillon {self.seq} : {self.words}" if self.seq else f"{self.chain} : {self.words}"


class Anchor(NamedTuple):
    """A link as it stood one day, kept outside the database."""

    chain: str
    seq: int
    mac: str


class _End(NamedTuple):
    seq: int
    mac: str


_NOTHING = _End(0, GENESIS)


def anchor() -> Iterator[str]:
    """One line "chain seq:mac" per chain, in order: to be printed, mailed or stored where this database is not."""
    for chain, end in sorted(_heads({}).items()):
        yield f"{chain} {end.seq}:{end.mac}"


def read_anchors(lines: Iterable[str]) -> list[Anchor]:
    """Lines of one or many days; empty ones are passed over. Raises ValueError, naming the line."""
    found = []
    for number, line in enumerate(lines, 1):
        match = _ANCHOR.fullmatch(line.strip())
        if match:
            found.append(Anchor(match[1], int(match[2]), match[3]))
        elif line.strip():
            raise ValueError(f"ligne {number} : un ancrage s'écrit « chaîne rang:sceau »")
    return found


def verify(chains: Iterable[str] | None = None, anchors: Iterable[Anchor] | None = None) -> Iterator[Fault]:
    """Reads every link once, chain by chain, while people may be at work. chains: all of them where None."""
    names = None if chains is None else sorted(set(chains))
    among: dict[str, Any] = {} if names is None else {"$in": names}
    marks: dict[str, dict[int, str]] = {}
    for one in anchors or ():
        if names is None or one.chain in names:
            marks.setdefault(one.chain, {})[one.seq] = one.mac
    before, last, witnessed = _heads(among), dict[str, _End](), dict[str, Anchor]()
    query = {"chain": among} if among else {}
    for link in current().database.events.find(query).sort([("chain", 1), ("seq", 1)]):
        if not has_form(link):
            yield Fault(str(link.get("chain")), 0, "tampered", f"l'acte {link['_id']} n'a plus la forme d'un maillon")
            continue
        yield from _check_link(link, last.get(link["chain"], _NOTHING), marks.get(link["chain"], {}))
        last[link["chain"]] = _End(link["seq"], link["mac"])
        _hear(link, witnessed)
    after = _heads(among)
    for name in sorted({*before, *after, *last, *marks}):
        end = last.get(name, _NOTHING)
        yield from _check_head(name, end, before.get(name, _NOTHING), after.get(name))
        yield from _check_anchors(name, end, marks.get(name, {}))
    for name, seen in sorted(witnessed.items()):
        if names is None or name in names:
            yield from _check_witness(seen, last.get(name, _NOTHING))


def _hear(link: dict[str, Any], witnessed: dict[str, Anchor]) -> None:
    """Keeps of each chain the furthest link that one of another chain names as written before it."""
    match = _ANCHOR.fullmatch(str(link.get("witness")))
    if match is None or not is_whole(link):
        return
    seen = Anchor(match[1], int(match[2]), match[3])
    if seen.seq > witnessed.get(seen.chain, seen._replace(seq=0)).seq:
        witnessed[seen.chain] = seen


def _check_witness(seen: Anchor, end: _End) -> Iterator[Fault]:
    """What was written after its chain had been read is looked for again."""
    if seen.seq <= end.seq:
        return
    if not current().database.events.find_one({"chain": seen.chain, "seq": seen.seq, "mac": seen.mac}, {"_id": 1}):
        words = f"un maillon d'une autre chaîne atteste {seen.seq} maillons, {end.seq} sont là"
        yield Fault(seen.chain, end.seq + 1, "truncated", words)


def _heads(among: dict[str, Any]) -> dict[str, _End]:
    found = current().database.chains.find({"_id": among} if among else {})
    return {row["_id"]: _End(row["seq"], row["mac"]) for row in found}


def _check_link(link: dict[str, Any], before: _End, marks: dict[int, str]) -> Iterator[Fault]:
    chain, seq, keys = link["chain"], link["seq"], current().chain_keys
    if seq != before.seq + 1:
        absent = (
            f"le maillon {seq - 1} est absent" if seq == before.seq + 2 else f"{seq - 1 - before.seq} maillons absents"
        )
        yield Fault(chain, before.seq + 1, "missing", absent)
    elif link["prev"] != before.mac:
        yield Fault(chain, seq, "misplaced", "le maillon ne suit pas celui qui le précède")
    if link["key_id"] not in keys:
        yield Fault(chain, seq, "unknown_key", f"le maillon est scellé par la clé {link['key_id']}, inconnue ici")
    elif not is_whole(link):
        yield Fault(chain, seq, "tampered", "le contenu du maillon ne correspond plus à son sceau")
    if marks.get(seq, link["mac"]) != link["mac"]:
        yield Fault(chain, seq, "tampered", "le maillon n'est pas celui de l'ancrage hors de la base")


def _check_head(chain: str, end: _End, before: _End, after: _End | None) -> Iterator[Fault]:
    """before, after: the head when the links began to be read, and once they were. It only ever moves forward."""
    if end.seq < before.seq:
        yield Fault(chain, end.seq + 1, "truncated", f"la tête annonce {before.seq} maillons, {end.seq} sont là")
    elif after is None:
        if end.seq:
            yield Fault(chain, end.seq, "head", "la tête de chaîne a disparu")
    elif after.seq < end.seq or (after.seq == end.seq and after.mac != end.mac):
        yield Fault(chain, end.seq, "head", f"la tête de chaîne ({after.seq}) ne nomme pas le dernier maillon")


def _check_anchors(chain: str, end: _End, marks: dict[int, str]) -> Iterator[Fault]:
    if marks and max(marks) > end.seq:
        words = f"un ancrage hors de la base atteste {max(marks)} maillons, {end.seq} sont là"
        yield Fault(chain, end.seq + 1, "truncated", words)
