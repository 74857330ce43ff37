"""A dossier on a slow machine: made with what there is, erased however late, and told when it could not be made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pypdfium2
import pytest

from portfolio.documents import Commission, PrintedDossier
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.previews.prepare import MOST_TRIES
from portfolio.mail.outbox_handlers import DRAWERS, HANDLERS
from portfolio.sheet.dossiers import files, printing
from portfolio.store.connections import storage
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.conftest import Clock
from tests.support import specimens as made
from tests.support.acts.printed_sheets import squeezed
from tests.support.api.clients import Clients
from tests.support.filling import fill
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import at, page

pytestmark = pytest.mark.usefixtures("bucket")


@pytest.fixture
def commission(world: World) -> Commission:
    world.upload(world.new_piece(), made.pdf(), "contrat.pdf")
    world.submit()
    return convened(world)


def asked(world: World, commission: Commission) -> PrintedDossier:
    return printing.ask(world.actor(world.follower), commission, world.clock())


def kept() -> list[str]:
    return [stored.key for stored in storage().list_keys("dossier-")]


def while_it_is_typeset(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """The first making is interrupted by `act`, before its PDF is there."""
    typeset = printing.typeset_dossier

    def interrupted(*sources: Any) -> Any:
        monkeypatch.setattr(printing, "typeset_dossier", typeset)
        act()
        return typeset(*sources)

    monkeypatch.setattr(printing, "typeset_dossier", interrupted)


def test_one_that_is_ready_after_its_time_is_erased_all_the_same(
    world: World, commission: Commission, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def its_day_goes_by() -> None:
        clock.advance(days=1, minutes=1)
        deliver_due(HANDLERS, clock)

    asked(world, commission)
    while_it_is_typeset(monkeypatch, its_day_goes_by)
    deliver_due(DRAWERS, clock, lane=DRAWINGS)
    deliver_due(HANDLERS, clock)
    assert kept() == []


def test_two_workers_that_make_the_same_one_leave_one_whole(
    world: World, commission: Commission, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = asked(world, commission)
    row = {"payload": {"dossier": dossier.id}, "attempts": 1}
    while_it_is_typeset(monkeypatch, lambda: printing.print_dossier(row, clock()))
    deliver_due(DRAWERS, clock, lane=DRAWINGS)
    assert kept() == [dossier.reload().key] and storage().head(dossier.key) == dossier.size


def test_the_last_try_prints_what_there_is_and_says_what_is_not_there(
    world: World, commission: Commission, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*_: object, **__: object) -> NoReturn:
        raise OutOfTime()

    dossier = asked(world, commission)
    monkeypatch.setattr(files, "render", too_slow)
    for _ in range(MOST_TRIES):
        assert dossier.reload().ready_at is None
        deliver_due(DRAWERS, clock, lane=DRAWINGS)
        clock.advance(minutes=10)
    pdf = pypdfium2.PdfDocument(b"".join(storage().open(dossier.reload().key)))
    text = squeezed("".join(leaf.get_textpage().get_text_bounded() for leaf in pdf))
    assert squeezed("contrat.pdf") in text and squeezed("à temps : elles se lisent sur le service") in text


def test_who_asked_reads_that_it_could_not_be_made_and_asks_again(
    world: World, commission: Commission, client_for: Clients, clock: Clock
) -> None:
    first, path = asked(world, commission), at(commission, "/papier")
    clock.advance(days=1, minutes=1)
    deliver_due(DRAWERS, clock, lane=DRAWINGS)
    member = client_for(world.follower)
    told = page(member, path)
    assert "n'a pas pu être prêt en un jour" in told and "Se prépare" not in told
    assert fill(member, path, f"ask-{commission.id}").status_code == 303
    assert "Se prépare" in page(member, path)
    assert asked(world, commission).id != first.id
