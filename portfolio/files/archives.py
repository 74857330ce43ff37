"""Lists the files of a ZIP archive, whatever wrote it, and unpacks one at a time in bounded memory.

Nothing is written under a name that an archive gives: names are data, shown and compared.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from portfolio.errors import RuleSource
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.names import safe_name
from portfolio.files.recognition.ooxml_odf import DAMAGE, refuse_bombs
from portfolio.rules.file_kinds import EncryptedFile, ShortcutRefused, TornFile, UnacceptableFile

MARK = b"PK\x03\x04"
MOST_FILES = 300
LARGEST_TOTAL = 20 << 30  # bytes, once unpacked: the room of a portfolio refuses long before
LONGEST_FOLDER = 300
_AT_ONCE = 1 << 18
_NAMED_IN_UTF8 = 0x800
_LABEL = "archive ZIP"
_OF_THE_SYSTEM = {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store"}
_LOCKS = ("._", "~$", ".~lock.")  # of macOS, of Word, of LibreOffice
_LINK_ADVICE = "Déposez le document vers lequel il mène."


class TooManyPacked(UnacceptableFile):
    code = "too_many_packed"
    source = RuleSource.LIMIT
    detail = "Cette archive contient {found} fichiers, et {limit} au plus se déballent à la fois : faites-en plusieurs."


class PackedOtherwise(UnacceptableFile):
    code = "packed_otherwise"
    source = RuleSource.LIMIT
    detail = (
        "Ce fichier est compressé d'une façon que le service ne lit pas. Refaites l'archive au format ZIP ordinaire, "
        "ou déposez ce fichier seul."
    )


@dataclass(frozen=True)
class PackedFile:
    """A file of an archive. rank: its place in the list of the archive. folder: « Stage/C42 », "" at the top.

    size: in bytes, as the archive says. of_the_system: what an operating system leaves beside people's files.
    """

    rank: int
    folder: str
    name: str
    size: int
    of_the_system: bool
    part: ZipInfo


def opened(stream: BinaryIO) -> ZipFile:
    """Returns the archive, to be closed by the caller. stream: seekable. Raises TornFile if it is none, or its list is
    damaged; ZipBomb for a list that no honest archive has.
    """
    try:
        return ZipFile(Window(stream))
    except DAMAGE:
        raise TornFile(_LABEL) from None


def files_in(archive: ZipFile, size: int) -> list[PackedFile]:
    """Returns the files of the archive, folders left out, in its order. size: of the archive, in bytes. Raises ZipBomb,
    TooManyPacked.
    """
    parts = archive.infolist()
    refuse_bombs(parts, size, LARGEST_TOTAL)
    files = [_file(rank, part) for rank, part in enumerate(parts) if not _name_of(part).endswith(("/", "\\"))]
    kept = sum(not file.of_the_system for file in files)
    if kept > MOST_FILES:
        raise TooManyPacked(found=kept, limit=MOST_FILES)
    return files


def unpack(archive: ZipFile, file: PackedFile, into: IO[bytes]) -> str:
    """Writes the bytes of a file of the archive, piece by piece, and returns their SHA-256, in hex. Raises
    EncryptedFile, ShortcutRefused (a link), PackedOtherwise, TornFile.
    """
    if file.part.flag_bits & 1:
        raise EncryptedFile
    if stat.S_ISLNK(file.part.external_attr >> 16):  # as Unix archivers write a symbolic link
        raise ShortcutRefused(_LINK_ADVICE)
    if file.part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # the others inflate without a limit in Python
        raise PackedOtherwise
    measured = hashlib.sha256()
    for piece in _pieces(archive, file):
        measured.update(piece)
        into.write(piece)
    return measured.hexdigest()


def _pieces(archive: ZipFile, file: PackedFile) -> Iterator[bytes]:
    try:
        with archive.open(file.part) as packed:
            while piece := packed.read(_AT_ONCE):
                yield piece
    except DAMAGE:
        raise TornFile(file.name) from None


def _file(rank: int, part: ZipInfo) -> PackedFile:
    *folders, last = re.split(r"[/\\]", _name_of(part))
    name = safe_name(last)
    path = "/".join(safe_name(folder) for folder in folders if folder.strip(" .") and not folder.endswith(":"))
    system = "__MACOSX" in folders or last.lower() in _OF_THE_SYSTEM or last.startswith(_LOCKS)
    return PackedFile(rank, path[:LONGEST_FOLDER], name, part.file_size, system, part)


def _name_of(part: ZipInfo) -> str:
    """Returns the name as it was written: in UTF-8 where the archive says so, or where it can be read so (macOS does
    not say it), else in the code page of Windows in France, whose small letters are also those of the first PC.
    """
    if part.flag_bits & _NAMED_IN_UTF8:
        return part.orig_filename
    octets = part.orig_filename.encode("cp437")  # as zipfile read them
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("cp850")
