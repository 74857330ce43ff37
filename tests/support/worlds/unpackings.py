"""Sends archives as their owners make them, and unpacks them as the worker does."""

from __future__ import annotations

from portfolio.documents import Evidence, EvidenceFile, Unpacking
from portfolio.evidence import quick_deposit
from portfolio.evidence.many_at_once import asked
from portfolio.store.outbox import UNPACK, deliver_due
from tests.support.worlds.world import World
from worker import DRAWERS


def sent(world: World, archive: bytes, name: str = "travaux.zip") -> EvidenceFile:
    """The archive, sent to a piece begun for it, and refused as a file."""
    by = world.actor(world.candidate)
    piece = quick_deposit.begin_with(by, world.portfolio, name, world.clock())
    world.upload(piece, archive, name)
    return EvidenceFile.objects.get(evidence=piece.id)


def asked_to_unpack(world: World, archive: bytes, name: str = "travaux.zip") -> Unpacking:
    return asked.ask(world.actor(world.candidate), sent(world, archive, name), world.clock())


def work(world: World) -> int:
    """What the worker does of archives; returns how many of its errands succeeded. Views of their files wait."""
    return deliver_due(DRAWERS, world.clock, lane={"kind": UNPACK})


def unpacked(world: World, archive: bytes, name: str = "travaux.zip") -> Unpacking:
    """The archive, once the worker did all of it."""
    unpacking = asked_to_unpack(world, archive, name)
    work(world)
    return Unpacking.objects.get(pk=unpacking.id)


def outcomes(unpacking: Unpacking) -> dict[str, tuple[str, str | None]]:
    """{« folder/name »: (outcome, code of the refusal)}."""
    return {
        f"{entry.folder}/{entry.name}".lstrip("/"): (entry.outcome, entry.reason_code) for entry in unpacking.entries
    }


def pieces_of(world: World) -> list[Evidence]:
    return list(Evidence.objects(candidacy=world.candidacy.id, withdrawn_at=None).order_by("id"))


def numbered(count: int) -> dict[str, bytes]:
    each = range(1, count + 1)
    return {f"Travaux/Semaine {number % 4}/Relance {number}.txt": f"Relance {number}".encode() for number in each}
