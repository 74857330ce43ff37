"""What is found in texts: on the frozen corpus, on other ways of writing the same things, and on hostile texts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from portfolio.files.personal_data.detect import detect
from portfolio.files.personal_data.masking import masked
from portfolio.files.personal_data.measure import Measured, measure, read
from portfolio.files.personal_data.value import BY_THEIR_WORDS, KINDS, OF_ONE_FORM
from tests.files.personal_data.corpus.marked import HERE, load

LEAST = dict.fromkeys(OF_ONE_FORM, 0.95) | dict.fromkeys(BY_THEIR_WORDS, 0.85)
VARIANTS = Path(__file__).with_name("variants.txt")
ON_THE_CORPUS = {each.kind: each for each in measure(read([HERE]))[0]}
ON_VARIANTS = {each.kind: each for each in measure(read([VARIANTS]))[0]}
HOSTILE = (
    *("1", "1 ", "12 ", "1/", "a", "A ", "Ab Cd ", "@", "a@", "a@a.", "-", "\t", "\n", "1\t2\n", "a;b;c\n", "«", "("),
    *(
        "FR76",
        "FR76 ",
        "06 ",
        "2 84 02 75 241 042 ",
        "4111 ",
        "AB 123 CD ",
        "1234 ZB 35 ",
        "contrat ",
        "contrat K-10, ",
    ),
    *("06 39 98 12 34\t", "Contrat\t", "De : ", "Cc : A, B; ", "Le 2025 ", "né le ", "1/1/2000 ", "1 rue de la "),
    *(
        "48.1234, ",
        "1°1'N",
        "lat ",
        "maladie ",
        "M. A maladie ",
        "Paul Roux\tlombalgie\t",
        "iphone a ",
        "envoyé de mon ",
    ),
)


def test_what_is_measured_is_what_was_marked() -> None:
    marked = [(each.id, each.text, each.values) for each in read([HERE])]
    assert marked == [
        (each.id, each.text, tuple((value.kind, value.start, value.end) for value in each.found)) for each in load()
    ]


@pytest.mark.parametrize("outcomes", [ON_THE_CORPUS, ON_VARIANTS], ids=["corpus", "variants"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_and_little_else(kind: str, outcomes: dict[str, Measured]) -> None:
    outcome = outcomes[kind]
    assert outcome.marked >= 6
    assert (outcome.precision >= LEAST[kind], outcome.recall >= LEAST[kind]) == (True, True), outcome


def test_findings_stand_in_order_and_none_meets_another() -> None:
    for snippet in load():
        findings = detect(snippet.text)
        assert all(a.end <= b.start for a, b in zip(findings, findings[1:], strict=False)), snippet.id


@pytest.mark.parametrize("unit", HOSTILE, ids=ascii)
def test_a_hostile_text_costs_no_more_than_its_length(unit: str) -> None:
    short, long = (_seconds((unit * length)[:length]) for length in (10_000, 80_000))
    assert long < 0.5 or long < 30 * short, (short, long)


def _seconds(text: str) -> float:
    begun = time.process_time()
    detect(text)
    return time.process_time() - begun


def test_an_excerpt_does_not_give_the_value_back() -> None:
    assert masked("2 84 02 75 241 042 02") == "2 8• •• •• ••• ••• 02"
    assert masked("claire.aubrac@example.com") == "cl••••.••••••@•••••••.•om"
    assert masked("AB-123-CD") == "A•-•••-•D"
    assert masked("asthme") == "a••••e"
    assert masked("VIH") == "V•H"
    assert masked("41") == "4•"
    for snippet in load():
        for value in snippet.found:
            whole = snippet.text[value.start : value.end]
            assert masked(whole) != whole and len(masked(whole)) <= 40
