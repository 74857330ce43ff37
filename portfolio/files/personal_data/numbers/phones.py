"""Finds telephone numbers: of France and its overseas parts as they are dialled there, others from their sign « + »."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

_GAP: Final = r"[ \u00a0\u2007\u2009\u202f.\-‑/]{0,2}"
_D: Final = "[0-9OlI]"
_SPACES: Final = r"[ \u00a0\u2007\u2009\u202f]{0,2}"
_PAIRS: Final = rf"(?:(?:{_SPACES}{_D}{_D}){{4}}|(?:[ ]?[.\-‑/][ ]?{_D}{_D}){{4}})"
_START: Final = r"(?<![\w+.,/\-])"
_END: Final = r"(?![\w])(?![.,/\-]\d)"
_NATIONAL = re.compile(
    rf"{_START}(?:[0O][1-9lI]{_PAIRS}"
    rf"|[0O][1-9]\d{{2}}[ .\-]\d{{3}}[ .\-]\d{{3}}|[0O][1-9]\d[ .\-]\d{{3}}[ .\-]\d{{2}}[ .\-]?\d{{2}}"
    rf"|[0O][1-9]\d{{2}}[ .\-]\d{{2}}[ .\-]\d{{2}}[ .\-]\d{{2}}|[0O][1-9][ .\-]\d{{4}}[ .\-]\d{{4}}"
    rf"|[0O][ .]8\d\d[ .]\d{{3}}[ .]\d{{3}}|[0O][ .]8\d\d(?:[ .]\d\d){{3}}|\([0O][1-9]\){_PAIRS}){_END}"
)
_FRENCH_ABROAD = re.compile(
    rf"(?<![\w+])(?:\+|00|\(\+)[ ]?(?:33|262|508|590|594|596)\)?{_GAP}(?:\(0\){_GAP}|0)?[1-9lI]{_PAIRS}{_END}"
)
_ABROAD = re.compile(
    r"(?<![\w+])\+[ ]?[1-9]\d{0,2}[ \u00a0\u202f.\-/]{0,2}"
    r"(?:\(\d{1,5}\)[ \u00a0.\-/]{0,2})?\d(?:[ \u00a0\u202f.\-/]?\d){5,11}" + _END
)
_ABROAD_BY_ZEROS = re.compile(
    r"(?<![\w+\-/.])(?<!\d[ .\-/])00[ ]?(?:1|3[0-9]|4[0-9]|21[2368]|22\d|35\d|37[67]|687|689)"
    r"[ \u00a0\u202f.\-/]{0,2}(?:\(0\)[ ]?)?\d(?:[ \u00a0\u202f.\-/]?\d){6,10}" + _END
)
_OF_A_PHONE: Final = re.compile(
    r"t[ée]l|phone|portable|mobile|\bport\b|\bfixe\b|\bfax\b|appel|joindre|joint\b|joignable|contact"
    r"|rappel|\bgsm\b|num[ée]ros?\b"
    r"|whatsapp|\bsms\b|standard|cellulaire|\bau\b"
)
_NO_PHONE: Final = re.compile(
    r"\bdevis|factur|r[ée]servation|op[ée]ration|transaction|livraison|exp[ée]dition|agr[ée]ment"
    r"|autorisation|\br[ée]f\b|r[ée]f\.|r[ée]f[ée]rence|\bcodes?\b|command|siren|siret|isbn|\bs[ée]rie"
    r"|\bcolis|ticket|client[ ]?(?:[:=|#]|n[°o])|(?:code|n[°o]|num[ée]ro|id) client"
    r"|candidat|dossier|contrat|\bpolice|sinistre|ch[èe]que|\btva\b|adh[ée]rent|matricule|orias|rpps"
    r"|finess|\bpermis\b|mandat"
    r"|montant|prix|total|\bsolde|produit|article|paiement|bordereau|\blot\b|compte\b|identifiant|\bid\b"
    r"|quittance|[ée]tiquette"
    r"|inscription|abonn|licence|\brcs\b|\bbadge|pi[èe]ce n|proc[èe]s|date|[ée]ch[ée]ance"
)
_AMOUNT = re.compile(
    r"[ \u00a0\u202f]?(?:€|eur\b|kwh|km\b|m²|m2\b|m3|%|points?\b|ppp|cm\b|mm\b|h\b|k€|ko\b|mo\b)", re.IGNORECASE
)
_WORD_NEAR: Final = 34  # signs before the number


def phones(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields whole telephone numbers; none that a word near it calls something else."""
    for pattern in (_FRENCH_ABROAD, _ABROAD, _ABROAD_BY_ZEROS):
        for match in pattern.finditer(around.text):
            if pattern is not _ABROAD or _long_enough(match[0]):
                yield PersonalValue("phone", match.start(), match.end())
    for match in _NATIONAL.finditer(around.text):
        if _is_phone(around, match):
            yield PersonalValue("phone", match.start(), match.end())


def _long_enough(value: str) -> bool:
    return 8 <= sum(sign.isdigit() for sign in value) <= 15


def _is_phone(around: Surroundings, match: re.Match[str]) -> bool:
    start, end = match.span()
    if _AMOUNT.match(around.after(end)) or re.match(r"[ .\-/]?\d", around.after(end, 2)):
        return False
    if sum(sign in "OlI" for sign in match[0]) > 4:
        return False
    label = around.label(start)
    called = _last(_OF_A_PHONE, label)
    otherwise = _last(_NO_PHONE, label)
    if re.search(r"\d[ \u00a0]$", around.before(start, 2)):  # the end of a longer number
        return called >= 0 and otherwise < 0
    return otherwise < 0 or called > otherwise


def _last(pattern: re.Pattern[str], label: str) -> int:
    return max((match.start() for match in pattern.finditer(label)), default=-1)
