"""Renders a sheet as a PDF, with the signed JSON attached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from portfolio.papers.typeset import drawable, each, typeset, wrapping
from portfolio.sheet.content import SheetContent
from portfolio.sheet.papers.wording import drawn_up, put_in_words
from portfolio.sheet.printed_values import Communicated, SheetSignature
from portfolio.store.canonical_json import canonical

TEMPLATE = Path(__file__).parent / "templates" / "fiche.typ"


def render_pdf(
    content: SheetContent,
    signatures: Sequence[SheetSignature],
    banner: str | None,
    communicated: Communicated | None = None,
) -> bytes:
    """Returns the PDF: the same arguments give the same bytes, on any machine, day or thread.

    banner: the state printed on every page (« BROUILLON », « ANNULÉE : motif »), None for a sheet in force.
    communicated: the communication to the candidate, which the footer then states. Raises typst.TypstError if the
    template itself is broken.
    """
    words = put_in_words(content, signatures, banner, communicated)
    view = each(words, wrapping)
    # Digests there have the room they need, and are meant to be copied: they are not broken into lines.
    view["trace"] = each(words["trace"], drawable)
    view["signatures"] = each(words["signatures"], drawable)
    return typeset(TEMPLATE, view, canonical(content), drawn_up(content))
