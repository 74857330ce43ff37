"""Describes one question asked for a type of evidence, and checks its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from portfolio.invisible_characters import refusal_of_unseen

KINDS = ("text", "date", "url", "number", "choice", "bool")
MAX_URL = 2000
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{1,4})?", re.ASCII)
_DAY = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_YES, _NO = ("true", "on", "oui"), ("false", "off", "non")


@dataclass(frozen=True)
class Detail:
    """A question. choices: code → label (kind choice). at_most: name of the number this one may not exceed.

    valid_years: years of validity of the piece from this date; 0: no limit.
    """

    label: str
    kind: str
    required: bool
    choices: Mapping[str, str]
    pattern: re.Pattern[str] | None
    pattern_hint: str
    max_length: int
    at_most: str
    valid_years: int

    def clean(self, value: object) -> str | bool | None:
        """Returns the answer as it is stored (ISO day, decimal text, address, code, text, bool), or None if it is
        empty. Raises ValueError with a French sentence where it does not fit the question.
        """
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            return None
        match self.kind:
            case "date":
                return _day(value)
            case "url":
                return _url(value)
            case "number":
                return _number(value)
            case "bool":
                return _boolean(value)
            case "choice":
                return self._choice(value)
        return self._text(value)

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("Écrivez un texte.")
        unseen = refusal_of_unseen(value)
        if unseen is not None:
            raise ValueError(unseen)
        if len(value) > self.max_length:
            raise ValueError(f"Ce texte est trop long : {self.max_length} caractères au plus.")
        if self.pattern and not self.pattern.fullmatch(value):
            raise ValueError(self.pattern_hint)
        return value

    def _choice(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(f"Choisissez parmi : {', '.join(self.choices.values())}.")
        return value

    def valid_until(self, cleaned: str | None) -> date | None:
        """Returns the last day of validity that follows from the cleaned answer, an ISO day, or None without a limit or
        an answer.
        """
        if not self.valid_years or cleaned is None:
            return None
        obtained = date.fromisoformat(cleaned)
        year = obtained.year + self.valid_years
        if (obtained.month, obtained.day) == (2, 29):
            return date(year, 2, 28)
        return obtained.replace(year=year)


def _day(value: object) -> str:
    """Returns a day of this century as ISO text, from text or a `date`. Raises ValueError with a French sentence for
    anything else.
    """
    text = str(value)
    if not _DAY.fullmatch(text):
        raise ValueError("Écrivez une date, par exemple 2026-03-15.")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("Cette date n'existe pas.") from None


def _url(value: object) -> str:
    refusal = "Écrivez une adresse complète, qui commence par https:// ou http://."
    if not isinstance(value, str) or len(value) > MAX_URL or re.search(r"\s", value) or refusal_of_unseen(value):
        raise ValueError(refusal)
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        raise ValueError(refusal) from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(refusal)
    if parts.username is not None or parts.password is not None:
        raise ValueError("Retirez l'identifiant et le mot de passe de cette adresse.")
    return value


def _number(value: object) -> str:
    """Returns exact decimal text without trailing zeros (`14.5`); accepts the French comma, six digits and four
    decimals at most. Raises ValueError with a French sentence for anything else.
    """
    text = str(value)
    if isinstance(value, bool) or not _NUMBER.fullmatch(text):
        raise ValueError("Écrivez un nombre positif, par exemple 14,5.")
    return format(Decimal(text.replace(",", ".")).normalize(), "f")


def _boolean(value: object) -> bool:
    if isinstance(value, str) and value.lower() in (*_YES, *_NO):
        return value.lower() in _YES
    if not isinstance(value, bool):
        raise ValueError("Répondez par oui ou par non.")
    return value
