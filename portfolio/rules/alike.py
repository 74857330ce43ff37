"""Tells whether two accounts may be one person's: the same name, or addresses that differ by what servers ignore.

It proves nothing: homonyms exist, and one person may use two names. It warns, and never refuses.
"""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.identifiers import name_key

SHORTEST = 5  # letters of an address before the @: fewer are initials, which many share
SHARED = frozenset(
    ("accueil", "administration", "agence", "bonjour", "bureau", "contact", "direction", "formation", "info", "infos")
    + ("information", "mail", "pedagogie", "proviseur", "scolarite", "secretariat", "service", "stage", "stages")
)


@dataclass(frozen=True)
class HeldAccount:
    """An account as it is known. name: given names and family name. email: None without an address."""

    name: str
    email: str | None


def may_be_the_same(first: HeldAccount, second: HeldAccount) -> bool:
    """Returns True if both have the same names, in any order and spelling of signs, or close addresses: the same part
    before the @, whatever its dots, its tag (`+…`) and its domain, unless it is a mailbox that people share.
    """
    return _same(_names(first), _names(second)) or _same(_mailbox(first), _mailbox(second))


def _same(first: object, second: object) -> bool:
    return bool(first) and first == second


def _names(account: HeldAccount) -> list[str]:
    return sorted(name_key(account.name).split())


def _mailbox(account: HeldAccount) -> str:
    """Returns the part of the address before the @ without signs and tag; "" where many share it or it is short."""
    local = (account.email or "").partition("@")[0].partition("+")[0]
    letters = name_key(local).replace(" ", "")
    return "" if letters in SHARED or len(letters) < SHORTEST else letters
