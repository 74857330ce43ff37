"""Containers that office files are made of: ZIP archives and OLE compound files ([MS-CFB])."""

from __future__ import annotations

import io
import struct
import zipfile


def zipped(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def read_part(archive: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(name)


def rewritten(archive: bytes, changes: dict[str, bytes]) -> bytes:
    """The same archive with parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return zipped({name: opened.read(name) for name in opened.namelist()} | changes)


def zip64(archive: bytes) -> bytes:
    """The same archive closed by ZIP64 records, as some Java libraries always write them (APPNOTE 4.3.14-15)."""
    end = archive.rindex(b"PK\x05\x06")
    _, _, _, count, total, length, start, _ = struct.unpack("<4sHHHHIIH", archive[end:])
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, total, length, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    last = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return archive[:end] + record + locator + last


_FREE, _END, _TABLE, _CONTINUED = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC


def compound(streams: dict[str, bytes], storages: tuple[str, ...] = (), clsid: bytes = bytes(16)) -> bytes:
    """Streams and storages; short streams in the mini stream, as Windows does. A name « storage/stream » is inside."""
    mini, mini_table, sectors, table = b"", [], [], []

    def store(data: bytes) -> int:
        start = len(sectors)
        for at in range(0, len(data), 512):
            sectors.append(data[at : at + 512].ljust(512, b"\0"))
            table.append(len(sectors))
        if data:
            table[-1] = _END
        return start if data else _END

    rows = []
    for name, data in streams.items():
        if len(data) < 4096:
            start = len(mini_table)
            count = -(-len(data) // 64)
            mini_table += [start + step + 1 for step in range(count - 1)] + [_END] * (count > 0)
            mini += data.ljust(count * 64, b"\0")
            rows.append((name, 2, start if data else _END, len(data)))
        else:
            rows.append((name, 2, store(data), len(data)))
    rows += [(name, 1, 0, 0) for name in storages]
    inside = sorted({name[:at] for name in streams for at, sign in enumerate(name) if sign == "/"})
    rows += [(name, 1, 0, 0) for name in inside]
    root = ("Root Entry", 5, store(mini), len(mini))
    mini_start = store(struct.pack(f"<{len(mini_table)}I", *mini_table) + b"\xff" * (-len(mini_table) * 4 % 512))
    parents = ["", *("/" + row[0].rpartition("/")[0] for row in rows)]  # of the root none, then by path
    paths = ["/", *("/" + row[0] for row in rows)]

    def first(parent: str, after: int) -> int:
        return next((number for number in range(after, len(paths)) if parents[number] == parent), _FREE)

    directory = b"".join(
        _directory_entry(row[0].rpartition("/")[2], *row[1:],
                         right=first(parents[index], index + 1) if index else _FREE,
                         child=first(paths[index], 1),
                         clsid=clsid if index == 0 else bytes(16))
        for index, row in enumerate([root, *rows])
    )  # fmt: skip
    directory_start = store(directory)
    return _closed(sectors, table, directory_start, mini_start if mini_table else _END)


def _closed(sectors: list[bytes], table: list[int], directory_start: int, mini_start: int) -> bytes:
    """Adds the allocation table, which also lists its own sectors and those that continue the header's 109 places."""
    tables = extras = 0
    while tables * 128 < len(table) + tables + extras:
        tables += 1
        extras = -(-max(0, tables - 109) // 127)
    places = list(range(len(table), len(table) + tables))
    continued = len(table) + tables
    table += [_TABLE] * tables + [_CONTINUED] * extras
    packed = struct.pack(f"<{len(table)}I", *table).ljust(tables * 512, b"\xff")
    for number in range(extras):
        listed = places[109 + 127 * number :][:127]
        following = continued + number + 1 if number + 1 < extras else _END
        packed += struct.pack("<128I", *listed, *[_FREE] * (127 - len(listed)), following)
    header = (
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
        + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory_start, 0, 4096,
                      mini_start, int(mini_start != _END), continued if extras else _END, extras)
        + struct.pack("<109I", *(places + [_FREE] * 109)[:109])
    )  # fmt: skip
    return header + b"".join(sectors) + packed


def _directory_entry(name: str, kind: int, start: int, size: int, right: int, child: int, clsid: bytes) -> bytes:
    coded = name.encode("utf-16-le")
    return (
        coded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(coded) + 2, kind, 1, _FREE, right, child)
        + clsid + bytes(20) + struct.pack("<IQ", start, size)
    )  # fmt: skip
