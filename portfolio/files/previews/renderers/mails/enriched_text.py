"""Reads a text with commands in angle brackets, of mail programs before HTML: text/enriched (RFC 1896), text/richtext
(RFC 1341).
"""

from __future__ import annotations

import html
import re
from typing import Final

MEDIA_TYPES: Final = frozenset({"text/enriched", "text/richtext"})
_PIECE = re.compile(r"<<|<(/?)([A-Za-z0-9-]{1,60})>|\n+|[^<\n]+|<")
_AS_HTML = {
    "bold": "b", "italic": "i", "underline": "u", "fixed": "tt", "smaller": "small", "bigger": "big",
    "center": "center", "excerpt": "blockquote", "indent": "blockquote", "subscript": "sub", "superscript": "sup",
    "heading": "h2", "paragraph": "p",
}  # fmt: skip
_SIGNS = {"lt": "&lt;", "nl": "<br>", "np": "<hr>"}  # of the older form, never closed
_UNSEEN = {"param", "comment"}  # what a command is told; what is not for readers


def as_html(text: str, media_type: str) -> str:
    """Returns the text as HTML, which the caller sanitises as any other. Line ends follow the form: alone, one is a
    space; of several, all but one are kept, unless `media_type` is text/richtext, where all are spaces.
    """
    written: list[str] = []
    unseen, kept = 0, 0  # commands that are open: whose words are not seen; whose lines are kept
    for piece in _PIECE.finditer(text.replace("\r\n", "\n")):
        command = (piece[2] or "").lower()
        opened = -1 if piece[1] else 1
        if command in _UNSEEN:
            unseen = max(0, unseen + opened)
        elif unseen:
            continue
        elif command == "nofill":
            kept = max(0, kept + opened)
        elif command:
            written.append(_SIGNS.get(command, "") if opened > 0 else "")
            written.append(f"<{piece[1]}{_AS_HTML[command]}>" if command in _AS_HTML else "")
        elif piece[0] == "<<":
            written.append("&lt;")
        elif piece[0][0] == "\n":
            breaks = len(piece[0]) if kept else len(piece[0]) - 1 if media_type == "text/enriched" else 0
            written.append("<br>" * breaks or " ")
        else:
            written.append(html.escape(piece[0]))
    return "".join(written)
