"""The identifiers of the field, on real published codes and on everything a keyboard can produce."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from portfolio import identifiers
from portfolio.errors import Invalid
from portfolio.identifiers import Malformed

REAL_UAI = [
    *("0750654D", "0920131T", "0752524L", "0040003G", "0130001F", "0540089D"),
    *("0350760L", "0790031E", "0441993C", "0750610F", "0755433Y"),
]
KEY_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
SINGLE_VALUE_CHECKS = [
    identifiers.uai,
    identifiers.siret,
    identifiers.siren,
    identifiers.candidate_number,
    identifiers.academy_code,
    identifiers.session_code,
    identifiers.email,
    identifiers.person_name,
]


@pytest.mark.parametrize("code", REAL_UAI)
def test_real_school_codes_are_accepted_as_people_write_them(code: str) -> None:
    assert identifiers.uai(code) == code
    assert identifiers.uai(f" {code[:3]} {code[3:].lower()} ") == code


def test_corsican_and_overseas_school_codes_are_accepted() -> None:
    for digits in ("6200001", "7200001", "9710001", "9840001"):
        code = digits + KEY_LETTERS[int(digits) % 23]
        assert identifiers.uai(code) == code


@pytest.mark.parametrize(
    "code", ["", "07506541D", "750654D", "0960001A", "0750654", "0750654É", "٠750654D", "2A00001A"]
)
def test_a_school_code_of_the_wrong_shape_is_refused(code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        identifiers.uai(code)
    assert "7 chiffres" in refusal.value.message


@given(st.sampled_from(REAL_UAI), st.integers(0, 6), st.sampled_from(string.digits))
def test_one_wrong_digit_in_a_school_code_is_seen(code: str, place: int, digit: str) -> None:
    assume(code[place] != digit)
    with pytest.raises(Malformed):
        identifiers.uai(code[:place] + digit + code[place + 1 :])


def test_a_wrong_check_letter_quotes_the_code() -> None:
    with pytest.raises(Malformed) as refusal:
        identifiers.uai("0750654E")
    assert "0750654E" in refusal.value.message


@pytest.mark.parametrize("number", ["123456789AB", "1234A56789B"])
def test_rnie_and_apprentices_numbers_are_accepted_on_their_shape(number: str) -> None:
    assert identifiers.ine(number.lower()) == (number, None)


@given(st.integers(0, 10**10 - 1))
def test_a_bea_number_with_its_key_raises_no_doubt(digits: int) -> None:
    number = f"{digits:010d}{KEY_LETTERS[digits % 23]}"
    assert identifiers.ine(number) == (number, None)


def test_a_bea_number_with_another_key_is_kept_with_a_warning() -> None:
    right = KEY_LETTERS[1234567890 % 23]
    wrong = "A" if right != "A" else "B"
    number, warning = identifiers.ine(f"1234567890{wrong}")
    assert number == f"1234567890{wrong}"
    assert warning is not None and number in warning


@pytest.mark.parametrize("number", ["12345678901", "ABCDEFGHIJK", "1234B56789B"])
def test_another_shape_of_ine_is_kept_with_a_warning(number: str) -> None:
    kept, warning = identifiers.ine(number)
    assert kept == number
    assert warning is not None and "forme habituelle" in warning


@pytest.mark.parametrize("number", ["", "1234567890", "1234567890AB", "12345/78901"])
def test_what_has_not_eleven_letters_or_digits_is_no_ine(number: str) -> None:
    with pytest.raises(Malformed):
        identifiers.ine(number)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("732 829 320 00074", "73282932000074"),
        ("35600000000048", "35600000000048"),  # La Poste, head office: Luhn
        ("35600000009075", "35600000009075"),  # La Poste, an office: the sum of digits is a multiple of 5
        ("monacoconfo001", "MONACOCONFO001"),
    ],
)
def test_sirets_are_accepted(typed: str, stored: str) -> None:
    assert identifiers.siret(typed) == stored


@pytest.mark.parametrize(
    "number",
    ["73282932000075", "35600000009076", "7328293200007", "MONACO", "٧3282932000074", "7328293200007A"],
)
def test_wrong_sirets_are_refused(number: str) -> None:
    with pytest.raises(Malformed):
        identifiers.siret(number)


def test_the_siren_is_checked() -> None:
    assert identifiers.siren("732 829 320") == "732829320"
    for wrong in ("732829321", "73282932", "73282932000074", "356OOOOOO"):
        with pytest.raises(Malformed):
            identifiers.siren(wrong)


def test_a_company_without_orias_number_is_possible_but_not_with_a_wrong_one() -> None:
    assert identifiers.orias("07 001 234") == "07001234"
    assert identifiers.orias("  ") is None
    for wrong in ("0700123", "070012345", "0700123A"):
        with pytest.raises(Malformed):
            identifiers.orias(wrong)


@given(st.from_regex(r"[A-Z]{0,7}[0-9][0-9A-Z]{0,12}", fullmatch=True))
@example("01234567890")
@example("00000000")
@example("1234E5678901")
def test_a_candidate_number_keeps_every_character(number: str) -> None:
    assert identifiers.candidate_number(number) == number


def test_a_candidate_number_turned_into_a_number_by_a_spreadsheet_says_so() -> None:
    for torn in ("1,23E+10", "1.2345e+10", "2,0E+09", " 1E+10 "):
        with pytest.raises(Malformed) as refusal:
            identifiers.candidate_number(torn)
        assert "format Texte" in refusal.value.message


@pytest.mark.parametrize(
    "number", ["", "DUPONT", "123456789012345678901", "0123456789é", "=0123456789", "1.2345E10", "0123456ß"]
)
def test_a_candidate_number_of_the_wrong_shape_is_refused(number: str) -> None:
    with pytest.raises(Malformed):
        identifiers.candidate_number(number)


@pytest.mark.parametrize(("number", "usual"), [("1234567", False), ("12345678", True), ("12345678901234", False)])
def test_a_candidate_number_of_an_unusual_length_is_kept_and_asked_about(number: str, usual: bool) -> None:
    assert identifiers.candidate_number(number) == number
    assert (identifiers.candidate_number_doubt(number) is None) == usual


def test_academies_are_named_in_french_by_two_characters() -> None:
    assert identifiers.academy_code(" 08 ") == "08"
    assert identifiers.ACADEMIES["08"] == "Grenoble"
    assert identifiers.ACADEMIES["03"] == "Besançon"
    assert all(len(code) == 2 and code.isdigit() for code in identifiers.ACADEMIES)
    for unknown in ("8", "99", "", "Grenoble"):
        with pytest.raises(Malformed):
            identifiers.academy_code(unknown)


@pytest.mark.parametrize("code", ["05", "21"])
def test_a_merged_academy_names_its_successor(code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        identifiers.academy_code(code)
    assert "70 (Normandie)" in refusal.value.message


@given(st.integers(2019, 2100), st.booleans())
def test_a_session_tells_its_year_and_whether_it_is_a_rehearsal(year: int, rehearsal: bool) -> None:
    code = f"{year}r" if rehearsal else str(year)
    session = identifiers.session_code(f" {code} ")
    assert session == code.upper()
    assert identifiers.exam_year(session) == year
    assert identifiers.is_rehearsal(session) is rehearsal


@pytest.mark.parametrize("code", ["2018", "2101", "27", "2027RR", "R2027", "2027X", "", "2026/2027"])
def test_a_session_of_the_wrong_shape_is_refused(code: str) -> None:
    with pytest.raises(Malformed):
        identifiers.session_code(code)


@pytest.mark.parametrize("check", SINGLE_VALUE_CHECKS, ids=lambda check: check.__name__)
@given(text=st.text() | st.text(string.printable))
def test_any_text_is_normalised_once_for_all_or_refused_in_words(check, text: str) -> None:
    try:
        value = check(text)
    except Malformed as refusal:
        assert refusal.message[0].isupper() and refusal.message.endswith(".")
        return
    assert check(value) == value


def test_a_malformed_value_is_a_refused_value() -> None:
    refusal = Malformed("Une phrase avec {accolades}.")
    assert isinstance(refusal, Invalid)
    assert refusal.message == "Une phrase avec {accolades}."
