"""The page of those who have no address, the coupons, and the page on which a code is typed."""

from __future__ import annotations

import io
import re

import pypdfium2
from flask.testing import FlaskClient

from portfolio.documents import Candidacy, Person
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, shown, words
from tests.support.mails.mailbox import deliver, files, token_in
from tests.support.queries import counted
from tests.support.worlds.world import World

PHRASE = "Sept mots font une bonne phrase secrète"
BORN = "2005-04-12"
CODE = r"[A-Z0-9]{4}\W{1,2}[A-Z0-9]{4}\W{1,2}[A-Z0-9]{4}"


def without_address(world: World, name: str = "Abadie") -> Candidacy:
    candidacy = world.new_candidacy(email=None, birth_name=name, division="BTS2 A")
    Person.objects(pk=candidacy.person).update(set__state="invited")
    return candidacy


def codes_in(pdf: bytes) -> list[str]:
    return re.findall(
        CODE, "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(pdf)))
    )


def test_from_the_button_of_a_class_to_a_portfolio(
    world: World, office: FlaskClient, place: str, anonymous: FlaskClient, store: Connections, clock: Clock
) -> None:
    candidacy = without_address(world)
    assert f"{place}/codes" in shown(office, f"{place}/candidats")
    assert "Imprimer son coupon" in shown(office, f"/etablissement/candidats/{candidacy.id}")
    assert "un coupon à lui remettre" in shown(office, place)
    answer = fill(office, f"{place}/codes?classe=BTS2+A", "entry-codes")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    (code,) = codes_in(answer.data)
    told = shown(office, f"{place}/codes")
    assert "code à utiliser" in told and "remplacent" in told and code not in told
    assert "/code" in shown(anonymous, "/connexion")
    sent = fill(anonymous, "/code", "entry-code", code=code.lower(), birth_date=BORN, email="chloe@exemple.fr")
    assert sent.status_code == 200 and "Regardez vos messages" in words(sent)
    assert "adresse à confirmer" in shown(office, f"{place}/codes")
    deliver(clock)
    token = token_in(files(store)[-1])
    assert fill(anonymous, f"/invitation/{token}", "invitation", password=PHRASE, again=PHRASE).status_code == 200
    assert Person.objects.get(pk=candidacy.person).email == "chloe@exemple.fr"
    assert fill(anonymous, "/connexion", "sign-in", email="chloe@exemple.fr", password=PHRASE).status_code == 303
    assert "il n'y a pas de coupon à imprimer" in shown(office, f"{place}/codes")


def test_one_lost_coupon_is_printed_again_on_the_page_of_its_candidate(
    world: World, office: FlaskClient, place: str, anonymous: FlaskClient
) -> None:
    lost, kept = without_address(world, "Abadie"), without_address(world, "Brun")
    codes = codes_in(fill(office, f"{place}/codes", "entry-codes").data)
    mine = f"/etablissement/candidats/{lost.id}"
    assert "Le coupon déjà remis ne vaudra plus" in shown(office, mine)
    answer = fill(office, mine, f"entry-code-{lost.id}")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    (again,) = codes_in(answer.data)
    told = shown(office, mine)
    assert "code à utiliser" in told and again not in told
    given = {"birth_date": BORN, "email": "chloe@exemple.fr"}
    assert "ne vaut plus" in words(fill(anonymous, "/code", "entry-code", code=codes[0], **given))
    assert fill(anonymous, "/code", "entry-code", code=again, **given).status_code == 200
    assert fill(anonymous, "/code", "entry-code", code=codes[1], **given | {"email": "b@exemple.fr"}).status_code == 200
    Person.objects(pk=kept.person).update(set__email="b@exemple.fr")
    assert "Imprimer son coupon" not in shown(office, f"/etablissement/candidats/{kept.id}")


def test_a_code_that_is_refused_says_what_to_do_and_is_not_shown_again(
    world: World, anonymous: FlaskClient, clock: Clock
) -> None:
    refused = fill(anonymous, "/code", "entry-code", code="CDFGHJKM3479", birth_date=BORN, email="chloe@exemple.fr")
    assert refused.status_code == 422
    assert "secrétariat" in words(refused) and "CDFGHJKM3479" not in refused.text
    assert 'value="chloe@exemple.fr"' in refused.text


def test_a_coupon_of_somebody_else_is_refused_beside_the_day(
    world: World, office: FlaskClient, place: str, anonymous: FlaskClient, clock: Clock
) -> None:
    without_address(world)
    (code,) = codes_in(fill(office, f"{place}/codes", "entry-codes").data)
    sent = {"code": code, "birth_date": "2004-01-01", "email": "un.autre@exemple.fr"}
    refused = fill(anonymous, "/code", "entry-code", **sent)
    assert refused.status_code == 422
    assert "Vérifiez que le coupon est bien le vôtre" in words(refused) and code not in refused.text
    assert 'aria-describedby="entry-code-birth_date-hint entry-code-birth_date-wrong"' in refused.text
    assert fill(anonymous, "/code", "entry-code", **sent | {"birth_date": BORN}).status_code == 200


