"""What a browser with an empty cache loads to show a page."""

from __future__ import annotations

import gzip
import re
from functools import cache

from web.layout import STATIC


def first_load(html: bytes) -> int:
    """Compressed bytes of the page and of all that it is drawn and works with; pictures of evidence left out."""
    asked = re.findall(r'(?:href|src)="/static/([^"?]+)', html.decode())
    files = {name for one in asked for name in (one, *_imported(one))}
    return len(gzip.compress(html)) + sum(map(_compressed, files))


@cache
def _imported(script: str) -> frozenset[str]:
    if not script.endswith(".js"):
        return frozenset()
    folder = script.rpartition("/")[0]
    named = re.findall(r'^import .* from "\./([^"]+)"', (STATIC / script).read_text(), re.MULTILINE)
    found = {f"{folder}/{name}" for name in named}
    return frozenset(found.union(*map(_imported, found)))


@cache
def _compressed(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes()))
