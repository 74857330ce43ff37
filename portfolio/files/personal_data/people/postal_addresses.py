"""Finds postal addresses: a number and a street, or a named place, with the town where it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

_STREETS: Final = (
    r"rue|avenue|av\.?|ave\.?|boulevard|bd\.?|bld\.?|blvd\.?|chemin|che\.?|impasse|imp\.?|all[ée]es?"
    r"|all\.?|quai|route|rte\.?|ruelle"
    r"|faubourg|fbg\.?|venelle|sentier|esplanade|lotissement|lot\.|traverse|mont[ée]e|promenade|hameau"
    r"|lieu-dit|rond-point"
)
_ELSEWHERE_TOO: Final = (  # words of another sense as well: a name with a capital must follow
    r"place|pl\.?|cours|passage|square|sq\.?|r[ée]sidence|r[ée]s\.?|cit[ée]|villa|voie|parc|domaine|clos"
    r"|mail|parvis|zone|za|zi|zac|cour"
    r"|pont|galerie|port|cale|c[ôo]te"
)
_LINK: Final = r"(?:(?:de la|de l['’]|des|du|de|d['’]|la|le|les|aux?|à la|sur|sous|en|lès|St\.?|Ste\.?)[ \u00a0]?){0,3}"
_NAME: Final = r"[\wÀ-ÿ.'’\-]{1,30}"
_NUMBER: Final = (
    r"(?<![\w°º.,/\-])(\d{1,4})(?:[ \u00a0]?(?:bis|ter|quater"
    r"|[A-Fa-f](?![\w'’])))?(?:[ \u00a0]?[-/][ ]?\d{1,4})?[ \u00a0]?(,)?[ \u00a0]{0,2}"
)
_STREET = re.compile(rf"{_NUMBER}(?:({_STREETS})|({_ELSEWHERE_TOO}))[ \u00a0]({_LINK})({_NAME})", re.IGNORECASE)
_MAIN_STREET = re.compile(rf"{_NUMBER}(?:grand[e']?[ -]?rue|petite rue|rue haute|rue basse)(?!\w)", re.IGNORECASE)
_MORE_NAMES = re.compile(
    r"(?:[ \u00a0](?:[A-ZÀ-Ý][\w.'’\-]{0,30}|\d{1,2}|de la|de l['’]\w{1,30}|d['’]\w{1,30}|des|du|de|la|le"
    r"|et)(?!\w)){0,6}"
)
_TOWN_NAME: Final = (
    r"[A-ZÀ-Ýa-zà-ÿ][\w'’\-]{1,30}(?:[ \u00a0](?:[A-ZÀ-Ý][\w'’\-]{0,30}|sur|sous|en|de|la|le|les"
    r"|lès|du|des)(?!\w)){0,6}"
)
_TOWN = re.compile(
    rf"[ \u00a0]{{0,2}}[,\n/\-–;|]{{0,2}}[ \u00a0]{{0,2}}(?:[^\n\d]{{0,30}}?\d{{0,4}}[ ]?[,\n/\-–|][ ]{{0,2}})?"
    rf"(?:[FL]-)?\d[\dO]{{4}}(?!\d)(?:[ \u00a0]{{0,2}}[,/\-–\t]?[ \u00a0]{{0,2}}{_TOWN_NAME})?"
)
_TOWN_ALONE = re.compile(r",[ \u00a0](?:à )?[A-ZÀ-Ý][\wÀ-ÿ'’\-]{2,30}(?:[ \u00a0][A-ZÀ-Ý][\w'’\-]{1,30}){0,2}")
_NAMED_PLACE = re.compile(
    r"(?<!\w)(?:lieu[- ]dit|lieudit|r[ée]sidence|hameau|domaine|lotissement|ch[âa]teau|ferme|moulin|villa"
    r"|immeuble|b[âa]timent"
    r"|z\.?a\.?c?\.?|z\.?i\.?|bp|cs|b\.p\.)[ \u00a0:«\"]{1,3}(?=[A-ZÀ-Ý\d])[^\n\d,]{0,40}?[\wÀ-ÿ»]{1,30}"
    r"(?:[ ]?\d{1,6})?[ ]{0,2}(?:[,\n/\-–]|[ ])[ ]{0,2}(?:[FL]-)?\d{5}[ \u00a0][A-ZÀ-Ý][\w'’\-]{1,30}",
    re.IGNORECASE,
)
_THE_DAY = re.compile(r"(?:^|[ \n(])(?:le|du|au|les)[ \u00a0]$", re.IGNORECASE)
_SMALL_AFTER = frozenset(["barrée", "fermée", "étroite", "piétonne", "est", "sont", "était", "ferme"])


def postal_addresses(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields whole addresses; a street without a number and a postcode alone are none."""
    for match in _NAMED_PLACE.finditer(around.text):
        yield PersonalValue("postal_address", match.start(), match.end())
    for match in _MAIN_STREET.finditer(around.text):
        town = _TOWN.match(around.text, match.end())
        yield PersonalValue("postal_address", match.start(), town.end() if town else match.end())
    for match in _STREET.finditer(around.text):
        end = match.end() + len(_more(around.text, match.end()))
        town = _TOWN.match(around.text, end)
        if not _is_street(around, match, town is not None):
            continue
        alone = None if town else _TOWN_ALONE.match(around.text, end)
        yield PersonalValue("postal_address", match.start(), town.end() if town else alone.end() if alone else end)


def _more(text: str, start: int) -> str:
    more = _MORE_NAMES.match(text, start)
    return more[0] if more else ""


def _is_street(around: Surroundings, match: re.Match[str], has_town: bool) -> bool:
    number, comma, street, other, link, name = match.groups()
    proper = name[0].isupper() or name[0].isdigit()
    if not proper and name.rstrip(".").lower() in _SMALL_AFTER:
        return False
    if comma and int(number) <= 31 and _THE_DAY.search(around.before(match.start(), 6)) and not has_town:
        return proper
    if has_town:
        return True
    if other:
        return proper
    return (
        proper or bool(link) or bool(street and street.lower() in ("rue", "avenue", "boulevard", "impasse", "chemin"))
    )
