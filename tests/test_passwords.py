"""Passwords: the CNIL's own examples pass, what attackers try first does not, hashes are real argon2id."""

from __future__ import annotations

import secrets
import string
import time
import unicodedata

import pytest
from argon2 import profiles
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio import passwords

CHEAP = profiles.CHEAPEST
FOUR_CLASSES = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~"
CNIL_EXAMPLES = [
    "kT7#vq9!Zw2%",  # 12 characters, four classes: 79.55 bits
    "kT7fvq9hZw2nXb",  # 14 characters without special
    "corbeau lampe tirer novembre fluide cap onze",  # 7 words
]


@pytest.mark.parametrize("password", CNIL_EXAMPLES)
def test_the_examples_of_the_cnil_are_accepted(password: str) -> None:
    assert passwords.check(password) == []


@pytest.mark.parametrize(
    "password", ["", "kT7#vq9!Zw2", "kT7fvq9hZw2nX", "corbeaulampetire", "84019375620481937562093"]
)
def test_one_character_less_than_the_bar_is_refused(password: str) -> None:
    (problem,) = passwords.check(password)
    assert "trop court" in problem


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "Abcdefghijkl1!",
        "Azertyuiop123!",
        "Poiuytreza987!",
        "Motdepasse2024!",
        "P@ssw0rd-2028!",
        "Bonjour123456!",
        "kT7#vqkT7#vqkT7#vq",
        "aK7#K#aa7K7#7aK#",
        "Xcvbnkt7f#Zw2",
        "1234567890123456789012345",
        "BtsAssurance2027!",
        "        ........       ",
        "Lycée-Portfolio-1",
    ],
)
def test_what_attackers_try_first_is_refused(password: str) -> None:
    (problem,) = passwords.check(password)
    assert "facile à deviner" in problem


def test_a_common_word_inside_a_long_passphrase_does_no_harm() -> None:
    assert passwords.check("soleil corbeau lampe tirer novembre fluide cap") == []


def test_almost_no_random_password_is_refused() -> None:
    drawn = ["".join(secrets.choice(FOUR_CLASSES) for _ in range(14)) for _ in range(500)]
    four_classes = [p for p in drawn if any(c in string.digits for c in p) and not p.isalnum()]
    assert sum(bool(passwords.check(password)) for password in four_classes) <= 5


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("kT7#Lefevre9!Zw2", "lefevre"),
        ("kT7#LEFÈVRE9!Zw2", "lefevre"),
        ("kT7#vq.zoe-marie9!Zw2", "marie"),
        ("kT7#vq9!lyceevoltaireZw2", "lyceevoltaire"),
        ("kT7#vq9!Zw2-2005", "2005"),
    ],
)
def test_personal_data_is_refused_and_quoted(password: str, found: str) -> None:
    personal = ["Lefèvre", "Zoé Marie", "z.lefevre@lyceevoltaire.fr", "2005-03-12"]
    (problem,) = passwords.check(password, personal)
    assert f"« {found} »" in problem


def test_short_parts_of_names_are_not_looked_for() -> None:
    assert passwords.check("kT7#zoe!Zw2li%", ["Zoé", "Li", "z.li@exemple.fr"]) == []


def test_a_short_password_with_a_name_hears_both_things() -> None:
    assert len(passwords.check("Lefevre", ["Lefèvre"])) == 2


def test_length_is_bounded() -> None:
    long_enough = "".join(secrets.choice(FOUR_CLASSES) for _ in range(256))
    assert passwords.check(long_enough) == []
    (problem,) = passwords.check(long_enough + "x")
    assert "256 caractères" in problem
    stored = passwords.hash(long_enough, CHEAP)
    assert passwords.verify(stored, long_enough)
    assert not passwords.verify(stored, long_enough + "x")


def test_the_same_keys_on_two_systems_are_the_same_password() -> None:
    typed = "mémoire\u00a0très\u00a0longue n° 7 été"
    stored = passwords.hash(typed, CHEAP)
    assert passwords.verify(stored, unicodedata.normalize("NFD", typed))
    assert passwords.verify(stored, typed.replace("\u00a0", " "))


@settings(deadline=None)
@given(st.text(), st.text())
def test_only_the_password_opens(password: str, other: str) -> None:
    stored = passwords.hash(password, CHEAP)
    assert passwords.verify(stored, password)
    same = unicodedata.normalize("NFKC", password) == unicodedata.normalize("NFKC", other)
    assert passwords.verify(stored, other) is same


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_gets_an_answer_in_words(password: str, personal: list[str]) -> None:
    assert all(problem.endswith(".") for problem in passwords.check(password, personal))


def test_half_a_surrogate_pair_is_a_password_like_another() -> None:
    stored = passwords.hash("\ud800kT7#vq9!Zw2", CHEAP)
    assert passwords.verify(stored, "\ud800kT7#vq9!Zw2")
    assert not passwords.verify(stored, "\ud801kT7#vq9!Zw2")


@given(st.text())
def test_nobody_signs_in_on_a_damaged_record(stored: str) -> None:
    assert passwords.verify(stored, "kT7#vq9!Zw2%") is False


def test_a_worst_case_is_still_answered_at_once() -> None:
    begin = time.thread_time()
    for worst in ("ab" * 64 + "c" * 128, "aab" * 85, "".join(chr(0x4E00 + i) for i in range(256))):
        passwords.check(worst, [worst])
    assert time.thread_time() - begin < 1


def test_hashes_are_salted_argon2id_with_the_parameters_of_the_rfc() -> None:
    one, other = passwords.hash("kT7#vq9!Zw2%"), passwords.hash("kT7#vq9!Zw2%")
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != other
    assert passwords.verify(one, "kT7#vq9!Zw2%")
    assert not passwords.needs_rehash(one)


def test_a_hash_made_under_weaker_parameters_is_to_be_made_again() -> None:
    assert passwords.needs_rehash(passwords.hash("kT7#vq9!Zw2%", CHEAP))
    assert not passwords.needs_rehash(passwords.hash("kT7#vq9!Zw2%", CHEAP), CHEAP)


def test_an_unknown_address_takes_the_time_of_a_wrong_password() -> None:
    stored = passwords.hash("kT7#vq9!Zw2%")

    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for _ in range(6):  # in turns, so that a busy machine slows both
        for who, act in (
            ("known", lambda: passwords.verify(stored, "wrong")),
            ("unknown", lambda: passwords.dummy_verify("wrong")),
        ):
            begin = time.process_time()
            assert act() is False
            times[who].append(time.process_time() - begin)
    assert 0.5 < min(times["unknown"]) / min(times["known"]) < 2
