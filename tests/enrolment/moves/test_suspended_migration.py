"""Requests that waited for somebody who was suspended before that was noted are to be asked again, once."""

from __future__ import annotations

from importlib import import_module

from portfolio.documents import Attestation, Person
from portfolio.enrolment.moves import suspensions
from portfolio.store.connections import Connections
from tests.support.acts.asking import ask
from tests.support.worlds.world import World

migration = import_module("migrations.0030_requests_of_the_suspended")


def test_what_waits_for_who_cannot_come_in_lapses_and_is_asked_again_once_they_can(
    world: World, store: Connections
) -> None:
    ask(world)
    migration.migrate(store.database)
    assert Attestation.objects.get().state == "requested", "they can come in"
    Person.objects(pk=world.tutor.id).update(set__state="suspended")
    for _ in range(2):
        migration.migrate(store.database)
    assert (Attestation.objects.get().state, Attestation.objects.get().revision) == ("lapsed", 2)
    suspensions.reinstate(world.actor(world.administrator), world.tutor, world.clock())
    assert [one.state for one in Attestation.objects.order_by("id")] == ["lapsed", "requested"]
