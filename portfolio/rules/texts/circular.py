"""Reads the circular of a session: what the arrêté leaves to it each year, frozen in memory, never guessed in code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portfolio.errors import Invalid, NotFound, RuleSource
from portfolio.identifiers import is_rehearsal
from portfolio.rules.texts.circular_reader import SESSION, parse_circular, read_circular
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.data_files import CONFIG, DataFile, InvalidDataFile, read_each

FOLDER = CONFIG / "circulars"


class UnknownCircular(NotFound):
    code = "unknown_circular"
    source = RuleSource.LIMIT
    detail = (
        "Aucune circulaire utilisable n'est installée pour « {session} », ou son fichier a été modifié. "
        "Prévenez l'administrateur du service."
    )


def circular(id: str, version: str, sha256: str | None = None) -> Circular:
    """Returns the circular of this session (`2027`) and version (`1`), installed or made on screen. sha256: hex digest
    that a candidacy is pinned to; an edited file then counts as not installed. Raises UnknownCircular where none is.
    """
    installed = _installed_in(*_folders)[0].get((id, version))
    if installed is not None and sha256 in (None, installed.sha256):
        return installed
    made = _made_of(sha256) if sha256 else circulars().get((id, version))
    if made is None or (made.id, made.version) != (id, version):
        raise UnknownCircular(session=f"{id} version {version}")
    return made


def text_of(circular: Circular) -> str:
    """Returns the file of a circular, installed or made on screen. Raises UnknownCircular where it is neither."""
    name = f"{circular.id}.v{circular.version}.yaml"
    for folder in _folders:
        path = folder / name
        if path.exists() and sha256(data := path.read_bytes()).hexdigest() == circular.sha256:
            return data.decode()
    file = _made.file_of(circular.sha256) if _made else None
    if file is None:
        raise UnknownCircular(session=f"{circular.id} version {circular.version}")
    return file.data.decode()


def circular_for(session: str) -> Circular:
    """Returns the version that `latest` chooses for this session among all that are known. Raises UnknownCircular where
    there is none.
    """
    return latest(circulars().values(), session)


def latest(known: Iterable[Circular], session: str) -> Circular:
    """Returns the version with the highest number for the session; a rehearsal (`2027R`) without one of its own uses
    its year's. Raises UnknownCircular.

    `effective_from` chooses nothing: a version replaces those numbered before it, also where it says an earlier day
    than they do, as a correction may; and people are enrolled before that day, some of them two years.
    """
    year = SESSION.fullmatch(session)
    versions = list(known)
    for sought in (session, year[1]) if year else ():
        if of_session := [version for version in versions if version.id == sought]:
            return max(of_session, key=rank)
    raise UnknownCircular(session=session)


def rank(circular: Circular) -> int:
    """Returns the place of a version among those of its session: the highest replaces all others."""
    return int(circular.version)


def deadline_utc(circular: Circular, academy_timezone: str, adaptation: datetime | None = None) -> datetime:
    """Returns the last instant at which this candidate may submit, in UTC.

    academy_timezone: IANA name. adaptation: the deadline of a notified adaptation, aware, or as wall time in the
    academy; it never shortens the common one. A wall time that the clocks skip or repeat gives the later
    instant. Raises Invalid on `timezone`.
    """
    try:
        zone = ZoneInfo(academy_timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid({"timezone": [f"Le fuseau horaire « {academy_timezone} » est inconnu."]}) from None
    common = _latest_reading(circular.portfolio.deadline, zone)
    if adaptation is None:
        return common
    adapted = _latest_reading(adaptation, zone) if adaptation.tzinfo is None else adaptation.astimezone(UTC)
    return max(common, adapted)


def _latest_reading(wall: datetime, zone: ZoneInfo) -> datetime:
    """Returns the wall time as an instant in UTC; the later of the two where the clocks repeat or skip it."""
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def circulars() -> Mapping[tuple[str, str], Circular]:
    """Returns every circular by (id, version): the installed ones, read and checked once, and those made on screen, of
    which it asks for the digests at each call. A file that is wrong is left out: it takes nothing from those who are
    pinned to another (`circular_faults`).
    """
    known = (_made_of(digest) for digest in (_made.digests() if _made else ()))
    made = {(circular.id, circular.version): circular for circular in known if circular is not None}
    return MappingProxyType(made | dict(_installed_in(*_folders)[0]))


class MadeCirculars(Protocol):
    """Where the circulars made on screen are: what was published there is never changed."""

    def digests(self) -> Iterable[str]: ...

    def file_of(self, sha256: str) -> DataFile | None: ...


_made: MadeCirculars | None = None
_read: dict[str, Circular] = {}


def install_made(made: MadeCirculars | None) -> None:
    """Sets where the circulars made on screen are read; None removes it."""
    global _made
    _made = made


def _made_of(digest: str) -> Circular | None:
    """Returns the circular made on screen with this digest, read once; None where none is, or it was altered."""
    if digest not in _read:
        file = _made.file_of(digest) if _made else None
        if file is None or sha256(file.data).hexdigest() != digest:
            return None
        try:
            _read[digest] = parse_circular(file)
        except InvalidDataFile:
            return None
    return _read[digest]


def circular_faults() -> Sequence[InvalidDataFile]:
    """Returns what is wrong with each file that cannot be used, () if nothing is."""
    return _installed_in(*_folders)[1]


_folders: tuple[Path, ...] = (FOLDER,)


def install_rehearsals(folder: Path | None) -> None:
    """Adds a folder from which circulars of rehearsal sessions are read; None removes it."""
    global _folders
    _folders = (FOLDER, folder) if folder else (FOLDER,)


@cache
def _installed_in(
    shipped: Path, rehearsals: Path | None = None
) -> tuple[Mapping[tuple[str, str], Circular], Sequence[InvalidDataFile]]:
    """Returns the circulars of both folders by (id, version), and the faults of the files that are wrong; in the second
    folder, also of those that are no rehearsal's, or of a version that exists already.
    """
    installed, faults = read_each(shipped, read_circular)
    known = {(circular.id, circular.version): circular for circular in installed}
    if rehearsals:
        own, more = read_each(rehearsals, lambda path: _of_a_rehearsal(path, known))
        known |= {(circular.id, circular.version): circular for circular in own}
        faults += more
    return MappingProxyType(known), tuple(faults)


def _of_a_rehearsal(path: Path, known: Mapping[tuple[str, str], Circular]) -> Circular:
    rehearsal = read_circular(path)
    if not is_rehearsal(rehearsal.id):
        raise InvalidDataFile(path.name, "id", "ici, seulement des sessions de répétition : l'année suivie de R")
    if (rehearsal.id, rehearsal.version) in known:
        raise InvalidDataFile(path.name, "version", "un autre fichier porte déjà cette version")
    return rehearsal
