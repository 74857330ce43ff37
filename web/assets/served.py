"""The files that pages are drawn and work with, as they leave: joined, compressed once, the same for everyone, kept by
browsers until their content, and with it their name, is another.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
from dataclasses import dataclass

from flask import Response, g, request, url_for
from werkzeug.exceptions import NotFound

from web.assets.joined import STATIC, joined

KEPT_FOR_EVER = "public, max-age=31536000, immutable"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".md": "text/markdown"}
NAMES = frozenset(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.suffix in MEDIA_TYPES)


@dataclass(frozen=True)
class Asset:
    """packed: the content compressed by gzip. digest: of the content, SHA-256."""

    content: bytes
    packed: bytes
    digest: str
    media_type: str

    @property
    def version(self) -> str:
        return self.digest[:12]


@functools.cache
def asset_named(name: str) -> Asset:
    """Returns one of NAMES, under static/."""
    file = STATIC / name
    content = joined(file)
    packed = gzip.compress(content, mtime=0)
    return Asset(content, packed, hashlib.sha256(content).hexdigest(), MEDIA_TYPES[file.suffix])


def address_of(name: str) -> str:
    """Returns the address of one of NAMES, which changes with its content: a browser may keep it for ever."""
    return url_for("layout.static", filename=name, v=asset_named(name).version)


def send(filename: str) -> Response:
    """Returns one of NAMES, to be kept for ever where it was asked for by its version. Nothing of the session goes with
    it: a browser would ask again with each new cookie. Raises NotFound.
    """
    if filename not in NAMES:
        raise NotFound()
    asset = asset_named(filename)
    packed = request.accept_encodings["gzip"] > 0 and not request.range
    content = asset.packed if packed else asset.content
    answer = Response(content, mimetype=asset.media_type)
    answer.vary.add("Accept-Encoding")
    answer.set_etag(asset.digest + ("-gzip" if packed else ""))
    if packed:
        answer.content_encoding = "gzip"
    kept = request.args.get("v") == asset.version
    answer.headers["Cache-Control"] = KEPT_FOR_EVER if kept else "no-cache"
    answer.make_conditional(request.environ, accept_ranges=True, complete_length=len(content))
    g.same_for_everyone = True
    return answer
