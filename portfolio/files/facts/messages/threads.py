"""Parts the words of a mail: what its author wrote, the signature, and the mails that it answers or forwards."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LONGEST = 2_000_000  # characters
_HEADER_LINE = re.compile(r"^\W{0,6}(?:De|From|Von)\W{0,3}\s?:\s*\S", re.IGNORECASE)
_DATE_LINE = re.compile(r"^\W{0,6}(?:Envoyé|Sent|Date|Gesendet|À|To|Objet|Subject)\W{0,4}\s?:", re.IGNORECASE)
_RULE = re.compile(
    r"^\W{0,8}(?:-{2,}|_{5,})?\s*(?:Message d.origine|Original Message|Message transféré|Forwarded message|Courriel "
    r"original|Mail original|Ursprüngliche Nachricht)\b",
    re.IGNORECASE,
)
_WROTE = re.compile(r"^\W{0,6}(?:Le|On|Am)\s.{4,200}(?:a\s+écrit|wrote|schrieb)\s*\W{0,3}$", re.IGNORECASE)
_WROTE_BEGINS = re.compile(r"^\W{0,6}(?:Le|On|Am)\s.{4,200}$", re.IGNORECASE)
_WROTE_ENDS = re.compile(r"^.{0,200}(?:a\s+écrit|wrote|schrieb)\s*\W{0,3}$", re.IGNORECASE)
_QUOTED = re.compile(r"^\s{0,3}((?:>\s?)+)")
_SIGNATURE = re.compile(r"^--\s?$")
_CLOSING = re.compile(
    r"^\s*(?:bien\s+)?(?:cordialement|sincèrement|à vous|salutations|bien à vous|respectueusement|(?:très\s+)?"
    r"cordialement|meilleures salutations|sentiments|regards|kind regards|best regards)\b",
    re.IGNORECASE,
)
_SIGNS = 2  # lines behind the closing words: a name and what tells who that is
SIGNATURE_MARKUP: Final = re.compile(
    r"gmail_signature|moz-signature|id=[\"']?(?:x_)*(?:ms-outlook-mobile-)?signature", re.I
)
LAYOUT: Final = (
    (re.compile(r"<img\b", re.IGNORECASE), "picture"),
    (re.compile(r"<a\s[^>]{0,500}href", re.IGNORECASE), "link"),
    (re.compile(r"<t(?:able)\b", re.IGNORECASE), "layout_table"),
)


class MailParts(NamedTuple):
    """own: what its author wrote, signature included. depth: of earlier mails that stand behind it, 0 for none."""

    own: str
    quoted: str
    depth: int
    signature: bool


def parts_of(text: str) -> MailParts:
    lines = text[:LONGEST].split("\n")
    own: list[str] = []
    quoted: list[str] = []
    marks, deepest, in_quote = 0, 0, False
    for number, line in enumerate(lines):
        signs = _QUOTED.match(line)
        if signs:
            deepest = max(deepest, signs[1].count(">"))
        begins = _begins(lines, number)
        marks += begins
        if signs is None and begins:
            in_quote = True
        (quoted if in_quote or signs else own).append(line)
    return MailParts("\n".join(own), "\n".join(quoted), max(marks, deepest), _is_signed(own))


def _begins(lines: list[str], number: int) -> bool:
    """Returns whether an earlier mail begins at this line: its headers, a rule that says so, or « … a écrit : »."""
    line = lines[number]
    following = next((each for each in lines[number + 1 : number + 3] if each.strip()), "")
    if _HEADER_LINE.match(line):
        return any(_DATE_LINE.match(each) for each in lines[number + 1 : number + 5])
    if _RULE.match(line):  # counted by the headers behind it, if they are there
        behind = lines[number + 1 : number + 5]
        return not any(_HEADER_LINE.match(each) for each in behind)
    if _WROTE.match(line):
        return True
    return bool(_WROTE_BEGINS.match(line) and _WROTE_ENDS.match(following) and not _WROTE.match(following))


def _is_signed(own: list[str]) -> bool:
    for number, line in enumerate(own):
        behind = [each for each in own[number + 1 :] if each.strip()]
        if _SIGNATURE.match(line) and behind:
            return True
        if _CLOSING.match(line) and _SIGNS <= len(behind) <= 20:
            return True
    return False
