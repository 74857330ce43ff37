"""What clamd recognises is held, what it did not see is examined later, and the office may lift a quarantine."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio.documents import Evidence, EvidenceFile
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import downloads
from portfolio.evidence.quarantine import lift as lifting
from portfolio.files import scans
from portfolio.rules.file_kinds import MalwareInFile
from portfolio.store.connections import Connections
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.conftest import Clock
from tests.elsewhere.conftest import EICAR, LARGEST, ask, nowhere
from tests.support.acts.sending import stored
from tests.support.containers import zipped
from tests.support.worlds.unpackings import outcomes, unpacked
from tests.support.worlds.world import PDF, World
from worker import DRAWERS


def sent(world: World, data: bytes, name: str) -> EvidenceFile:
    piece = world.new_piece()
    world.upload(piece, data, name)
    file: EvidenceFile = EvidenceFile.objects.get(evidence=piece.id)
    return file


def test_a_sound_file_is_examined_and_nothing_is_said(world: World, examined: str) -> None:
    file = sent(world, PDF, "lettre.pdf")
    assert (file.state, list(file.warnings)) == ("verified", [])


def test_what_it_recognises_is_refused_and_opens_for_nobody(world: World, examined: str, clock: Clock) -> None:
    file = sent(world, EICAR, "notes.txt")
    assert (file.state, file.reason_code) == ("quarantined", "malware_in_file")
    assert "secrétariat" in file.reason
    with pytest.raises(downloads.NotVerified):
        downloads.download_link(world.actor(world.candidate), file, clock())


def test_of_an_archive_the_one_file_that_it_recognises_stays_behind(world: World, examined: str) -> None:
    done = unpacked(world, zipped({"lettre.txt": b"Bonjour", "programme.txt": EICAR}))
    assert outcomes(done) == {"lettre.txt": ("made", None), "programme.txt": ("refused", "malware_in_file")}


def test_a_scan_of_a_paper_is_examined_too(world: World, examined: str) -> None:
    with pytest.raises(MalwareInFile):
        scans.inspected(EICAR, "papier.pdf", "papier", "0" * 64)
    assert scans.inspected(PDF, "papier.pdf", "papier", "0" * 64).kind == "pdf"


def test_an_antivirus_that_is_away_loses_no_file_and_sees_it_later(
    world: World, store: Connections, clamd: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(monkeypatch, store, nowhere(tmp_path))
    file = sent(world, PDF, "lettre.pdf")
    assert (file.state, list(file.warnings)) == ("verified", ["not_examined"])
    deliver_due(DRAWERS, clock, lane=DRAWINGS)
    assert list(stored(file).warnings) == ["not_examined"], "it is still away"

    ask(monkeypatch, store, clamd)
    clock.advance(minutes=10)
    deliver_due(DRAWERS, clock, lane=DRAWINGS)
    assert list(stored(file).warnings) == []


def test_recognised_later_a_file_stays_and_opens_no_more(
    world: World, store: Connections, clamd: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(monkeypatch, store, nowhere(tmp_path))
    file = sent(world, EICAR, "notes.txt")
    ask(monkeypatch, store, clamd)
    deliver_due(DRAWERS, clock, lane=DRAWINGS)
    file = stored(file)
    assert (file.state, list(file.warnings)) == ("verified", ["malware"])
    with pytest.raises(downloads.InQuarantine):
        downloads.download_link(world.actor(world.candidate), file, clock())

    lifting.lift(world.actor(world.office), world.candidacy, file.id, "Exercice de sécurité, vu avec l'élève", clock())
    assert list(stored(file).warnings) == ["malware_lifted"]
    assert downloads.download_link(world.actor(world.candidate), stored(file), clock())


def test_beyond_its_bounds_a_file_is_kept_and_said_to_be(world: World, examined: str) -> None:
    file = sent(world, b"Relance\n" * (LARGEST // 4), "long.txt")
    assert (file.state, file.warnings[-1]) == ("verified", "beyond_antivirus")


def test_the_office_lifts_a_quarantine_with_a_reason_and_the_file_counts(
    world: World, examined: str, clock: Clock
) -> None:
    file = sent(world, EICAR, "notes.txt")
    with pytest.raises((Forbidden, NotFound)):
        lifting.lift(world.actor(world.candidate), world.candidacy, file.id, "Je le sais sûr", clock())
    with pytest.raises(Invalid):
        lifting.lift(world.actor(world.office), world.candidacy, file.id, "  ", clock())
    lifted = lifting.lift(
        world.actor(world.office), world.candidacy, file.id, "Exercice de sécurité, vu avec l'élève", clock()
    )
    assert (lifted.state, lifted.kind, list(lifted.warnings)) == ("verified", "txt", ["malware_lifted"])
    assert stored(file).reason_code is None
    assert Evidence.objects.get(pk=file.evidence).state == "ready"
    with pytest.raises(lifting.NotInQuarantine):
        lifting.lift(world.actor(world.office), world.candidacy, file.id, "Encore", clock())
