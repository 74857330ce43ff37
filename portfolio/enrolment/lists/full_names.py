"""Splits a name and a first name that stand in one cell, whichever comes first."""

from __future__ import annotations

from typing import NamedTuple


class Split(NamedTuple):
    """family, given: "" where nothing is left for it. sure: whether capitals or a comma tell one from the other."""

    family: str
    given: str
    sure: bool


def split_full_name(text: str) -> Split:
    """Returns the two parts of « DA SILVA COSTA Emma », « Emma DA SILVA COSTA », « Da Silva, Emma ». Without capitals
    nor comma, the first word is taken for the name; all in capitals, the last one for the first name.
    """
    before, comma, after = text.partition(",")
    if comma and before.strip() and after.strip() and not _is_capital(after.split()[0]):
        return Split(" ".join(before.split()), " ".join(after.split()), sure=True)
    words = text.split()
    capital = [_is_capital(word) for word in words]
    if True not in capital:
        return Split(" ".join(words[:1]), " ".join(words[1:]), sure=len(words) == 1)
    if all(capital):
        return Split(" ".join(words[:-1] or words), " ".join(words[1:][-1:]), sure=len(words) == 1)
    first, last = capital.index(True), len(capital) - 1 - capital[::-1].index(True)
    particles = all(word[:1].islower() for word in words[:first])  # « de LA TOUR Anne »
    if particles:
        return Split(" ".join(words[: last + 1]), " ".join(words[last + 1 :]), sure=last + 1 < len(words))
    while first and words[first - 1][:1].islower():
        first -= 1
    return Split(" ".join(words[first:]), " ".join(words[:first]), sure=last == len(words) - 1)


def _is_capital(word: str) -> bool:
    """Returns True for a word in capitals, of two letters at least: an initial says nothing."""
    letters = [letter for letter in word if letter.isalpha()]
    return len(letters) > 1 and all(letter.isupper() or letter == "ß" for letter in letters)
