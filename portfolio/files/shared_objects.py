"""Several files may name one object: one that was taken from an earlier session shares the bytes of the first."""

from __future__ import annotations

from collections.abc import Iterable

from bson import ObjectId

from portfolio.documents import EvidenceFile


def named_elsewhere(keys: Iterable[str], portfolio: ObjectId) -> set[str]:
    """Returns those of these keys that a kept file of another portfolio (id) names: their bytes and views stay. One
    query.
    """
    named = EvidenceFile.objects(key__in=list(keys), candidacy__ne=portfolio, discarded_at=None)
    return set(named.scalar("key"))
