"""Joins the lines that a mail program broke for the way (RFC 3676, format=flowed)."""

from __future__ import annotations

_SIGNATURE = "-- "


def unflowed(text: str, delete_space: bool) -> str:
    """Returns the text with its paragraphs on one line each; quotations keep their depth, as « > » and a space.

    delete_space: the space that marks a broken line was added for that alone (« DelSp=yes »).
    """
    paragraphs: list[str] = []
    open_at: int | None = None  # depth of quotation of a paragraph that goes on
    for line in text.replace("\r\n", "\n").split("\n"):
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")  # stuffed for the way
        goes_on = words.endswith(" ") and words != _SIGNATURE
        piece = words[:-1] if goes_on and delete_space else words
        if open_at == depth and words != _SIGNATURE:
            paragraphs[-1] += piece
        else:
            paragraphs.append(">" * depth + " " * bool(depth) + piece)
        open_at = depth if goes_on else None
    return "\n".join(paragraphs)
