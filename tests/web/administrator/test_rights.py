"""« Droits et comptes »: read by juries and offices, confirmed by a second person, refused by whoever it is about."""

from __future__ import annotations

import pytest

from portfolio.documents import AccountChange, Person, SignIn
from portfolio.identity import accounts
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, followed, shown
from tests.support.worlds import commissions
from tests.support.worlds.world import World
from web.everyone import rights

PATH = "/droits-et-comptes"
JUDGE = {"family_name": "Durand", "given_names": "Paule", "email": "jury@exemple.fr", "role": "jury"}


@pytest.fixture
def second(world: World) -> Person:
    return world.person("Seconde", world.grant("administrator"))


def invited(world: World, client_for: Clients) -> AccountChange:
    """By a form, as an administrator does it."""
    administrator, path = client_for(world.administrator), f"/administration/academies/{world.academy.id}"
    told = followed(administrator, fill(administrator, path, "staff", **JUDGE, session=world.session))
    assert "Le droit ne compte pas encore" in told and "(ne compte pas encore)" in told
    return AccountChange.objects.get(role="jury")


def test_a_right_is_confirmed_on_the_page_by_somebody_else_than_who_gave_it(
    world: World, client_for: Clients, second: Person
) -> None:
    change = invited(world, client_for)
    told = shown(client_for(world.administrator), PATH)
    assert "a donné à Paule Durand le droit suivant" in told and f"confirm-{change.id}" not in told
    assert "Confirmé" in followed(client_for(second), fill(client_for(second), PATH, f"confirm-{change.id}"))
    assert "Confirmé" in shown(client_for(world.administrator), PATH)
    assert Person.objects.get(email=JUDGE["email"]).grants[0].confirmed_by == str(second.id)


@pytest.mark.parametrize("who", ["office", "jury_member"])
def test_offices_and_juries_of_the_academy_read_what_was_done_and_nobody_else_does(
    world: World, client_for: Clients, second: Person, who: str
) -> None:
    reader = getattr(world, who)
    invited(world, client_for)
    assert "Paule Durand" in shown(client_for(reader), PATH)
    far = world.person("Loin", world.grant("jury", academy="01", session=world.session))
    for stranger in (far, world.follower, world.candidate, world.inspector):
        assert "Paule Durand" not in shown(client_for(stranger), PATH)


def test_an_invited_member_of_a_jury_reads_where_their_right_is_and_opens_no_page_of_it(
    world: World, client_for: Clients, second: Person
) -> None:
    invited(world, client_for)
    Person.objects(email=JUDGE["email"]).update(set__state="active")
    judge = client_for(Person.objects.get(email=JUDGE["email"]))
    assert "ne compte qu'une fois confirmé" in shown(judge, "/").replace("\u202f", " ")
    assert "attend une autre personne" in shown(judge, PATH)
    assert judge.get(f"/jury/{world.jury.id}", headers=HTML).status_code == 403
    change = AccountChange.objects.get(role="jury")
    sent = fill(client_for(second), PATH, f"confirm-{change.id}")
    assert sent.status_code == 303
    assert judge.get(f"/jury/{world.jury.id}", headers=HTML).status_code == 200


def test_whose_address_is_moved_refuses_it_there(world: World, client_for: Clients, clock: Clock) -> None:
    president = commissions.with_password(world.jury_member)
    administrator, path = client_for(world.administrator), f"/comptes/{president.id}"
    told = followed(administrator, fill(administrator, path, f"address-{president.id}", email="pirate@exemple.fr"))
    assert "cela attend" in told and "pirate@exemple.fr" not in told
    told = followed(administrator, fill(administrator, path, f"again-{president.id}"))
    assert "cela attend" in told
    own = client_for(president)
    assert "pirate@exemple.fr" in shown(own, PATH)
    change = AccountChange.objects.get(what="address")
    assert "Refusé" in followed(own, fill(own, PATH, f"refuse-{change.id}"))
    assert "pirate@exemple.fr" not in shown(client_for(world.office), PATH)
    assert Person.objects.get(pk=president.id).email == president.email


def test_a_right_is_taken_back_in_the_sight_of_all(world: World, client_for: Clients, second: Person) -> None:
    invited(world, client_for)
    person = Person.objects.get(email=JUDGE["email"])
    administrator, path = client_for(world.administrator), f"/comptes/{person.id}"
    followed(administrator, fill(administrator, path, f"revoke-{person.grants[0].id}"))
    told = shown(client_for(world.office), PATH)
    assert "a retiré à Paule Durand" in told and "Rien n'attend" in told.replace("\u202f", " ")


def test_a_tutor_s_link_does_not_open_it(world: World, client_for: Clients) -> None:
    client = client_for(world.tutor)
    assert "Rien encore" in shown(client, PATH)
    SignIn.objects(person=world.tutor.id).update(set__way="link")
    shown(client, PATH, 403)


def test_the_list_goes_on_where_it_is_long(world: World, client_for: Clients, second: Person) -> None:
    for number in range(60):
        AccountChange(
            created_at=world.later(minutes=number),
            what="grant_end",
            person=second.id,
            by="system",
            role="administrator",
            academies=["10"],
            state="done",
        ).save()
    told = shown(client_for(world.office), PATH) if world.office else ""
    assert told.count("a retiré à") == 50 and "Suite de la liste" in told
    rest = told.partition("/droits-et-comptes?suite=")[2].partition('"')[0]
    assert shown(client_for(world.office), f"{PATH}?suite={rest}").count("a retiré à") == 10


def test_one_s_own_address_is_changed_with_one_s_password(world: World, client_for: Clients) -> None:
    mine = commissions.with_password(world.administrator)
    client, path = client_for(mine), f"/comptes/{mine.id}"
    name = f"address-{mine.id}"
    assert fill(client, path, name, email="moi@exemple.fr", password="Pas le bon").status_code != 303
    assert Person.objects.get(pk=mine.id).email == mine.email
    assert fill(client, path, name, email="moi@exemple.fr", password=commissions.PASSWORD).status_code == 303
    assert Person.objects.get(pk=mine.id).email == "moi@exemple.fr"
    assert "a changé sa propre adresse e-mail" in shown(client, PATH)


def test_a_suspension_is_read_there(world: World, client_for: Clients) -> None:
    president, client = commissions.with_password(world.jury_member), client_for(world.administrator)
    fill(client, f"/comptes/{president.id}", f"suspend-{president.id}", reason="Départ")
    told = shown(client_for(world.office), PATH)
    assert "a suspendu le compte de" in told and "Fait aussitôt" in told and "Départ" not in told


def test_the_follower_reads_that_the_address_of_a_tutor_who_sits_waits(world: World, client_for: Clients) -> None:
    placement = world.placement
    commissions.convened(world)
    client, path = client_for(world.follower), f"/classe/periodes/{placement.id}"
    told = followed(client, fill(client, path, f"address-{placement.id}", email="boite@exemple.fr"))
    assert "cela attend" in told and "siège à une commission" in told


def test_what_waits_beyond_what_one_page_holds_is_read_among_what_was_done(
    world: World, client_for: Clients, second: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "MOST_WAITING", 1)
    for name in ("Ancienne", "Recente"):
        said = JUDGE | {"family_name": name, "email": f"{name.lower()}@exemple.fr", "session": world.session}
        accounts.invite_staff(world.actor(world.administrator), world.academy, said, world.clock())
    waiting, past = shown(client_for(second), PATH).split("Ce qui a été fait")
    assert "Paule Recente" in waiting and "Paule Ancienne" not in waiting
    assert "Paule Ancienne" in past and "attend une autre personne" in past and "Paule Recente" not in past
