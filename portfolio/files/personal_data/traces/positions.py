"""Finds pairs of coordinates, as degrees with decimals or with minutes and seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

_NUMBER: Final = r"[-−+]?\d{1,3}[.,]\d{3,15}"
_CARDINAL: Final = r"(?:[ ]?(?:°|deg)?[ ]?[NSEWO](?![\wÀ-ÿ]))"
_BETWEEN: Final = r"[\s,;:/=\"'|()\[\]]{1,6}(?:(?:gps)?(?:lon(?:gitude)?|lng|long|et)[\s:=\"'.]{0,5})?"
_DECIMAL = re.compile(
    rf"(?<![\w.,\-+])(?<!\d )({_NUMBER})({_CARDINAL}|[ ]?°)?{_BETWEEN}({_NUMBER})({_CARDINAL}"
    rf"|[ ]?°)?(?![\w]|[.,]\d(?!\d?z))",
    re.IGNORECASE,
)
_ANGLE: Final = (
    r"\d{1,3}[ ]?(?:°|deg|º)[ ]?\d{1,2}(?:[.,]\d{1,8})?[ ]?(?:['′’]"
    r"|min)(?:[ ]?\d{1,2}(?:[.,]\d{1,8})?[ ]?(?:\"|″|''|”|’’|sec))?"
)
_ANGLES = re.compile(
    rf"(?:[NS][ ]?{_ANGLE}[^\d\n]{{0,12}}?[EWO][ ]?{_ANGLE}"
    rf"|{_ANGLE}[ ]?[NS](?!\w)[^\d]{{0,40}}?{_ANGLE}[ ]?[EWO](?!\w))"
)
_CALLED: Final = re.compile(
    r"gps|\blat|coord|position|g[ée]o|localis|\bpoint\b|balise|\blieu\b|maps?\b|carte|\bprès de|\bq=|@"
    r"|relev[ée]|trace|\blon\b|exif"
)
_GPS: Final = re.compile(r"gps|\blat|coord|position|g[ée]o")
_OTHER: Final = re.compile(
    r"coefficient|taux|tarif|ratio|prix|montant|cote|cours|[ée]chelle|version|dimension|mètres|montants|note|moyenne"
)
_PARTS_OF_FRANCE: Final = (  # south, north, west, east
    (41.0, 51.6, -5.6, 10.0),
    (14.2, 18.3, -63.3, -60.7),
    (2.0, 6.0, -55.0, -51.5),
    (-22.0, -12.0, 44.5, 56.2),
    (-23.5, -17.5, 162.0, 169.0),
    (-28.0, -7.5, -155.0, -134.0),
)
_NEAR = 50


def positions(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields pairs of coordinates, from the first figure or cardinal letter to the last."""
    for match in _ANGLES.finditer(around.text):
        yield PersonalValue("gps", match.start(), match.end())
    for match in _DECIMAL.finditer(around.text):
        if _is_position(around, match):
            yield PersonalValue("gps", match.start(), match.end())


def _is_position(around: Surroundings, match: re.Match[str]) -> bool:
    first, cardinal, second, other = match.groups()
    if not (_decimals(first) >= 3 and _decimals(second) >= 3):
        return False
    lettered = bool(cardinal and other and cardinal.strip("° ") and other.strip("° "))
    label = around.label(match.start(), _NEAR)
    if lettered:
        return True
    called, otherwise = _last(_CALLED, label), _last(_OTHER, label)
    if (
        otherwise > called
        or _one_of_many(around, match)
        or re.match(r"[ ]?(?:m|cm|mm|km|€|%)\b", around.after(match.end(), 4))
    ):
        return False
    latitude, longitude = (float(each.replace(",", ".").replace("−", "-")) for each in (first, second))
    if called >= 0 and (_GPS.search(label) or min(_decimals(first), _decimals(second)) >= 4):
        return _on_earth(latitude, longitude) or _on_earth(longitude, latitude)
    if min(_decimals(first), _decimals(second)) < 4:
        return False
    return _in_france(latitude, longitude) or _in_france(longitude, latitude)


def _one_of_many(around: Surroundings, match: re.Match[str]) -> bool:
    return re.match(r"[\s,;]{1,3}(?:puis |et )?-?\d{1,3}[.,]\d", around.after(match.end(), 14)) is not None


def _decimals(number: str) -> int:
    return len(re.split(r"[.,]", number)[1])


def _on_earth(latitude: float, longitude: float) -> bool:
    return abs(latitude) <= 90 and abs(longitude) <= 180


def _in_france(latitude: float, longitude: float) -> bool:
    return any(
        south <= latitude <= north and west <= longitude <= east for south, north, west, east in _PARTS_OF_FRANCE
    )


def _last(pattern: re.Pattern[str], words: str) -> int:
    return max((match.start() for match in pattern.finditer(words)), default=-1)
