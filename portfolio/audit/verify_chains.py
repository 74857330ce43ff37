"""Verifies the chains: names a tampered, missing, misplaced or truncated link.

If a chain is truncated together with its head, a witness in another chain reveals it, unless that one is truncated too.
Anchors, kept elsewhere, always reveal it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from portfolio.store.chains import GENESIS, has_form, is_whole
from portfolio.store.connections import current

_ANCHOR = re.compile(r"(\S+) ([1-9][0-9]*):([0-9a-f]{64})")


class FaultKind(StrEnum):
    """What is wrong with a link; the last three, with what is stored (`verify_stored`)."""

    TAMPERED = "tampered"
    MISSING = "missing"
    MISPLACED = "misplaced"
    TRUNCATED = "truncated"
    HEAD = "head"
    UNKNOWN_KEY = "unknown_key"
    ALTERED = "altered"
    UNSEALED = "unsealed"
    LOST = "lost"


@dataclass(frozen=True)
class Fault:
    """A fault. what: a `FaultKind`. words: for a person, in French. seq: 0 if no link is concerned."""

    chain: str
    seq: int
    what: FaultKind
    words: str

    @property
    def line(self) -> str:
        """Returns the fault in one French line; without a link's number where it is of the whole chain."""
        return f"{self.chain} maillon {self.seq} : {self.words}" if self.seq else f"{self.chain} : {self.words}"


class AnchoredLink(NamedTuple):
    """The position and mac of a link on one day, kept outside the database."""

    chain: str
    seq: int
    mac: str


class _End(NamedTuple):
    seq: int
    mac: str


_NOTHING = _End(0, GENESIS)


def anchor() -> Iterator[str]:
    """Yields a line "chain seq:mac" per chain, in order, to print, mail or store outside this database."""
    for chain, end in sorted(_heads({}).items()):
        yield f"{chain} {end.seq}:{end.mac}"


def read_anchors(lines: Iterable[str]) -> list[AnchoredLink]:
    """Returns the anchors in the lines of any number of days, except empty ones. Raises ValueError with the number of
    the first line that is none.
    """
    anchors = []
    for number, line in enumerate(lines, 1):
        match = _ANCHOR.fullmatch(line.strip())
        if match:
            anchors.append(AnchoredLink(match[1], int(match[2]), match[3]))
        elif line.strip():
            raise ValueError(f"ligne {number} : un ancrage s'écrit « chaîne rang:sceau »")
    return anchors


def verify(chains: Iterable[str] | None = None, anchors: Iterable[AnchoredLink] | None = None) -> Iterator[Fault]:
    """Yields the faults of chains, reading each link once, while the service runs. chains: names; None means all.
    anchors: links that must be there.
    """
    names = None if chains is None else sorted(set(chains))
    among: dict[str, Any] = {} if names is None else {"$in": names}
    marks: dict[str, dict[int, str]] = {}
    for anchor in anchors or ():
        if names is None or anchor.chain in names:
            marks.setdefault(anchor.chain, {})[anchor.seq] = anchor.mac
    before, last, witnessed = _heads(among), dict[str, _End](), dict[str, AnchoredLink]()
    query = {"chain": among} if among else {}
    for link in current().database.events.find(query).sort([("chain", 1), ("seq", 1)]):
        if not has_form(link):
            yield Fault(
                str(link.get("chain")), 0, FaultKind.TAMPERED, f"l'acte {link['_id']} n'a plus la forme d'un maillon"
            )
            continue
        yield from _check_link(link, last.get(link["chain"], _NOTHING), marks.get(link["chain"], {}))
        last[link["chain"]] = _End(link["seq"], link["mac"])
        _note_witness(link, witnessed)
    after = _heads(among)
    for name in sorted({*before, *after, *last, *marks}):
        end = last.get(name, _NOTHING)
        yield from _check_head(name, end, before.get(name, _NOTHING), after.get(name))
        yield from _check_anchors(name, end, marks.get(name, {}))
    for name, witness in sorted(witnessed.items()):
        if names is None or name in names:
            yield from _check_witness(witness, last.get(name, _NOTHING))


