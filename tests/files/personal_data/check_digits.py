"""The keys of numbers, as their standards say, so that the corpus is not judged by what is measured on it."""

from __future__ import annotations

import re

IBAN_LENGTHS = {"FR": 27, "BE": 16, "DE": 22, "LU": 20}


def compact(value: str) -> str:
    """Give a number without separators, with the digits that OCR read as letters put right."""
    return re.sub(r"[\s.\-/]", "", value).replace("O", "0").replace("l", "1").upper()


def nir_key_holds(value: str) -> bool:
    body, key = compact(value)[:-2], compact(value)[-2:]
    if not re.fullmatch(r"[1-478]\d{4}(?:\d\d|2[AB])\d{6}", body) or not key.isdigit():
        return False
    department = {"2A": "19", "2B": "18"}.get(body[5:7], body[5:7])
    return int(key) == 97 - int(body[:5] + department + body[7:]) % 97


def iban_holds(value: str) -> bool:
    iban = compact(value)
    if len(iban) != IBAN_LENGTHS.get(iban[:2]):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def luhn_holds(value: str) -> bool:
    digits = [int(digit) for digit in reversed(compact(value))]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2]) % 10
