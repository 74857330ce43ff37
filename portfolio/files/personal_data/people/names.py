"""Tells people's names from other words, and whether a person is named near a value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final


def _words(name: str) -> frozenset[str]:
    """Returns the words of a file beside this one."""
    return frozenset(Path(__file__).with_name(name).read_text(encoding="utf-8").split())


_CAP: Final = r"[A-ZÀ-ÖØ-Ý][\wÀ-ÿ'’\-]{1,30}"
_TITLED = re.compile(
    rf"(?<!\w)(?:M\.|MM\.|Mr\.?|Mme|Mmes|Mlle|Melle|Monsieur|Madame|Mademoiselle|Dr|Docteur|Me|Maître"
    rf"|Pr)[ \u00a0](?:veuve |et Mme )?{_CAP}"
)
_TWO = re.compile(rf"(?<![\wÀ-ÿ])({_CAP})[ \t\u00a0;,\"]{{1,4}}({_CAP})")
_FIRST_PERSON = re.compile(r"\bje soussigné|\bje m'appelle|\bc'est moi\b|\bnom\b[^\n:=]{0,12}[:=]", re.IGNORECASE)
# Borne in France, without accents: enough to tell a name from other words.
FIRST_NAMES: Final = _words("first_names.txt")
_PARTICLES: Final = frozenset(
    (
        "le",
        "la",
        "de",
        "du",
        "des",
        "d'",
        "van",
        "von",
        "der",
        "den",
        "ben",
        "el",
        "al",
        "da",
        "di",
        "dos",
        "saint",
        "bin",
    )
)
_PARTICLES_FIRST: Final = frozenset(["le", "la", "les", "des", "du"])
_WORD = re.compile(r"[A-ZÀ-ÖØ-Ýa-zà-ÿ][\wÀ-ÿ'’\-.]*", re.UNICODE)
NO_PERSON: Final = _words("no_person.txt")


_STARTERS: Final = _words("no_first_name.txt")


def is_named(words: str) -> bool:
    """Returns whether a text names a person: a title with a name, or two words that can be names."""
    if _TITLED.search(words) or _FIRST_PERSON.search(words):
        return True
    return any(_can_be_names(match[1], match[2]) for match in _overlapping(words))


def _overlapping(words: str) -> list[re.Match[str]]:
    matches, place = [], 0
    while (match := _TWO.search(words, place)) is not None:
        matches.append(match)
        place = match.start(2)
    return matches


def _can_be_names(first: str, second: str) -> bool:
    words = (first.lower(), second.lower())
    if NO_PERSON.intersection(words) or _STARTERS.intersection(words):
        return False
    if any(_is_first_name(each) for each in (first, second)):
        return True
    return first.isupper() != second.isupper() or not (first.isupper() or "." in first + second)


def _is_first_name(word: str) -> bool:
    parts = plain(word).split("-")
    return parts[0] in FIRST_NAMES or parts[-1] in FIRST_NAMES


def is_person(words: str, local: str = "") -> bool:
    """Returns whether the whole of a text is a person's name. local: what stands before the @ of their address."""
    tokens = words.replace(",", " ").split()
    if not 1 <= len(tokens) <= 5 or not all(_WORD.fullmatch(token) for token in tokens):
        return False
    if NO_PERSON.intersection(_without_article(token) for token in tokens) or tokens[0].lower() in _PARTICLES_FIRST:
        return False
    proper = [
        token for token in tokens if token.lower() not in _PARTICLES and not token.lower().startswith(("d'", "d’"))
    ]
    if not proper or not all(token[0].isupper() for token in proper):
        return False
    if any(_is_first_name(token) for token in proper):
        return len(tokens) > 1 or bool(local)
    if local and any(plain(token) in plain(local) for token in proper):
        return len(proper) > 1
    return (
        2 <= len(proper) <= 3
        and len(proper) == len(tokens)
        or (len(proper) >= 2 and len(tokens) <= 4 and _capitals(tokens))
    )


def _without_article(token: str) -> str:
    return token.lower().removeprefix("l'").removeprefix("d'").removeprefix("l’").removeprefix("d’")


def _capitals(tokens: list[str]) -> bool:
    return any(len(token) > 1 and token.isupper() for token in tokens)


def plain(word: str) -> str:
    """Returns a word in lower case, without accents."""
    return word.lower().translate(_UNACCENTED)


_UNACCENTED: Final = str.maketrans("àâäáãåçéèêëíìîïñóòôöõúùûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy")
