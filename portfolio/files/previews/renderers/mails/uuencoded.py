"""Takes files out of the words of a mail, where programs of before MIME wrote them: « begin 644 name », lines, « end
».
"""

from __future__ import annotations

import binascii
import re
from functools import partial

from portfolio.files.previews.renderers.mails.mail import Attachment

MOST_FILES = 50
_BEGIN = re.compile(r"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n(?=[ -`]{2,90}\r?$)", re.MULTILINE)
_LINES = re.compile(r"(?:[ -`]{0,90}\r?\n)*(?:[ -`]{1,90}\Z)?")
_END = re.compile(r"end[ \t]*\r?(?:\n|\Z)")
BEGINS = re.compile(rb"(?:^|\n)begin [0-7]{3,4} \S")
IN_PLACE = "[fichier joint ici : {name}]"
CUT_FILE = "Un fichier joint dans le texte de ce message n'y est pas jusqu'à sa fin."


def split(text: str) -> tuple[str, list[Attachment], bool]:
    """Returns a text with the name of each file in its place, the files, MOST_FILES at most, and whether one of
    them breaks off.
    """
    words: list[str] = []
    files: list[Attachment] = []
    at = 0
    torn = False
    while len(files) < MOST_FILES and (begun := _BEGIN.search(text, at)) is not None:
        lines = _LINES.match(text, begun.end())
        at_end = lines.end() if lines else begun.end()
        end = _END.match(text, at_end)
        torn = torn or end is None
        coded = text[begun.end() : at_end].encode("ascii", "replace")
        name = begun[1].strip()
        files.append(Attachment(name, "application/octet-stream", partial(decoded_lines, coded)))
        words += [text[at : begun.start()], IN_PLACE.format(name=name), "\n"]
        at = end.end() if end else at_end
    return "".join([*words, text[at:]]), files, torn


def decoded_lines(raw: bytes) -> bytes:
    """Returns the bytes that uuencoded lines say; a line that says none is passed over."""
    lines = []
    for line in raw.splitlines():
        if line.startswith(b"begin ") or line in (b"end", b""):
            continue
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:  # some programs pad lines with more signs than they announce
            lines.append(_as_announced(line))
    return b"".join(lines)


def _as_announced(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])
    except binascii.Error:
        return b""
