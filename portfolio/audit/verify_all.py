"""Runs every verification, each in one reading: anchors, chains, stored records, seals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portfolio.audit.anchors import Root
from portfolio.audit.verify_anchors import verify_anchors
from portfolio.audit.verify_chains import AnchoredLink, Fault, verify
from portfolio.audit.verify_records import verify_stored
from portfolio.audit.verify_seals import verify_seals


def check_everything(
    roots: Iterable[Root] = (), kept: Iterable[AnchoredLink] = (), unsealed: list[str] | None = None
) -> Iterator[Fault]:
    """Yields all faults of anchors, chains, records and seals. roots, kept: see `verify_anchors.read_kept`. unsealed:
    see `verify_seals`.
    """
    heads: dict[str, AnchoredLink] = {}
    yield from verify_anchors(roots, heads)
    yield from verify(anchors=[*heads.values(), *kept])
    yield from verify_stored()
    yield from verify_seals(unsealed=unsealed)
