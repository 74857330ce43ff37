"""The verifier that comes with the folder finds it whole and signed, and finds each byte that was changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from portfolio.store.connections import Connections
from tests.audit.conftest import SCHOOL
from tests.audit.handing_over.handed_over import Given, apart, manifest_again, one_byte_changed, run, verified
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")


def test_the_verifier_finds_it_whole_and_signed(given: Given, tmp_path: Path, store: Connections) -> None:
    without = verified(given)
    assert without.returncode == 0, without.stdout
    assert "rien ne dit qui a signé" in without.stdout
    (anchor,) = store.database.anchors.find()
    kept = tmp_path / "kept.txt"
    kept.write_text(f"ancrage {anchor['_id']} {anchor['root']} {anchor['previous']}\n")
    complete = verified(given, "--cle-publique", apart(tmp_path), "--ancrages", kept)
    assert complete.returncode == 0, complete.stdout
    assert complete.stdout == "Tout concorde.\n"
    anchored = {line["chain"] for line in given.lines("preuves/chemins.jsonl")}
    assert f"assessment:{given.rows('candidacies')[0]['id']}" in anchored
    sealed_elsewhere = {line["of"].partition(":")[0] for line in given.lines("preuves/sceaux.jsonl")}
    assert {"results", "persons"} <= sealed_elsewhere
    kept.write_text(f"ancrage {anchor['_id']} {'0' * 64} {anchor['previous']}\n")
    assert verified(given, "--ancrages", kept).returncode == 1


def test_every_seal_of_the_folder_was_recomputed_and_what_does_not_hold_is_declared(
    given: Given, two_schools: World, store: Connections, tmp_path: Path
) -> None:
    declared = given.description["seals"]
    assert declared["links"] == len(given.links()) and declared["faults"] == []
    assert declared["groups"] > len(given.rows("evidence")) + len(given.rows("candidacies"))
    store.database.evidence.update_one({"school": two_schools.school.id}, {"$set": {"title": "Autre titre"}})
    chain = f"assessment:{two_schools.candidacy.id}"
    store.database.events.update_one({"chain": chain, "seq": 2}, {"$set": {"by": "0" * 24}})
    again = run("--school", SCHOOL, tmp_path / "again")
    assert again.exit_code == 1
    for words in ("« content » n'est pas ce qui fut scellé", f"{chain} maillon 2 : son contenu n'a pas son sceau"):
        assert words in again.output
        assert words in verified(Given(tmp_path / "again")).stdout


def test_the_verifier_finds_one_byte_that_was_changed(given: Given, tmp_path: Path) -> None:
    whole = given.root
    file = next(given.lines("fichiers/index.jsonl"))["sha256"]
    content = (whole / "fichiers" / file).read_bytes()[:9]
    salt = next(given.lines("preuves/chemins.jsonl"))["salt"].encode()
    other_salt = (b"1" if salt.startswith(b"0") else b"0") + salt[1:]
    for number, (path, where, instead, words) in enumerate(
        (
            ("donnees/evidence.jsonl", b"Lettre", b"Lettra", ""),
            ("donnees/candidacies.jsonl", b"2005-04-12", b"2005-04-13", ""),
            ("donnees/sheets.jsonl", b'\\"Camille', b'\\"Canille', "le contenu n'a pas l'empreinte notée"),
            (f"fichiers/{file}", content, content[:-1] + b"?", f"fichiers/{file} : absent ou modifié"),
            ("preuves/journal.jsonl", b"evidence_added", b"evidence_adder", ""),
            ("preuves/chemins.jsonl", salt, other_salt, "ne mène pas à la racine"),
        )
    ):
        copy = Given(Path(shutil.copytree(whole, tmp_path / f"copy{number}")))
        one_byte_changed(copy, path, where, instead)
        plain = verified(copy)
        assert plain.returncode == 1 and f"{path} : modifié" in plain.stdout
        manifest_again(copy)
        again = verified(copy)
        assert again.returncode == 1, path
        assert "sa signature n'est pas celle de cette clé" in again.stdout and words in again.stdout, path
