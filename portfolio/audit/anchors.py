"""Anchors the heads of all chains in one root per day, kept where the operator of the database cannot write.

The root is that of a Merkle tree of fixed depth (prefixes of RFC 6962) over the heads that moved since the previous
anchor and its root, so that each root covers all heads. Leaves are salted under the chain key, the hour is fixed, and
one line of fixed length leaves this machine: it does not reveal how many chains moved, which ones, or how far.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from bson import ObjectId

from portfolio.audit import timestamps
from portfolio.documents import Anchor, AnchoredHeads
from portfolio.ids import new_id
from portfolio.policy.relations import SYSTEM
from portfolio.store.chains import GENESIS, event_by
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, Errand, Insert, commit

CHAIN = "anchors"
DEPTH = 32
HEADS_PER_ROW = 1000
OVERLAP = timedelta(hours=1)  # between two anchors: a commit may begin before the first and end after it
KEPT_AGAIN = timedelta(days=60)
log = structlog.get_logger()


class Root(NamedTuple):
    """The root of one day, kept outside."""

    day: str
    root: str
    previous: str

    @property
    def line(self) -> str:
        """Returns the line that is kept outside: "ancrage <day> <root> <previous root>"."""
        return f"ancrage {self.day} {self.root} {self.previous}"


def anchor_heads(at: datetime) -> Anchor:
    """Returns the anchor of this day (UTC), made, time-stamped and mailed if there is none. If two workers make it, the
    first one counts. Raises Unavailable; a time-stamping authority that does not answer only leaves the stamp out.
    """
    day = f"{at:%Y-%m-%d}"
    known = Anchor.objects(pk=day).first()
    if known is not None:
        return known
    before = Anchor.objects(pk__lt=day).order_by("-id").first()
    key_id, key = next(iter(current().chain_keys.items()))
    made = new_id()
    heads = list(_moved(before.made if before else None))
    previous = before.root if before else GENESIS
    root = root_of(key, day, heads, previous)
    stamp = timestamps.ask(bytes.fromhex(root))
    data = {"root": root, "timestamp": stamp and digest_of(stamp)}
    anchor = Anchor(id=day, root=root, previous=previous, key_id=key_id, made=made, timestamp=stamp)
    rows = [
        AnchoredHeads(id=f"{day}/{rank}", day=day, rank=rank, heads=heads[first : first + HEADS_PER_ROW])
        for rank, first in enumerate(range(0, len(heads), HEADS_PER_ROW))
    ]
    event = event_by(SYSTEM, at, CHAIN, EventName.HEADS_ANCHORED, anchor, data)
    mailed = [Errand("anchor", {"day": day})] if current().settings.anchors_mail else []
    try:
        commit([Insert(anchor), *map(Insert, rows)], event, mailed)
    except AlreadyExists:
        return Anchor.objects.get(pk=day)
    if not (current().settings.anchors_dir or current().settings.anchors_mail):
        log.warning("anchor_kept_nowhere")
    return anchor


def digest_of(stamp: bytes) -> str:
    """Returns the SHA-256, in hex, of a time stamp, which the link of the anchor contains: a removal is then
    visible.
    """
    return hashlib.sha256(stamp).hexdigest()


def _moved(since: ObjectId | None) -> Iterator[str]:
    """Yields "chain seq:mac", by chain, for each chain with a link made since this id, or up to OVERLAP before it; for
    every chain if None.
    """
    database = current().database
    if since is None:
        rows = database.chains.find().sort("_id", 1)
        yield from (f"{row['_id']} {row['seq']}:{row['mac']}" for row in rows)
        return
    recent = {"_id": {"$gt": ObjectId.from_datetime(since.generation_time - OVERLAP)}}
    moved: list[dict[str, Any]] = [{"$match": recent}, {"$group": {"_id": "$chain"}}, {"$sort": {"_id": 1}}]
    ends = {"from": "chains", "localField": "_id", "foreignField": "_id", "as": "head"}
    moved.append({"$lookup": ends})
    for row in database.events.aggregate(moved, allowDiskUse=True):
        yield from (f"{head['_id']} {head['seq']}:{head['mac']}" for head in row["head"])


def keep_outside(at: datetime) -> None:
    """Writes each anchor of the last KEPT_AGAIN without a file to ANCHORS_DIR, if that is set. Never changes an
    existing file. A full disk or a killed process is logged, and causes a delay and no loss.
    """
    folder = current().settings.anchors_dir
    if folder is None:
        return
    for anchor in Anchor.objects(pk__gt=f"{at - KEPT_AGAIN:%Y-%m-%d}").order_by("id"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _written(folder / f"ancrage-{anchor.id}.txt", f"{root_kept(anchor).line}\n".encode())
            if anchor.timestamp:
                _written(folder / f"ancrage-{anchor.id}.tsr", anchor.timestamp)
        except OSError as failure:
            log.error("anchor_not_kept", day=anchor.id, kind=type(failure).__name__)


def _written(path: Path, data: bytes) -> None:
    if not path.exists():
        partial = path.with_suffix(path.suffix + ".partial")
        partial.write_bytes(data)
        partial.rename(path)


def root_kept(anchor: Anchor) -> Root:
    """Returns the root to keep outside of this anchor."""
    return Root(anchor.id, anchor.root, anchor.previous)


# --- the tree ---------------------------------------------------------------------------------------


def root_of(key: bytes, day: str, heads: Iterable[str], previous: str) -> str:
    """Returns the root of the tree over these heads, in hex. day: ISO. heads: "chain seq:mac". previous: the root
    before. Empty leaves fill the tree to a depth of DEPTH.
    """
    (root,) = _levels(key, day, heads, previous)[-1]
    return root.hex()


@dataclass(frozen=True)
class WayUp:
    """How one head is under the root of a day, for a reader without a key. salt: of its leaf. siblings: from the leaf
    up.
    """

    head: str
    salt: str
    index: int
    siblings: tuple[str, ...]


def paths_of(key: bytes, day: str, heads: Sequence[str], previous: str, wanted: Collection[str]) -> Iterator[WayUp]:
    """Yields the way up to the root of each wanted head, in the order of `heads`, which are those of the root. key,
    day, previous: as for `root_of`.
    """
    levels = _levels(key, day, heads, previous)
    for rank, head in enumerate(heads, 1):  # the first leaf is the root before
        if head in wanted:
            siblings = tuple(level[rank >> height ^ 1].hex() for height, level in enumerate(levels[:DEPTH]))
            yield WayUp(head, _salt(key, day, head).hex(), rank, siblings)


def _levels(key: bytes, day: str, heads: Iterable[str], previous: str) -> list[list[bytes]]:
    """Returns the levels of the tree of a day (ISO), leaves first: `previous` (root of the anchor before), then each
    head ("chain seq:mac"). Each level but the last has an even number of nodes.
    """
    level = [_leaf(key, day, f"previous {previous}"), *(_leaf(key, day, head) for head in heads)]
    levels = [level]
    for height in range(DEPTH):
        if len(level) % 2:
            level.append(_empty(height))
        level = [_node(*pair) for pair in zip(level[::2], level[1::2], strict=True)]
        levels.append(level)
    return levels


def _salt(key: bytes, day: str, head: str) -> bytes:
    return hmac.digest(key, f"anchor {day} {head.partition(' ')[0]}".encode(), "sha256")


def _leaf(key: bytes, day: str, head: str) -> bytes:
    return hashlib.sha256(b"\x00" + _salt(key, day, head) + head.encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@cache
def _empty(height: int) -> bytes:
    if height == 0:
        return hashlib.sha256(b"\x02").digest()
    return _node(_empty(height - 1), _empty(height - 1))
