"""Teachers of whom a list says no address: enrolled under their names, and known by them when it is sent again."""

from __future__ import annotations

from functools import partial

import pytest

from portfolio.documents import Candidacy, ListImport, Person
from portfolio.enrolment.entry_codes import redeeming, signatories
from portfolio.enrolment.undoing.list_undo import undo
from portfolio.enrolment.year_lists.sheets import ListOf
from portfolio.enrolment.year_lists.year import YearLists
from portfolio.errors import Invalid, Refusal
from portfolio.identity import invitations
from portfolio.identity.accounts import invite_to_school
from portfolio.store.connections import Connections
from tests.enrolment.year_lists.test_year import added, everything, faults, shown, states
from tests.support.concurrency import together
from tests.support.mails.mailbox import deliver, files, token_in
from tests.support.worlds.world import World

LIST = "Nom;Prénom;Discipline;Suit\nGUILLOU;Maëlle;Assurance;2BTSA1\nOSMANI;Lina;Anglais;\n".encode()
TITLES = "Nom;Prénom;Mél;Discipline\n"
LATER = f"{TITLES}Guillou;Maelle;maelle@lycee.example;Assurance\n".encode()


@pytest.fixture
def bilal(world: World) -> Candidacy:
    return world.new_candidacy(birth_name="Benali", given_names="Bilal", division="2BTSA1", followed=False)


def teachers(year: YearLists) -> list[str]:
    return states(year, ListOf.TEACHERS)


def maelle() -> Person:
    return Person.objects.get(family_name="GUILLOU")


def test_a_list_without_addresses_is_written_and_the_same_again_changes_nothing(world: World, bilal: Candidacy) -> None:
    assert teachers(shown(world, LIST)) == ["ready", "ready"]
    assert teachers(added(world, LIST)) == ["added", "added"]
    assert Candidacy.objects.get(pk=bilal.id).followers == [maelle().id]
    awaited = signatories.awaited_teachers(world.actor(world.office), world.school, world.clock())
    assert [one.person.family_name for one in awaited] == ["GUILLOU", "OSMANI"]
    before = everything()
    assert teachers(added(world, LIST)) == ["known", "known"] and everything() == before


def test_an_address_that_a_list_says_later_is_noted_and_what_they_gave_is_not_replaced(
    world: World, bilal: Candidacy, store: Connections
) -> None:
    added(world, LIST)
    before = everything()[:2]
    (line,) = shown(world, LATER).sheets[0].lines
    assert line.state == "ready" and line.completes == {"email": "maelle@lycee.example"}  # type: ignore[attr-defined]
    assert teachers(added(world, LATER)) == ["added"] and everything()[:2] == before
    assert maelle().email == "maelle@lycee.example"
    deliver(world.clock)  # type: ignore[arg-type]
    assert [message["To"] for message in files(store) if "lycee" in str(message["To"])] == ["maelle@lycee.example"]
    assert teachers(added(world, LATER)) == ["known"] and teachers(added(world, LIST)) == ["known", "known"]


def test_who_came_by_a_coupon_is_known_by_their_names(world: World, bilal: Candidacy, store: Connections) -> None:
    added(world, LIST)
    code = signatories.make_code_of_signatory(world.actor(world.office), world.school, maelle(), world.clock())
    redeeming.give_address_by_name(code.code, "Guillou", "chez.moi@exemple.fr", world.clock())
    deliver(world.clock)  # type: ignore[arg-type]
    invitations.accept_invitation(token_in(files(store)[-1]), "Sept mots font une bonne phrase secrète", world.clock())
    before = everything()
    assert teachers(added(world, LIST)) == ["known", "known"] and everything() == before
    (line,) = shown(world, LATER).sheets[0].lines
    assert line.differs == {"email": ["chez.moi@exemple.fr", "maelle@lycee.example"]}


def test_one_teacher_on_several_lines_is_invited_once_at_the_address_that_one_of_them_says(world: World) -> None:
    several = "Nom;Prénom;Mél;Discipline\nGUILLOU;Maëlle;;Assurance\nGuillou;Maelle;maelle@lycee.example;Gestion\n"
    assert teachers(added(world, several.encode())) == ["known", "added"]
    assert Person.objects(email="maelle@lycee.example").count() == 1
    twice = "Nom;Prénom;Discipline\nOSMANI;Lina;Anglais\nOsmani;Lina;Droit\n".encode()
    assert teachers(added(world, twice)) == ["added", "known"]


def test_names_of_two_people_are_asked_for_an_address(world: World) -> None:
    two = f"{TITLES}NOM;Lea;lea@lycee.example;Droit\nNom;Léa;lea.nom@lycee.example;Droit\nNOM;LEA;;\n".encode()
    assert faults(shown(world, two)) == [[], [], ["email"]]
    added(world, "Nom;Prénom;Discipline\nGUILLOU;Maëlle;Droit\n".encode())
    both = f"{TITLES}GUILLOU;Maëlle;a@lycee.example;Droit\nGUILLOU;Maëlle;b@lycee.example;Droit\n".encode()
    assert faults(shown(world, both)) == [[], ["email"]]


def test_the_form_invites_a_teacher_without_address_and_a_namesake_with_one_alone(world: World) -> None:
    office, values = world.actor(world.office), {"family_name": "Guillou", "given_names": "Maëlle"}
    invite_to_school(office, world.school, values | {"role": "teacher"}, world.clock())
    for refused in (values | {"family_name": "GUILLOU", "role": "teacher"}, values | {"role": "office"}):
        with pytest.raises(Invalid) as fault:
            invite_to_school(office, world.school, refused, world.clock())
        assert list(fault.value.errors) == ["email"]
    invite_to_school(office, world.school, values | {"role": "teacher", "email": "m@exemple.fr"}, world.clock())
    assert Person.objects(family_name="Guillou").count() == 2


def test_a_list_without_addresses_is_taken_back(world: World) -> None:
    added(world, LIST)
    written = ListImport.objects.order_by("-id").first()
    undo(world.actor(world.office), written, "Mauvais fichier", world.clock())
    assert Person.objects(family_name__in=["GUILLOU", "OSMANI"]).count() == 0


def test_of_two_who_invite_the_same_names_at_once_one_is_refused(world: World) -> None:
    values = {"family_name": "Guillou", "given_names": "Maëlle", "role": "teacher"}
    office, other = world.actor(world.office), world.actor(world.new_office(world.school))
    answers = together(
        *(partial(invite_to_school, by, world.school, dict(values), world.clock()) for by in (office, other))
    )
    assert Person.objects(family_name="Guillou").count() == 1
    assert len([answer for answer in answers if isinstance(answer, Refusal)]) == 1
