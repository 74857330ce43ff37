"""Reads the circular of a session: what the arrêté leaves to it each year, frozen in memory, never guessed in code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portfolio.errors import Invalid, NotFound, RuleSource
from portfolio.identifiers import is_rehearsal
from portfolio.rules.texts.circular_reader import SESSION, parse_circular, read_circular
from portfolio.rules.texts.circular_terms import Circular, VersionPin
from portfolio.rules.texts.data_files import DataFile, InvalidDataFile, read_each
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5, folders_of
from portfolio.rules.texts.exam import FOLDER as EXAMS
from portfolio.rules.texts.referential import exam_of

FOLDER = EXAMS / BTS_ASSURANCE_E5 / "circulars"
CircularKey = tuple[str, str, str]  # exam, session, version


class UnknownCircular(NotFound):
    code = "unknown_circular"
    source = RuleSource.LIMIT
    detail = (
        "Aucune circulaire utilisable n'est installée pour « {session} », ou son fichier a été modifié. "
        "Prévenez l'administrateur du service."
    )


def circular(id: str, version: str, sha256: str) -> Circular:
    """Returns the circular, installed or made on screen, of this session (`2027`), version (`1`) and digest: what a
    candidacy is pinned to. An edited file counts as not installed. Raises UnknownCircular where none is.
    """
    pin = VersionPin(id, version, sha256)
    installed = _installed().by_digest.get(sha256)
    known = installed[0] if installed else _made_of(sha256)
    if known is None or known.pin != pin:
        raise UnknownCircular(session=f"{id} version {version}")
    return known


def text_of(circular: Circular) -> str:
    """Returns the file of a circular, installed or made on screen. Raises UnknownCircular where it is neither."""
    installed = _installed().by_digest.get(circular.sha256)
    if installed and sha256(data := installed[1].read_bytes()).hexdigest() == circular.sha256:
        return data.decode()
    file = _made.file_of(circular.sha256) if _made else None
    if file is None:
        raise UnknownCircular(session=f"{circular.id} version {circular.version}")
    return file.data.decode()


def circular_for(session: str, exam: str) -> Circular:
    """Returns the version that `latest` chooses for this session among all that are known of an exam (its code). Raises
    UnknownCircular where there is none.
    """
    return latest((known for key, known in circulars().items() if key[0] == exam), session)


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


def circulars() -> Mapping[CircularKey, Circular]:
    """Returns every circular by (exam, session, version): the installed ones, read and checked once, and those made on
    screen, of which it asks for the digests at each call. A file that is wrong is left out: it takes nothing from those
    who are pinned to another (`circular_faults`).
    """
    known = (_made_of(digest) for digest in (_made.digests() if _made else ()))
    made = {_key(circular): circular for circular in known if circular is not None}
    return MappingProxyType(made | dict(_installed().known))


def _key(circular: Circular) -> CircularKey:
    return exam_of(circular.referential.id).code, circular.id, circular.version


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
    return _installed().faults


_rehearsals: Path | None = None


def install_rehearsals(folder: Path | None) -> None:
    """Adds a folder from which circulars of rehearsal sessions are read; None removes it."""
    global _rehearsals
    _rehearsals = folder


class _InstalledCirculars(NamedTuple):
    """by_digest: each with the path of its file."""

    known: Mapping[CircularKey, Circular]
    by_digest: Mapping[str, tuple[Circular, Path]]
    faults: Sequence[InvalidDataFile]


def _installed() -> _InstalledCirculars:
    return _installed_in(_rehearsals, *folders_of("circulars").items())


@cache
def _installed_in(rehearsals: Path | None, *shipped: tuple[str, Path]) -> _InstalledCirculars:
    """Returns the circulars of each exam's folder, and of the folder of rehearsals, of whichever exam; with the faults
    of the files that are wrong, of another exam than their folder, no rehearsal's, or of a version that exists already.
    """
    known: dict[CircularKey, Circular] = {}
    by_digest: dict[str, tuple[Circular, Path]] = {}
    faults: list[InvalidDataFile] = []

    def admitted(path: Path, code: str | None) -> None:
        made = read_circular(path)
        if code is None and not is_rehearsal(made.id):
            raise InvalidDataFile(path.name, "id", "ici, seulement des sessions de répétition : l'année suivie de R")
        if code not in (None, _key(made)[0]):
            raise InvalidDataFile(path.name, "referential.id", f"c'est celui d'une autre épreuve que {code}")
        if _key(made) in known:
            raise InvalidDataFile(path.name, "version", "un autre fichier porte déjà cette version")
        known[_key(made)], by_digest[made.sha256] = made, (made, path)

    for code, folder in shipped:
        faults += read_each(folder, partial(admitted, code=code))[1]
    if rehearsals:
        faults += read_each(rehearsals, partial(admitted, code=None))[1]
    return _InstalledCirculars(MappingProxyType(known), MappingProxyType(by_digest), tuple(faults))
