"""Finds plates of vehicles: those of today (AB-123-CD), and those from before 2009 (1234 AB 35)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

_L: Final = "[A-HJ-NP-TV-Za-hj-np-tv-z]"
_GAP: Final = r"[ \u00a0\u202f.\-‑–_·]?"
_TODAY = re.compile(rf"(?<![\w\-/.])({_L}{{2}})({_GAP})([0-9OlI]{{3}})({_GAP})({_L}{{2}})(?![\w]|-\w)")
_BEFORE_2009 = re.compile(
    rf"(?<![\w\-/.])([1-9]\d{{0,3}})({_GAP})({_L}{{2,3}})({_GAP})(0[1-9]|[1-8]\d|9[0-5]|2[ABab]"
    rf"|97[1-6])(?!\w|-\w|[.,]\d)"
)
_OF_A_PLATE: Final = re.compile(
    r"plaque|immat|v[ée]hicul|voiture|\bauto\b|moto|scooter|remorque|camion|utilitaire|caravane|fourgon"
    r"|carte grise|\bpermis"
    r"|flotte|parc\b|\bmarque\b|citro[ëe]n|renault|peugeot|dacia|\bclio|twingo|toyota|volkswagen|\bgolf\b"
    r"|ford\b|fiat\b|\bopel"
    r"|garage|stationn|conduct|carte verte|\bquad\b|cyclo|berline|tracteur|camping|\bvp\b|\bvu\b"
)
_NO_PLATE: Final = re.compile(
    r"\br[ée]f\b|\bnorme|r[ée]f\.|r[ée]f[ée]rence|mod[èe]le|\btype\b|bon de|commande|casier|armoire"
    r"|tiroir|s[ée]rie|article|\bart\.|section"
    r"|parcelle|\bvol\b|classeur|bo[îi]te|alternateur|courroie|\blot\b|colis|devis|facture|dossier"
    r"|contrat|police|produit|badge"
    r"|\bsalle\b|\bcase\b|\bcode\b|format|exemple de"
)
_WORDS: Final = re.findall("[A-Z]+", "DE LE LA ET EN AN CM MM KM KG HT ES SA CE NE SE TE ME MA TA AS JE CC CA CV CH DC")

_NEAR: Final = 40  # signs before a plate, for a word that says what it is


def plates(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields plates; none that the words before it call something else."""
    for match in _TODAY.finditer(around.text):
        if _is_of_today(around, match):
            yield PersonalValue("plate", match.start(), match.end())
    for match in _BEFORE_2009.finditer(around.text):
        if _is_from_before(around, match):
            yield PersonalValue("plate", match.start(), match.end())


def _is_of_today(around: Surroundings, match: re.Match[str]) -> bool:
    first, gap, digits, other, second = match.groups()
    digits = digits.translate(str.maketrans("OlI", "011"))
    if "SS" in (first.upper(), second.upper()) or digits == "000" or bool(gap) != bool(other):
        return False
    called, otherwise = _words(around, match.start())
    if otherwise and not called:
        return False
    if called:
        return True
    if not (first.isupper() and second.isupper()):
        return gap in ("-", "‑") and first.islower() == second.islower()
    return gap in ("-", "‑") or first not in _WORDS and second not in _WORDS


def _is_from_before(around: Surroundings, match: re.Match[str]) -> bool:
    digits, gap, letters, other, _ = match.groups()
    if letters.upper() == "SS" or bool(gap) != bool(other):
        return False
    called, otherwise = _words(around, match.start())
    if otherwise and not called:
        return False
    first, last = around.line(match.start())
    row = around.text[max(first, match.start() - 120) : min(last, match.end() + 80)].lower()
    if called or _OF_A_PLATE.search(row):
        return letters.isupper() or called
    alone = (last - first <= 20 and around.text[first:last].strip() == match[0]) or around.in_table(match.start())
    return letters.isupper() and len(digits) >= 3 and letters not in _WORDS and (alone or gap in (" ", "-"))


def _words(around: Surroundings, start: int) -> tuple[bool, bool]:
    """Returns whether the nearest word before says that it is a plate, and whether it says that it is"
    " something else."""
    label = around.label(start, _NEAR)
    called = max((match.start() for match in _OF_A_PLATE.finditer(label)), default=-1)
    otherwise = max((match.start() for match in _NO_PLATE.finditer(label)), default=-1)
    return called > otherwise, otherwise > called