def test_codes_are_not_tried_without_end(world: World, anonymous: FlaskClient) -> None:
    tried = [
        fill(
            anonymous, "/code", "entry-code", code=f"CDFGHJKM34{n:02}", birth_date=BORN, email="chloe@exemple.fr"
        ).status_code
        for n in range(12)
    ]
    assert tried[:10] == [422] * 10 and tried[10:] == [429, 429]


def test_an_office_of_another_school_and_a_teacher_are_shown_no_names(
    world: World, client_for: Clients, place: str
) -> None:
    without_address(world)
    assert client_for(world.follower).get(f"{place}/codes", headers=HTML).status_code in (403, 404)


def test_the_doors_of_programs(world: World, client_for: Clients, anonymous: FlaskClient) -> None:
    candidacy, client = without_address(world), client_for(world.office)
    address = f"/api/v1/schools/{world.school.id}/entry-codes"
    query = {"session": world.session, "division": "BTS2 A"}
    (listed,) = client.get(address, query_string=query).get_json()["items"]
    assert (listed["candidacy"], listed["code_until"]) == (str(candidacy.id), None)
    printed = client.post(f"{address}.pdf", query_string=query, headers={"Origin": "http://localhost"})
    (code,) = codes_in(printed.data)
    given = {"code": code, "birth_date": BORN, "email": "chloe@exemple.fr"}
    asked = anonymous.post("/api/v1/entry-codes/redeem", json=given, headers={"Origin": "http://localhost"})
    assert asked.status_code == 200 and set(asked.get_json()) == {"id", "expires_at"}
    taken = given | {"email": world.office.email}
    refused = anonymous.post("/api/v1/entry-codes/redeem", json=taken, headers={"Origin": "http://localhost"})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "address_of_another")
    one = client.post(f"/api/v1/candidacies/{candidacy.id}/entry-code.pdf", headers={"Origin": "http://localhost"})
    (again,) = codes_in(one.data)
    refused = anonymous.post("/api/v1/entry-codes/redeem", json=given, headers={"Origin": "http://localhost"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "entry_code_over")
    given |= {"code": again}
    other_day = given | {"birth_date": "2005-04-13"}
    refused = anonymous.post("/api/v1/entry-codes/redeem", json=other_day, headers={"Origin": "http://localhost"})
    assert refused.status_code == 422 and list(refused.get_json()["errors"]) == ["birth_date"]
    without = {name: value for name, value in given.items() if name != "birth_date"}
    refused = anonymous.post("/api/v1/entry-codes/redeem", json=without, headers={"Origin": "http://localhost"})
    assert refused.status_code == 422 and list(refused.get_json()["errors"]) == ["birth_date"]


def test_the_page_costs_the_same_whatever_the_class(
    world: World, office: FlaskClient, store: Connections, place: str
) -> None:
    costs = []
    for name in ("Un", "Deux"):
        without_address(world, name)
        with counted(store.database) as count:
            shown(office, f"{place}/codes")
        costs.append(count[0])
    assert costs[0] == costs[1]


def test_the_doors_of_programs_for_teachers_and_tutors(
    world: World, client_for: Clients, anonymous: FlaskClient
) -> None:
    tutor = Person.objects.get(pk=world.placement.tutor)
    Person.objects(pk=tutor.id).update(unset__email=1, unset__password=1, set__state="invited")
    client, origin = client_for(world.office), {"Origin": "http://localhost"}
    address = f"/api/v1/schools/{world.school.id}/signatory-codes"
    assert client.get(address, query_string={"who": "teachers"}).get_json()["items"] == []
    assert list(client.get(address, query_string={"who": "tutors"}).get_json()["errors"]) == ["session"]
    query = {"who": "tutors", "session": world.session}
    (listed,) = client.get(address, query_string=query).get_json()["items"]
    assert (listed["person"], listed["seat"], listed["code_until"]) == (str(tutor.id), "tutor", None)
    (code,) = codes_in(client.post(f"{address}.pdf", query_string=query, headers=origin).data)
    given = {"code": code, "family_name": "Un Autre", "email": "tuteur@exemple.fr"}
    refused = anonymous.post("/api/v1/entry-codes/redeem", json=given, headers=origin)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["family_name"])
    assert client.get(address, query_string=query).get_json()["items"][0]["wrong_names"] == 1
    one = client.post(f"/api/v1/schools/{world.school.id}/people/{tutor.id}/signatory-code.pdf", headers=origin)
    (again,) = codes_in(one.data)
    given |= {"code": again, "family_name": tutor.family_name.upper()}
    assert anonymous.post("/api/v1/entry-codes/redeem", json=given, headers=origin).status_code == 200
    by_day = {"code": again, "birth_date": BORN, "email": "tuteur@exemple.fr"}
    refused = anonymous.post("/api/v1/entry-codes/redeem", json=by_day, headers=origin)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "entry_code_asks_name")


