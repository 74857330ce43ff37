"""Writes the canonical JSON that is digested, sealed or attached to a paper."""

from __future__ import annotations

import json
from datetime import datetime

from bson import ObjectId

from portfolio.documents.fields import instant


def canonical(value: object) -> bytes:
    """Returns JSON in UTF-8, keys sorted, no spaces; ObjectIds as hex, instants as RFC 3339.

    Equals RFC 8785 for texts, integers, booleans, lists and objects with ASCII keys; do not pass a float. Raises
    TypeError for any other type, ValueError for NaN and infinities.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)
    return text.encode()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant(value).isoformat()
    if isinstance(value, ObjectId):
        return str(value)
    raise TypeError(type(value))
