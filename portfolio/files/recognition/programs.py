"""Recognises programs and archives by their first bytes."""

from __future__ import annotations

import re

WINDOWS_SHORTCUT = b"L\0\0\0\x01\x14\x02\0"
_PROGRAMS = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # Mach-O, four byte orders, then its universal form and Java classes
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    WINDOWS_SHORTCUT,
    b"\0asm",
    b"dex\n",
    b"!<arch>\n",
)
_SHEBANG = re.compile(rb"(?:\xef\xbb\xbf)?#![ \t]*/")
_DOS_HEADER = 64

_ARCHIVES = (
    (0, b"Rar!\x1a\x07", "RAR"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b", "GZIP"),
    (0, b"BZh", "BZIP2"),
    (0, b"\xfd7zXZ\0", "XZ"),
    (0, b"\x28\xb5\x2f\xfd", "ZSTD"),
    (0, b"MSCF\0\0\0\0", "CAB"),
    (0, b"PK\x05\x06", "ZIP"),
    (0, b"PK\x07\x08", "ZIP"),
    (2, b"-lh", "LHA"),
    (257, b"ustar", "TAR"),
)


def is_program(head: bytes) -> bool:
    """Returns True for a program. head: at least the first 64 bytes, if the file has as many."""
    # « MZ » may begin an honest text; a DOS header holds zeros.
    windows = head.startswith(b"MZ") and len(head) >= _DOS_HEADER and b"\0" in head[:_DOS_HEADER]
    return windows or head.startswith(_PROGRAMS) or _SHEBANG.match(head) is not None


def archive_format(head: bytes) -> str:
    """Returns the name of the archive format, or an empty text. head: at least the first 262 bytes."""
    return next((name for at, magic, name in _ARCHIVES if head.startswith(magic, at)), "")
