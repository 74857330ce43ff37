"""The copy that a candidate receives tells nothing of the proposed mark: in no text, and by no digest."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import pikepdf
import pytest

from portfolio.sheet import build, printed_values
from portfolio.sheet.content import SheetContent
from portfolio.sheet.masking.masked_content import LEFT, WRITTEN, masked
from portfolio.sheet.masking.sentences import HIDDEN
from portfolio.sheet.papers.render_pdf import render_pdf
from portfolio.sheet.papers.wording import PASSAGES, put_in_words
from portfolio.store.digests import digest
from tests.sheet import cases

REPLACED = {"mark.proposed", "mark.step", "mark.out_of", "chain_head", "masked"}


def _content(mark: str, words: str) -> SheetContent:
    """The content of a sheet whose every free text says `words`."""
    plain = cases.plain(mark=printed_values.SheetMark(Decimal(mark), Decimal("0.5")))
    sheet = replace(
        plain,
        appreciation=words,
        rows=tuple(replace(row, observation=words) for row in plain.rows),
        evaluations=tuple(replace(evaluation, text=words) for evaluation in plain.evaluations),
        commission=replace(plain.commission, note=words, tutor_absence=words, place=words),
        outcome=printed_values.SheetOutcome("kept", "Note conservée", words),
    )
    return build.build(sheet)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, f"{path}[]")
    else:
        yield path, value


def _declared(kind: Any, path: str = "") -> Iterator[str]:
    """Yields the path of each text, number and truth value that the type may hold."""
    origin = get_origin(kind)
    if is_typeddict(kind):
        for name, inner in get_type_hints(kind).items():
            yield from _declared(inner, f"{path}.{name}".lstrip("."))
    elif origin is list:
        yield from _declared(get_args(kind)[0], f"{path}[]")
    elif origin in (Union, UnionType, NotRequired):
        for inner in get_args(kind):
            yield from _declared(inner, path)
    elif kind is not NoneType:
        assert kind in (str, int, bool) or origin is Literal, f"{path}: how is {kind} masked?"
        yield path


def test_each_field_of_a_sheet_is_judged_left_or_masked() -> None:
    """Whoever adds a field says here whether somebody may write a mark in it."""
    assert not LEFT & WRITTEN and not (LEFT | WRITTEN) & REPLACED
    assert set(_declared(SheetContent)) == LEFT | WRITTEN | REPLACED
    assert {path for path, _ in _leaves(_content("14.5", "Solide"))} <= LEFT | WRITTEN | REPLACED


def test_a_text_that_nobody_judged_is_hidden_whole() -> None:
    content: Any = {**_content("14.5", "Solide"), "remarks": [{"words": "Solide"}]}
    assert dict(masked(content))["remarks"] == [{"words": HIDDEN}]


@pytest.mark.parametrize("words", ["Nous proposons 14,5/20.", "Quatorze et demi", "29/40", "１４，５", "14.50pts"])
def test_the_mark_is_masked_wherever_somebody_may_have_written_it(words: str) -> None:
    copy = masked(_content("14.5", words))
    written = [value for path, value in _leaves(copy) if path in WRITTEN]
    assert {path for path, _ in _leaves(copy) if path in WRITTEN} == WRITTEN
    assert set(written) == {HIDDEN}
    assert words not in json.dumps(copy, ensure_ascii=False)


def test_what_holds_no_mark_stays_as_it_was_written() -> None:
    content = build.build(cases.plain())
    assert masked(content) == {**content, "masked": True, "mark": None, "chain_head": "masquée"}


def test_two_sheets_that_differ_by_their_mark_alone_give_the_same_copy() -> None:
    one, other = _content("14.5", "Proposition : 14,5."), _content("6", "Proposition : 6.")
    assert json.dumps(masked(one)) == json.dumps(masked(other))
    assert put_in_words(masked(one), [], None) == put_in_words(masked(other), [], None)


def test_the_copy_says_that_passages_are_hidden_with_an_outcome_and_without_one() -> None:
    appraised, kept = build.build(cases.plain()), _content("14.5", "Solide")
    for content in (appraised, kept):
        assert PASSAGES in put_in_words(masked(content), [], None)["result"]["detail"]
        assert PASSAGES not in json.dumps(put_in_words(content, [], None), ensure_ascii=False)


def test_the_copy_does_not_pass_for_what_was_signed() -> None:
    content = build.build(cases.plain())
    signed = put_in_words(content, [], None)
    copy = put_in_words(masked(content), [], None)
    assert "octet pour octet" in signed["attached"] and "masquée" in copy["attached"]
    assert "valeur signée" in signed["data"] and "ce n'est pas ce qui est signé" in copy["data"]
    assert "même empreinte" in signed["absent"]["annex"] and "empreinte" not in copy["absent"]["annex"]
    with pikepdf.open(io.BytesIO(render_pdf(masked(content), [], None))) as document:
        assert document.attachments["fiche.json"].description == copy["attached"]


def test_no_signed_digest_is_on_the_copy() -> None:
    content = build.build(cases.plain())
    members = content["commission"]["members"]
    signed = [
        printed_values.SheetSignature(one["name"], one["quality"], "2027-05-16T10:00:00+00:00", digest(content))
        for one in members
    ]
    words = put_in_words(masked(content), signed, None)
    assert digest(content)[:16] not in json.dumps(words)
    assert {seal["warning"] for seal in words["signatures"]} == {""}
    assert words["result"]["value"] == "Masquée"
