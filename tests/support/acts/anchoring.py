"""Keeps the heads of chains outside, and reads what is wrong with the chains that they bear witness of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from portfolio.audit import anchors
from portfolio.audit.verify_all import check_everything
from portfolio.audit.verify_anchors import read_kept
from portfolio.audit.verify_chains import Fault
from portfolio.documents import Academy, Anchor
from portfolio.ids import new_id
from portfolio.store.chains import Event
from portfolio.store.journal import commit
from tests.conftest import Clock

ONE = "assessment:one"


def extend(clock: Clock, chain: str = ONE) -> None:
    subject = Academy(id=new_id(), created_at=clock(), code="10", name="Lyon")
    commit([], Event(chain, "grid_filled", "system", clock(), subject))


def anchored(clock: Clock) -> Anchor:
    anchor = anchors.anchor_heads(clock())
    anchors.keep_outside(clock())
    return anchor


def found(folder: Path | None = None) -> list[tuple[str, str]]:
    roots, heads = read_kept(folder) if folder else ([], [])
    return [(fault.chain, fault.what) for fault in faults(roots, heads)]


def faults(roots: Any, heads: Any) -> list[Fault]:
    return [fault for fault in check_everything(roots, heads) if fault.what != "unsealed"]
