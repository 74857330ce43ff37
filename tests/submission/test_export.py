"""An archive that proves itself without this service: whole, readable anywhere, the same whatever a commission does."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import EvidenceFile
from portfolio.errors import Forbidden, NotFound
from portfolio.store.chains import link_mac
from portfolio.store.connections import Connections
from portfolio.store.digests import digest
from portfolio.store.journal import portfolio_chain
from portfolio.submission.export import export
from tests.support.acts.archives import opened, read_json, verified
from tests.support.worlds import commissions
from tests.support.worlds.juries import decide, publish
from tests.support.worlds.world import World

MIB = 1024 * 1024


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
