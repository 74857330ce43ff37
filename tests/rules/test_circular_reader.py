"""What the reader of circulars refuses, by file and field."""

import re
from datetime import date

import pytest

from portfolio.rules.texts.circular import (
    FOLDER,
    UnknownCircular,
    circular,
    circular_faults,
    circular_for,
    latest,
)
from portfolio.rules.texts.circular_reader import read_circular
from portfolio.rules.texts.data_files import InvalidDataFile
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.acts.circulars import read_copy

WRONG = {
    "unknown field": (lambda c: c.update(grille={}), "grille"),
    "id": (lambda c: c.update(id=2027), "id"),
    "effective": (lambda c: c.update(effective_from="2025-09-01"), "effective_from"),
    "document": (lambda c: c["source"].update(document_sha256="abc"), "source.document_sha256"),
    "not compared": (lambda c: c["source"].update(document_sha256="ab" * 32), "source"),
    "compared with nothing": (lambda c: c["source"].update(compared_by="Inès Pecteur"), "source"),
    "referential": (lambda c: c["referential"].update(sha256="0" * 64), "referential"),
    "deadline": (lambda c: c["portfolio"].update(deadline="7 mai 2027"), "portfolio.deadline"),
    "offset": (lambda c: c["portfolio"].update(deadline="2027-05-07T18:00+02:00"), "portfolio.deadline"),
    "counts": (lambda c: c["portfolio"]["min_pieces"].update(count=61), "portfolio.max_pieces"),
    "severity": (
        lambda c: c["portfolio"]["max_pieces"].update(severity="error"),
        "portfolio.max_pieces.severity",
    ),
    "check": (lambda c: c["portfolio"]["checks"][0].update(code="pretty"), "portfolio.checks[0].code"),
    "check twice": (
        lambda c: c["portfolio"]["checks"].append(dict(c["portfolio"]["checks"][7])),
        "portfolio.checks",
    ),
    "parameter": (lambda c: c["portfolio"]["checks"][2].update(at_least=2), "portfolio.checks[2]"),
    "no parameter": (lambda c: c["portfolio"]["checks"][0].pop("at_least"), "portfolio.checks[0]"),
    "statement": (
        lambda c: c["attestations"]["tutor"]["statement"].update(text=" "),
        "attestations.tutor.statement.text",
    ),
    "mode": (lambda c: c["commission"].update(modes_allowed=["together"]), "commission.default_mode"),
    "calendar": (lambda c: c["commission"]["calendar"].update(to=date(2027, 1, 1)), "commission.calendar.to"),
    "row": (lambda c: c["grid"]["rows"].append("C3"), "grid.rows[9]"),
    "row twice": (lambda c: c["grid"]["rows"].append("C1"), "grid.rows"),
    "no row": (lambda c: c["grid"].update(rows=[]), "grid"),
    "key twice": (lambda c: c["grid"]["scale"][0].update(key="0"), "grid.scale"),
    "key": (lambda c: c["grid"]["scale"][0].update(key="a"), "grid.scale[0].key"),
    "observation": (
        lambda c: c["grid"].update(observation_required_below="NE"),
        "grid.observation_required_below",
    ),
    "float": (lambda c: c["mark"].update(step=0.5), "mark.step"),
    "step": (lambda c: c["mark"].update(step="0.3"), "mark.step"),
    "maximum": (lambda c: c["mark"].update(maximum="0"), "mark.maximum"),
    "maximum of the law": (lambda c: c["mark"].update(maximum="40"), "mark.maximum"),
    "quarters": (lambda c: c["mark"].update(step="0.25"), "mark.step"),
    "steps of two": (lambda c: c["mark"].update(step="2"), "mark.step"),
    "comment off the scale": (lambda c: c["mark"].update(comment_required_below="21"), "mark.comment_required_below"),
    "deadline of another session": (
        lambda c: c["portfolio"].update(deadline="2072-05-07T18:00"),
        "portfolio.deadline",
    ),
    "calendar of another session": (
        lambda c: c["commission"]["calendar"].update(to=date(2072, 6, 4)),
        "commission.calendar.to",
    ),
    "training of another session": (lambda c: c.update(effective_from=date(2052, 9, 1)), "effective_from"),
    "pieces": (lambda c: c["portfolio"]["max_pieces"].update(count=10**6), "portfolio.max_pieces.count"),
    "kept": (lambda c: c["retention"].update(months_after_publication=10**4), "retention.months_after_publication"),
    "infinite": (lambda c: c["mark"].update(maximum="Infinity"), "mark.maximum"),
    "minimum": (lambda c: c["mark"].update(minimum="1"), "mark.minimum"),
    "too fine": (lambda c: c["mark"].update(step="0.001"), "mark.step"),
    "outcome mark": (lambda c: c["outcomes"][0].update(mark="21"), "outcomes[0].mark"),
    "off the step": (lambda c: c["outcomes"][0].update(mark="9.75"), "outcomes[0].mark"),
    "outcome twice": (lambda c: c["outcomes"].append(dict(c["outcomes"][0])), "outcomes"),
    "quality": (lambda c: c["sheet"]["qualities"].pop("tutor"), "sheet.qualities.tutor"),
    "retention": (lambda c: c["retention"].update(months_after_publication=0), "retention.months_after_publication"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused_naming_file_and_field(tmp_path, content, case):
    spoil, field = WRONG[case]
    spoil(content)
    with pytest.raises(InvalidDataFile) as refusal:
        read_copy(tmp_path, content)
    assert (refusal.value.file, refusal.value.field) == ("2027.v1.yaml", field)


LINES = [
    ("  default_mode: sealed\n", "  default_mode: alone\n", "commission.default_mode", 83),
    ("    - {code: S, label: Satisfaisant", "    - {code: S, libelle: Satisfaisant", "grid.scale[2].libelle", 93),
    ("  default_mode: sealed\n", "", "commission.default_mode", 81),
    ("mark: {minimum", "mark: {minimum: [", "", 99),
    ("  tutor:\n", "  tutor:\n  tutor:\n", "", 65),
]


@pytest.mark.parametrize(("right", "wrong", "field", "line"), LINES)
def test_a_wrong_file_is_refused_naming_the_line_in_french(tmp_path, right, wrong, field, line):
    text = (FOLDER / "2027.v1.yaml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "2027.v1.yaml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(InvalidDataFile, match=rf"^2027\.v1\.yaml, ligne {line} : {re.escape(field)}") as refusal:
        read_circular(path)
    assert (refusal.value.line, refusal.value.field) == (line, field)


def test_a_wrong_file_takes_nothing_from_those_who_are_held_to_another(tmp_path, monkeypatch):
    (tmp_path / "2031R.v1.yaml").write_text("id: [")
    (tmp_path / "2032R.v1.yaml").write_bytes(b"\xff")
    monkeypatch.setattr("portfolio.rules.texts.circular._rehearsals", tmp_path)
    assert circular_for("2027", BTS_ASSURANCE_E5).pin == circular(*circular_for("2027", BTS_ASSURANCE_E5).pin).pin
    broken, unread = circular_faults()
    assert (broken.file, broken.line, unread.file) == ("2031R.v1.yaml", 1, "2032R.v1.yaml")
    with pytest.raises(UnknownCircular):
        circular_for("2031R", BTS_ASSURANCE_E5)


def test_the_circular_of_a_rehearsal_is_that_session_s_alone(tmp_path, content, of_2027):
    content["id"] = "2027R"
    own = read_copy(tmp_path, content, "2027R.v1.yaml")
    assert latest([of_2027, own], "2027R") is own
    assert latest([of_2027, own], "2027") is of_2027


def test_a_circular_names_its_session(tmp_path, content):
    content["id"] = "2027X"
    with pytest.raises(InvalidDataFile, match="la session est attendue"):
        read_copy(tmp_path, content, "2027X.v1.yaml")
