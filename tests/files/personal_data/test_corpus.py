"""The corpus is well formed: enough of each kind, marks that stand right, keys that hold where they are said to."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

import pytest

from tests.files.personal_data.check_digits import IBAN_LENGTHS, compact, iban_holds, luhn_holds, nir_key_holds
from tests.files.personal_data.corpus.marked import HERE, Found, Snippet, load, unmarked

CORPUS = load()
FROZEN = "7c5caedca57c42d78bd283263c5b383b6c40bd933abbc67804554a3256c75f65"
OF_ONE_FORM = ("nir", "iban", "phone", "email", "plate", "card")
BY_THEIR_WORDS = ("birth_date", "health", "policy_number", "claim_number", "postal_address", "person_name_in_header")
LEAST = dict.fromkeys(OF_ONE_FORM, 30) | dict.fromkeys((*BY_THEIR_WORDS, "gps", "device"), 20)
KEYS = {"nir": nir_key_holds, "iban": iban_holds, "card": luhn_holds}
FICTION = ("019900", "026191", "035301", "046571", "053649", "063998", "+447700900", "+442079460")
NEAR_NIR = re.compile(r"(?<!\d)[1278](?:[ -]?\d){4}[ -]?(?:\d[ -]?\d|2[AB])(?:[ -]?\d){8}(?!\d)")
NEAR_IBAN = re.compile(r"\b[A-Z]{2}\d\d(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b")
NEAR_CARD = re.compile(r"(?<!\d)(?<!\d[ -])\d(?:[ -]?\d){15}(?![ -]?\d)")
SIV = re.compile(r"(?!SS)[A-HJ-NP-TV-Z]{2}(?!000)\d{3}(?!SS)[A-HJ-NP-TV-Z]{2}")
BEFORE_2009 = re.compile(r"\d{1,4}[A-HJ-NP-TV-Z]{2,3}(?:\d\d|2[AB])")


def values(kind: str) -> list[str]:
    return [each.text[found.start : found.end] for each in CORPUS for found in each.found if found.kind == kind]


def outside_marks(snippet: Snippet) -> str:
    """What a snippet says outside of its marked values, each of which leaves a bar."""
    text = snippet.text
    for found in reversed(snippet.found):
        text = text[: found.start] + "|" + text[found.end :]
    return text


def test_marks_give_the_offsets_of_their_values() -> None:
    assert unmarked("x", "à [[phone:06]]\t<[[email:a@b.fr]]>") == Snippet(
        "x", "à 06\t<a@b.fr>", (Found("phone", 2, 4), Found("email", 6, 12))
    )


def test_the_corpus_is_the_one_that_was_frozen() -> None:
    digest = hashlib.sha256()
    for path in sorted(HERE.glob("*.txt")):
        digest.update(path.read_bytes())
    assert digest.hexdigest() == FROZEN


def test_there_are_enough_snippets_and_none_twice() -> None:
    assert len(CORPUS) >= 450
    for told in (Counter(each.id for each in CORPUS), Counter(each.text for each in CORPUS)):
        assert [value for value, count in told.items() if count > 1] == []


def test_no_kind_is_rare_and_none_is_unknown() -> None:
    counts = Counter(found.kind for each in CORPUS for found in each.found)
    assert set(counts) == set(LEAST)
    assert {kind: count for kind, count in counts.items() if count < LEAST[kind]} == {}


def test_two_snippets_in_five_hold_nothing_to_be_found() -> None:
    assert sum(not each.found for each in CORPUS) >= 0.4 * len(CORPUS)


def test_marks_are_whole_values_and_nothing_of_them_is_left_in_the_text() -> None:
    wrong = [value for kind in LEAST for value in values(kind) if value != value.strip(" \t\n,;.") or not value]
    assert wrong == []
    assert [each.id for each in CORPUS if "===" in each.text or re.search(r"\[\[[a-z_]+:", each.text)] == []


@pytest.mark.parametrize("kind", KEYS)
def test_marked_numbers_have_a_right_key(kind: str) -> None:
    assert [value for value in values(kind) if not KEYS[kind](value)] == []


@pytest.mark.parametrize(("kind", "near"), [("nir", NEAR_NIR), ("iban", NEAR_IBAN), ("card", NEAR_CARD)])
def test_numbers_left_unmarked_have_a_wrong_key(kind: str, near: re.Pattern[str]) -> None:
    misses = [found[0] for each in CORPUS for found in near.finditer(outside_marks(each))]
    assert len(misses) >= 6
    assert [value for value in misses if KEYS[kind](value)] == []


def test_numbers_are_written_in_several_ways() -> None:
    assert {compact(value)[5:7] for value in values("nir")} > {"2A", "2B"}
    assert {compact(value)[:2] for value in values("iban")} == set(IBAN_LENGTHS)
    for kind in KEYS:
        assert {bool(re.search(r"\s", value)) for value in values(kind)} == {True, False}


def test_nobody_can_be_reached_by_what_is_written() -> None:
    reached = [re.sub(r"^(?:\+33|0033)(?:\(0\))?", "0", re.sub(r"[^\d+(O)]", "", tel)) for tel in values("phone")]
    assert [tel for tel in reached if not tel.replace("O", "0").startswith(FICTION)] == []
    domains = {mail.rpartition("@")[2] for mail in values("email")}
    assert [name for name in domains if not re.search(r"(?:^example\.(?:com|net|org)|\.example)$", name)] == []


def test_marked_plates_have_the_form_of_plates() -> None:
    plates = [re.sub(r"[ -]", "", plate).upper() for plate in values("plate")]
    assert [plate for plate in plates if not SIV.fullmatch(plate) and not BEFORE_2009.fullmatch(plate)] == []


def test_dates_of_birth_and_words_of_health_stand_beside_a_name() -> None:
    name = re.compile(r"[A-ZÀ-Ý][\w-]+[ \t;]+[A-ZÀ-Ý][\w-]+")
    told = [each for each in CORPUS if any(found.kind in ("birth_date", "health") for found in each.found)]
    assert [each.id for each in told if not name.search(each.text) and not re.search(r"M\. |Mme ", each.text)] == []
