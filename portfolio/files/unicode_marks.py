"""Knows UTF-16 without its mark by its bytes: the half that is zero in the letters of Western Europe."""

from __future__ import annotations

import codecs
import re

_LOOKED_AT = 1 << 16  # bytes
_LEAST_ZEROS = 0.7  # of the halves; quotation marks, € and œ have another one
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


def codec_of(data: bytes) -> str:
    """Returns utf-16-le or utf-16-be where the beginning of the bytes is such text of Latin letters; otherwise ""."""
    head = data[: min(len(data), _LOOKED_AT) & ~1]
    first, second = head[::2].count(0), head[1::2].count(0)
    most = max(first, second)
    if not most or min(first, second) or most < _LEAST_ZEROS * len(head) / 2:
        return ""
    codec = "utf-16-be" if first else "utf-16-le"
    text = codecs.getincrementaldecoder(codec)("replace").decode(head)
    return "" if _NOT_TEXT.search(text) else codec
