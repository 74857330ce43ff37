"""Cuts a mailbox into its mails (RFC 4155). A single mail is never cut: any of its lines may begin with « From »."""

from __future__ import annotations

import re

# A blank line, the line of the box, then a header.
_NEXT = re.compile(rb"(?:\A|\n\r?\n)From [^\n]*\n(?=[!-9;-~]+[ \t]*:)")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LINE_OF_A_BOX = re.compile(rb"\s*>?From [^\n]*\n")


def mails_of(data: bytes, most: int) -> tuple[list[bytes], int]:
    """Returns (the first `most` mails of a box, without what the box added to them; how many it holds): one, as it is,
    where no line of a box is found.
    """
    starts = [(match.start(), match.end()) for match in _NEXT.finditer(data)]
    if not starts:
        return [without_line_of_a_box(data)], 1
    ends = [start for start, _ in starts[1:]] + [len(data)]
    return [_QUOTED.sub(rb"\1", data[start:end]) for (_, start), end in zip(starts, ends, strict=True)][:most], len(
        starts
    )


def without_line_of_a_box(data: bytes) -> bytes:
    """Returns a single mail without the line that its box may have left in front."""
    line = _LINE_OF_A_BOX.match(data, 0, 2000)
    return data[line.end() :] if line else data
