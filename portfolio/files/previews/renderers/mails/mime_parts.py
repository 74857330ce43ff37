"""Cuts a mail into its parts (RFC 2045, 2046) by offsets, so that a hostile one decides neither time nor memory."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from portfolio.files.previews.renderers.mails.header_words import base64_bytes, decoded_header
from portfolio.files.previews.renderers.mails.uuencoded import decoded_lines
from portfolio.files.previews.renderers.texts import decoded

MOST_FIELDS = 1000
_KEPT_OF_A_NAME = 5  # some programs repeat « To: »
_LONGEST_PARAMETERS = 4000
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)\n?")
_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")
_ANY_BOUNDARY = re.compile(rb"(?:^|\n)--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-)", re.IGNORECASE)
_OF_WORDS = re.compile(rb"\s*[^\s=]{1,19}[ \t]+\S")  # a first line that is none of base64, whatever is declared
_SPACES = b" \t\r"
_ADDED_SPACES = re.compile(rb"=[ \t]{1,80}\r?\n")  # on the way, after a line that goes on (RFC 2045, 6.7)


@dataclass(frozen=True)
class MailPart:
    """A part of `data`, whose body lies from start to end. fields: raw values by name in lower case."""

    data: bytes
    fields: dict[str, list[bytes]]
    start: int
    end: int
    head: Message  # Content-Type and Content-Disposition alone: the standard reader of parameters

    @property
    def media_type(self) -> str:
        return self.head.get_content_type()

    @property
    def charset(self) -> str:
        return self.parameter("charset")

    @property
    def name(self) -> str:
        """Returns the file name, perhaps empty: RFC 2231, encoded words, or raw signs."""
        try:
            written = self.head.get_filename("")
        except (LookupError, ValueError, TypeError):
            written = ""
        return decoded_header(written.encode("utf-8", "replace"))

    @property
    def content_id(self) -> str:
        return decoded(b"".join(self.fields.get("content-id", [])[:1])).strip().strip("<>")

    @property
    def location(self) -> str:
        """Returns where the content was found (RFC 2557), perhaps empty."""
        return "".join(decoded(b"".join(self.fields.get("content-location", [])[:1])).split())

    @property
    def is_attachment(self) -> bool:
        return self.head.get_content_disposition() == "attachment" or bool(self.name)

    def parameter(self, name: str) -> str:
        """Returns a parameter of Content-Type, or an empty text."""
        try:
            value = self.head.get_param(name, "")
        except (LookupError, ValueError, TypeError):
            return ""
        return str(value[2] if isinstance(value, tuple) else value or "")

    def content(self, most: int) -> bytes:
        """Returns the body, decoded by its transfer encoding, of which the first `most` encoded bytes are read; as it
        is for an unknown encoding.
        """
        raw = self.data[self.start : min(self.end, self.start + most)]
        encoding = decoded(b"".join(self.fields.get("content-transfer-encoding", [])[:1])).strip().lower()
        if encoding == "base64" and not (self.media_type.startswith("text/") and _OF_WORDS.match(raw)):
            return base64_bytes(raw)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(_ADDED_SPACES.sub(b"=\n", raw))
        if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
            return decoded_lines(raw)
        return raw

    def children(self) -> Iterator[MailPart]:
        """Yields the parts of a multipart, whatever its boundary looks like; none if no line separates anything."""
        boundary = decoded(self.parameter("boundary").encode("utf-8", "replace")).rstrip().encode("utf-8", "replace")
        if not boundary or self._next(boundary, self.start) is None:
            guess = _ANY_BOUNDARY.search(self.data, max(0, self.start - 1), self.end)
            if guess is None:
                return
            boundary = guess[1]
        line = self._next(boundary, self.start)
        while line is not None and not line[2]:
            following = self._next(boundary, line[1])
            end = self.end if following is None else following[0]
            yield part_at(self.data, line[1], max(line[1], end))
            line = following

    def _next(self, boundary: bytes, start: int) -> tuple[int, int, bool] | None:
        """Returns, for the next separating line from `start` on: the offset where what precedes it ends, the one where
        what follows begins, and whether it closes the part; None if there is no other.
        """
        mark = b"--" + boundary
        at = start
        while (at := self.data.find(mark, at, self.end)) >= 0:
            after = at + len(mark)
            line_end = self.data.find(b"\n", after, self.end)
            line_end = self.end if line_end < 0 else line_end
            rest = self.data[after : min(line_end, after + 200)].strip(_SPACES)
            if (at == start or self.data[at - 1 : at] == b"\n") and rest in (b"", b"--"):
                before = at - 1 if at > start else at
                before -= self.data[before - 1 : before] == b"\r" and before > start
                return before, min(line_end + 1, self.end), rest == b"--"
            at = after
        return None


def part_at(data: bytes, start: int, end: int) -> MailPart:
    """Returns the part whose headers begin at `start` and whose body ends at `end`, both in bytes. Reads MOST_FIELDS
    headers at most.
    """
    fields: dict[str, list[bytes]] = {}
    at = start
    for _ in range(MOST_FIELDS):
        match = _FIELD.match(data, at, end)
        if match is None:
            break
        values = fields.setdefault(match[1].decode("ascii").lower(), [])
        if len(values) < _KEPT_OF_A_NAME:
            values.append(match[2].rstrip())
        at = match.end()
    else:
        blank = _BLANK_LINE.search(data, at - 1, end)
        at = end if blank is None else blank.end() - 1
    line_end = data.find(b"\n", at, end)
    if not data[at : end if line_end < 0 else min(line_end, at + 200)].strip(_SPACES):  # the line that ends headers
        at = end if line_end < 0 else line_end + 1
    head = Message()
    for name in ("content-type", "content-disposition"):
        if name in fields:
            raw = fields[name][0][:_LONGEST_PARAMETERS]
            whole = raw.startswith(b"=?")  # some programs encode the field itself, parameters and all
            head[name] = decoded_header(raw) if whole else " ".join(decoded(raw).split())
    return MailPart(data, fields, at, end, head)
