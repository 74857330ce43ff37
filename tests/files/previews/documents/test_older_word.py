"""What the page shows of a .doc of Word 6 or 95, made here by the letter of its format."""

from __future__ import annotations

import struct

import pytest

from tests.files.previews.documents.reading import text
from tests.support import containers

_TEXT_AT = 0x300
_IN_PIECES, _WIDE = 0x0004, 0x1000
RUSSIAN, FRENCH = 0x0419, 0x040C


def written(
    coded: bytes, *, flags: int = 0, language: int = FRENCH, machine: int = 0, pieces: tuple[tuple[int, int], ...] = ()
) -> bytes:
    """coded: all that was ever typed. pieces: (first, signs) of it, in the order of the text."""
    width = 2 if flags & _WIDE else 1
    ends = [sum(size for _, size in pieces[:number]) for number in range(len(pieces) + 1)]
    table = struct.pack(f"<{len(ends)}I", *ends)
    table += b"".join(struct.pack("<HIH", 0, _TEXT_AT + first * width, 0) for first, _ in pieces)
    clx = b"\x01" + struct.pack("<H", 3) + b"abc" + b"\x02" + struct.pack("<I", len(table)) + table
    header = struct.pack("<HHHHHH", 0xA5DC, 0x68, 0, language, 0, flags).ljust(20, b"\0") + struct.pack("<H", machine)
    header = header.ljust(24, b"\0") + struct.pack("<II", _TEXT_AT, _TEXT_AT + len(coded))
    header = header.ljust(0x160, b"\0") + struct.pack("<II", _TEXT_AT + len(coded), len(clx))
    return containers.compound({"WordDocument": (header.ljust(_TEXT_AT, b"\0") + coded + clx).ljust(5000, b"\0")})


@pytest.mark.parametrize(
    ("codec", "language", "machine"),
    [("cp1252", FRENCH, 0), ("mac_roman", FRENCH, 256), ("mac_roman", FRENCH, 0), ("cp850", FRENCH, 0)],
)
def test_its_accents_are_read_whatever_machine_wrote_them(codec: str, language: int, machine: int) -> None:
    coded = "Déclaration reçue : dégât à évaluer\rÉchéance\r".encode(codec)
    assert text(written(coded, language=language, machine=machine), "doc") == [
        "Déclaration reçue : dégât à évaluer",
        "Échéance",
    ]


@pytest.mark.parametrize("language", [RUSSIAN, FRENCH])
def test_letters_of_another_alphabet_are_its_own(language: int) -> None:
    assert text(written("Справка о доходах\r".encode("cp1251"), language=language), "doc") == ["Справка о доходах"]


@pytest.mark.parametrize(("codec", "flags"), [("cp1252", _IN_PIECES), ("utf-16-le", _IN_PIECES | _WIDE)])
def test_what_was_deleted_before_a_quick_save_is_not_shown_and_the_rest_is_in_order(codec: str, flags: int) -> None:
    typed = "Le client est venu.\rmalhonnête"
    coded = typed.encode(codec)
    data = written(coded, flags=flags, pieces=((0, 10), (14, 6)))
    assert text(data, "doc") == ["Le client venu."]


def test_a_text_of_letters_of_two_bytes_is_read() -> None:
    assert text(written("Échéance\r".encode("utf-16-le"), flags=_WIDE), "doc") == ["Échéance"]


def test_pieces_that_lie_leave_the_text_as_it_was_typed() -> None:
    data = written(b"mot\r", flags=_IN_PIECES, pieces=())
    assert text(data, "doc") == ["mot"]
