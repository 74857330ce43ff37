"""Finds numbers of insurance contracts and of claims, by the word or the head of a column that calls them so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

_NUMBER_OF: Final = r"(?:n[°º]s?|no\b\.?|num[ée]ros?|num\b|r[ée]f(?:[ée]rences?|s?\.)?|#)"
_POLICY: Final = r"(?:contrats?|polices?|policy)"
_CLAIM: Final = r"(?:sinistres?|sin\.|sin\b|claim)"
_OTHER: Final = re.compile(
    r"factur|devis|mandat|r[ée]clamation|quittance|client|candidat|\bt[ée]l|agence|courtier|article"
    r"|\bart\.|loi\b|page|\bprime|conditions"
    r"|avenant|annexe|mod[èe]le|commande|portable|mobile|siret|fichier|montant|rappel|joindre"
)
_WORD = {
    "policy_number": re.compile(rf"(?<![a-zà-ÿ]){_POLICY}(?![a-zà-ÿ])", re.IGNORECASE),
    "claim_number": re.compile(rf"(?<![a-zà-ÿ]){_CLAIM}(?![a-zà-ÿ])", re.IGNORECASE),
}
# Between the word and its number: nothing but signs; or other words, if « n° » or a sign of equality ends them.
_CLOSE = re.compile(
    rf"[\"'»\])]{{0,2}}[ \u00a0]?(?:d'assurance |est (?:le )?|le |sous (?:le |la"
    rf" )?)?(?:{_NUMBER_OF})?[ \u00a0]?(?:est (?:le )?|le )?"
    r"[:=#(«\[\"']{0,3}[ \u00a0]?[«\"'(]?[ \u00a0]?",
    re.IGNORECASE,
)
_FAR = re.compile(
    rf"(?: du \d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}})?[^\d\n;|]{{0,44}}?(?:{_NUMBER_OF}"
    rf"|[:=])[ \u00a0]?[:=]?[ \u00a0]?[\"'«(]?[ \u00a0]?",
    re.IGNORECASE,
)
_OTHER_THAN_PRODUCT: Final = re.compile(r"factur|devis|mandat|client|article|page|avenant|annexe|commande")
# A kind of contract or claim may stand between, if its number has letters and figures.
_PRODUCT = re.compile(r"(?:[ \u00a0](?:[A-ZÀ-Ý]?[a-zà-ÿ'’\-]{2,16}|MRH|RC|IRD)){1,4}[ \u00a0]")
_BY_SOMEBODY = re.compile(r"\b(?:par|du|de|de la|le|la|notre|votre) (?:client|cliente|assurée?|agence|courtier)\b")
_UP = "A-Z0-9"
_VALUE = re.compile(
    rf"(?:[A-Z]{{1,6}}[ \u00a0])?(?=[{_UP}a-z]{{0,12}}[\-/._]?[{_UP}\-/._]{{0,20}}\d)[{_UP}][{_UP}]{{0,24}}"
    rf"(?:[\-/._][{_UP}]{{1,16}}){{0,6}}(?:[ \u00a0]\d[{_UP}]{{0,12}}(?:[\-/._][{_UP}]{{1,12}}){{0,3}}){{0,5}}"
    r"(?![a-zà-ÿ0-9])"
)
_DATE = re.compile(
    r"\d{1,2}[/.\- ]\d{1,2}[/.\- ](?:\d{4}|\d{2})|\d{4}-\d\d-\d\d|(?:19|20)[\dO]{2}|\d{1,2}/\d{4}"
    r"|(?:[A-Z]{1,3}[ ])?\d{1,3}"
)
_AMOUNT = re.compile(
    r"[ \u00a0\u202f]?(?:€|eur\b|euros|%|ans?\b|mois\b|jours?\b|lignes?\b|h\d|h\b|,\d\d)", re.IGNORECASE
)
_HEAD = re.compile(
    rf"^(?:{_NUMBER_OF})?[ ]?(?:du |de |d')?(?:dossier )?({_POLICY}|{_CLAIM})s?[ ]?(?:{_NUMBER_OF})?[ :]*$",
    re.IGNORECASE,
)
_TOKEN = re.compile(rf"(?<!\w)[{_UP}]{{1,24}}(?:[\-/._][{_UP}]{{1,16}}){{0,6}}(?!\w)")
MOST_BEHIND: Final = 80
_CELL = re.compile(r"[^\t;\n]{0,60}")


def references(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields the numbers of contracts and of claims."""
    for kind, word in _WORD.items():
        for match in word.finditer(around.text):
            value = _called(around, match.end())
            if value is not None:
                yield PersonalValue(kind, *value.span())
                yield from _others_like_it(around, kind, value)
    yield from _under_headings(around)


def _called(around: Surroundings, end: int) -> re.Match[str] | None:
    """Returns the number that a word which ends here introduces."""
    close = _CLOSE.match(around.text, end)
    value = _number_at(around, close.end()) if close else None
    if value is not None:
        return value
    far = _FAR.match(around.text, end)
    between = _BY_SOMEBODY.sub("", far[0].lower()) if far else ""
    if far and not _OTHER.search(between) and not _WORDS_OF_BOTH.search(between):
        return _number_at(around, far.end())
    product = _PRODUCT.match(around.text, end)
    value = (
        _number_at(around, product.end()) if product and not _OTHER_THAN_PRODUCT.search(product[0].lower()) else None
    )
    return value if value and re.match(r"[A-Z]+[\-/ .]?\d|\d+[\-/.]?[A-Z]", value[0]) else None


_WORDS_OF_BOTH: Final = re.compile(rf"\b(?:{_POLICY}|{_CLAIM})")


def _number_at(around: Surroundings, start: int) -> re.Match[str] | None:
    value = _VALUE.match(around.text, start)
    if (
        value is None
        or _DATE.fullmatch(value[0].replace("O", "0"))
        or sum(sign.isdigit() or sign == "O" for sign in value[0]) < 3
    ):
        return None
    if _AMOUNT.match(around.after(value.end())) and not re.search(r"[A-Z]", value[0]):
        return None
    return value


def _others_like_it(around: Surroundings, kind: str, value: re.Match[str]) -> Iterator[PersonalValue]:
    """Yields what is written like a number that has letters, or signs between its figures, behind it in its line."""
    shape = _shape(value[0])
    if shape == "9" or len(shape) < 3:
        return
    line = around.after(value.end(), MOST_BEHIND)
    for token in _TOKEN.finditer(line):
        if _WORDS_OF_BOTH.search(line[: token.start()].lower()) or _OTHER.search(line[: token.start()].lower()):
            return
        if _shape(token[0]) == shape and len(token[0]) == len(value[0]):
            yield PersonalValue(kind, value.end() + token.start(), value.end() + token.end())


def _shape(value: str) -> str:
    return re.sub("[A-Z]+", "A", re.sub(r"\d+", "9", value))


def _under_headings(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields what stands under the head of a column, or under a line, that is such a word alone."""
    place = 0
    for cell in _CELL.finditer(around.text):
        if cell.start() < place or not cell[0]:
            continue
        place = cell.end()
        head = _HEAD.match(around.heading(cell.start()))
        if head is None:
            continue
        value = _number_at(around, cell.start() + len(cell[0]) - len(cell[0].lstrip(" \"'")))
        if value is not None and value.end() >= cell.start() + len(cell[0].rstrip(" \"'")):
            kind = "claim_number" if head[1].lower().startswith(("sin", "cla")) else "policy_number"
            yield PersonalValue(kind, *value.span())
