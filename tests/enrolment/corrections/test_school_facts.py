"""A school whose name or city was written wrong is called right from then on; what was drawn up keeps its own."""

from __future__ import annotations

import pytest

from portfolio.documents import Link, Person, School, Sheet
from portfolio.enrolment.corrections.school_facts import SchoolFacts, correct_school
from portfolio.errors import Forbidden, Invalid
from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.worlds import commissions
from tests.support.worlds.world import World

RIGHT: SchoolFacts = {"name": "Lycée  Édouard-Herriot", "city": "Lyon 6e"}


def corrected(world: World, by: Person, **changed: str) -> School:
    values: SchoolFacts = {**RIGHT, **changed}  # type: ignore[typeddict-item]
    return correct_school(world.actor(by), School.objects.get(pk=world.school.id), values, world.clock())


def test_the_school_is_called_right_and_both_names_are_kept(world: World) -> None:
    before = School.objects.get(pk=world.school.id)
    corrected(world, world.office)
    school = School.objects.get(pk=world.school.id)
    assert (school.name, school.city) == ("Lycée Édouard-Herriot", "Lyon 6e")
    kept = {one.field: (one.before, one.after) for one in school.amended}
    assert kept == {"name": (before.name, school.name), "city": (before.city, school.city)}
    link = Link.objects.get(name="school_corrected")
    assert link.chain == f"school:{school.id}" and link.data == {"fields": ["city", "name"]}
    with pytest.raises(Invalid):
        corrected(world, world.office)


def test_a_sheet_keeps_the_name_of_the_day(world: World) -> None:
    commissions.drafted(world)
    corrected(world, world.administrator)
    assert world.school.name in Sheet.objects.get().content and "Herriot" not in Sheet.objects.get().content


def test_teachers_do_not_correct_their_school(world: World) -> None:
    with pytest.raises(Forbidden):
        corrected(world, world.follower)
    with pytest.raises(Invalid):
        corrected(world, world.office, city=" ")


def test_it_is_corrected_on_the_pages_of_the_office_and_of_the_administrator(world: World, client_for: Clients) -> None:
    office, page = client_for(world.office), f"/etablissement/{world.school.id}"
    assert fill(office, page, f"school-{world.school.id}", **RIGHT).status_code == 303
    assert "Lycée Édouard-Herriot, Lyon 6e" in shown(office, page)
    administrator, page = client_for(world.administrator), f"/administration/academies/{world.academy.id}"
    assert fill(administrator, page, f"school-{world.school.id}", **RIGHT | {"city": "Lyon"}).status_code == 303
    assert "« Lyon 6e » est devenu « Lyon »" in shown(administrator, page)
