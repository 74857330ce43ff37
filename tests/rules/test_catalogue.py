"""Types of evidence: what their details accept, and that the catalogue answers every code of the referential."""

import hashlib
from datetime import date
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from portfolio.errors import Invalid
from portfolio.rules.texts.catalogue import catalogue, file_of, read_catalogue
from portfolio.rules.texts.data_files import InvalidDataFile
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5, exam
from portfolio.rules.texts.referential import referential

TYPES = catalogue(BTS_ASSURANCE_E5)
FILE = file_of(exam(BTS_ASSURANCE_E5))

PIX = {"certificate_code": "P-BBBCCCDD", "obtained_on": "2025-02-01"}
QUIZ = {"taken_on": "2026-03-15", "author": "Professeur de RGPD", "score": "14,5", "maximum": 20}
POST = {"url": "https://exemple.fr/agence?p=1", "captured_on": "2026-03-15", "network": "linkedin"}


def refused(type_code, details, **options):
    with pytest.raises(Invalid) as refusal:
        TYPES.check_details(type_code, details, **options)
    return refusal.value.errors


def test_the_types_are_those_of_the_field():
    assert list(TYPES.types) == [
        *("EML1", "EML2", "IM1", "SP1", "SP2", "SP3", "WP1", "PR1", "SN1", "SN2", "WEB1", "APP1", "CO1"),
        *("BUS1", "VID1", "SR1", "SEC1", "GDP1", "PROC1", "ORI1", "QZ1", "PIX1", "OTH1", "ATT1", "REF1"),
        "TRI1",
    ]


def test_every_code_of_the_referential_has_advice_and_a_type_that_answers_it():
    e5 = referential("bts-assurance-2017-e5", "1")
    for code in (*e5.competences, *e5.criteria, *e5.tool_families):
        assert TYPES.advice[code]
        assert TYPES.types_for(code)
    assert TYPES.types_for("K4") == ("SEC1",)
    assert TYPES.types_for("T3") == ("SP1", "SP2", "SP3")


def test_what_is_not_practice_never_proves_alone_nor_strongly():
    alone = {code for code, one in TYPES.types.items() if not one.sole_proof}
    assert alone == {"PIX1", "OTH1", "ATT1", "REF1"}
    assert all(not TYPES.types[code].strong for code in alone)


def test_the_digest_is_that_of_the_files_bytes():
    assert TYPES.sha256 == hashlib.sha256(FILE.read_bytes()).hexdigest()


def test_an_unknown_type_is_refused_on_its_field():
    assert list(refused("XYZ", {})) == ["type_code"]
    with pytest.raises(Invalid):
        TYPES.evidence_type("")


def test_answers_come_back_clean_and_ready_for_json():
    assert TYPES.check_details("QZ1", QUIZ) == {
        "taken_on": "2026-03-15",
        "author": "Professeur de RGPD",
        "score": "14.5",
        "maximum": "20",
    }
    assert TYPES.check_details("SN1", {**POST, "approval": "  "}) == POST
    assert TYPES.check_details("PIX1", {**PIX, "obtained_on": date(2025, 2, 1)}) == PIX


def test_a_missing_answer_is_named_and_a_draft_may_wait():
    assert refused("SN1", {"captured_on": None, "url": "", "network": "linkedin"}) == {
        "details.url": ["Cette information est nécessaire."],
        "details.captured_on": ["Cette information est nécessaire."],
    }
    assert TYPES.check_details("SN1", {"url": POST["url"]}, draft=True) == {"url": POST["url"]}


def test_a_draft_is_still_refused_what_is_wrong():
    assert list(refused("SN1", {"url": "agence"}, draft=True)) == ["details.url"]


def test_an_answer_that_was_not_asked_is_refused():
    assert list(refused("PIX1", {**PIX, "score": "640"})) == ["details.score"]


def test_every_wrong_answer_is_said_at_once():
    assert set(refused("QZ1", {**QUIZ, "taken_on": "hier", "score": -1, "colour": "rouge"})) == {
        "details.taken_on",
        "details.score",
        "details.colour",
    }


@pytest.mark.parametrize("code", ["P-BBBCCCD", "P-BBBCCCDA", "p-bbbcccdd", "BBBCCCDD", "P-BBBCCCDD1", "P-BBBCCC00", 7])
def test_a_pix_code_of_another_shape_is_refused(code):
    assert list(refused("PIX1", {**PIX, "certificate_code": code})) == ["details.certificate_code"]


@given(st.from_regex(r"P-[2346789BCDFGHJKMPQRTVWXY]{8}", fullmatch=True))
def test_every_well_formed_pix_code_is_accepted(code):
    assert TYPES.check_details("PIX1", {**PIX, "certificate_code": f" {code}\n"})["certificate_code"] == code


def test_a_pix_certificate_is_valid_three_years():
    assert TYPES.valid_until("PIX1", PIX) == date(2028, 2, 1)
    assert TYPES.valid_until("PIX1", {"obtained_on": "2024-02-29"}) == date(2027, 2, 28)
    assert TYPES.valid_until("PIX1", {}) is None
    assert TYPES.valid_until("QZ1", TYPES.check_details("QZ1", QUIZ)) is None


