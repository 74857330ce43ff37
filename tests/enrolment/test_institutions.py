"""Academies, schools, juries, companies: what identifies them is checked, and each exists once."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Academy, Company, School
from portfolio.enrolment import institutions
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.store.journal import AlreadyExists
from tests.support.worlds.world import World

SCHOOL = {"uai": "0690026D", "name": "Lycée Ampère", "city": "Lyon", "kind": "public"}
SCHOOL |= {"carried_by_public_body": False, "habilitated": False}
COMPANY = {"siret": "73282932000074", "name": "Assurances du Rhône", "city": "Lyon"}


def new_academy(world: World, **changed: Any) -> Academy:
    said = {"code": "10", "name": "Lyon", "timezone": "Europe/Paris"} | changed
    return institutions.create_academy(world.actor(world.administrator), said, world.clock())


def new_company(world: World, **changed: Any) -> Company:
    return institutions.add_company(world.actor(world.office), world.school, COMPANY | changed, world.clock())


def test_an_academy_keeps_its_leading_zero_and_its_zone(world: World) -> None:
    academy = new_academy(world, code="01", name="Paris")
    assert Academy.objects.get(pk=academy.id).code == "01"
    assert new_academy(world, code="28", name="La Réunion", timezone="Indian/Reunion").timezone == "Indian/Reunion"


@pytest.mark.parametrize("code", ["1", "99", "05", "XX", "  "])
def test_a_code_that_is_no_academy_is_refused(world: World, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        new_academy(world, code=code)
    assert list(refused.value.errors) == ["code"]


@pytest.mark.parametrize("zone", ["Paris", "Europe", "Europe/Lyon", "../../etc/passwd", "/etc/passwd", "+02:00", ""])
def test_a_zone_that_clocks_do_not_know_is_refused(world: World, zone: str) -> None:
    with pytest.raises(Invalid) as refused:
        new_academy(world, timezone=zone)
    assert list(refused.value.errors) == ["timezone"]


def test_each_place_exists_once_and_the_refusal_names_it(world: World) -> None:
    administrator = world.actor(world.administrator)
    world.jury, world.company  # noqa: B018 - and with them academy and school

    def second(field: str, named: str, make: Any) -> None:
        with pytest.raises(AlreadyExists) as refused:
            make()
        assert list(refused.value.errors) == [field]
        assert named in refused.value.message

    second("code", "10", lambda: new_academy(world))
    said = SCHOOL | {"uai": "0690026 d"}
    second("uai", "0690026D", lambda: institutions.create_school(administrator, world.academy, said, world.clock()))
    jury = {"session": "2027", "name": "Un autre jury"}
    second("session", "2027", lambda: institutions.create_jury(administrator, world.academy, jury, world.clock()))
    second("siret", "73282932000074", lambda: new_company(world, siret="732 829 320 00074"))


def test_a_rehearsal_has_a_jury_of_its_own(world: World) -> None:
    world.jury  # noqa: B018
    said = {"session": "2027r", "name": "Jury de répétition"}
    jury = institutions.create_jury(world.actor(world.administrator), world.academy, said, world.clock())
    assert jury.session == "2027R"


@pytest.mark.parametrize(
    ("uai", "reason"), [("0690026E", "lettre finale"), ("9990026D", "7 chiffres"), ("069026D", "7 chiffres")]
)
def test_a_school_s_code_is_checked_by_its_letter(world: World, uai: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        world.new_school(uai)
    assert reason in refused.value.errors["uai"][0]
    assert School.objects.count() == 0


@pytest.mark.parametrize("siret", ["73282932000074", "35600000049837", "MONACOCONFO001"])
def test_a_company_is_known_by_its_siret_la_poste_and_monaco_included(world: World, siret: str) -> None:
    assert new_company(world, siret=siret).siret == siret


@pytest.mark.parametrize("siret", ["73282932000075", "35600000049838", "732829320", "MONACO"])
def test_a_siret_that_its_digits_deny_is_refused(world: World, siret: str) -> None:
    with pytest.raises(Invalid) as refused:
        new_company(world, siret=siret)
    assert list(refused.value.errors) == ["siret"]


def test_a_company_abroad_or_overseas_is_admitted_without_siret(world: World) -> None:
    """A stage may be done abroad (arrêté, annexe III B 1 b)."""
    abroad = {"siret": None, "address": "Kirchberg 12", "country": "Luxembourg"}
    assert new_company(world, name="Assurances du Luxembourg", city="Luxembourg", **abroad).country == "Luxembourg"
    overseas = {"siret": None, "address": "Rue de Sébastopol", "country": "Nouvelle-Calédonie"}
    made = new_company(world, name="Assurances du Caillou", city="Nouméa", local_number="0123456.001", **overseas)
    assert (made.siret, made.local_number) == (None, "0123456.001")


def test_a_company_without_siret_says_where_it_is(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        new_company(world, siret=None)
    assert set(refused.value.errors) == {"address", "country"}


def test_two_schools_know_the_same_company_each_for_itself(world: World) -> None:
    mine = world.company
    elsewhere = world.new_school("0690027E")
    theirs = institutions.add_company(world.actor(world.new_office(elsewhere)), elsewhere, COMPANY, world.clock())
    assert (mine.siret, mine.id != theirs.id) == (theirs.siret, True)


def test_only_an_administrator_makes_places(world: World) -> None:
    for person in (world.office, world.follower, world.candidate, world.jury_member):
        by = world.actor(person)
        with pytest.raises((Forbidden, NotFound)):
            institutions.create_school(by, world.academy, SCHOOL | {"uai": "0690027E"}, world.clock())
        with pytest.raises((Forbidden, NotFound)):
            institutions.create_academy(by, {"code": "01", "name": "Paris", "timezone": "Europe/Paris"}, world.clock())
        with pytest.raises((Forbidden, NotFound)):
            institutions.create_jury(by, world.academy, {"session": "2028", "name": "Jury"}, world.clock())
    assert (Academy.objects.count(), School.objects.count()) == (1, 1)


def test_an_administrator_adds_no_company(world: World) -> None:
    with pytest.raises(Forbidden):
        institutions.add_company(world.actor(world.administrator), world.school, COMPANY, world.clock())


def test_an_academy_that_was_never_opened_is_said_so(world: World) -> None:
    assert institutions.academy_of(world.academy.code).id == world.academy.id
    with pytest.raises(Invalid):
        institutions.academy_of("01")
