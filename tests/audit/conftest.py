"""Two schools of one academy, each with a candidate from a file to a published mark, and somebody in both."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from portfolio.audit import anchors
from portfolio.documents import Jury
from portfolio.sign_offs.answering import paper
from portfolio.store.connections import Connections
from tests.audit.handing_over.handed_over import Given, run
from tests.support.backup_stores import seal_people
from tests.support.both_stores import different
from tests.support.worlds import commissions, juries
from tests.support.worlds.prepared import begun
from tests.support.worlds.world import PDF, World

SCHOOL, OTHER = "0690026D", "0690027E"


@pytest.fixture
def as_operator(store: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run on this store, in this process."""
    monkeypatch.setattr("commands.connect", lambda: store)


@pytest.fixture
def folder(tmp_path: Path, set_up: Callable[..., None]) -> Path:
    """Where anchors are kept, outside."""
    kept = tmp_path / "anchors"
    set_up(anchors_dir=kept)
    return kept


@pytest.fixture
def two_schools(world: World, bucket: None) -> World:
    """The world of SCHOOL; OTHER is beside it."""
    begun(world, "two schools", lambda: _two_schools(world), files=True)
    return world


def _two_schools(world: World) -> Jury:
    beside = World(world.clock)
    beside.count = 500
    vars(beside).update(academy=world.academy, administrator=world.administrator)
    beside.school = world.new_school(OTHER)
    _judged(world, "Proche", "Lettre de relance", "Relevé des impayés")
    paper.deposit_scan(world.actor(world.follower), world.placement, PDF, "signé.pdf", world.clock())
    _judged(beside, "Étrangère", "Recours ailleurs", "Relevé ailleurs")
    both = [world.grant("teacher", school=one.school.id, teaches_profession=True) for one in (world, beside)]
    world.person("Partagée", *both, schools=(world.school.id, beside.school.id))
    juries.confirm(world)
    published = juries.publish(world)
    seal_people(world)
    anchors.anchor_heads(world.clock())
    return published


def _judged(world: World, name: str, title: str, file: str) -> None:
    """By every verb, up to a sheet that the jury has."""
    vars(world)["candidacy"] = world.new_candidacy(birth_name=name)
    world.upload(world.new_piece(title=title), different(world.count), f"{file}.pdf")
    world.sign_off()
    commissions.transmitted(world)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where folders that were handed over stay, by school."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def given(two_schools: World, kept: Path, tmp_path: Path, as_operator: Callable[..., None]) -> Given:
    """The folder of one of two schools, as the command hands it over; a copy, which a test may change."""
    whole = kept / str(two_schools.school.id)
    if not whole.exists():
        done = run("--school", SCHOOL, whole)
        assert done.exit_code == 0, done.output
    return Given(Path(shutil.copytree(whole, tmp_path / "given")))
