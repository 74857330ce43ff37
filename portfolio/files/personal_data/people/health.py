"""Finds words on the health of people who are named beside; none of a cover, a form or a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.people.health_words import CARE, CONDITIONS, MORE_CONDITIONS, TAIL
from portfolio.files.personal_data.people.names import is_named
from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

_HEALTH = re.compile(rf"(?<![\wÀ-ÿ])(?:{CONDITIONS}|{MORE_CONDITIONS}|{CARE})(?![\wÀ-ÿ]){TAIL}", re.IGNORECASE)
# What makes the word that follows one of a product, of a question, or of nobody's.
_NOT_OF_A_PERSON: Final = re.compile(
    r"garanties?|\boptions?|formules?|couvertures?|couvr|\bcontrats?|produits?|complémentaires?"
    r"|assurances?|pr[ée]voyance|bar[èe]me|\bcapital|rentes?\b"
    r"|en cas d|aucune?\b|\bpas (?:de|d['’]|encore|en|eu)|\bsans\b|\bni\b|\bnon\b|franchise|d[ée]lai"
    r"|forfait|modules?|packs?|indemnit[ée]s? (?:journali|en)|article|\bl\. ?\d"
    r"|tarif|cotisation|devis|n['’]est (?:pas|plus)|n['’]a (?:pas|jamais)|avez-vous|êtes-vous|si oui"
    r"|exclu|prestation|centre|service|plafond|rembours|questionnaire|campagne|salon|journ[ée]e"
)
_NOT_BY_WHAT_FOLLOWS: Final = re.compile(
    r"[ \u00a0]?(?:»|\")?[ ]?(?:est |sont |n['’]est )?(?:couverte?s?\b|garanti|remboursée?s?|incluse?s?\b"
    r"|prend effet|souscrit|des garanties|à 100|non couvert|:? ?non\b|\?|:? ?n[ée]ant|:? ?aucun)",
    re.IGNORECASE,
)
# After these words, what follows is of somebody's health whatever it is.
_ENTITLED = re.compile(
    r"(?<!\w)(?:diagnostic|pathologies?|ant[ée]c[ée]dents(?: m[ée]dicaux)?|nature des? l[ée]sions?"
    r"|constatations?(?: m[ée]dicales)?|motif m[ée]dical|traitements? en cours)"
    r"[ \u00a0]?[:=|\t][ \u00a0]?(?!n[ée]ant|aucun|non\b|ras\b|sans|pas\b|\.|_|:)([a-zà-ÿ][^\n\t.;|]{3,60})",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:!?\n|•\t]|, (?=[A-ZÀ-Ý])")
_QUOTED = re.compile(r"[«\"][ \u00a0]?$")
_PROFESSION: Final = re.compile(
    r"\b(?:service|centre|cabinet|clinique|pôle|unité|journée|association|ligue|fondation)\b[^.\n]{0,20}$",
    re.IGNORECASE,
)


def health(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields words on somebody's health, where the text names whose."""
    for match in _HEALTH.finditer(around.text):
        start, end = match.span()
        if around.is_head(start) or _of_a_product(around, start, end) or _PROFESSION.search(around.before(start)):
            continue
        if is_named(around.around(start, end)):
            yield PersonalValue("health", start, end)
    for match in _ENTITLED.finditer(around.text):
        if is_named(around.around(*match.span(1))) and not around.is_head(match.start()):
            yield PersonalValue("health", *match.span(1))


def _of_a_product(around: Surroundings, start: int, end: int) -> bool:
    before = around.before(start, 48)
    clause = _CLAUSE.split(before)[-1].lower()
    if _NOT_OF_A_PERSON.search(clause) or _NOT_BY_WHAT_FOLLOWS.match(around.after(end)):
        return True
    return _QUOTED.search(before) is not None and _NOT_OF_A_PERSON.search(before.lower()) is not None
