"""Each day, the heads of all chains become one root, kept where the database's operator cannot write.

A Merkle tree of fixed depth (RFC 6962's prefixes) over the heads that moved since the day before and the root of that
day, so that each root stands for all heads. Leaves are salted under the chain key, the hour is fixed, and what leaves
this machine is one line of fixed length: neither how many chains moved, nor which, nor how far, can be told from it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
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
OVERLAP = timedelta(hours=1)  # of two anchors: a commit that was begun before the first, ended after it
KEPT_AGAIN = timedelta(days=60)
log = structlog.get_logger()


class Root(NamedTuple):
    """What is kept outside of one day."""

    day: str
    root: str
    previous: str

    @property
    def line(self) -> str:
        return f"ancrage {self.day} {self.root} {self.previous}"


def anchor_heads(at: datetime) -> Anchor:
    """The anchor of this day, made where there is none yet. Of two workers, the first one's stands."""
    day = f"{at:%Y-%m-%d}"
    known: Anchor | None = Anchor.objects(pk=day).first()
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
    """As the link of the anchor names its time stamp: who takes it away leaves the link without."""
    return hashlib.sha256(stamp).hexdigest()


def _moved(since: ObjectId | None) -> Iterator[str]:
    """Heads of the chains that gained a link since, in order; of all of them where there was no anchor yet."""
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
    """Into ANCHORS_DIR: each anchor of the last KEPT_AGAIN whose file is not there, so that a disk that was full or a
    process that was killed costs a delay and no day. A file that is there is left as it is."""
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
    return Root(anchor.id, anchor.root, anchor.previous)


# --- the tree ---------------------------------------------------------------------------------------


def root_of(key: bytes, day: str, heads: Iterable[str], previous: str) -> str:
    """heads: "chain seq:mac". The tree is filled up with empty leaves to a depth of DEPTH."""
    level = [_leaf(key, day, f"previous {previous}"), *(_leaf(key, day, head) for head in heads)]
    for height in range(DEPTH):
        if len(level) % 2:
            level.append(_empty(height))
        level = [_node(*pair) for pair in zip(level[::2], level[1::2], strict=True)]
    (root,) = level
    return root.hex()


def _leaf(key: bytes, day: str, head: str) -> bytes:
    salt = hmac.digest(key, f"anchor {day} {head.partition(' ')[0]}".encode(), "sha256")
    return hashlib.sha256(b"\x00" + salt + head.encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@cache
def _empty(height: int) -> bytes:
    if height == 0:
        return hashlib.sha256(b"\x02").digest()
    return _node(_empty(height - 1), _empty(height - 1))
