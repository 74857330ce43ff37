"""What a browser with an empty cache loads to show a page."""

from __future__ import annotations

import gzip
import re

from web.assets.served import asset_named


def first_load(html: bytes) -> int:
    """Compressed bytes of the page and of all that it is drawn and works with; pictures of evidence left out."""
    asked = set(re.findall(r'(?:href|src)="/static/([^"?]+)', html.decode()))
    return len(gzip.compress(html)) + sum(len(asset_named(name).packed) for name in asked)
