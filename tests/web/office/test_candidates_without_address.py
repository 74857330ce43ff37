"""A candidate whose address nobody knows: enrolled all the same, one by one too, and invited once it is noted."""

from __future__ import annotations

from html import unescape

from portfolio.documents import Person
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.world import World

HERS = "zoe@exemple.fr"


def test_the_office_enrols_one_on_its_page_and_notes_the_address_later(
    world: World, client_for: Clients, store: Connections, clock: Clock
) -> None:
    office, page = client_for(world.office), f"/etablissement/{world.school.id}/candidats/nouveau"
    typed = {"session": world.session, "birth_name": "Sansmel", "given_names": "Zoé", "birth_date": "2005-04-12"}
    told = unescape(followed(office, fill(office, page, "enrol", **typed, status="scolaire", email="")))
    assert "Sansmel" in told and "Une invitation part" not in told
    person = Person.objects.get(family_name="Sansmel")
    assert person.email is None
    account = f"/comptes/{person.id}"
    assert "Noter l'adresse" in unescape(shown(office, account))
    followed(office, fill(office, account, f"address-{person.id}", email=HERS))
    assert "Corriger l'adresse" in unescape(shown(office, account))
    deliver(clock)
    (letter,) = (mail for mail in files(store) if mail["To"] == HERS)
    assert "choisissez votre mot de passe" in letter["Subject"]


def test_the_api_enrols_one_without_address(world: World, client_for: Clients) -> None:
    values = {"session": world.session, "birth_name": "Sansmel", "given_names": "Zoé", "birth_date": "2005-04-12"}
    answer = client_for(world.office).post(
        f"/api/v1/schools/{world.school.id}/candidacies",
        json=values | {"status": "scolaire"},
        headers={"Origin": "http://localhost", "Idempotency-Key": "sans-adresse"},
    )
    assert answer.status_code == 201, answer.text
    assert Person.objects.get(family_name="Sansmel").email is None
