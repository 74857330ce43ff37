"""The page of replacements, and the same by the API."""

from __future__ import annotations

from html import unescape

from portfolio.documents import Candidacy, School
from tests.support.api.clients import Clients
from tests.support.api.requests import change
from tests.support.filling import fill, followed, shown
from tests.support.worlds.world import World


def followers(world: World) -> list[object]:
    return list(Candidacy.objects.get(pk=world.candidacy.id).followers)


def test_the_office_replaces_a_teacher_and_ends_it(world: World, client_for: Clients) -> None:
    assert world.candidacy
    office, page = client_for(world.office), f"/etablissement/{world.school.id}/remplacements"
    assert page in shown(office, f"/etablissement/{world.school.id}/candidats")
    assert page in shown(office, f"/etablissement/{world.school.id}/comptes")
    today = world.clock().date().isoformat()
    named = {"absent": str(world.follower.id), "substitute": str(world.second_teacher.id)}
    done = followed(
        office, fill(office, page, "replace", **named, starts_on=today, ends_on=f"{world.later(days=90):%Y-%m-%d}")
    )
    assert "Le remplacement est enregistré et commence" in unescape(done)
    assert "en cours" in done and "1 candidat" in done
    assert followers(world) == [world.second_teacher.id]
    one = School.objects.get(pk=world.school.id).replacements[0]
    assert "fini" in followed(office, fill(office, page, f"end-{one.id}"))
    assert followers(world) == [world.follower.id]
    assert client_for(world.follower).get(page).status_code in (403, 404)


def test_a_program_replaces_a_teacher(world: World, client_for: Clients) -> None:
    assert world.candidacy
    office, address = client_for(world.office), f"/schools/{world.school.id}/replacements"
    body = {"absent": str(world.follower.id), "substitute": str(world.second_teacher.id)}
    body |= {"starts_on": world.clock().date().isoformat(), "ends_on": f"{world.later(days=90):%Y-%m-%d}"}
    change(office, "POST", address, School.objects.get(pk=world.school.id).revision, body)
    assert followers(world) == [world.second_teacher.id]
    (one,) = office.get(f"/api/v1{address}").json["replacements"]  # type: ignore[index]
    assert one["taken"] == [str(world.candidacy.id)]
    revision = School.objects.get(pk=world.school.id).revision
    change(office, "POST", f"{address}/end", revision, {"replacement": one["id"]})
    assert followers(world) == [world.follower.id]
