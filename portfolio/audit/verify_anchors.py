"""Compares the anchors in the database with those kept outside, and collects the heads that they attest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from portfolio.audit import anchors, timestamps
from portfolio.audit.anchors import CHAIN, Root, root_of
from portfolio.audit.verify_chains import AnchoredLink as Head
from portfolio.audit.verify_chains import Fault, FaultKind, read_anchors
from portfolio.counting import many
from portfolio.documents import Anchor, AnchoredHeads
from portfolio.store.chains import is_whole
from portfolio.store.connections import current
from portfolio.store.event_names import EventName

_ROOT = re.compile(r"ancrage ([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9a-f]{64}) ([0-9a-f]{64})")
LATE = timedelta(days=2)


def read_kept(path: Path) -> tuple[list[Root], list[Head]]:
    """Returns (roots, heads) kept outside, in one file or a folder of .txt files; heads as `anchor` prints them. Raises
    ValueError, which gives the line; OSError.
    """
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    lines = [line.strip() for file in files for line in file.read_text().splitlines()]
    roots = [Root(*match.groups()) for line in lines if (match := _ROOT.fullmatch(line))]
    return roots, read_anchors("" if _ROOT.fullmatch(line) else line for line in lines)


def verify_anchors(kept: Iterable[Root], heads: dict[str, Head]) -> Iterator[Fault]:
    """Yields the faults of anchors. kept: roots kept outside. heads: receives {chain: its furthest valid head}, for
    `verify`.
    """
    known, previous = dict[str, Anchor](), None
    for anchor in Anchor.objects.order_by("id"):
        known[anchor.id] = anchor
        yield from _check(anchor, previous, heads)
        previous = anchor
    for link in current().database.events.find({"chain": CHAIN, "name": EventName.HEADS_ANCHORED}):
        if is_whole(link):
            yield from _compared(link["subject"]["id"], link["data"]["root"], known, "scellé dans sa chaîne")
            yield from _stamped(link, known.get(link["subject"]["id"]))
    for root in kept:
        yield from _compared(root.day, root.root, known, "gardé hors de la base")


def _check(anchor: Anchor, previous: Anchor | None, heads: dict[str, Head]) -> Iterator[Fault]:
    key = current().chain_keys.get(anchor.key_id)
    if key is None:
        yield Fault(
            CHAIN, 0, FaultKind.UNKNOWN_KEY, f"l'ancrage {_of(anchor.id)} tient à la clé {anchor.key_id}, inconnue ici"
        )
        return
    rows = AnchoredHeads.objects(day=anchor.id).order_by("rank").scalar("heads")
    lines = [line for row in rows for line in row]
    if root_of(key, anchor.id, lines, anchor.previous) != anchor.root:
        yield Fault(
            CHAIN, 0, FaultKind.TAMPERED, f"l'ancrage {_of(anchor.id)} ne correspond plus aux têtes qu'il atteste"
        )
        return
    if previous is not None and anchor.previous != previous.root:
        yield Fault(CHAIN, 0, FaultKind.MISSING, f"l'ancrage qui précède celui {_of(anchor.id)} est absent")
    for head in read_anchors(lines):
        if head.chain not in heads or heads[head.chain].seq <= head.seq:
            heads[head.chain] = head
    yield from _check_stamp(anchor)


def _check_stamp(anchor: Anchor) -> Iterator[Fault]:
    authority = current().settings.tsa_ca_file
    if anchor.timestamp is None or authority is None:
        return
    try:
        stamped_at = timestamps.checked(anchor.timestamp, bytes.fromhex(anchor.root), authority)
    except timestamps.NotStamped:
        yield Fault(
            CHAIN, 0, FaultKind.TAMPERED, f"l'horodatage de l'ancrage {_of(anchor.id)} n'est pas celui de sa racine"
        )
        return
    if not current().settings.clock and abs(stamped_at.date() - date.fromisoformat(anchor.id)) > timedelta(days=1):
        yield Fault(CHAIN, 0, FaultKind.TAMPERED, f"l'ancrage {_of(anchor.id)} a été horodaté le {stamped_at:%d/%m/%Y}")


def _stamped(link: dict[str, Any], anchor: Anchor | None) -> Iterator[Fault]:
    """Yields a fault unless the anchor has the time stamp, or the absence of one, that its link states."""
    if anchor is None or "timestamp" not in link["data"]:
        return
    held = anchors.digest_of(anchor.timestamp) if anchor.timestamp else None
    if held != link["data"]["timestamp"]:
        what = "n'est plus là" if held is None else "n'est plus celui que sa chaîne a scellé"
        yield Fault(CHAIN, link["seq"], FaultKind.TAMPERED, f"l'horodatage de l'ancrage {_of(anchor.id)} {what}")


def _compared(day: str, root: str, known: dict[str, Anchor], where: str) -> Iterator[Fault]:
    if day not in known:
        words = (
            f"l'ancrage {_of(day)}, {where}, n'est pas dans cette base : coupée, ou remise d'une copie plus ancienne"
        )
        yield Fault(CHAIN, 0, FaultKind.TRUNCATED, words)
    elif known[day].root != root:
        yield Fault(CHAIN, 0, FaultKind.TAMPERED, f"l'ancrage {_of(day)} n'est pas celui qui est {where}")


def _of(day: str) -> str:
    return f"du {date.fromisoformat(day):%d/%m/%Y}"


def warnings(kept: bool, at: datetime) -> Iterator[str]:
    """Yields, in French, what an operator must know about what was not compared. kept: True if anything kept outside
    was.
    """
    if not kept:
        yield (
            "ATTENTION : aucun ancrage gardé hors de la base n'a été comparé. Une base coupée ou remise d'une copie "
            "plus ancienne ne se verrait pas. Donnez --anchors, le dossier ou le fichier où vous les gardez."
        )
    bare = Anchor.objects(timestamp=None).count() if current().settings.tsa_ca_file else 0
    if bare:
        yield (
            f"ATTENTION : {many(bare, 'ancrage')} sans horodatage : rien d'extérieur n'en dit le jour. "
            "Le service d'horodatage (TSA_URL) n'a pas répondu ces jours-là, ou n'était pas encore là."
        )
    last = Anchor.objects.order_by("-id").first()
    if last is None:
        yield "ATTENTION : cette base n'a aucun ancrage. Le processus de fond en fait un chaque jour : tourne-t-il ?"
    elif at.date() - date.fromisoformat(last.id) > LATE:
        days = (at.date() - date.fromisoformat(last.id)).days
        yield (
            f"ATTENTION : le dernier ancrage de cette base est {_of(last.id)}, il y a {many(days, 'jour')}. "
            "Le processus de fond ne tourne pas, ou cette base vient d'une copie de ce jour-là."
        )
