"""Files that a browser saves instead of showing."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response


def attached(body: bytes | Iterable[bytes] | Iterable[str], content_type: str, name: str) -> Response:
    """Returns the answer of a file to save under `name`. body: bytes, or chunks that are sent as they come.
    content_type: with its charset where the file is text.
    """
    answer = Response(body, content_type=content_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