def _note_witness(link: dict[str, Any], witnessed: dict[str, AnchoredLink]) -> None:
    """Keeps, for each chain, the furthest link that a link of another chain witnesses."""
    match = _ANCHOR.fullmatch(str(link.get("witness")))
    if match is None or not is_whole(link):
        return
    witness = AnchoredLink(match[1], int(match[2]), match[3])
    if witness.seq > witnessed.get(witness.chain, witness._replace(seq=0)).seq:
        witnessed[witness.chain] = witness


def _check_witness(witness: AnchoredLink, end: _End) -> Iterator[Fault]:
    """Yields a fault if the witnessed link is missing. It may have been written after its chain was read."""
    if witness.seq <= end.seq:
        return
    link = {"chain": witness.chain, "seq": witness.seq, "mac": witness.mac}
    if not current().database.events.find_one(link, {"_id": 1}):
        words = f"un maillon d'une autre chaîne atteste {witness.seq} maillons, {end.seq} sont là"
        yield Fault(witness.chain, end.seq + 1, FaultKind.TRUNCATED, words)


def _heads(among: dict[str, Any]) -> dict[str, _End]:
    rows = current().database.chains.find({"_id": among} if among else {})
    return {row["_id"]: _End(row["seq"], row["mac"]) for row in rows}


def _check_link(link: dict[str, Any], before: _End, marks: dict[int, str]) -> Iterator[Fault]:
    chain, seq, keys = link["chain"], link["seq"], current().chain_keys
    if seq != before.seq + 1:
        absent = (
            f"le maillon {seq - 1} est absent" if seq == before.seq + 2 else f"{seq - 1 - before.seq} maillons absents"
        )
        yield Fault(chain, before.seq + 1, FaultKind.MISSING, absent)
    elif link["prev"] != before.mac:
        yield Fault(chain, seq, FaultKind.MISPLACED, "le maillon ne suit pas celui qui le précède")
    if link["key_id"] not in keys:
        yield Fault(
            chain, seq, FaultKind.UNKNOWN_KEY, f"le maillon est scellé par la clé {link['key_id']}, inconnue ici"
        )
    elif not is_whole(link):
        yield Fault(chain, seq, FaultKind.TAMPERED, "le contenu du maillon ne correspond plus à son sceau")
    if marks.get(seq, link["mac"]) != link["mac"]:
        yield Fault(chain, seq, FaultKind.TAMPERED, "le maillon n'est pas celui de l'ancrage hors de la base")


def _check_head(chain: str, end: _End, before: _End, after: _End | None) -> Iterator[Fault]:
    """Yields a fault of the head of a chain. end: the last link read. before, after: the head before and after the
    links were read, None if it is gone. A head only moves forward.
    """
    if end.seq < before.seq:
        yield Fault(
            chain, end.seq + 1, FaultKind.TRUNCATED, f"la tête annonce {before.seq} maillons, {end.seq} sont là"
        )
    elif after is None:
        if end.seq:
            yield Fault(chain, end.seq, FaultKind.HEAD, "la tête de chaîne a disparu")
    elif after.seq < end.seq or (after.seq == end.seq and after.mac != end.mac):
        yield Fault(chain, end.seq, FaultKind.HEAD, f"la tête de chaîne ({after.seq}) ne nomme pas le dernier maillon")


def _check_anchors(chain: str, end: _End, marks: dict[int, str]) -> Iterator[Fault]:
    if marks and max(marks) > end.seq:
        words = f"un ancrage hors de la base atteste {max(marks)} maillons, {end.seq} sont là"
        yield Fault(chain, end.seq + 1, FaultKind.TRUNCATED, words)
