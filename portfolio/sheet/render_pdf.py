"""The sheet on paper, the signed JSON attached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portfolio.papers.typeset import drawable, each, typeset, wrapping
from portfolio.sheet.build import Communicated, Signature
from portfolio.sheet.wording import drawn_up, put_in_words
from portfolio.store.canonical_json import canonical

TEMPLATE = Path(__file__).parent / "templates" / "fiche.typ"


def render_pdf(
    content: dict[str, Any],
    signatures: Sequence[Signature],
    banner: str | None,
    communicated: Communicated | None = None,
) -> bytes:
    """Return the PDF: the same arguments give the same bytes, whatever the machine, the day or the thread.

    `banner` is the state to print on every page (« BROUILLON », « ANNULÉE : motif »), None for a sheet in
    force; `communicated`, that it was handed to its candidate, which the footer then says. Raises
    typst.TypstError if the template itself is broken.
    """
    words = put_in_words(content, signatures, banner, communicated)
    view = each(words, wrapping)
    for whole in ("trace", "signatures"):  # digests there have the room they need, and are meant to be copied
        view[whole] = each(words[whole], drawable)
    return typeset(TEMPLATE, view, canonical(content), drawn_up(content))
