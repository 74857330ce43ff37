"""Displays a size (never negative) by the digits of a section: zeros in front, groups, decimals, powers, fractions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from portfolio.files.previews.renderers.workbooks.format_tokens import Token, literals

GROUP = "\u00a0"  # between thousands
_FRACTION = re.compile(r"(?P<whole>[0#?]*)(?P<gap>\s*)(?P<top>[0#?]+)/(?P<bottom>[0#?]+|[1-9]\d*)")
_PADDING = {"0": "0", "#": "", "?": " "}


def display(tokens: Sequence[Token], size: Decimal) -> str:
    with localcontext() as context:
        context.prec = 60
        if ("other", "/") in tokens:
            return _fraction(tokens, size)
        size *= Decimal(100) ** tokens.count(Token("other", "%"))
        power = next((place for place, token in enumerate(tokens) if token.kind == "power"), None)
        if power is not None:
            return _scientific(tokens[:power], tokens[power], tokens[power + 1 :], size)
        return _plain(tokens, size)


def _plain(tokens: Sequence[Token], size: Decimal) -> str:
    before, after, thousands, grouped = _split(tokens)
    places = sum(token.kind == "digit" for token in after)
    number = (size / 1000**thousands).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    whole, _, decimals = f"{number:f}".partition(".")
    return _whole(before, whole.lstrip("0"), grouped=grouped) + _decimals(after, decimals)


def _split(tokens: Sequence[Token]) -> tuple[list[Token], list[Token], int, bool]:
    """Returns (tokens before the decimal point, tokens after it, how often to divide by 1,000, whether to group
    thousands).
    """
    dot = next((place for place, token in enumerate(tokens) if token == ("other", ".")), len(tokens))
    digits = [place for place, token in enumerate(tokens) if token.kind == "digit"]
    parts: tuple[list[Token], list[Token]] = ([], [])
    thousands, grouped = 0, False
    for place, token in enumerate(tokens):
        part = parts[place > dot]
        if token == ("other", ",") and digits and digits[0] < place:
            end = dot if place < dot else len(tokens)
            grouping = any(place < digit < end for digit in digits)
            grouped = grouped or grouping
            thousands += not grouping
        elif place != dot or not digits:
            part.append(token)
    return *parts, thousands, grouped


def _whole(tokens: Sequence[Token], digits: str, *, grouped: bool) -> str:
    """Returns the digits at their places, from the right; those left over stand at the first place. digits: of the
    whole part. grouped: whether each three digits are parted by GROUP.
    """
    first = next((place for place, token in enumerate(tokens) if token.kind == "digit"), None)
    texts: list[str] = []
    left, count = digits, 0

    def put(digit: str) -> None:
        nonlocal count
        if digit.isdigit():
            if grouped and count and count % 3 == 0:
                texts.append(GROUP)
            count += 1
        texts.append(digit)

    for place in range(len(tokens) - 1, -1, -1):
        token = tokens[place]
        if token.kind != "digit":
            texts.append(token.literal()[::-1])
            continue
        put(left[-1:] or _PADDING[token.text])
        left = left[:-1]
        if place == first:
            while left:
                put(left[-1])
                left = left[:-1]
    if first is None:
        texts.append(digits[::-1])
    return "".join(texts)[::-1]


def _decimals(tokens: Sequence[Token], digits: str) -> str:
    """Returns the decimals behind their comma, "" if all of them may be left out. tokens: behind the dot. digits: as
    many as there are places.
    """
    exact = len(digits.rstrip("0"))
    forced = max((at for at, token in enumerate(_digits(tokens)) if token.text == "0"), default=-1)
    texts, place, some = [], 0, False
    for token in tokens:
        if token.kind != "digit":
            texts.append(token.literal())
            continue
        used = place < exact or place <= forced
        some = some or used
        texts.append(digits[place] if used else _PADDING[token.text])
        place += 1
    return ("," if some else "") + "".join(texts)


def _digits(tokens: Sequence[Token]) -> list[Token]:
    return [token for token in tokens if token.kind == "digit"]


def _scientific(mantissa: Sequence[Token], power: Token, behind: Sequence[Token], size: Decimal) -> str:
    before, after, _, _ = _split(mantissa)
    step, places = max(1, len(_digits(before))), len(_digits(after))
    exponent = size.adjusted() // step * step if size else 0
    number = size.scaleb(-exponent).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if number >= 10**step:
        exponent, number = exponent + step, (number / 10**step).quantize(Decimal(1).scaleb(-places))
    whole, _, decimals = f"{number:f}".partition(".")
    sign = "-" if exponent < 0 else "+" if power.text[1] == "+" else ""
    figures = str(abs(exponent)).rjust(len(_digits(behind)), "0")
    display = _whole(before, whole.lstrip("0"), grouped=False) + _decimals(after, decimals)
    return display + power.text[0] + sign + figures + literals(behind)


def _fraction(tokens: Sequence[Token], size: Decimal) -> str:
    code = "".join(token.text if token.kind == "digit" else token.literal() for token in tokens)
    match = _FRACTION.search(code)
    if match is None:
        return code
    bottom = match["bottom"]
    if bottom.isdigit() and int(bottom):
        parts = int((size * int(bottom)).quantize(Decimal(1), ROUND_HALF_UP)), int(bottom)
    else:
        nearest = Fraction(size).limit_denominator(10 ** len(bottom) - 1)
        parts = nearest.numerator, nearest.denominator
    return code[: match.start()] + _mixed(*parts, mixed=bool(match["gap"])) + code[match.end() :]


def _mixed(top: int, bottom: int, *, mixed: bool) -> str:
    if not mixed:
        return f"{top}/{bottom}"
    whole, top = divmod(top, bottom)
    return f"{whole} {top}/{bottom}" if whole and top else f"{top}/{bottom}" if top else str(whole)
