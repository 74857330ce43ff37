"""The files of an archive, by the names that people gave them, whatever program wrote it; hostile ones are bounded."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from portfolio.files import archives
from portfolio.files.archives import PackedOtherwise, TooManyPacked, files_in, opened, unpack
from portfolio.rules.file_kinds import EncryptedFile, ShortcutRefused, TornFile, UnacceptableFile, ZipBomb
from tests.support.containers import zipped


def written(name: bytes, data: bytes = b"a", flags: int = 0, method: int = 0, link: bool = False) -> bytes:
    """An archive of one file whose name is written byte for byte."""
    attributes = 0o120777 << 16 if link else 0
    zeros = struct.pack("<HH", 0, 0)
    crc = struct.pack("<III", zipfile.crc32(data), len(data), len(data))
    head = struct.pack("<HHH", 20, flags, method) + zeros + crc + struct.pack("<HH", len(name), 0)
    local = b"PK\x03\x04" + head + name + data
    listed = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, attributes, 0) + name
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(listed), len(local), 0)
    return local + listed + end


def names(archive: bytes) -> list[tuple[str, str]]:
    with opened(io.BytesIO(archive)) as read:
        return [(file.folder, file.name) for file in files_in(read, len(archive)) if not file.of_the_system]


@pytest.mark.parametrize(
    ("raw", "flags", "folder", "name"),
    [
        ("Activités/Relevé n°3 – été.txt".encode(), 0x800, "Activités", "Relevé n°3 – été.txt"),
        ("Activités/Relevé été.txt".encode(), 0, "Activités", "Relevé été.txt"),
        ("Activités/À côté, œuvre.txt".encode(), 0, "Activités", "À côté, œuvre.txt"),
        ("Activités/Relevé, ça.txt".encode("cp437"), 0, "Activités", "Relevé, ça.txt"),
        ("Activités/À été, Ô.txt".encode("cp850"), 0, "Activités", "À été, Ô.txt"),
        ("Re\u0301sume\u0301.txt".encode(), 0x800, "", "Résumé.txt"),
        (b"Stage\\C42\\a.txt", 0, "Stage/C42", "a.txt"),
        (b"C:\\Users\\a.txt", 0, "Users", "a.txt"),
        (b"../../etc/a.txt", 0, "etc", "a.txt"),
        (b"/etc/./a.txt", 0, "etc", "a.txt"),
    ],
)
def test_a_name_is_read_as_it_was_written_and_leads_nowhere(raw: bytes, flags: int, folder: str, name: str) -> None:
    assert names(written(raw, flags=flags)) == [(folder, name)]


@pytest.mark.parametrize(
    "name",
    ["__MACOSX/._a.txt", "photos/Thumbs.db", "desktop.ini", ".DS_Store", "x/~$lettre.docx", ".~lock.a.odt#"],
)
def test_what_a_system_leaves_beside_files_is_no_file_of_anybody(name: str) -> None:
    assert names(zipped({name: b"x", "a.txt": b"a"})) == [("", "a.txt")]


def test_a_folder_is_no_file() -> None:
    assert names(zipped({"vide/": b"", "plein/a.txt": b"a"})) == [("plein", "a.txt")]


@pytest.mark.parametrize(
    ("archive", "refused"),
    [
        (written(b"a.txt", flags=1), EncryptedFile),
        (written(b"a.txt", b"/etc/passwd", link=True), ShortcutRefused),
        (written(b"a.txt", method=14), PackedOtherwise),
        (written(b"a.txt").replace(b"a.txta", b"a.txtb"), TornFile),
    ],
)
def test_a_file_that_cannot_be_unpacked_says_why(archive: bytes, refused: type[UnacceptableFile]) -> None:
    with opened(io.BytesIO(archive)) as read, pytest.raises(refused):
        (file,) = files_in(read, len(archive))
        unpack(read, file, io.BytesIO())


def test_a_bomb_is_refused_before_anything_is_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({"a.txt": bytes(120 << 20)})
    with opened(io.BytesIO(bomb)) as read, pytest.raises(ZipBomb):
        files_in(read, len(bomb))
    monkeypatch.setattr(archives, "MOST_FILES", 1)
    many = zipped({"a.txt": b"a", "b.txt": b"b"})
    with opened(io.BytesIO(many)) as read, pytest.raises(TooManyPacked):
        files_in(read, len(many))


def test_what_is_no_archive_is_torn() -> None:
    with pytest.raises(TornFile):
        opened(io.BytesIO(b"PK\x03\x04" + bytes(100)))
