"""Prints a sheet and reads its text."""

import re

import pypdfium2

from portfolio.sheet.build import build
from portfolio.sheet.papers.render_pdf import render_pdf
from tests.sheet import cases

EVERY_CASE = ["plain", "provisional_rehearsal", "without_appraisal", "very_long"]
REPEATED = re.compile("BTS Assurance – Fiche d'évaluation E5|Ce document est à l'usage|Empreinte .* page ")
# What a reader meets in other words (dates, marks, kinds) or not at all (keys of programs).
SAID_OTHERWISE = {
    "schema",
    "birth_date",
    "starts",
    "ends",
    "met_on",
    "kind",
    "time_zone",
    "proposed",
    "step",
    "days",
    "not_evaluated",
}


def pages(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded() for page in document]


def squeezed(text: str) -> str:
    """Without what lines and columns add: spaces, soft hyphens, places to break."""
    return re.sub(r"[\s\u200b\x02]+", "", text)


def text_of(pdf: bytes) -> str:
    return squeezed("".join(pages(pdf)))


def strings_in(value, key=""):
    if isinstance(value, dict):
        for name, item in value.items():
            yield from strings_in(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item, key)
    elif isinstance(value, str) and key not in SAID_OTHERWISE:
        yield value


def rendered(case: str, banner: str | None = None) -> tuple[dict, bytes]:
    sheet = getattr(cases, case)()
    content = build(sheet)
    return content, render_pdf(content, cases.signed(sheet), banner)
