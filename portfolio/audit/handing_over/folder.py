"""Writes the folder of a hand-over: under another name until it is whole, with the digest of each of its files."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portfolio.errors import NotNow
from portfolio.store.canonical_json import canonical

UNFINISHED = ".en-cours"


class FolderNotEmpty(NotNow):
    code = "folder_not_empty"
    detail = "Le dossier {folder} n'est pas vide : donnez-en un nouveau."


class HandOverRunning(NotNow):
    code = "hand_over_running"
    detail = "Une autre remise est en cours vers ce dossier."


@dataclass(frozen=True)
class FileEntry:
    """One file of the folder. path: relative to it, with slashes. size: in bytes."""

    path: str
    size: int
    sha256: str


class HandOverFolder:
    """A folder being written. entries: of the files written so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.entries: list[FileEntry] = []

    def write(self, path: str, chunks: Iterable[bytes]) -> str:
        """Writes a new file and returns its SHA-256 in hex, never holding more than one chunk. path: relative to the
        folder. Raises FileExistsError and other OSError.
        """
        digest, size = hashlib.sha256(), 0
        target = self.place(path)
        with target.open("xb") as written:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                written.write(chunk)
            written.flush()
            os.fsync(written.fileno())
        self.entries.append(FileEntry(path, size, digest.hexdigest()))
        return digest.hexdigest()

    def write_lines(self, path: str, values: Iterable[object]) -> int:
        """Writes a new file with one line of canonical JSON per value, and returns how many. Raises OSError, TypeError
        for a value that JSON lacks.
        """
        count = 0

        def lines() -> Iterator[bytes]:
            nonlocal count
            for count, value in enumerate(values, 1):  # noqa: B007  # read after the last line
                yield canonical(value) + b"\n"

        self.write(path, lines())
        return count

    def fetch(self, path: str, sha256: str, size: int, download: Callable[[Path], bool]) -> bool:
        """Returns True if the file was written by `download`, which verifies its digest. size: in bytes."""
        if not download(self.place(path)):
            return False
        self.entries.append(FileEntry(path, size, sha256))
        return True

    def place(self, path: str) -> Path:
        """Returns where a file of the folder stands; its own folder is made. path: relative to the folder."""
        target = self.root / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return target


def draft_of(target: Path) -> Path:
    """Returns the path of the folder that is written before it is named `target`."""
    return target.with_name(target.name + UNFINISHED)


@contextmanager
def new_folder(target: Path) -> Iterator[HandOverFolder]:
    """Yields a folder to write, named `target` once the block ends; nothing is left of one that failed. Raises
    FolderNotEmpty, HandOverRunning (another process writes it), OSError.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FolderNotEmpty(folder=target)
    draft = draft_of(target)
    draft.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(draft):
        _empty(draft)
        try:
            yield HandOverFolder(draft)
            draft.replace(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HandOverRunning() from None
        yield
    finally:
        os.close(descriptor)


def _empty(folder: Path) -> None:
    """Removes what a hand-over that was killed left."""
    folder.chmod(0o700)
    for left in folder.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
