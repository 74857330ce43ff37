"""What an exam is as data, and what is said of a folder that is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import commands
from portfolio.enrolment.circulars import at_start
from portfolio.rules.texts.catalogue import catalogue
from portfolio.rules.texts.circular import circular_for, circulars
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5, UnknownExam, exam, exams, install_exams
from portfolio.rules.texts.referential import exam_of, referential
from tests.support.worlds.two_exams import FOLDER, Z9, second_exam

REFERENTIAL = "referentials/diplome-fictif-2017-z9.v1.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The fictional exam, to be spoilt: its folder, which is installed once the test asks for it."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    yield tmp_path / Z9
    install_exams(None)


def faults_of(folder: Path) -> list[str]:
    install_exams(folder.parent)
    return at_start.wrong_files()


def spoil(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_e5_is_data_and_its_refusals_cite_its_text() -> None:
    e5 = exam(BTS_ASSURANCE_E5)
    assert (e5.name, e5.diploma, e5.citation) == (
        "E5",
        "BTS Assurance",
        "arrêté du 13 février 2017, annexe II D, E5",
    )
    assert exam_of("bts-assurance-2017-e5") is e5


def test_each_exam_has_its_own_circular_referential_and_catalogue() -> None:
    with second_exam():
        ours, theirs = circular_for("2027", BTS_ASSURANCE_E5), circular_for("2027", Z9)
        assert (ours.id, ours.version) == (theirs.id, theirs.version) == ("2027", "1")
        assert {key[0] for key in circulars()} == {BTS_ASSURANCE_E5, Z9}
        assert exam_of(referential(*theirs.referential).id).code == Z9
        assert "JRN1" in catalogue(Z9).types and "JRN1" not in catalogue(BTS_ASSURANCE_E5).types
        assert circular_for("2027R", Z9) is theirs
    with pytest.raises(UnknownExam):
        exam(Z9)


def test_a_wrong_word_of_an_exam_is_named_with_its_line_and_leaves_the_others(folder: Path) -> None:
    spoil(folder / "exam.yaml", "name: Z9", "nom: Z9")
    (fault,) = faults_of(folder)
    assert fault.startswith("exam.yaml, ligne 5 : nom : inconnu")
    assert set(exams()) == {BTS_ASSURANCE_E5}


def test_an_exam_without_its_file_or_with_the_code_of_another_is_refused(folder: Path) -> None:
    (folder / "exam.yaml").unlink()
    assert faults_of(folder) == [f"{Z9}/exam.yaml : ce fichier manque"]
    install_exams(None)
    shutil.copytree(exam_folder(), folder.parent / BTS_ASSURANCE_E5)
    shutil.rmtree(folder)
    shutil.move(folder.parent, folder.parents[1] / "again")
    (fault,) = faults_of(folder.parents[1] / "again" / BTS_ASSURANCE_E5)
    assert "une autre épreuve a déjà ce code" in fault


def exam_folder() -> Path:
    return Path(commands.__file__).parent / "config" / "exams" / BTS_ASSURANCE_E5


def test_a_referential_of_another_exam_than_its_folder_is_refused(folder: Path) -> None:
    spoil(folder / REFERENTIAL, "exam: Z9", "exam: E5")
    assert any("exam : l'épreuve de ce dossier a « Z9 »" in fault for fault in faults_of(folder))


def test_a_catalogue_without_the_type_of_class_results_or_what_is_filled_in_of_it_is_refused(folder: Path) -> None:
    catalogue_file = folder / "catalogues/catalogue-fictif.v1.yaml"
    shutil.copytree(folder.parent, folder.parents[1] / "unfilled")
    spoil(catalogue_file, "  QZ1:", "  QZ2:")
    (fault,) = faults_of(folder)
    assert "types : QZ1 manque" in fault
    unfilled = folder.parents[1] / "unfilled" / Z9
    spoil(unfilled / "catalogues/catalogue-fictif.v1.yaml", "      author:", "      teacher:")
    (fault,) = faults_of(unfilled)
    assert "types.QZ1 : details : il manque author" in fault


def test_the_command_checks_the_folder_of_an_exam(folder: Path) -> None:
    right = CliRunner().invoke(commands.cli, ["check-exam", str(folder)])
    assert right.exit_code == 0 and "Rien à corriger" in right.output
    spoil(folder / "circulars/2027.v1.yaml", "step: '1'", "step: '3'")
    shutil.move(folder.parent, folder.parents[1] / "spoilt")
    refused = CliRunner().invoke(commands.cli, ["check-exam", str(folder.parents[1] / "spoilt" / Z9)])
    assert refused.exit_code == 1 and "mark.step" in refused.output
