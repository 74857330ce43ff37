"""The exported program names whatever was changed, cut or lost, offline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.acts.archives import opened, verified
from tests.support.worlds.world import World


@pytest.fixture
def unpacked(rich: World, taken: Callable[..., bytes], tmp_path: Path) -> Path:
    opened(taken()).extractall(tmp_path / "portfolio")
    return tmp_path / "portfolio"


def test_the_exported_program_verifies_the_folder_and_the_archive(
    unpacked: Path, taken: Callable[..., bytes], tmp_path: Path
) -> None:
    done = verified(unpacked)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Tout concorde : 15 fichiers vérifiés." in done.stdout
    for submission in json.loads((unpacked / "donnees/remises.json").read_text("utf-8")):
        assert f"empreinte {submission['digest']}, tête du journal {submission['chain_head']}" in done.stdout
    (tmp_path / "export.zip").write_bytes(taken())
    assert verified(unpacked, str(tmp_path / "export.zip")).returncode == 0


def _edit_json(path: Path, change: Callable[[Any], Any]) -> None:
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def _redo_manifest(folder: Path) -> None:
    """What a forger does next: digests of the manifest made again over what stands."""

    def measure(manifest: Any) -> None:
        for entry in manifest["entries"]:
            data = (folder / entry["path"]).read_bytes()
            entry.update(size=len(data), sha256=hashlib.sha256(data).hexdigest())

    _edit_json(folder / "MANIFEST.json", measure)


def test_one_changed_byte_is_named(unpacked: Path) -> None:
    path = unpacked / "preuves/01 - Lettre de relance/02 - CON.pdf"
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    done = verified(unpacked)
    assert done.returncode == 1
    assert "02 - CON.pdf : modifié" in done.stdout


def test_a_missing_and_an_added_file_are_named(unpacked: Path) -> None:
    (unpacked / "donnees/attestations.json").unlink()
    (unpacked / "preuves/de-plus.pdf").write_bytes(b"%PDF")
    done = verified(unpacked)
    assert done.returncode == 1
    assert "donnees/attestations.json : absent" in done.stdout
    assert "preuves/de-plus.pdf : ajouté" in done.stdout


def test_files_that_systems_leave_behind_are_not_counted(unpacked: Path) -> None:
    (unpacked / "preuves/.DS_Store").write_bytes(b"Bud1")
    assert verified(unpacked).returncode == 0


def test_a_submission_rewritten_with_its_manifest_is_named_by_the_journal(unpacked: Path) -> None:
    _edit_json(unpacked / "remises/remise-2.json", lambda frozen: frozen["pieces"][0].update(title="Mieux"))
    _redo_manifest(unpacked)
    done = verified(unpacked)
    assert done.returncode == 1
    assert "remise 2 : son empreinte n'est pas celle du journal" in done.stdout


def test_a_file_replaced_with_its_manifest_is_not_the_one_submitted(unpacked: Path) -> None:
    path = unpacked / "preuves/01 - Lettre de relance/02 - CON.pdf"
    path.write_bytes(path.read_bytes() + b"%")
    _redo_manifest(unpacked)
    done = verified(unpacked)
    assert done.returncode == 1
    assert "déjà différent du fichier vérifié au dépôt" in done.stdout


def test_a_cut_journal_is_named(unpacked: Path) -> None:
    _edit_json(unpacked / "donnees/journal.json", lambda links: links.pop(2))
    _redo_manifest(unpacked)
    done = verified(unpacked)
    assert done.returncode == 1
    assert "journal : maillon 3 absent" in done.stdout


def test_a_truncated_journal_is_named(unpacked: Path) -> None:
    _edit_json(unpacked / "donnees/journal.json", lambda links: links.pop())
    _redo_manifest(unpacked)
    assert "journal : la fin n'est pas celle qu'annonce le manifeste" in verified(unpacked).stdout


def test_a_journal_made_again_does_not_pass_through_what_a_submission_noted(unpacked: Path) -> None:
    """The forger recomputes every seal with a key of their own; the receipt still names the true one."""

    def remake(links: Any) -> None:
        for before, link in zip([None, *links], links, strict=False):
            link["prev"] = before["mac"] if before else "0" * 64
            link["mac"] = hashlib.sha256(f"{link['seq']}".encode()).hexdigest()

    _edit_json(unpacked / "donnees/journal.json", remake)
    _redo_manifest(unpacked)
    done = verified(unpacked)
    assert done.returncode == 1
    assert "remise 1 : le journal ne passe pas par la tête notée à la remise" in done.stdout


def test_a_torn_archive_is_said_to_be_unreadable(unpacked: Path, taken: Callable[..., bytes], tmp_path: Path) -> None:
    (tmp_path / "torn.zip").write_bytes(taken()[:-400])
    done = verified(unpacked, str(tmp_path / "torn.zip"))
    assert (done.returncode, done.stderr) == (1, "")
    assert "illisible" in done.stdout


def test_a_folder_without_manifest_is_said_to_be_incomplete(unpacked: Path) -> None:
    (unpacked / "MANIFEST.json").unlink()
    done = verified(unpacked)
    assert (done.returncode, done.stderr) == (1, "")
    assert "incomplète" in done.stdout