@pytest.mark.parametrize(
    "day", ["2026-02-30", "15/03/2026", "2026-3-5", "20260315", "2026-W10-1", "1999-12-31", 20260315, True]
)
def test_what_is_no_day_is_refused(day):
    assert list(refused("QZ1", {**QUIZ, "taken_on": day})) == ["details.taken_on"]


def test_a_score_above_its_maximum_is_refused():
    assert list(refused("QZ1", {**QUIZ, "score": "20.5"})) == ["details.score"]
    assert TYPES.check_details("QZ1", {**QUIZ, "score": 20})["score"] == "20"


@pytest.mark.parametrize("number", ["NaN", "1e3", "-1", True, "quatorze", "1.23456", float("inf"), ["14"], "١٤"])
def test_what_is_no_number_is_refused(number):
    assert list(refused("QZ1", {**QUIZ, "score": number})) == ["details.score"]


@given(st.decimals(0, 999999, places=4), st.booleans())
def test_a_number_keeps_its_exact_value_with_a_comma_or_a_point(number, comma):
    written = str(number).replace(".", ",") if comma else number
    cleaned = TYPES.check_details("QZ1", {"score": written}, draft=True)["score"]
    assert Decimal(cleaned) == number
    assert "E" not in cleaned


@pytest.mark.parametrize(
    "url",
    [
        "exemple.fr",
        "javascript:alert(1)",
        "ftp://exemple.fr/",
        "https://",
        "https:// exemple.fr",
        "http://[::1",
        "https://moi:secret@exemple.fr/",
        "https://exemple.fr/\x00",
        "https://exemple.fr/" + "a" * 2000,
        42,
    ],
)
def test_what_is_no_public_address_is_refused(url):
    assert list(refused("SN1", {**POST, "url": url})) == ["details.url"]


@pytest.mark.parametrize(
    ("answer", "kept"), [(True, True), ("true", True), ("non", False), (False, False), ("off", False)]
)
def test_yes_and_no_come_from_json_or_from_a_form(answer, kept):
    details = {"queries": "garantie vol", "internet": True, "intranet": answer}
    assert TYPES.check_details("SR1", details)["intranet"] is kept


@pytest.mark.parametrize("answer", [1, "peut-être", [True]])
def test_what_is_neither_yes_nor_no_is_refused(answer):
    assert list(refused("SR1", {"queries": "x", "internet": True, "intranet": answer})) == ["details.intranet"]


def test_a_choice_is_one_of_the_list_and_the_refusal_says_which():
    errors = refused("SEC1", {"workstation": "tablette"})
    assert errors == {"details.workstation": ["Choisissez parmi : Poste fixe, Appareil nomade, Les deux."]}
    assert list(refused("SEC1", {"workstation": ["fixe"]})) == ["details.workstation"]


def test_a_text_has_a_limit_and_no_control_characters():
    assert list(refused("EML1", {"recipient": "x" * 201})) == ["details.recipient"]
    assert list(refused("EML1", {"recipient": "a\x00b"})) == ["details.recipient"]
    assert TYPES.check_details("EML2", {"own_parts": "le 3\nle 5"})["own_parts"] == "le 3\nle 5"


WRONG = {
    "code": (lambda c: c["types"]["EML1"]["strong"].append("C3"), "types.EML1.strong[4]"),
    "both": (lambda c: c["types"]["EML1"]["partial"].append("C47"), "types.EML1.partial"),
    "file": (
        lambda c: c["types"]["EML1"]["files"].append("exe"),
        f"types.EML1.files[{len(TYPES.types['EML1'].files)}]",
    ),
    "kind": (
        lambda c: c["types"]["EML1"]["details"]["recipient"].update(kind="mail"),
        "types.EML1.details.recipient.kind",
    ),
    "choices": (
        lambda c: c["types"]["SEC1"]["details"]["workstation"].pop("choices"),
        "types.SEC1.details.workstation.kind",
    ),
    "pattern": (
        lambda c: c["types"]["PIX1"]["details"]["certificate_code"].pop("pattern_hint"),
        "types.PIX1.details.certificate_code",
    ),
    "bound": (
        lambda c: c["types"]["QZ1"]["details"]["score"].update(at_most="author"),
        "types.QZ1.details.score.at_most",
    ),
    "advice": (lambda c: c["advice"].pop("K4"), "advice"),
    "unanswered": (lambda c: c["types"].pop("SEC1"), "advice.K4"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_catalogue_is_refused_naming_file_and_field(tmp_path, case):
    content = yaml.safe_load(FILE.read_bytes())
    spoil, field = WRONG[case]
    spoil(content)
    path = tmp_path / FILE.name
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(InvalidDataFile) as refusal:
        read_catalogue(path)
    assert (refusal.value.file, refusal.value.field) == (FILE.name, field)
