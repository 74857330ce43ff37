"""The heads of all chains, kept outside once a day: what is cut, made anew or put back from a copy shows by them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

import commands
import worker
from portfolio.audit import anchors
from portfolio.audit.restore import Restored, age
from portfolio.audit.verify_anchors import warnings
from portfolio.documents import Anchor
from portfolio.mail.outbox_handlers import HANDLERS
from portfolio.store.connections import Connections
from portfolio.store.outbox import deliver_due
from tests.conftest import Clock
from tests.support.acts.anchoring import ONE, anchored, extend, found


@pytest.fixture
def two_days(folder: Path, clock: Clock) -> Path:
    """Two chains; one of them goes on after the first anchor."""
    for chain in (ONE, "portfolio:other"):
        extend(clock, chain)
    anchored(clock)
    clock.advance(days=1)
    for _ in range(3):
        extend(clock)
    anchored(clock)
    return folder


def cut(store: Connections, chain: str, to: int) -> None:
    """What a careful forger does: the head is put back, and whatever bears witness of what was cut is cut too."""
    store.database.events.delete_many({"chain": chain, "seq": {"$gt": to}})
    last = store.database.events.find_one({"chain": chain, "seq": to})
    head = {"seq": to, "mac": last["mac"]} if last else None
    if head is None:
        store.database.chains.delete_one({"_id": chain})
    else:
        store.database.chains.update_one({"_id": chain}, {"$set": head})


def test_anchors_that_hold_have_no_fault(two_days: Path) -> None:
    assert found(two_days) == found() == []
    assert sorted(path.name for path in two_days.iterdir()) == [
        f"ancrage-{anchor.id}.txt" for anchor in Anchor.objects.order_by("id")
    ]


def test_what_is_kept_outside_has_one_size_whatever_was_done(folder: Path, clock: Clock, store: Connections) -> None:
    sizes = set()
    for links in (0, 1, 40):
        for number in range(links):
            extend(clock, f"assessment:{number}")
        anchor = anchored(clock)
        sizes.add((folder / f"ancrage-{anchor.id}.txt").stat().st_size)
        clock.advance(days=1)
    assert len(sizes) == 1


def test_the_same_heads_on_two_days_leave_no_common_digest(folder: Path, clock: Clock) -> None:
    extend(clock)
    key = b"k" * 32
    heads = ["assessment:one 1:" + "a" * 64]
    assert anchors.root_of(key, "2027-01-12", heads, "0" * 64) != anchors.root_of(key, "2027-01-13", heads, "0" * 64)


def test_two_workers_on_one_day_leave_one_anchor(folder: Path, clock: Clock) -> None:
    extend(clock)
    first, second = anchored(clock), anchored(clock)
    assert first.root == second.root and Anchor.objects.count() == 1


def test_a_chain_cut_in_the_base_shows_by_its_own_anchors(two_days: Path, store: Connections) -> None:
    cut(store, ONE, 1)
    assert (ONE, "truncated") in found()


def test_anchors_forged_with_the_cut_show_by_those_kept_outside(
    two_days: Path, store: Connections, clock: Clock
) -> None:
    """The forger removes the second anchor too, and every link that tells of it: the base alone says nothing."""
    cut(store, "anchors", 1)
    cut(store, ONE, 1)
    last = Anchor.objects.order_by("-id").first()
    store.database.anchors.delete_one({"_id": last.id})
    store.database.anchored_heads.delete_many({"day": last.id})
    assert found() == []
    assert found(two_days) == [("anchors", "truncated")]


@pytest.mark.parametrize("field", ["root", "previous"])
def test_an_anchor_rewritten_is_named(two_days: Path, store: Connections, field: str) -> None:
    last = Anchor.objects.order_by("-id").first()
    store.database.anchors.update_one({"_id": last.id}, {"$set": {field: "f" * 64}})
    assert ("anchors", "tampered") in found()


def test_heads_rewritten_in_an_anchor_are_named(two_days: Path, store: Connections) -> None:
    row = store.database.anchored_heads.find_one({})
    assert row is not None
    store.database.anchored_heads.update_one({"_id": row["_id"]}, {"$set": {"heads": row["heads"][1:]}})
    assert found() == [("anchors", "tampered")]


def test_every_anchor_taken_away_is_missed_by_their_chain(two_days: Path, store: Connections) -> None:
    store.database.anchors.delete_many({})
    assert found() == [("anchors", "truncated")] * 2


def test_it_is_mailed_to_whoever_keeps_it(store: Connections, clock: Clock, set_up: Callable[..., None]) -> None:
    set_up(anchors_mail="garde@ailleurs.example")
    extend(clock)
    anchor = anchors.anchor_heads(clock())
    deliver_due(HANDLERS, clock, lambda: False)
    assert store.settings.mail_dir is not None
    (mail,) = store.settings.mail_dir.glob("*.eml")
    assert "garde@ailleurs.example" in mail.read_text()
    assert anchor.root in mail.read_text().replace("=\n", "")


# --- verify says what it had -------------------------------------------------------------------------


def test_verify_says_loudly_what_it_had_none_to_compare_with(folder: Path, clock: Clock) -> None:
    said = " ".join(warnings(False, clock()))
    assert "aucun ancrage gardé hors de la base" in said and "cette base n'a aucun ancrage" in said
    extend(clock)
    anchored(clock)
    assert list(warnings(True, clock())) == []
    clock.advance(days=41)
    assert "il y a 41 jours" in " ".join(warnings(True, clock()))


def test_the_command_says_so_and_reads_a_folder(
    two_days: Path, store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "connect", lambda: store)
    alone = CliRunner().invoke(commands.cli, ["verify"])
    assert "aucun ancrage gardé hors de la base" in alone.stderr and alone.stdout == "0 défaut.\n"
    compared = CliRunner().invoke(commands.cli, ["verify", "--anchors", str(two_days)])
    assert "aucun ancrage gardé" not in compared.stderr and compared.exit_code == 0


def test_a_copy_that_was_put_back_says_its_day_loudly(clock: Clock) -> None:
    restored = Restored(documents=12, objects=3, faults=[], lost=[], taken_at=clock())
    said = age(restored, clock.advance(days=41))
    assert said.startswith(f"ATTENTION : cette copie est du {restored.taken_at:%d/%m/%Y à %H:%M} UTC, il y a 41 jours.")


def test_the_worker_anchors_by_itself(folder: Path, clock: Clock) -> None:
    extend(clock)
    worker._anchor(clock())
    (kept,) = folder.iterdir()
    assert kept.name == f"ancrage-{clock():%Y-%m-%d}.txt"


# --- a day that was missed ---------------------------------------------------------------------------


def test_an_anchor_that_could_not_be_kept_is_said_and_kept_as_soon_as_it_can_be(
    store: Connections, folder: Path, clock: Clock
) -> None:
    folder.write_bytes(b"a disk that is not mounted")
    extend(clock)
    with capture_logs() as said:
        worker._anchor(clock())
    (told,) = (one for one in said if one["event"] == "anchor_not_kept")
    assert told["day"] == f"{clock():%Y-%m-%d}"
    folder.unlink()
    clock.advance(days=1)
    worker._anchor(clock())
    assert [path.stem for path in sorted(folder.iterdir())] == [f"ancrage-{one.id}" for one in Anchor.objects]
    assert Anchor.objects.count() == 2


def test_a_file_lost_between_the_commit_and_the_disk_is_written_the_next_hour(
    two_days: Path, clock: Clock, bucket: Any
) -> None:
    first = sorted(two_days.iterdir())[0]
    line = first.read_text()
    first.unlink()
    worker._tidy(clock())
    assert first.read_text() == line


def test_a_worker_that_was_down_at_the_hour_makes_the_anchor_when_it_is_back(
    folder: Path, clock: Clock, bucket: Any
) -> None:
    extend(clock)
    clock.now = clock().replace(hour=2, minute=10)
    worker._tidy(clock())
    assert Anchor.objects.count() == 0
    clock.now = clock().replace(hour=14)
    worker._tidy(clock())
    assert [path.name for path in folder.iterdir()] == [f"ancrage-{clock():%Y-%m-%d}.txt"]
