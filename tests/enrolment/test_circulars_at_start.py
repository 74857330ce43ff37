"""A process looks at the texts of the exam before it serves: a wrong or changed file is named, and stops it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import commands
from portfolio.enrolment.circulars import at_start
from portfolio.rules.texts import circular
from portfolio.rules.texts.circular import FOLDER, install_rehearsals
from tests.support.worlds.reconciled import reconciled
from tests.support.worlds.world import World


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installed as the folder of rehearsals, for one test."""
    monkeypatch.setattr(circular, "_rehearsals", tmp_path)
    return tmp_path


def test_nothing_is_wrong_with_the_texts_that_are_shipped() -> None:
    assert at_start.wrong_files() == []
    assert at_start.refusal_to_start([]) is None


def test_every_wrong_file_is_named_at_once_with_its_line_and_field(folder: Path) -> None:
    text = (FOLDER / "2027.v1.yaml").read_text(encoding="utf-8").replace('id: "2027"', 'id: "2027R"', 1)
    (folder / "2027R.v1.yaml").write_text(text.replace('step: "0.5"', 'step: "0.25"'), encoding="utf-8")
    (folder / "2028R.v1.yaml").write_text("id: [", encoding="utf-8")
    refused = at_start.refusal_to_start(at_start.wrong_files())
    assert refused is not None
    assert "2027R.v1.yaml, ligne 99 : mark.step : une note se donne par points" in refused
    assert "2028R.v1.yaml, ligne 1 :" in refused


def test_a_circular_edited_since_somebody_was_enrolled_is_named(world: World, tmp_path: Path) -> None:
    assert at_start.changed_files() == []
    with reconciled(world, tmp_path):
        assert at_start.changed_files() == []
        path = tmp_path / "2027R.v1.yaml"
        content = yaml.safe_load(path.read_bytes()) | {"effective_from": yaml.safe_load("2025-09-02")}
        edited = tmp_path / "edited"
        edited.mkdir()
        (edited / path.name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        install_rehearsals(edited)
        (fault,) = at_start.changed_files()
        assert fault.startswith("2027R.v1.yaml : des candidatures sont tenues à la version d'empreinte ")


def test_the_command_says_the_line_and_the_field_of_a_wrong_file(tmp_path: Path) -> None:
    text = (FOLDER / "2027.v1.yaml").read_text(encoding="utf-8")
    wrong = tmp_path / "2027.v1.yaml"
    wrong.write_text(text.replace("severity: warn}", "severity: error}", 1), encoding="utf-8")
    refused = CliRunner().invoke(commands.cli, ["check-circular", str(wrong)])
    assert refused.exit_code == 1
    assert "2027.v1.yaml, ligne 29 : portfolio.max_pieces.severity : « error » n'est pas attendu" in refused.output
    right = CliRunner().invoke(commands.cli, ["check-circular", str(FOLDER / "2027.v1.yaml")])
    assert right.exit_code == 0
    assert "session 2027, version 1, empreinte " in right.output
    assert "Modèle provisoire." in right.output