def test_coupons_of_teachers_and_tutors_from_the_page_to_an_account(
    world: World, office: FlaskClient, place: str, anonymous: FlaskClient, store: Connections, clock: Clock
) -> None:
    tutor, teacher = Person.objects.get(pk=world.placement.tutor), world.follower
    assert "Tous les professeurs ont une adresse" in shown(office, f"{place}/codes/equipe")
    for person in (tutor, teacher):
        Person.objects(pk=person.id).update(unset__email=1, unset__password=1, set__state="invited")
    assert f"{place}/codes/equipe" in shown(office, f"{place}/codes")
    assert tutor.name in shown(office, f"{place}/codes/equipe")
    (of_teacher,) = codes_in(fill(office, f"{place}/codes/equipe", "teacher-codes").data)
    (lost,) = codes_in(fill(office, f"{place}/codes/equipe", "tutor-codes").data)
    account = f"/comptes/{tutor.id}"
    assert "Le coupon déjà remis ne vaudra plus" in shown(office, account)
    assert "Envoyer une nouvelle invitation" not in shown(office, account), "it would end the coupon, and leave nowhere"
    (code,) = codes_in(fill(office, account, f"coupon-{tutor.id}").data)
    assert f"/comptes/{tutor.id}" in shown(office, f"/classe/periodes/{world.placement.id}")
    assert "/code/pro" in shown(anonymous, "/code")
    given = {"family_name": tutor.family_name, "email": "tuteur@exemple.fr"}
    assert "ne vaut plus" in words(fill(anonymous, "/code/pro", "entry-code", code=lost, **given))
    refused = fill(anonymous, "/code/pro", "entry-code", code=code, **given | {"family_name": "Autrement"})
    assert refused.status_code == 422 and "Vérifiez que le coupon est bien le vôtre" in words(refused)
    assert "essai avec un autre nom" in shown(office, f"{place}/codes/equipe")
    assert "Je suis professeur ou tuteur" in words(
        fill(anonymous, "/code", "entry-code", code=of_teacher, birth_date=BORN, email="prof@exemple.fr")
    )
    assert "Regardez vos messages" in words(fill(anonymous, "/code/pro", "entry-code", code=code, **given))
    deliver(clock)
    token = token_in(files(store)[-1])
    assert fill(anonymous, f"/invitation/{token}", "invitation", password=PHRASE, again=PHRASE).status_code == 200
    assert fill(anonymous, "/connexion", "sign-in", email="tuteur@exemple.fr", password=PHRASE).status_code == 303
    assert tutor.name not in shown(office, f"{place}/codes/equipe")


def test_the_page_of_teachers_and_tutors_costs_the_same_whoever_waits(
    world: World, office: FlaskClient, store: Connections, place: str
) -> None:
    costs = []
    for _ in range(2):
        tutor = world.new_placement(world.new_candidacy()).tutor
        for person in (tutor, world.new_teacher(world.school).id):
            Person.objects(pk=person).update(unset__email=1, unset__password=1, set__state="invited")
        with counted(store.database) as count:
            shown(office, f"{place}/codes/equipe")
        costs.append(count[0])
    assert costs[0] == costs[1]


def test_a_teacher_is_invited_without_address_by_the_form_and_asked_for_a_sign_off(
    world: World, office: FlaskClient, place: str, client_for: Clients
) -> None:
    invited = fill(
        office, f"{place}/comptes", "invite", family_name="Guillou", given_names="Maëlle", email="", role="teacher"
    )
    assert invited.status_code == 303
    assert "Codes des professeurs et des tuteurs" in shown(office, f"{place}/comptes")
    assert "Maëlle Guillou" in shown(office, f"{place}/codes/equipe")
    refused = fill(office, f"{place}/comptes", "invite", family_name="Noir", given_names="Ève", email="", role="office")
    assert refused.status_code == 422 and "entre que par une invitation" in words(refused)


def test_the_candidate_reads_that_a_teacher_without_address_has_not_come(
    world: World, client_for: Clients, clock: Clock
) -> None:
    Person.objects(pk=world.follower.id).update(unset__email=1, unset__password=1, set__state="invited")
    requests.request(world.actor(world.candidate), world.activity, "teacher", world.follower.id, clock())
    page = shown(client_for(world.candidate), f"/portfolio/activite/{world.activity.id}")
    assert "sans adresse, pas encore venu" in page and "sur papier" not in page
