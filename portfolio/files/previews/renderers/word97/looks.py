"""Says of the words of a .doc how they look: white, tiny, on a colour ([MS-DOC] 2.6.1, 2.9.17, 2.9.242)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from portfolio.files.previews.renderers.words.on_paper import is_tiny, is_white

_USUAL, _WHITE = 0, 8  # colours by their numbers


def is_shaded(operand: bytes) -> bool:
    """Returns whether words stand on a colour or a pattern. operand: two bytes of numbers, or a row of colours, which
    tells its size first.
    """
    if len(operand) == 2:
        number = int.from_bytes(operand, "little")
        return number != 0xFFFF and (number >> 10 != 0 or number >> 5 & 31 not in (_USUAL, _WHITE))
    back, pattern = operand[5:9], operand[9:11]
    return pattern not in (b"\0\0", b"\xff\xff") or back[3:] == b"\0" and not is_white(back[:3].hex())


def _is_white(colour: bytes) -> bool:
    return colour[3:] == b"\0" and is_white(colour[:3].hex())


# By the code of a change: (what of the shape it sets, to what).
LOOKS: Final[dict[int, tuple[str, Callable[[bytes], bool]]]] = {
    0x2A42: ("white", lambda operand: operand[0] == _WHITE),
    0x6870: ("white", _is_white),
    0x4A43: ("tiny", lambda operand: is_tiny(int.from_bytes(operand, "little") / 2)),
    0x2A0C: ("shaded", lambda operand: operand[0] not in (_USUAL, _WHITE)),
    0x4866: ("shaded", is_shaded),
    0xCA71: ("shaded", is_shaded),
}
