"""Writes Content-Disposition for a file that is saved, never displayed in place."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote


def attachment(filename: str) -> str:
    """Returns the value of Content-Disposition: the name in ASCII for old readers, and in full in UTF-8 (RFC 6266, RFC
    8187).
    """
    name = re.sub(r"[\x00-\x1f\x7f/\\]", "_", filename)
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    ascii_name = re.sub(r'["%;]', "_", ascii_name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
