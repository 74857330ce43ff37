"""The copy that a candidate receives tells nothing of the proposed mark, in figures, in words, or by a digest."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from portfolio.sheet import build, printed_values
from portfolio.sheet.content import SheetContent
from portfolio.sheet.masking import HIDDEN, masked
from portfolio.sheet.papers.wording import put_in_words
from portfolio.store.digests import digest
from tests.sheet import cases


def _content(mark: str, appreciation: str) -> SheetContent:
    given = printed_values.SheetMark(Decimal(mark), Decimal("0.5"))
    return build.build(replace(cases.plain(mark=given), appreciation=appreciation))


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Nous proposons 14,5/20.", f"Nous proposons {HIDDEN}/{HIDDEN}."),
        ("Un quatorze et demi mérité", f"Un {HIDDEN} mérité"),
        ("Dix-sept sur 20", f"{HIDDEN} sur {HIDDEN}"),
        (
            "Les 9 éléments de C42, du 12/01/2027, en 150 mots",
            f"Les {HIDDEN} éléments de C42, du {HIDDEN}/{HIDDEN}/2027, en 150 mots",
        ),
        ("Un portfolio solide", "Un portfolio solide"),
    ],
)
def test_figures_of_marks_are_hidden_in_what_the_commission_wrote(written: str, left: str) -> None:
    assert masked(_content("14.5", written))["appreciation"] == left


def test_two_sheets_that_differ_by_their_mark_alone_give_the_same_copy() -> None:
    one, other = _content("14.5", "Proposition : 14,5."), _content("6", "Proposition : 6.")
    assert json.dumps(masked(one)) == json.dumps(masked(other))
    assert put_in_words(masked(one), [], None) == put_in_words(masked(other), [], None)


def test_no_signed_digest_is_on_the_copy() -> None:
    content = _content("14.5", "Solide")
    members = content["commission"]["members"]
    signed = [
        printed_values.SheetSignature(one["name"], one["quality"], "2027-05-16T10:00:00+00:00", digest(content))
        for one in members
    ]
    words = put_in_words(masked(content), signed, None)
    assert digest(content)[:16] not in json.dumps(words)
    assert {seal["warning"] for seal in words["signatures"]} == {""}
    assert words["result"]["value"] == "Masquée"
