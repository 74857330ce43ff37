"""Masks the proposed mark in the copy of a sheet that its candidate receives (arrêté, annexe II D, E5). Pure."""

from __future__ import annotations

import re

from portfolio.sheet.content import OutcomeContent, RowContent, SheetContent

HIDDEN = "[chiffre masqué]"
_WORDS = (
    *("zéro", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize"),
    *("quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf", "vingt"),
)
_IN_WORDS = "|".join(sorted(_WORDS, key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?<![\w.,])(?:(?:20|[01]?\d)(?:[.,]\d{{1,2}})?(?![\w]|[.,]\d)|(?:{_IN_WORDS})\b)(?:\s+et\s+demie?\b)?",
    re.IGNORECASE,
)


def masked(content: SheetContent) -> SheetContent:
    """Returns the content without what tells the proposed mark: the mark itself, and in the free texts of the
    commission each number from 0 to 20, in figures or words, whatever the mark (« un » is left: it is an article). To
    hide only the numbers equal to the mark would tell it. The digest that was signed tells it too, by trying
    forty-one marks: whoever words a masked content leaves it out, as the head of the commission's chain is.
    """
    grid = content["grid"]
    rows: list[RowContent] = [{**row, "observation": _without_figures(row["observation"])} for row in grid["rows"]]
    copy: SheetContent = {
        **content,
        "masked": True,
        "mark": None,
        "grid": {**grid, "rows": rows},
        "appreciation": _without_figures(content["appreciation"]),
        "outcome": _outcome(content["outcome"]),
        "chain_head": "masquée",
    }
    return copy


def _outcome(outcome: OutcomeContent | None) -> OutcomeContent | None:
    return outcome and {**outcome, "reference": _without_figures(outcome["reference"])}


def _without_figures(text: str) -> str:
    return _FIGURE.sub(HIDDEN, text)
