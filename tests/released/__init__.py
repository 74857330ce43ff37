"""Databases as released versions made them, each frozen: what every later migration is tried on.

python -m tests.released NAME     writes NAME.jsonl.gz, of two fictional schools at work, with today's migrations
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bson import json_util

FOLDER = Path(__file__).parent
CHAIN_KEY = "la-clé-des-bases-livrées-" + "c" * 32  # of fictional people: their chains can be verified


def read(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(collection, document) of a frozen database."""
    with gzip.open(FOLDER / f"{name}.jsonl.gz", "rt") as lines:
        for line in lines:
            row = json_util.loads(line, json_options=json_util.CANONICAL_JSON_OPTIONS)
            yield row["collection"], row["document"]
