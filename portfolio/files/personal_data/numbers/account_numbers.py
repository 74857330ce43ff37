"""Finds numbers that carry a key: of social security, of bank accounts, of payment cards.

A letter that was read for a digit (O for 0, l or I for 1) is taken for that digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stdnum import iban, luhn
from stdnum.fr import nir

from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.value import PersonalValue

GAP: Final = r"[ \u00a0\u2007\u2009\u202f.\-‑/]?"  # between two digits
DIGIT: Final = "[0-9OlI]"
_READ: Final = str.maketrans("OlI", "011")
_SIGNS = re.compile(r"[^0-9A-Za-z]")

_BODY = rf"[1-478lI](?:{GAP}{DIGIT}){{4}}{GAP}(?:{DIGIT}{GAP}{DIGIT}|2{GAP}[ABab])(?:{GAP}{DIGIT}){{6}}"
# Where they begin, not what they cover: one that is wrong must not hide another that begins inside it.
_NIR = re.compile(
    rf"(?<!\w)(?=(({_BODY})[ \t\u00a0\u202f.\-/|]{{0,3}}(?:\(?[Cc]l[ée]f?[ :]{{0,3}})?\(?({DIGIT}{GAP}{DIGIT})(?!\w)))"
)
_WITHOUT_KEY = re.compile(rf"(?<!\w)(?<!\d[ .\-]){_BODY}(?!{GAP}\w)")
_GROUPS = re.compile(r"\d\D\d{2}\D\d{2}\D(?:\d{2}|2[ABab])\D\d{3}\D\d{3}\D{1,8}\d{2}|\w{15}|\w{13}\D{1,8}\w\w")
_OF_SOCIAL_SECURITY = re.compile(r"\bnir\b|s[ée]curit[ée] sociale|\bn°? ?ss\b|\bs[ée]cu\b|immatriculation")

_LENGTHS: Final = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18"
    " FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32"
    " LI21 LT20 LU20 LV21"
    " MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24"
    " SI19 SK24 SM27 TN24"
    " TR26 UA29 VA22 VG24 XK20"
)
_LENGTH: Final = {each[:2]: int(each[2:]) for each in _LENGTHS.split()}
_IBAN_HEAD = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}[ \u00a0\u202f]?[0-9OlI]{2}(?=[ \t\u00a0\u202f.\-\n]?[0-9A-Za-z])")
_BETWEEN = frozenset(" \t\u00a0\u2007\u2009\u202f.-\n")

_CARD = re.compile(rf"(?<!\w)(?<!\d[ .\-])(?=([2-6](?:{GAP}{DIGIT}){{12,18}})(?!\w)(?!{GAP}\d(?!\d?/\d)))")
_BRANDS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}"
)
_MAESTRO = re.compile(r"(?:5[06-8]|6\d)\d{10,17}")
_GROUPED = re.compile(r"\d+|(?:\d{4}\D){3,4}\d{1,4}|\d{4}\D\d{6}\D\d{4,5}|\d{4}\D\d{5}\D\d{4}")
_OF_A_CARD = re.compile(r"\bcartes?\b|\bcb\b|paiement|porteur|visa|mastercard|maestro|amex|american express")
_NO_CARD = re.compile(
    r"siret|siren|fid[ée]lit[ée]|adh[ée]rent|ch[èe]que|\bcolis\b|\bimei\b|s[ée]rie|\bvitale?\b|facture|\btva\b|suivi"
)
_NO_CARD_NEAR = 30  # signs before the number


def nirs(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields numbers of social security whose key holds; without their key, those that are called so."""
    for match in _NIR.finditer(around.text):
        value, end = match[1], match.end(1)
        if not _is_nir(match[2] + match[3]):
            continue
        if _GROUPS.fullmatch(value.translate(_READ)) or not re.match(r"[ .\-]?\d", around.text[end : end + 2]):
            yield PersonalValue("nir", match.start(), end)
    for match in _WITHOUT_KEY.finditer(around.text):
        if _OF_SOCIAL_SECURITY.search(around.label(match.start(), 40)) and _well_formed(_compact(match[0])):
            yield PersonalValue("nir", match.start(), match.end())


def _compact(value: str) -> str:
    body = _SIGNS.sub("", value)
    return body.translate(_READ).upper()


def _is_nir(value: str) -> bool:
    number = _compact(value)
    return _well_formed(number[:13]) and nir.is_valid(number)


def _well_formed(body: str) -> bool:
    month = int(body[3:5])
    return 1 <= month <= 12 or 20 <= month <= 42 or month >= 50


def ibans(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields numbers of accounts, of any country that has them, that are whole and whose key holds."""
    text, reached = around.text, 0
    for head in _IBAN_HEAD.finditer(text):
        length = _LENGTH.get(head[0][:2].upper())
        if length is None or head.start() < reached:
            continue
        end = _end_of(text, head.start(), length)
        if end is None:
            continue
        value = _SIGNS.sub("", text[head.start() : end]).upper()
        if _is_iban(value) or _is_iban(
            value[:2] + _SIGNS.sub("", text[head.start() : end])[2:].translate(_READ).upper()
        ):
            reached = end
            yield PersonalValue("iban", head.start(), end)


def _is_iban(value: str) -> bool:
    return iban.is_valid(value, check_country=False)


def _end_of(text: str, start: int, length: int) -> int | None:
    """Returns where the number that begins here and has so many letters and digits ends; None if it is no such one."""
    count, gap = 0, 0
    for place in range(start, min(len(text), start + 3 * length)):
        sign = text[place]
        if sign.isascii() and sign.isalnum():
            count, gap = count + 1, 0
        elif sign in _BETWEEN and gap < 2:
            gap += 1
        else:
            return None
        if count == length:
            whole = place + 1 == len(text) or not text[place + 1].isalnum()
            return place + 1 if whole else None
    return None


def cards(around: Surroundings) -> Iterator[PersonalValue]:
    """Yields numbers of payment cards, of a known brand and its length, that Luhn's key accepts."""
    for match in _CARD.finditer(around.text):
        value = match[1].translate(_READ)
        number = _SIGNS.sub("", value)
        if not luhn.is_valid(number) or not _GROUPED.fullmatch(value):
            continue
        label = around.label(match.start())
        called = _OF_A_CARD.search(label) is not None
        if _NO_CARD.search(label[-_NO_CARD_NEAR:]) or (not called and _NO_CARD.search(label)):
            continue
        if _BRANDS.fullmatch(number) or (called and _MAESTRO.fullmatch(number)):
            yield PersonalValue("card", match.start(), match.end(1))
