"""Computes again what a submission froze."""

from __future__ import annotations

import hashlib
import json

from portfolio.store.canonical_json import canonical


def digest_of(content: str) -> str:
    return hashlib.sha256(canonical(json.loads(content))).hexdigest()
