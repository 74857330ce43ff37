"""An archive that proves itself without this service: whole, readable anywhere, the same whatever a commission does."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import Evidence, EvidenceFile
from portfolio.errors import Forbidden, NotFound
from portfolio.evidence import deposit, upload_ending
from portfolio.store.chains import link_mac
from portfolio.store.connections import Connections
from portfolio.store.digests import digest
from portfolio.store.journal import portfolio_chain
from portfolio.submission import submit
from portfolio.submission.export import export
from tests.support.worlds import commissions
from tests.support.worlds.juries import decide, publish
from tests.support.worlds.world import World

MIB = 1024 * 1024


@pytest.fixture
def taken(world: World) -> Callable[..., bytes]:
    def take(who: Any = None) -> bytes:
        return b"".join(export(world.actor(who or world.candidate), world.portfolio, world.clock()).chunks)

    return take


@pytest.fixture
def rich(world: World) -> World:
    """Two pieces of which one changed, one withdrawn; a file removed; two submissions."""
    piece = world.new_piece(title='Lettre : "relance" <1>/2')
    old = world.upload(piece, name="../../brouillon.pdf")
    by = world.actor(world.candidate)
    upload_ending.remove(by, EvidenceFile.objects.get(pk=old.id), world.clock())
    world.upload(piece, name="CON.pdf")
    withdrawn = world.new_piece(title="Doublon")
    world.upload(withdrawn, name="doublon.pdf")
    deposit.withdraw_piece(by, Evidence.objects.get(pk=withdrawn.id), world.clock())
    world.sign_off()
    world.submit()
    submit.reopen(world.actor(world.follower), world.portfolio, "Une coquille", world.clock())
    deposit.amend_piece(by, Evidence.objects.get(pk=piece.id), {"title": "Lettre de relance"}, world.clock())
    world.submit()
    return world


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def read_json(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def verified(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The exported program, as a stranger runs it: no network library, no environment of ours."""
    command = [sys.executable, "-I", str(folder / "verifier.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)


@pytest.fixture
def unpacked(rich: World, taken: Callable[..., bytes], tmp_path: Path) -> Path:
    opened(taken()).extractall(tmp_path / "portfolio")
    return tmp_path / "portfolio"


# --- what is in it --------------------------------------------------------------------------------


def test_the_archive_holds_files_versions_submissions_sign_offs_and_journal(
    rich: World, taken: Callable[..., bytes]
) -> None:
    archive = opened(taken())
    assert archive.testzip() is None
    assert set(archive.namelist()) == {
        "LISEZMOI.txt",
        "MANIFEST.json",
        "verifier.py",
        "donnees/candidature.json",
        "donnees/activites.json",
        "donnees/periodes.json",
        "donnees/preuves.json",
        "donnees/attestations.json",
        "donnees/realite.json",
        "donnees/remises.json",
        "donnees/journal.json",
        "remises/remise-1.json",
        "remises/remise-2.json",
        "preuves/01 - Lettre de relance/anciens/01 - brouillon.pdf",
        "preuves/01 - Lettre de relance/02 - CON.pdf",
        "retirees/02 - Doublon/01 - doublon.pdf",
    }


def test_every_version_of_a_piece_is_there_with_its_digest(rich: World, taken: Callable[..., bytes]) -> None:
    pieces = read_json(opened(taken()), "donnees/preuves.json")
    changed = pieces[0]
    titles = [version["content"]["title"] for version in changed["versions"]] + [changed["content"]["title"]]
    assert titles[-2:] == ['Lettre : "relance" <1>/2', "Lettre de relance"]
    for version in (*changed["versions"], changed):
        assert version["digest"] == digest(version["content"])
    assert [file["removed_at"] is not None for file in changed["files"]] == [True, False]
    assert pieces[1]["state"] == "withdrawn"


def test_each_submission_is_there_to_the_byte(rich: World, taken: Callable[..., bytes]) -> None:
    archive = opened(taken())
    submissions = read_json(archive, "donnees/remises.json")
    assert [one["number"] for one in submissions] == [1, 2]
    for one in submissions:
        frozen = archive.read(f"remises/remise-{one['number']}.json")
        assert hashlib.sha256(frozen).hexdigest() == one["digest"]


def test_sign_offs_keep_their_statement_and_what_they_were_shown(rich: World, taken: Callable[..., bytes]) -> None:
    attestations = read_json(opened(taken()), "donnees/attestations.json")
    assert {one["seat"] for one in attestations} == {"tutor", "teacher"}
    for one in attestations:
        assert one["statement"].startswith("J'atteste")
        assert one["pieces"][0]["digest"]
        assert one["signer_name"]


def test_the_journal_can_be_checked_by_whoever_holds_the_key(
    rich: World, taken: Callable[..., bytes], store: Connections
) -> None:
    links = read_json(opened(taken()), "donnees/journal.json")
    assert [link["seq"] for link in links] == list(range(1, len(links) + 1))
    (key,) = store.chain_keys.values()
    assert all(link_mac(link, key) == link["mac"] for link in links)


def test_the_candidate_s_civil_identifiers_stay_at_school(world: World, taken: Callable[..., bytes]) -> None:
    world.candidacy = world.new_candidacy(ine="123456789AB")
    world.new_piece()
    archive = opened(taken())
    for name in archive.namelist():
        assert b"123456789AB" not in archive.read(name)
        assert b"2005-04-12" not in archive.read(name)


def test_an_empty_portfolio_exports_and_verifies(world: World, taken: Callable[..., bytes], tmp_path: Path) -> None:
    opened(taken()).extractall(tmp_path)
    assert verified(tmp_path).returncode == 0


@pytest.mark.parametrize("title", ["..", "a" * 300, "Nul\u202e.txt", "  . ", "café/crème\\menthe", "COM1"])
def test_any_title_gives_a_path_that_stays_inside(world: World, taken: Callable[..., bytes], title: str) -> None:
    world.upload(world.new_piece(title=title))
    (path,) = [name for name in opened(taken()).namelist() if name.startswith("preuves/")]
    _, folder, name = path.split("/")
    assert folder.startswith("01 - ")
    assert len(folder) <= 70
    assert name == "01 - lettre.pdf"
    assert not set('<>:"\\|?*\u202e') & set(path)


def test_two_files_of_the_same_name_are_two_files(world: World, taken: Callable[..., bytes]) -> None:
    piece = world.new_piece()
    world.upload(piece)
    world.upload(piece)
    names = [name.rpartition("/")[2] for name in opened(taken()).namelist() if name.startswith("preuves/")]
    assert names == ["01 - lettre.pdf", "02 - lettre.pdf"]


def test_a_rehearsal_says_fictif(store: Connections, clock: Any) -> None:
    fictional = World(clock, session="2027R")
    fictional.new_piece()
    found = export(fictional.actor(fictional.candidate), fictional.portfolio, clock())
    assert found.name == f"FICTIF-portfolio-2027R-{fictional.candidacy.candidate_number}.zip"
    archive = opened(b"".join(found.chunks))
    assert archive.read("LISEZMOI.txt").decode().startswith("FICTIF")
    assert read_json(archive, "MANIFEST.json")["fictional"] is True


def test_a_real_session_does_not(world: World, taken: Callable[..., bytes]) -> None:
    found = export(world.actor(world.candidate), world.portfolio, world.clock())
    assert found.name == f"portfolio-2027-{world.candidacy.candidate_number}.zip"
    assert b"FICTIF" not in opened(b"".join(found.chunks)).read("LISEZMOI.txt")


# --- verified offline -----------------------------------------------------------------------------


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


# --- the store may have lost something ------------------------------------------------------------


def test_a_lost_object_does_not_take_the_others_away(
    rich: World, taken: Callable[..., bytes], store: Connections, tmp_path: Path
) -> None:
    lost = EvidenceFile.objects.get(name="CON.pdf")
    store.storage.delete(lost.key)
    archive = opened(taken())
    assert [one["name"] for one in read_json(archive, "MANIFEST.json")["absent"]] == ["CON.pdf"]
    archive.extractall(tmp_path)
    done = verified(tmp_path)
    assert done.returncode == 1
    assert "CON.pdf : n'était plus dans le stockage" in done.stdout


def test_an_object_altered_in_the_store_is_named(
    rich: World, taken: Callable[..., bytes], store: Connections, tmp_path: Path
) -> None:
    altered = EvidenceFile.objects.get(name="CON.pdf")
    store.storage.put(altered.key, b"autre contenu", "application/pdf")
    opened(taken()).extractall(tmp_path)
    done = verified(tmp_path)
    assert done.returncode == 1
    assert "CON.pdf : n'était plus celui qui avait été vérifié, et a été retenu" in done.stdout
    assert not any(path.read_bytes() == b"autre contenu" for path in tmp_path.rglob("*.pdf"))


# --- who takes it, and what that leaves -----------------------------------------------------------


def test_candidate_follower_and_commission_take_the_same_bytes(rich: World, taken: Callable[..., bytes]) -> None:
    commissions.convened(rich)
    assert taken() == taken(rich.follower) == taken(rich.tutor)


@pytest.mark.parametrize("who", ["tutor", "second_teacher", "office", "inspector", "jury_member"])
def test_others_do_not_take_it(world: World, taken: Callable[..., bytes], who: str) -> None:
    world.new_piece()
    with pytest.raises((NotFound, Forbidden)):
        taken(getattr(world, who))


def test_the_same_bytes_whatever_a_commission_does(rich: World, taken: Callable[..., bytes]) -> None:
    assert rich.jury
    before = taken()
    commission = commissions.convened(rich)
    assert taken() == before
    for person in (rich.follower, rich.tutor):
        commissions.fill_and_seal(rich, commission, person)
    said = {"appreciation": commissions.APPRECIATION, "proposed_mark": "14,5"}
    commissions.appraise(rich, rich.follower, commission, **said)
    sheet = commissions.transmitted(rich, commissions.signed(rich, commissions.drafted(rich, commission)))
    decide(rich, sheet, "14.5")
    assert taken() == before
    publish(rich)
    assert taken() == before


def test_taking_it_is_recorded_where_no_candidate_reads(
    world: World, taken: Callable[..., bytes], store: Connections
) -> None:
    world.new_piece()
    known = store.database.chains.find_one({"_id": portfolio_chain(world.portfolio)})
    taken(world.follower)
    (link,) = store.database.events.find({"name": "portfolio_exported"})
    assert (link["chain"], link["by"]) == (f"access:{world.candidacy.id}", str(world.follower.id))
    assert store.database.chains.find_one({"_id": portfolio_chain(world.portfolio)}) == known
    assert list(verify()) == []


def test_a_large_portfolio_is_never_whole_in_memory(world: World) -> None:
    """Fifteen files of 4 MiB: what is held at once stays far below the whole."""
    piece = world.new_piece()
    name, data = "tableau.csv", b"nom;montant\r\n" + b"Dupont;12,50\r\n" * (4 * MIB // 14)
    for _ in range(15):
        world.upload(piece, data, name)
    found = export(world.actor(world.candidate), world.portfolio, world.clock())
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in found.chunks)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 15 * 4 * MIB * 0.99
    assert peak < 12 * MIB
