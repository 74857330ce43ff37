"""Writes an equation field of Word (« EQ \\f(1;2) ») on one line, as a person would: « 1/2 »."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_DEEPEST = 20
_GENERAL = re.compile(r'\\\*\s*(?:"[^"]*"|\S+)')  # « \* MERGEFORMAT », « \* "Font:…" »: nothing of the equation
_COMMAND = re.compile(r"\\([abdfilorsx])(?![a-z])", re.IGNORECASE)
_OPTION = re.compile(r"\s*\\(lc|rc|bc|fc|vc)\\?(.)|\s*\\([a-z]{2})\s*(\d{0,5})", re.IGNORECASE)
_OPENING = re.compile(r"\s*\(")
_LEVELLED = re.compile(r"[-+*/=;, ]")
_CLOSING: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}

Options = dict[str, str]


def equation_words(instruction: str) -> str:
    """Returns the equation of a field on one line; "" for one without signs. instruction: from « EQ » on."""
    written = _GENERAL.sub("", instruction.strip()[2:])
    return " ".join(_Equation(written).words(until="").split())


class _Equation:
    """Reads an instruction from left to right; what is no command of an equation is a text."""

    def __init__(self, written: str) -> None:
        self._written = written
        self._at = 0
        self._depth = 0

    def words(self, until: str) -> str:
        """Returns the words up to one of these signs, or to the end."""
        words: list[str] = []
        while (sign := self._written[self._at : self._at + 1]) and sign not in until:
            command = _COMMAND.match(self._written, self._at)
            if command and self._depth < _DEEPEST:
                self._at = command.end()
                words.append(self._of_command(command[1].lower()))
            elif sign == "(" and self._depth < _DEEPEST:
                words.append(f"({self._inside(')')})")
                self._at += 1
            else:
                self._at += sign == "\\"  # before a bracket or a separator that is a text
                words.append(self._written[self._at : self._at + 1])
                self._at += 1
        return "".join(words)

    def _inside(self, until: str) -> str:
        """Returns the words behind the sign that is read, up to one of these."""
        self._at += 1
        self._depth += 1
        words = self.words(until)
        self._depth -= 1
        return words

    def _of_command(self, name: str) -> str:
        options: Options = {}
        while option := _OPTION.match(self._written, self._at):
            options |= {option[1].lower(): option[2]} if option[1] else {option[3].lower(): option[4]}
            self._at = option.end()
        parts = self._parts()
        return _WORDS[name](parts, options) if parts else ""

    def _parts(self) -> list[str]:
        """Returns what stands in brackets behind a command, apart; [] where no bracket follows. A comma separates only
        where there is no semicolon: in French it stands before decimals.
        """
        opening = _OPENING.match(self._written, self._at)
        if opening is None:
            return []
        self._at = opening.end() - 1
        parts, separators = [self._inside(";,)")], ""
        while (sign := self._written[self._at : self._at + 1]) in (";", ","):
            separators += sign
            parts.append(self._inside(";,)"))
        self._at += 1
        return _apart(parts, separators)


def _apart(parts: list[str], separators: str) -> list[str]:
    if ";" not in separators:
        return [part.strip() for part in parts]
    joined = [parts[0]]
    for separator, part in zip(separators, parts[1:], strict=True):
        if separator == ";":
            joined.append(part)
        else:
            joined[-1] += separator + part
    return [part.strip() for part in joined]


def one_thing(words: str) -> str:
    """Returns the words in brackets, unless they are a single thing."""
    return f"({words})" if _LEVELLED.search(words) else words


def root_words(degree: str, of: str) -> str:
    """Returns the root of an expression. degree: "" or 2 for a square root."""
    if degree in ("", "2"):
        return f"√{one_thing(of)}"
    return f"racine cubique de {one_thing(of)}" if degree == "3" else f"racine {degree}-ième de {one_thing(of)}"


def summed_words(sign: str, first: str, last: str, of: str) -> str:
    """Returns a sum, a product or an integral, by its sign. first, last: its bounds, perhaps empty."""
    bounds = (f" de {first}" if first else "") + (f" à {last}" if last else "")
    return f"{sign}{bounds} ({of})" if bounds else f"{sign} {one_thing(of)}"


def _fraction(parts: list[str], _options: Options) -> str:
    return "/".join(map(one_thing, parts))


def _root(parts: list[str], _options: Options) -> str:
    return root_words(parts[0] if len(parts) > 1 else "", parts[-1])


def _shifted(parts: list[str], options: Options) -> str:
    if len(parts) > 1:
        return "^" + one_thing(parts[0]) + "".join("_" + one_thing(part) for part in parts[1:])
    return ("_" if "do" in options else "^" if "up" in options else "") + one_thing(parts[0])


def _overstruck(parts: list[str], _options: Options) -> str:
    """Returns signs set over each other, one after the other; how a word is read, which stands above it, behind it."""
    if len(parts) == 2 and parts[0].startswith("^"):
        return f"{parts[1]} ({parts[0].strip('^()')})"
    return "".join(parts)


def _bracketed(parts: list[str], options: Options) -> str:
    opening = options.get("bc") or options.get("lc") or ("" if "rc" in options else "(")
    closing = options.get("rc") or ("" if "lc" in options else _CLOSING.get(opening, opening))
    return f"{opening}{' ; '.join(parts)}{closing}"


def _table(parts: list[str], options: Options) -> str:
    columns = max(1, int(options.get("co") or 1))
    rows = [" ; ".join(parts[at : at + columns]) for at in range(0, len(parts), columns)]
    return "[" + " | ".join(rows) + "]"


def _summed(parts: list[str], options: Options) -> str:
    sign = options.get("fc") or options.get("vc") or ("Σ" if "su" in options else "Π" if "pr" in options else "∫")
    first, last, of = parts[:3] if len(parts) > 2 else ("", "", parts[-1])
    return summed_words(sign, first, last, of)


def _listed(parts: list[str], _options: Options) -> str:
    return " ; ".join(parts)


_WORDS: Final[dict[str, Callable[[list[str], Options], str]]] = {
    "a": _table, "b": _bracketed, "d": lambda parts, _: parts[0], "f": _fraction, "i": _summed, "l": _listed,
    "o": _overstruck, "r": _root, "s": _shifted, "x": _listed,
}  # fmt: skip
