"""Addresses and names: stored in one form, refused in words, sorted by a key."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portfolio import identifiers
from portfolio.identifiers import Malformed
from portfolio.papers.typeset import drawable


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Lea.MARTIN+e5@Lycee-Exemple.FR\n", "lea.martin+e5@lycee-exemple.fr"),
        ("o'brien@ac-lyon.fr", "o'brien@ac-lyon.fr"),
        ("lea@bücher.de", "lea@xn--bcher-kva.de"),
        ("lea@xn--bcher-kva.de", "lea@xn--bcher-kva.de"),
    ],
)
def test_addresses_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert identifiers.email(typed) == stored


@given(st.emails())
def test_every_ordinary_address_is_accepted_in_lower_case(address: str) -> None:
    assume(len(address) <= 254)
    assert identifiers.email(address) == address.lower()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lea",
        "lea@",
        "@exemple.fr",
        "lea@exemple",
        "lea@@exemple.fr",
        "lea martin@exemple.fr",
        "lea..m@exemple.fr",
        ".lea@exemple.fr",
        "lea@exemple..fr",
        "lea@-exemple.fr",
        "léa@exemple.fr",
        "lea@exemple.fr, tom@exemple.fr",
        "lea@exemple.fr\nBcc: tom@exemple.fr",
        "Léa <lea@exemple.fr>",
        "a" * 65 + "@exemple.fr",
        "lea@" + "a." * 130 + "fr",
        "lea@" + "a" * 64 + ".fr",
    ],
)
def test_addresses_that_could_not_be_reached_or_would_split_a_header_are_refused(address: str) -> None:
    with pytest.raises(Malformed):
        identifiers.email(address)


def test_a_name_is_kept_as_its_bearer_writes_it() -> None:
    assert identifiers.person_name("  Le   Goff-D'Arc ") == "Le Goff-D'Arc"
    assert identifiers.person_name(unicodedata.normalize("NFD", "Zoé")) == "Zoé"
    assert identifiers.person_name("Nguyễn\u00a0Thị") == "Nguyễn Thị"
    assert identifiers.person_name("x" * 100) == "x" * 100


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "x" * 101,
        "Du\x00pont",
        "Du\npont",
        "Du\u200bpont",
        "\u202eDupont",
        "12/03/2005",
        "-",
        "\ud800a",
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        identifiers.person_name(name)


@pytest.mark.parametrize("sign", list("=+@-"))
def test_a_name_that_a_spreadsheet_would_run_is_refused(sign: str) -> None:
    with pytest.raises(Malformed) as refusal:
        identifiers.person_name(f"  {sign}HYPERLINK")
    assert f"« {sign} »" in refusal.value.message


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LEFÈVRE", "lefevre"),
        ("Jean-Pierre", "JEAN PIERRE"),
        ("D’Artagnan", "d'artagnan"),
        ("Lœtitia", "LOETITIA"),
        ("Strauß", "STRAUSS"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("İbrahim", "ibrahim"),
    ],
)
def test_homonyms_share_a_key(one: str, other: str) -> None:
    assert identifiers.name_key(one) == identifiers.name_key(other)


def test_different_names_have_different_keys() -> None:
    assert identifiers.name_key("Martin Paul") != identifiers.name_key("Martine Paul")
    assert identifiers.name_key("Émile") == "emile"


@given(st.text())
def test_a_key_is_its_own_key_and_ignores_case_and_composition(text: str) -> None:
    key = identifiers.name_key(text)
    assert identifiers.name_key(key) == key
    assert identifiers.name_key(unicodedata.normalize("NFD", text)) == key
    assert identifiers.name_key(unicodedata.normalize("NFC", text)) == key


LATIN = ("Łukasz Wałęsa", "Şükrü Yılmaz", "Erdős Őry", "Ǆemal Đorđević", "Nguyễn Thị Ưng", "Þórður", "Kaʻohi", "Əliyev")


@pytest.mark.parametrize("name", LATIN)
def test_a_name_of_any_latin_alphabet_is_kept_and_each_of_its_letters_is_printed(name: str) -> None:
    assert identifiers.person_name(name) == name
    assert drawable(name) == name


@pytest.mark.parametrize("name", ["Παπαδόπουλος", "Иванова", "محمد", "王小明", "Pаvel"])  # the last has a Cyrillic а
def test_another_script_is_asked_for_the_spelling_of_civil_status(name: str) -> None:
    with pytest.raises(Malformed) as refused:
        identifiers.person_name(name)
    assert "lettres latines" in refused.value.message and "état civil" in refused.value.message
