"""Documents made to take memory or time are shown in part, or refused, soon; one that is long says where it stops."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

import pytest

from portfolio.files.previews.preview_spec import CUT, MOST_SIGNS
from portfolio.files.previews.renderers import office_names
from portfolio.files.previews.renderers.documents import rich_text
from portfolio.files.previews.renderers.documents.prose_blocks import plain_lines
from portfolio.files.previews.renderers.documents.prose_room import MOST_BLOCKS
from portfolio.files.previews.sandbox import CannotShow
from tests.files.previews.documents.reading import paragraph, run, text, view, word

MOST_S = 4  # of a processor; the confined process has five


def table(rows: str) -> str:
    return f"<w:tbl>{rows}</w:tbl>"


FIELD = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
WIDE = '<w:tc><w:tcPr><w:gridSpan w:val="99999999"/></w:tcPr><w:p/></w:tc>'
FAR = '<w:tr><w:trPr><w:gridBefore w:val="9999999"/></w:trPr></w:tr>'


@pytest.mark.parametrize(
    "data,kind",
    [
        (word("<w:p/>" * 30_000), "docx"),
        (word(table(f"<w:tr>{WIDE * 20_000}</w:tr>")), "docx"),
        (word(table(FAR * 1_000)), "docx"),
        (word(f"<w:p>{FIELD * 9_000}{run('mot')}</w:p>"), "docx"),
        (b"{\\rtf1 " + b"{}" * 30_000 + b"}", "rtf"),
        (b"{\\rtf1 " + b"a{\\footnote b}" * 9_000 + b"}", "rtf"),
    ],
    ids=["paragraphs", "cells", "columns", "fields", "groups", "notes"],
)
def test_what_repeats_without_end_ends(data: bytes, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With bounds as much smaller as the files are: a test has no seconds to spend."""
    monkeypatch.setattr(office_names, "MOST_ELEMENTS", 25_000)
    monkeypatch.setattr(rich_text, "MOST_TOKENS", 25_000)
    before = time.process_time()
    shown = view(data, kind)
    assert time.process_time() - before < MOST_S
    assert CUT in shown.notes and len(json.dumps(asdict(shown))) < 8 << 20


def test_what_is_too_deep_is_shown_flat_or_refused() -> None:
    boxes = "<w:p><w:r><w:txbxContent>" * 60 + paragraph("dedans") + "</w:txbxContent></w:r></w:p>" * 60
    assert text(word(boxes), "docx")[-1].endswith("dedans")
    cells = "<w:tbl><w:tr><w:tc>" * 100 + paragraph("dedans") + "</w:tc></w:tr></w:tbl>" * 100
    assert "dedans" in " ".join(text(word(cells), "docx"))
    with pytest.raises(CannotShow):
        view(word("<w:p>" * 600 + "</w:p>" * 600), "docx")


def test_a_long_text_says_that_more_follows() -> None:
    long = view(word(paragraph("a" * (MOST_SIGNS + 1))), "docx")
    assert CUT in long.notes and len(plain_lines(long.sections[0]["blocks"])[0]) == MOST_SIGNS
    many = view(word(paragraph("a") * (MOST_BLOCKS + 10)), "docx")
    assert CUT in many.notes and len(many.sections[0]["blocks"]) == MOST_BLOCKS
    whole = view(word(paragraph("a") * 10), "docx")
    assert CUT not in whole.notes
