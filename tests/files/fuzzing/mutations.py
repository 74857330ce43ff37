"""Spoils a file as chance has it, within its structure: the parts of an archive are spoiled, not its compression."""

from __future__ import annotations

import io
import re
import zipfile
from random import Random

LARGEST = 400_000  # bytes: a small file that costs much is what is looked for
_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_NUMBERS = (
    b"0", b"-1", b"1", b"255", b"256", b"32768", b"65535", b"65536", b"1048577", b"16777216", b"2147483647",
    b"2147483648", b"4294967295", b"4294967296", b"99999999999999999999", b"1e308", b"1e999", b"-1e999", b"nan", b"",
    b"0.0000000001", b"9" * 400,
)  # fmt: skip
_WORDS = (
    b"\0", b"<", b">", b"&", b"]]>", b"<!--", b"<![CDATA[", b"&#xD800;", b"&#x10FFFF;", b"&#0;", b"\xed\xa0\x80",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\r", b"\r\n\r\n", b"\n\n", b"--", b"=?utf-7?Q?+2AA-?=", b"=?x?B?=?=", b'"',
    b";", b"\t", b"{", b"}", b"\\", b"\\u-10240?", b"\\'ff", b"\\bin99999 ", b"=ED=A0=80", b"../", b"data:,", b"obj",
    b"endstream", b"<<", b"[", b"charset=utf-7", b"charset=idna", b"charset=rot13", b"1900-02-30", b"\xff\xff\xff\xff",
    b"\0\0\0\0", b"\x80\0\0\0", b"\x7f\xff\xff\xff",
)  # fmt: skip


def mutated(data: bytes, chance: Random) -> bytes:
    """Returns the file with one to eight faults in it, at most LARGEST bytes of each part."""
    if zipfile.is_zipfile(io.BytesIO(data)) and chance.random() < 0.9:
        return _archive(data, chance)
    return _spoiled(data, chance)


def _archive(data: bytes, chance: Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(parts, key=lambda name: (len(parts[name]), name))
    # The longest ones hold what is shown.
    for name in {names[-1 - int(len(names) * chance.random() ** 2)] for _ in range(chance.randint(1, 2))}:
        parts[name] = _spoiled(parts[name], chance)
    if chance.random() < 0.05:
        del parts[chance.choice(names)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _spoiled(data: bytes, chance: Random) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        data = chance.choice(_FAULTS)(data, chance)[:LARGEST]
    return data


def _span(data: bytes, chance: Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + int(2 ** (chance.random() * 12)))


def _flipped(data: bytes, chance: Random) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _overwritten(data: bytes, chance: Random) -> bytes:
    start, stop = _span(data, chance)
    return data[:start] + chance.randbytes(min(stop - start, 16)) + data[start + min(stop - start, 16) :]


def _with_word(data: bytes, chance: Random) -> bytes:
    at, word = chance.randrange(len(data) + 1), chance.choice(_WORDS)
    return data[:at] + word + data[at + chance.choice((0, len(word))) :]


def _renumbered(data: bytes, chance: Random) -> bytes:
    numbers = list(_NUMBER.finditer(data))
    if not numbers:
        return _flipped(data, chance)
    number = chance.choice(numbers)
    return data[: number.start()] + chance.choice(_NUMBERS) + data[number.end() :]


def _shortened(data: bytes, chance: Random) -> bytes:
    start, stop = _span(data, chance)
    return data[:start] + data[stop:]


def _torn(data: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _repeated(data: bytes, chance: Random) -> bytes:
    start, stop = _span(data, chance)
    return data[:start] + data[start:stop] * chance.choice((2, 3, 50, 2_000)) + data[stop:]


def _moved(data: bytes, chance: Random) -> bytes:
    start, stop = _span(data, chance)
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[start:stop] + data[at:]


def _without_end_tag(data: bytes, chance: Random) -> bytes:
    """Leaves an element open, or closes another."""
    ends = [match.span() for match in re.finditer(rb"</[^<>]{1,60}>", data)]
    if not ends:
        return _moved(data, chance)
    start, stop = chance.choice(ends)
    other = chance.choice(ends)
    return data[:start] + chance.choice((b"", data[other[0] : other[1]])) + data[stop:]


_FAULTS = (
    _flipped,
    _overwritten,
    _with_word,
    _renumbered,
    _renumbered,
    _shortened,
    _torn,
    _repeated,
    _moved,
    _without_end_tag,
)
