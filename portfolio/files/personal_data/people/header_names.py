"""Finds people's names in the fields of a mail, and in the line that opens a quoted one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from portfolio.files.personal_data.people.names import is_person
from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

LONGEST_FIELD: Final = 2000  # signs of a list of recipients
_FIELD = re.compile(
    r"^[ \t>|*]{0,8}(?:de|from|[àa]|to|pour|cci?|bcc|copie(?: cach[ée]e)?|r[ée]pondre [àa]|reply-to"
    r"|exp[ée]diteur|destinataires?|sender|organisateur|organisatrice"
    r"|organizer|participants?|invit[ée]s?|attendees|transf[ée]r[ée] par|envoy[ée] par|sent by|forwarded"
    r" by|resent-from)\*{0,2}[ \u00a0]?:\*{0,2}[ \t]?",
    re.IGNORECASE | re.MULTILINE,
)
_FORWARDED = re.compile(r"^[ \t>|*]{0,8}(?:transf[ée]r[ée]|envoy[ée]) par[ \u00a0]?:?[ ]", re.IGNORECASE | re.MULTILINE)
_OPENING = re.compile(
    r"^[ \t>]{0,8}(?:le|on)[ ][^\n<>]{4,60}?\d{4}[^\n<>]{0,20}?[, ][ ]?(?=(?-i:[A-ZÀ-Ý\"']))",
    re.IGNORECASE | re.MULTILINE,
)
_ENDS_OPENING = re.compile(
    r"[ ]?(?:<[^<>\n]{1,120}>|\([^()\n]{1,120}\)|\[[^\[\]\n]{1,120}\])?[ \n>]{0,4}(?:a écrit|wrote|a"
    r" ecrit|a répondu|schrieb)",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"[^;,<>\[\]()\n\"«»]{1,80}|\"[^\"\n]{1,80}\"")
_LAST_FIRST_ANY = re.compile(r"[A-ZÀ-Ý][\wÀ-ÿ'’\-]{1,30}, [A-ZÀ-Ý][\wÀ-ÿ\-]{1,30}(?=[ ]?[;<(\[]|[ ]?$)", re.MULTILINE)
_TITLE = re.compile(r"(?:M\.|Mr\.?|Mme|Mlle|Monsieur|Madame|Dr\.?|Docteur|Me|Maître)[ \u00a0]")
_LAST_FIRST = re.compile(r"[A-ZÀ-Ý'’\-]{2,30}, [A-ZÀ-Ý][\wÀ-ÿ\-]{1,30}")
_LOCAL = re.compile(r"[\s\"'»]{0,4}[<\[(](?:mailto:)?([\w.+\-]{1,64})@")
_CLOSING = re.compile(r"[>\])]")
_CUT: Final = re.compile(r"[ \t]+(?:le|on|via|pour|au nom|de la part)[ ].*$|[ \t]{2,}.*$|[ \t]*[-–|/][ \t].*$")


def header_names(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields names of people; those of services and companies are none."""
    text = around.text
    for pattern in (_FIELD, _FORWARDED):
        for match in pattern.finditer(text):
            yield from _in_field(text, match.end(), around.line(match.end())[1])
    for match in _OPENING.finditer(text):
        entry = _ENTRY.match(text, match.end())
        if entry is not None:
            name = re.split(r"[ ](?:a écrit|wrote|a ecrit|a répondu)", entry[0])[0]
            if _ENDS_OPENING.match(text, entry.start() + len(name.rstrip(" "))):
                yield from _named(text, entry.start(), name)


def _in_field(text: str, start: int, end: int) -> Iterator[PersonalValue]:
    end = min(end, start + LONGEST_FIELD)
    place = start
    listed = ";" in text[start:end] or "<" in text[start:end]
    while place < end:
        if text[place] in ' \t"':
            place += 1
            continue
        last_first = _LAST_FIRST_ANY if listed else _LAST_FIRST
        whole = last_first.match(text, place) or _ENTRY.match(text, place, end)
        if whole is None:
            place += 1
            continue
        yield from _named(text, whole.start(), whole[0])
        place = whole.end()
        if place < end and text[place] in "<[(":  # their address
            closing = _CLOSING.search(text, place, min(end, place + 160))
            place = closing.end() if closing else end


def _named(text: str, start: int, entry: str) -> Iterator[PersonalValue]:
    """Yields the name that an entry holds, without title or quotation marks."""
    local = _LOCAL.match(text, start + len(entry))
    name = entry.lstrip(" \t\"'")
    start += len(entry) - len(name)
    title = _TITLE.match(name)
    if title:
        start, name = start + title.end(), name[title.end() :]
    name = _CUT.sub("", name).rstrip(" \t\"'.")
    if name and (is_person(name, local[1] if local else "") or (title and name[0].isupper())):
        yield PersonalValue("person_name_in_header", start, start + len(name))
