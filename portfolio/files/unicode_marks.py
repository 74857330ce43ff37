"""Knows a Unicode text by its mark, or UTF-16 without one by its bytes: the half that is zero in the letters of Western
Europe.
"""

from __future__ import annotations

import codecs
import re

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOOKED_AT = 1 << 16  # bytes
_LEAST_ZEROS = 0.7  # of the halves; quotation marks, € and œ have another one
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")


def unicode_in(data: bytes) -> tuple[bytes, str]:
    """Returns the mark that the bytes begin with, b"" without one, and the codec of what follows; (b"", "") where it is
    not said, and not UTF-16 by its bytes.
    """
    marked = ((mark, codec) for mark, codec in MARKS if data.startswith(mark))
    return next(marked, None) or (b"", _unmarked(data))


def _unmarked(data: bytes) -> str:
    """Returns utf-16-le or utf-16-be where the beginning of the bytes is such text of Latin letters; otherwise ""."""
    head = data[: min(len(data), _LOOKED_AT) & ~1]
    first, second = head[::2].count(0), head[1::2].count(0)
    most = max(first, second)
    if not most or min(first, second) or most < _LEAST_ZEROS * len(head) / 2:
        return ""
    codec = "utf-16-be" if first else "utf-16-le"
    text = codecs.getincrementaldecoder(codec)("replace").decode(head)
    return "" if _NOT_TEXT.search(text) else codec
