"""Reads the boxes and lists of the forms of a .doc ([MS-DOC] 2.9.78): whether one is ticked, what is chosen."""

from __future__ import annotations

from portfolio.files.previews.renderers.documents.form_values import MOST_CHOICES, of_numbers

_HEADER = 0x44  # bytes of a picture that stand before, all unused
_BOX, _LIST = 1, 2
_TEXTS_BEHIND = 5  # the form of a text, its help, its state, two macros


def words_of(data: bytes) -> str:
    """Returns what such a field displays; "" for one that is neither a box nor a list, or cut off. data: that its sign
    leads to, and what follows.
    """
    if len(data) < _HEADER + 10 or int.from_bytes(data[4:6], "little") != _HEADER:
        return ""
    if data[_HEADER : _HEADER + 4] != b"\xff\xff\xff\xff":
        return ""
    bits = int.from_bytes(data[_HEADER + 4 : _HEADER + 6], "little")
    kind, state = bits & 3, bits >> 2 & 31
    if kind not in (_BOX, _LIST):
        return ""
    at = _behind_text(data, _HEADER + 10)  # its name
    usual = int.from_bytes(data[at : at + 2], "little")
    choices = _choices(data, at + 2) if kind == _LIST else []
    return of_numbers(kind, state, usual, choices).words()


def _behind_text(data: bytes, at: int) -> int:
    """Returns where a text ends that is counted, in UTF-16 and closed by a zero."""
    return at + 2 + 2 * int.from_bytes(data[at : at + 2], "little") + 2


def _choices(data: bytes, at: int) -> list[str]:
    for _ in range(_TEXTS_BEHIND):
        at = _behind_text(data, at)
    count, extra = int.from_bytes(data[at + 2 : at + 4], "little"), int.from_bytes(data[at + 4 : at + 6], "little")
    if data[at : at + 2] != b"\xff\xff":
        return []
    at += 6
    choices: list[str] = []
    while at + 2 <= len(data) and len(choices) < min(count, MOST_CHOICES):
        end = at + 2 + 2 * int.from_bytes(data[at : at + 2], "little")
        choices.append(data[at + 2 : end].decode("utf-16-le", "replace"))
        at = end + extra
    return choices
