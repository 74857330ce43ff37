"""Lists kinds of files that are not received, with what to do for each. Data only: no file is opened here."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from portfolio.rules.file_kinds import KINDS


class Unreceived(NamedTuple):
    """label: French, after « il ressemble à : ». advice: a French sentence."""

    label: str
    advice: str


def _endings(*codes: str) -> str:
    """Returns « .mp3 et .m4a »: the usual ending of each kind."""
    *others, last = (f".{KINDS[code].extensions[0]}" for code in codes)
    return f"{', '.join(others)} et {last}"


_THEN = "puis déposez cette copie."
_SOUND = (
    f"Les sons acceptés sont {_endings('mp3', 'm4a')} : enregistrez-le ou convertissez-le dans l'un de ces formats, "
    f"{_THEN} Sa transcription peut s'écrire dans la description du fichier."
)
_FILM = f"Les vidéos acceptées sont {_endings('mp4', 'mov', 'webm')} : exportez-la en MP4, {_THEN}"
_PICTURE = (
    f"Les images acceptées sont {_endings('jpeg', 'png', 'heic', 'webp', 'gif')} : exportez-la en JPEG ou en PNG, "
    f"{_THEN}"
)
_PRINTED = f"Ouvrez-le avec le logiciel qui l'a créé, enregistrez-le ou imprimez-le en PDF, {_THEN}"


def _sound(name: str) -> Unreceived:
    return Unreceived(f"un son {name}", _SOUND)


def _film(name: str) -> Unreceived:
    return Unreceived(f"une vidéo {name}", _FILM)


def _picture(name: str) -> Unreceived:
    return Unreceived(f"une image {name}", _PICTURE)


def _iwork(name: str, other: str) -> Unreceived:
    return Unreceived(f"un document {name}", f"Dans {name} : Fichier > Exporter vers > PDF ou {other}, {_THEN}")


IWORK: Final = {
    "pages": _iwork("Pages", "Word"),
    "numbers": _iwork("Numbers", "Excel"),
    "key": _iwork("Keynote", "PowerPoint"),
}
ANY_IWORK: Final = Unreceived(
    "un document Pages, Numbers ou Keynote",
    f"Dans l'application : Fichier > Exporter vers > PDF, Word, Excel ou PowerPoint, {_THEN}",
)
BINARY_WORKBOOK: Final = Unreceived(
    "un classeur Excel binaire (.xlsb)", f"Dans Excel : Fichier > Enregistrer sous > Classeur Excel (.xlsx), {_THEN}"
)
OLD_WORKBOOK: Final = Unreceived(
    "un classeur Excel d'avant 1994", f"Dans Excel ou LibreOffice : Enregistrer sous > Classeur Excel (.xlsx), {_THEN}"
)
RECENT_PICTURE: Final = Unreceived(
    "une image ou une vidéo d'un format récent", f"Enregistrez-la en JPEG ou en MP4, {_THEN}"
)
MATROSKA: Final = _film("Matroska (.mkv)")

_BY_CONTENT: Final[tuple[tuple[re.Pattern[bytes], Unreceived], ...]] = tuple(
    (re.compile(mark, re.DOTALL), kind)
    for mark, kind in (
        (rb"OggS", _sound("OGG ou Opus, comme un message vocal")),
        (rb"#!AMR", _sound("AMR, comme un message vocal")),
        (rb"RIFF....WAVE", _sound("WAV")),
        (rb"fLaC", _sound("FLAC")),
        (rb"FORM....AIF[FC]", _sound("AIFF")),
        (rb"caff", _sound("CAF")),
        (rb"\xff[\xf0\xf1\xf8\xf9]", _sound("AAC")),
        (rb"RIFF....AVI ", _film("AVI")),
        (rb"FLV\x01", _film("Flash")),
        (rb"\0\0\x01[\xba\xb3]", _film("MPEG")),
        (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Unreceived("un son ou une vidéo Windows Media", f"{_SOUND} {_FILM}")),
        (rb"BM.{4}\0{4}", _picture("BMP")),
        (rb"II\*\0|MM\0\*", _picture("TIFF, ou la photo brute d'un appareil")),
        (rb"8BPS", _picture("Photoshop (.psd)")),
        (rb"\0\0\x01\0", _picture("d'icône")),
        (rb"\0\0\0\x0cJXL |\xff\x0a", _picture("JPEG XL")),
        (rb"\0\0\0\x0cjP  ", _picture("JPEG 2000")),
        (rb"\0\x01\0\0Standard (?:ACE|Jet) DB", Unreceived("une base de données Access", _PRINTED)),
        (rb"\x09[\0\x02\x04][\x04\x06]\0", OLD_WORKBOOK),  # BIFF 2 to 4, by the length of their first record
        (rb"SQLite format 3\0", Unreceived("une base de données SQLite", _PRINTED)),
    )
)


def by_content(head: bytes) -> Unreceived | None:
    """Returns the kind that these first bytes tell; None for another one."""
    return next((kind for mark, kind in _BY_CONTENT if mark.match(head)), None)


# A file that leads elsewhere: {ending: what to do}. The document itself is not in it.
def _google(name: str, copies: str) -> str:
    return f"Dans {name} : Fichier > Télécharger > {copies} ; déposez le fichier téléchargé."


_LINK = (
    "Déposez le document lui-même ; pour une page web, ouvrez la preuve et collez l'adresse dans « Ajouter un lien »."
)
SHORTCUTS: Final[dict[str, str]] = {
    "gdoc": _google("Google Docs", "PDF ou Microsoft Word (.docx)"),
    "gsheet": _google("Google Sheets", "Microsoft Excel (.xlsx) ou PDF"),
    "gslides": _google("Google Slides", "PDF ou Microsoft PowerPoint (.pptx)"),
    "gdraw": _google("Google Drawings", "PDF ou image PNG"),
    **dict.fromkeys(("gform", "gsite", "gmap", "gjam", "glink", "lnk", "url", "webloc", "desktop"), _LINK),
}
