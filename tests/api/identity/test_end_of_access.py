"""The end of access: suspended, revoked, at once and everywhere."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import Person, SignIn
from tests.support.api.clients import Clients
from tests.support.api.entering import accept, bearer, revision_of, sign_in, token_of
from tests.support.api.requests import API, change, expect_problem, get
from tests.support.worlds.world import World


def test_a_suspended_person_is_out_at_once_everywhere(client_for: Clients, entered: Person, world: World) -> None:
    browser = client_for()
    sign_in(browser, entered.email)
    program = bearer(client_for(), entered.email)
    administrator, path = client_for(world.administrator), f"/people/{entered.id}"
    suspended = change(administrator, "POST", f"{path}/suspend", revision_of(entered), {"reason": "Compte détourné"})
    assert (suspended.status_code, suspended.json["state"]) == (200, "suspended")
    expect_problem(get(browser, "/me"), 401)
    expect_problem(client_for().get(f"{API}/me", headers=program), 401)
    expect_problem(sign_in(client_for(), entered.email), 401, "wrong_credentials")

    revision = suspended.json["revision"]
    expect_problem(change(administrator, "POST", f"{path}/suspend", revision, {"reason": "Encore"}), 409)
    opened = change(administrator, "POST", f"{path}/reinstate", revision)
    assert (opened.json["state"], opened.json["suspended_because"]) == ("active", None)
    expect_problem(get(browser, "/me"), 401)  # what was open before stays closed
    assert sign_in(browser, entered.email).status_code == 200


def test_a_suspended_person_does_not_come_back_by_an_invitation(
    anonymous: FlaskClient, client_for: Clients, teacher: Person, world: World
) -> None:
    token = token_of(teacher)
    administrator = client_for(world.administrator)
    change(administrator, "POST", f"/people/{teacher.id}/suspend", teacher.revision, {"reason": "Erreur d'adresse"})
    expect_problem(accept(anonymous, token), 409, "invitation_over")


def test_only_an_administrator_suspends_and_never_themselves(
    client_for: Clients, entered: Person, world: World
) -> None:
    said = {"reason": "Essai de suspension"}
    office = change(client_for(world.office), "POST", f"/people/{entered.id}/suspend", entered.revision, said)
    expect_problem(office, 403, "forbidden")
    own = f"/people/{world.administrator.id}/suspend"
    expect_problem(change(client_for(world.administrator), "POST", own, 1, said), 409, "own_account")


def test_a_revoked_grant_ends_access_and_leaves_the_account(client_for: Clients, entered: Person, world: World) -> None:
    world.candidacy  # noqa: B018 - a candidate of the school
    client = client_for(entered)
    assert len(get(client, "/candidacies").json["items"]) == 1
    said = {"grant": str(entered.grants[0].id)}
    path = f"/people/{entered.id}/revoke-grant"
    stranger = client_for(world.new_office(world.new_school("0690027E")))
    expect_problem(change(stranger, "POST", path, entered.revision, said), 404)
    revoked = change(client_for(world.office), "POST", path, entered.revision, said)
    assert revoked.json["grants"][0]["revoked_at"].startswith("2027-01-12T09:00:00")
    assert get(client, "/candidacies").json["items"] == []
    assert get(client, "/me").status_code == 200
    again = change(client_for(world.office), "POST", path, revoked.json["revision"], said)
    assert list(expect_problem(again, 422)["errors"]) == ["grant"]


def test_an_office_does_not_read_what_somebody_is_elsewhere(client_for: Clients, world: World) -> None:
    """Inviting a colleague of another school, or a member of a jury, tells nothing of their other roles."""
    shared, elsewhere = world.new_teacher(world.school), world.new_school("0690027E")
    elsewhere_too = [world.grant("jury", academy="10", session="2027"), world.grant("office", school=elsewhere.id)]
    Person.objects(pk=shared.id).update(push__schools=elsewhere.id, push_all__grants=elsewhere_too)
    everything = [(grant.role, grant.school) for grant in Person.objects.get(pk=shared.id).grants]

    def shown(person: Any) -> list[tuple[str, Any]]:
        items = get(client_for(person), "/people").json["items"]
        (found,) = (item for item in items if item["id"] == str(shared.id))
        return [(grant["role"], grant["school"]) for grant in found["grants"]]

    assert shown(world.office) == [("teacher", str(world.school.id))]
    assert shown(world.new_office(elsewhere)) == [("office", str(elsewhere.id))]
    for person in (shared, world.administrator):
        assert shown(person) == [(role, str(school) if school else None) for role, school in everything]
    tutor = world.tutor
    (listed,) = (one for one in get(client_for(world.office), "/people").json["items"] if one["id"] == str(tutor.id))
    assert [grant["role"] for grant in listed["grants"]] == ["tutor"]


def test_why_an_account_is_suspended_is_the_administrator_s_to_read(client_for: Clients, world: World) -> None:
    teacher = world.follower
    path, said = f"/people/{teacher.id}/suspend", {"reason": "Compte détourné"}
    told = change(client_for(world.administrator), "POST", path, teacher.revision, said)
    assert told.json["suspended_because"] == "Compte détourné"
    items = get(client_for(world.office), "/people").json["items"]
    (listed,) = (one for one in items if one["id"] == str(teacher.id))
    assert (listed["state"], listed["suspended_because"]) == ("suspended", None)


def test_an_office_does_not_revoke_what_another_school_granted(client_for: Clients, world: World) -> None:
    shared = world.new_teacher(world.school)
    elsewhere = world.new_school("0690027E")
    Person.objects(pk=shared.id).update(push__schools=elsewhere.id)
    other_office = client_for(world.new_office(elsewhere))
    said = {"grant": str(shared.grants[0].id)}
    answer = change(other_office, "POST", f"/people/{shared.id}/revoke-grant", shared.revision, said)
    assert list(expect_problem(answer, 422)["errors"]) == ["grant"]
    assert SignIn.objects(person=shared.id, ended_at=None).count() == 0
