"""Scans of signed papers, and every other kind of object: the reconciler knows whose each key is."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from portfolio.audit import reconcile
from portfolio.audit.reconcile import UnlikelyOrphans
from portfolio.audit.reconciling.findings import OURS
from portfolio.audit.reconciling.unneeded_bytes import DRAWN
from portfolio.documents import PaperScan
from portfolio.files.previews import show
from portfolio.ids import new_token
from portfolio.sign_offs.answering import paper
from portfolio.store.connections import storage
from tests.support import specimens as made
from tests.support.both_stores import DAY, different, found
from tests.support.clock import now
from tests.support.worlds.world import PDF, World

pytestmark = pytest.mark.usefixtures("bucket")
ROOT = Path(__file__).parents[2]
WRITES = re.compile(r"storage(?:\(\))?\.(?:put|start_multipart)\(")


def scan(world: World, data: bytes = PDF) -> PaperScan:
    return paper.deposit_scan(world.actor(world.follower), world.placement, data, "signé.pdf", world.clock())


def test_a_scan_whose_object_is_gone_cut_or_altered_is_a_phantom(world: World, later: datetime) -> None:
    gone, cut, altered = (scan(world, different(number)) for number in range(3))
    assert found(later, deep=True) == []
    storage().delete(gone.key)
    storage().put(cut.key, different(1)[:-5], "application/pdf")
    storage().put(altered.key, different(2)[:-2] + b"!\n", "application/pdf")
    named = {finding.key: finding for finding in found(later, deep=True)}
    assert {finding.what for finding in named.values()} == {"phantom"}
    assert named.keys() == {gone.key, cut.key, altered.key}
    assert [one.key for one in found(later)] == [gone.key, cut.key]
    assert named[gone.key].line == f"{gone.key} (fichier {gone.id}) : scan d'un papier signé dont l'objet est absent"


def test_no_cure_touches_a_scan_that_a_document_names(world: World, later: datetime) -> None:
    kept = scan(world)
    for days in range(3):
        assert found(later + days * DAY, cure=True, many=True) == []
    assert storage().head(kept.key) == len(PDF)


def test_a_scan_that_nobody_names_is_an_orphan_after_a_day(world: World, later: datetime) -> None:
    """Its teacher's act was killed between the two stores."""
    key = f"scan-{new_token()}"
    storage().put(key, PDF, "application/pdf")
    assert found(now()) == []
    assert [(one.what, one.key) for one in found(later, cure=True)] == [("orphan", key)]
    assert storage().head(key) is None


def test_scans_count_among_what_a_likely_database_knows(
    world: World, later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "FEW", 0)
    scan(world)
    storage().put(new_token(), b"stray", "text/plain")
    with pytest.raises(UnlikelyOrphans) as refused:
        found(later, cure=True)
    assert "pour 1 fichier connu" in refused.value.message


# --- every kind of object ---------------------------------------------------------------------------


def test_every_object_that_the_service_writes_is_somebody_s(world: World, later: datetime) -> None:
    """A file, what was drawn of it, a scan: each under a key that the reconciler reads, and none an orphan."""
    file = world.upload(world.new_piece(), made.picture("JPEG"), "photo.jpg")
    show.thumbnail(world.actor(world.candidate), file)
    scan(world)
    keys = [stored.key for stored in storage().list_keys("")]
    assert len(keys) == 3
    assert all(OURS.fullmatch(key) or DRAWN.fullmatch(key) for key in keys)
    assert found(later, cure=True, deep=True, many=True) == []
    assert [stored.key for stored in storage().list_keys("")] == keys


def test_whoever_writes_objects_is_known_to_the_reconciler() -> None:
    """A new writer belongs into `reconcile` first (whose its keys are, when one is lost), then here."""
    writers = {
        str(path.relative_to(ROOT))
        for folder in ("portfolio", "api", "web", "rehearsal")
        for path in (ROOT / folder).rglob("*.py")
        if WRITES.search(path.read_text())
    }
    writers |= {path.name for path in ROOT.glob("*.py") if WRITES.search(path.read_text())}
    files, drawn, scans, annexes, as_they_were = (
        *("evidence/uploads", "files/previews/kept_views"),
        *("sign_offs/answering/paper", "enrolment/circulars/annex", "audit/restore"),
    )
    on_paper = ("enrolment/certificates/deposits", "commission/on_paper/grid_scans", "sheet/dossiers/printing")
    known = (files, drawn, scans, annexes, as_they_were, *on_paper)
    assert writers == {f"portfolio/{name}.py" for name in known}
