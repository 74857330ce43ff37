"""Asking for several activities over HTTP, seeing what became of it, correcting an address."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Placement
from portfolio.identity import bounces, links
from portfolio.identity.client_fingerprint import Origin
from portfolio.store.connections import Connections, current
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.requests import ask, change, expect_problem, get
from tests.support.mails.mailbox import deliver, rows
from tests.support.queries import counted
from tests.support.worlds.world import World


def asked(world: World, client: FlaskClient, count: int = 2) -> Any:
    """count activities asked of the tutor, in one act."""
    activities = [str(world.new_activity().id) for _ in range(count)]
    path = f"/portfolios/{world.candidacy.id}/sign-off-requests"
    answer = ask(client, path, {"seat": "tutor", "activities": activities})
    assert answer.status_code == 200, answer.text
    again = ask(client, path, {"seat": "tutor", "activities": activities}).json
    assert [one["id"] for one in again["items"]] == [one["id"] for one in answer.json["items"]]
    return answer.json["items"]


def states(world: World, client: FlaskClient) -> list[str]:
    return [one["state"] for one in get(client, f"/portfolios/{world.candidacy.id}/deliveries").json["items"]]


def sent_link(world: World, clock: Clock) -> str:
    """The mail leaves; a token of its row, as the mail bears one."""
    clock.advance(minutes=3)
    deliver(clock)
    row = next(row for row in world_rows() if row["kind"] == "sign_offs" and row["outcome"] == "sent")
    return links.issue(world.tutor.id, "sign_off", clock(), row_id=row["_id"])


def world_rows() -> list[dict[str, Any]]:
    return rows(current())


def test_candidate_and_teacher_see_queued_sent_opened_signed_and_never_a_token(
    world: World, client_for: Clients, clock: Clock
) -> None:
    candidate, teacher = client_for(world.candidate), client_for(world.follower)
    asked(world, candidate)
    assert states(world, candidate) == states(world, teacher) == ["queued", "queued"]
    token = sent_link(world, clock)
    assert states(world, candidate) == ["sent", "sent"]
    clock.advance(minutes=5)
    links.open_link(token, Origin(None, None), clock())
    assert states(world, candidate) == ["opened", "opened"]
    shown = get(candidate, f"/portfolios/{world.candidacy.id}/deliveries")
    assert token not in shown.text and world.tutor.email not in shown.text
    one = shown.json["items"][0]
    assert one["sent_at"] < one["opened_at"] == clock().isoformat() and one["mails"] == 1
    assert one["next_mail_at"] == "2027-01-15T07:30:00+00:00"
    for stranger in (world.jury_member, world.inspector, world.new_teacher(world.new_school("0690027E"))):
        expect_problem(get(client_for(stranger), f"/portfolios/{world.candidacy.id}/deliveries"), 404)


def test_what_became_of_many_is_read_in_as_many_commands_as_of_one(
    world: World, client_for: Clients, store: Connections
) -> None:
    candidate, counts = client_for(world.candidate), []
    for more in (1, 6):
        asked(world, candidate, more)
        with counted(store.database) as count:
            states(world, candidate)
        counts += count
    assert counts[0] == counts[1]


def test_only_activities_of_that_portfolio_are_asked_for(world: World, client_for: Clients) -> None:
    candidate, path = client_for(world.candidate), f"/portfolios/{world.candidacy.id}/sign-off-requests"
    said = {"seat": "tutor", "activities": [str(world.candidacy.id)]}
    assert "activities" in expect_problem(ask(candidate, path, said), 422)["errors"]
    expect_problem(ask(client_for(world.second_teacher), path, said | {"activities": [str(world.activity.id)]}), 403)


@pytest.mark.parametrize("who", ["follower", "office"])
def test_a_bounce_is_seen_and_the_address_corrected(world: World, client_for: Clients, clock: Clock, who: str) -> None:
    asked(world, client_for(world.candidate), 1)
    sent_link(world, clock)
    row = next(row for row in world_rows() if row["kind"] == "sign_offs")
    bounces.note(row, "5.1.1", clock())
    assert states(world, client_for(world.candidate)) == ["bounced"]
    client, placement = client_for(getattr(world, who)), Placement.objects.get(pk=world.placement.id)
    path = f"/placements/{placement.id}/tutor-address"
    corrected = change(client, "PUT", path, placement.revision, {"email": "juste@assureur.fr"})
    assert corrected.status_code == 200, corrected.text
    sent_link(world, clock)
    assert states(world, client_for(world.candidate)) == ["sent"]
    expect_problem(change(client_for(world.candidate), "PUT", path, placement.revision, {"email": "a@b.fr"}), 403)


def test_the_office_corrects_somebody_not_come_in_yet(world: World, client_for: Clients) -> None:
    office, person = client_for(world.office), world.candidate
    wrong = change(office, "PUT", f"/people/{person.id}/address", person.revision, {"email": "pas une adresse"})
    assert "email" in expect_problem(wrong, 422)["errors"]
    said = change(office, "PUT", f"/people/{person.id}/address", person.revision, {"email": "zoe@exemple.fr"})
    assert (said.status_code, said.json["email"]) == (200, "zoe@exemple.fr")
    world.set_password(person)
    fresh = get(office, "/people").json["items"]
    revision = next(one["revision"] for one in fresh if one["id"] == str(person.id))
    again = change(office, "PUT", f"/people/{person.id}/address", revision, {"email": "autre@exemple.fr"})
    expect_problem(again, 409, "address_in_use")
