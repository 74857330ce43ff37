"""kill -9 of the worker while LibreOffice draws: nothing of it goes on, nothing is left, and the next one draws."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portfolio.documents import EvidenceFile
from portfolio.files.previews import kept_views, show
from portfolio.files.previews.prepare import DONE_WITH, programs
from portfolio.files.previews.preview_spec import PRINT, page
from portfolio.store.connections import Connections, storage
from portfolio.store.outbox import DRAW
from tests.office.test_pages_and_words import letter
from tests.support.waiting import await_until
from tests.support.worlds.world import World

pytestmark = pytest.mark.usefixtures("bucket")
PAST = datetime(2020, 1, 1, tzinfo=UTC)  # for a worker, whose clock is not that of the test


def below(process: int) -> Iterator[int]:
    """Yields the processes that this one started, those of its threads included, and theirs."""
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            yield child
            yield from below(child)


def name_of(process: int) -> str:
    """Returns the name of a process that runs; "" once it has ended, its status read or not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return ""
    name, _, rest = state.partition("(")[2].rpartition(")")
    return "" if rest.split()[0] == "Z" else name


def drawn_by(worker: subprocess.Popen[bytes]) -> set[int]:
    """Returns the processes below the worker while LibreOffice is among them."""
    try:
        started = set(below(worker.pid))
    except (FileNotFoundError, ProcessLookupError):  # one ended meanwhile
        return set()
    return started if "soffice.bin" in {name_of(process) for process in started} else set()


def test_a_worker_killed_while_libreoffice_draws_leaves_nothing_and_the_next_one_draws_once(
    world: World, store: Connections, worker: Callable[..., subprocess.Popen[bytes]]
) -> None:
    file: EvidenceFile = world.upload(world.new_piece(), letter("Première page", "Seconde page"), "lettre.docx")
    rows = store.database.outbox
    rows.delete_many({"kind": {"$ne": DRAW}})
    rows.update_many({"kind": DRAW}, {"$set": {"due_at": PAST}})
    first, at_work = worker(), set[int]()

    def draws() -> bool:
        at_work.update(drawn_by(first))
        return bool(at_work)

    await_until(draws, "LibreOffice is never started", 60)
    first.kill()
    first.wait()
    await_until(lambda: not any(map(name_of, at_work)), "a process outlives its worker", 10)
    assert {PRINT, page(1)}.isdisjoint(kept_views.names(file)), "the kill came too late"
    left = {"kind": DRAW, "done_at": None}  # the turn that asks for missing views may have asked again meanwhile
    assert [row["attempts"] for row in rows.find(left | {"leased_until": {"$ne": None}})] == [1]

    rows.update_many(left, {"$set": {"leased_until": None}})  # by itself, in two minutes
    worker()
    await_until(lambda: rows.count_documents(left) == 0, "it is never drawn", 120)
    assert kept_views.names(file) >= {PRINT, page(1), page(2), DONE_WITH + programs()}
    keys = [view.key for view in storage().list_keys(f"{kept_views.KEPT_UNDER}/{file.key}/")]
    assert len(keys) == len(set(keys)) == len(kept_views.names(file)), "nothing of the first try is left"
    assert show.preview_of(world.actor(world.follower), file).page_count == 2
