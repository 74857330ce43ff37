"""The doors of « Droits et comptes »."""

from __future__ import annotations

from portfolio.documents import AccountChange, Person
from portfolio.enrolment import email_corrections
from portfolio.identity import accounts
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get
from tests.support.queries import counted
from tests.support.worlds.commissions import with_password
from tests.support.worlds.world import World

NAMES = {"email": "jury@exemple.fr", "family_name": "Durand", "given_names": "Paule", "role": "jury"}


def given(world: World, **changed: str) -> AccountChange:
    values = NAMES | {"session": world.session} | changed
    person = accounts.invite_staff(world.actor(world.administrator), world.academy, values, world.clock())
    return AccountChange.objects.get(person=person.id)


def test_a_right_that_waits_is_listed_in_words_and_confirmed_by_a_second_person(
    world: World, client_for: Clients
) -> None:
    second = client_for(world.person("Seconde", world.grant("administrator")))
    waiting = given(world)
    (item,) = get(second, "/account-changes").json["items"]
    assert (item["what"], item["state"], item["counts_from"]) == ("grant", "waiting", None)
    assert "a donné à Paule Durand le droit suivant" in item["sentence"]
    assert item["can"] == ["confirm_account_change", "read_account_change", "refuse_account_change"]
    (person,) = [one for one in get(second, "/people").json["items"] if one["email"] == NAMES["email"]]
    assert person["grants"][0]["waits"] is True
    path = f"/account-changes/{waiting.id}/confirm"
    expect_problem(change(client_for(world.administrator), "POST", path, 1), 409, "second_person_needed")
    expect_problem(change(client_for(world.office), "POST", path, 1), 403, "forbidden")
    expect_problem(change(second, "POST", path, 7), 412)
    assert change(second, "POST", path, 1).json["state"] == "done"
    expect_problem(change(second, "POST", path, 2), 409, "change_settled")


def test_one_s_own_right_is_refused(world: World, client_for: Clients) -> None:
    own = {"email": world.administrator.email, "family_name": "Admin", "given_names": "Camille", "role": "jury"}
    said = own | {"session": world.session}
    headers = {"Idempotency-Key": "pour-moi-meme"}
    path = f"/api/v1/academies/{world.academy.id}/people"
    answer = client_for(world.administrator).post(path, json=said, headers=headers)
    expect_problem(answer, 403, "own_grant")


def test_the_new_address_is_told_to_whoever_may_confirm_it_and_to_its_owner_alone(
    world: World, client_for: Clients
) -> None:
    with_password(world.jury_member)
    office = client_for(world.office)
    email_corrections.correct(
        world.actor(world.administrator), Person.objects.get(pk=world.jury_member.id), "neuve@exemple.fr", world.clock()
    )
    other = world.person("Membre", world.grant("jury", academy="10", session=world.session))
    for reader, told in ((world.jury_member, True), (other, True), (None, False)):
        client = client_for(reader) if reader else office
        (item,) = get(client, "/account-changes").json["items"]
        assert item["email"] == ("neuve@exemple.fr" if told else None)
    waiting = AccountChange.objects.get()
    path = f"/account-changes/{waiting.id}/refuse"
    expect_problem(change(office, "POST", path, 1), 403, "forbidden")
    assert change(client_for(world.jury_member), "POST", path, 1).json["state"] == "refused"


def test_a_long_list_costs_no_command_more(world: World, client_for: Clients) -> None:
    client = client_for(world.person("Seconde", world.grant("administrator")))
    given(world)
    with counted(world.academy._get_collection().database) as few:
        get(client, "/account-changes")
    for number in range(5):
        given(world, email=f"autre{number}@exemple.fr")
    with counted(world.academy._get_collection().database) as many:
        get(client, "/account-changes")
    assert few == many
