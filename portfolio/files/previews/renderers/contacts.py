"""Reads contacts (vCard 2.1, 3 and 4: RFC 6350) as French lines: names, telephones, addresses."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator

from portfolio.counting import grouped

BEGINS = re.compile(r"\s*BEGIN:VCARD\b", re.IGNORECASE)
MOST_CARDS = 200
_LINE = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([nN,;:\\])")
_LABELS = {
    "NICKNAME": "Surnom", "ORG": "Organisation", "TITLE": "Fonction", "ROLE": "Rôle", "TEL": "Téléphone",
    "EMAIL": "Adresse e-mail", "ADR": "Adresse", "URL": "Site", "BDAY": "Date de naissance", "NOTE": "Note",
}  # fmt: skip
_USES = {
    "CELL": "portable", "WORK": "travail", "HOME": "domicile", "FAX": "télécopie", "MAIN": "principal",
}  # fmt: skip
_PICTURES = {"PHOTO", "LOGO", "SOUND", "KEY"}
_OF_THE_FORM = {"BEGIN", "END", "VERSION", "PRODID", "REV", "UID", "KIND", "SOURCE"}  # nothing about the person
LEFT_OUT = "Les photos, logos et clés de ces contacts ne sont pas montrés : téléchargez le fichier pour les voir."
OTHERS = "Ces contacts ont d'autres champs ({names}) : téléchargez le fichier pour les lire."


def contact_words(text: str) -> tuple[str, list[str]]:
    """Returns (the cards, an empty line between two; notes on what they leave out)."""
    cards: list[_Card] = []
    count, passed_over, pictures = 0, dict[str, None](), False
    for name, uses, value in _lines(text):
        if name == "BEGIN":
            count += 1
            cards += [_Card()] if count <= MOST_CARDS else []
        elif count > MOST_CARDS or not cards:
            continue
        elif name in ("FN", "N", *_LABELS):
            cards[-1].add(name, uses, value)
        elif name in _PICTURES:
            pictures = True
        elif name not in _OF_THE_FORM and value.strip("; "):
            passed_over[name] = None
    notes = [LEFT_OUT] * pictures
    if passed_over:
        notes.append(OTHERS.format(names=", ".join(list(passed_over)[:8])))
    if count > MOST_CARDS:
        notes.append(f"Seuls les {MOST_CARDS} premiers contacts de {grouped(count)} sont montrés.")
    return "\n\n".join("\n".join(card.lines()) for card in cards), notes


class _Card:
    """One contact: its names, whole and in parts, and its lines."""

    def __init__(self) -> None:
        self._whole = self._parts = ""
        self._lines: list[str] = []

    def add(self, name: str, uses: list[str], value: str) -> None:
        """Notes a property. uses: of a telephone or an address, in capitals."""
        if not value.strip("; "):
            return
        if name == "FN":
            self._whole = _plain(value)
        elif name == "N":  # family name, first name, others, title, suffix
            self._parts = _joined(value, " ", (3, 1, 2, 0, 4))
        else:
            self._lines.append(_worded(name, uses, value))

    def lines(self) -> list[str]:
        name = self._whole or self._parts
        return [f"Nom : {name}", *self._lines] if name else self._lines


def _lines(text: str) -> Iterator[tuple[str, list[str], str]]:
    """Yields (name, uses, value) of each line. uses: words such as CELL, in capitals."""
    for line in _whole_lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, parameters, value = match[1].upper(), match[2], match[3]
        words = [word.strip('"').upper() for word in re.split(r"[;,=]", parameters) if word]
        if "QUOTED-PRINTABLE" in words:
            value = _unquoted(value, parameters)
        yield name, words, value


def _whole_lines(text: str) -> list[str]:
    """Returns the lines, those joined that were folded, or broken behind an equals sign in a quoted value."""
    lines: list[list[str]] = []
    for line in text.splitlines():
        if lines and lines[-1][-1].endswith("=") and "QUOTED-PRINTABLE" in lines[-1][0].partition(":")[0].upper():
            lines[-1].append(line)
        elif lines and line[:1] in (" ", "\t"):
            lines[-1].append(line[1:])
        else:
            lines.append([line])
    return ["".join(line) for line in lines]


def _unquoted(value: str, parameters: str) -> str:
    """Returns the value of vCard 2.1 that bears its bytes as « =C3=A9 »."""
    data = quopri.decodestring(re.sub("=(?![0-9A-Fa-f]{2})", "", value).encode("ascii", "replace"))  # soft breaks too
    match = re.search(r"CHARSET=([\w-]{1,40})", parameters, re.IGNORECASE)
    try:
        return data.decode(match[1] if match else "utf-8")
    except (UnicodeError, LookupError):
        return data.decode("cp1252", "replace")


def _worded(name: str, uses: list[str], value: str) -> str:
    use = ", ".join(dict.fromkeys(_USES[word] for word in uses if word in _USES))
    text = _joined(value, ", ") if name in ("ADR", "ORG") else _plain(value)
    return f"{_LABELS[name]}{f' ({use})' if use else ''} : {text.removeprefix('tel:').removeprefix('mailto:')}"


def _joined(value: str, between: str, order: tuple[int, ...] = ()) -> str:
    """Returns the parts of a value that are not empty, in this order or in their own."""
    parts = re.split(r"(?<!\\);", value)
    chosen = [parts[at] for at in order if at < len(parts)] if order else parts
    return between.join(plain for part in chosen if (plain := _plain(part).strip()))


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)
