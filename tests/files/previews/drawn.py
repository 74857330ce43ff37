"""Asks a renderer, in its own process, for a file made by a test."""

from __future__ import annotations

import io
import json
import tempfile

from PIL import Image

from portfolio.files.confinement.bounds import PARSING, Bounds
from portfolio.files.previews.preview_spec import OUTLINE, Preview
from portfolio.files.previews.render import render


def rendered(data: bytes, kind: str, what: str, bounds: Bounds = PARSING) -> bytes:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return render(file, kind, what, bounds)


def drawn(data: bytes, kind: str, what: str) -> Image.Image:
    return Image.open(io.BytesIO(rendered(data, kind, what)))


def outline(data: bytes, kind: str) -> Preview:
    return Preview(**json.loads(rendered(data, kind, OUTLINE)))
