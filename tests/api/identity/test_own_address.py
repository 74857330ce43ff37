"""One's own e-mail address, by API as on the page « Mon compte »: one's password, and mails to both addresses."""

from __future__ import annotations

import pytest

from portfolio.documents import Person
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds import commissions
from tests.support.worlds.world import World

FRESH = "moi@exemple.fr"


def asked(world: World, client_for: Clients, person: Person, password: str, email: str = FRESH) -> tuple[int, object]:
    answer = client_for(person).post("/api/v1/me/address", json={"email": email, "password": password})
    return answer.status_code, (answer.json or {}).get("email") or (answer.json or {}).get("errors")


def written_to(store: Connections) -> list[str]:
    return sorted(str(message["To"]) for message in files(store))


def test_it_changes_with_the_password_and_both_addresses_are_written_to(
    world: World, client_for: Clients, clock: Clock, store: Connections
) -> None:
    mine = commissions.with_password(world.follower)
    assert asked(world, client_for, mine, commissions.PASSWORD) == (200, FRESH)
    assert Person.objects.get(pk=mine.id).email == FRESH
    deliver(clock)
    assert {mine.email, FRESH} <= set(written_to(store))


def test_a_wrong_password_and_the_address_of_another_change_nothing(world: World, client_for: Clients) -> None:
    mine = commissions.with_password(world.follower)
    status, errors = asked(world, client_for, mine, "Ce n'est pas le bon mot de passe")
    assert (status, list(errors)) == (422, ["password"])  # type: ignore[call-overload]
    status, errors = asked(world, client_for, mine, commissions.PASSWORD, world.office.email)
    assert (status, list(errors)) == (422, ["email"])  # type: ignore[call-overload]
    assert Person.objects.get(pk=mine.id).email == mine.email


@pytest.mark.parametrize("role", ["administrator", "office"])
def test_who_corrects_addresses_changes_their_own_under_the_same_rule(
    world: World, client_for: Clients, clock: Clock, store: Connections, role: str
) -> None:
    mine = commissions.with_password(getattr(world, role))
    sent = {"email": FRESH, "password": commissions.PASSWORD}
    guard = {"If-Match": f'"{Person.objects.get(pk=mine.id).revision}"'}
    answer = client_for(mine).put(f"/api/v1/people/{mine.id}/address", json=sent, headers=guard)
    assert answer.status_code == 200, answer.json
    deliver(clock)
    assert {mine.email, FRESH} <= set(written_to(store))
