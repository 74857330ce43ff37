"""A company that was written wrong is put right wherever it is named from then on; what was frozen keeps its own."""

from __future__ import annotations

import pytest

from portfolio.documents import Company, Link, Person, Placement, Submission
from portfolio.enrolment.moves.company_facts import correct_company
from portfolio.errors import Forbidden, Invalid
from portfolio.store.journal import AlreadyExists
from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.worlds.world import World

RIGHT = {"name": "Assurances du Rhône et de l'Ain", "city": "Bourg-en-Bresse", "address": "2, place Carriat"}


def corrected(world: World, by: Person | None = None, **changed: str) -> Placement:
    placement = Placement.objects.get(pk=world.placement.id)
    return correct_company(world.actor(by or world.follower), placement, {**RIGHT, **changed}, world.clock())


def test_the_periods_there_bear_the_right_name_and_what_was_handed_in_keeps_its_own(world: World) -> None:
    world.submit()
    other = world.new_placement(world.new_candidacy(birth_name="Zola"))
    past = world.new_placement(world.new_candidacy(birth_name="Abel"))
    Placement.objects(pk=past.id).update(set__session="2026")
    before = (world.placement.company_name, world.placement.company_city)
    corrected(world)
    now = {one.id: (one.company_name, one.company_city) for one in Placement.objects}
    right = (RIGHT["name"], RIGHT["city"])
    assert now == {world.placement.id: right, other.id: right, past.id: before}
    company = Company.objects.get()
    assert (company.name, company.address, company.siret) == (RIGHT["name"], RIGHT["address"], "73282932000074")
    assert before[0] in str(Submission.objects.get().to_mongo()) and RIGHT["name"] not in str(Submission.objects.get())
    assert Link.objects.get(name="company_corrected").chain == f"school:{world.school.id}"


def test_a_number_stays_where_none_is_given_and_is_one_company_s(world: World) -> None:
    company = world.company
    Company(school=world.school.id, siret="95690795000011", name="B", city="C", created_at=world.clock()).save()
    with pytest.raises(AlreadyExists):
        corrected(world, siret="95690795000011")
    with pytest.raises(Invalid) as wrong:
        corrected(world, siret="1")
    assert list(wrong.value.errors) == ["siret"] and Company.objects.get(pk=company.id).name == company.name


def test_who_follows_or_runs_the_office_corrects_it(world: World, client_for: Clients) -> None:
    corrected(world, world.office)
    with pytest.raises(Forbidden):
        corrected(world, world.tutor)
    teacher, page = client_for(world.follower), f"/classe/periodes/{world.placement.id}"
    assert fill(teacher, page, f"company-{world.placement.id}", **RIGHT | {"name": "Rhône Assur"}).status_code == 303
    assert "Rhône Assur" in shown(teacher, page)
