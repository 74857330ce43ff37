"""Who follows each candidate, by name, in the list of the office and in its file."""

from __future__ import annotations

from html import unescape
from io import BytesIO

from openpyxl import load_workbook

from portfolio.documents import Person
from tests.support.acts.enrolling import give_up
from tests.support.api.clients import Clients
from tests.support.filling import shown
from tests.support.worlds.world import World


def test_the_list_names_who_follows_and_says_who_does_not_answer(world: World, client_for: Clients) -> None:
    alone = world.new_candidacy(followed=False)
    assert world.candidacy
    office, page = client_for(world.office), f"/etablissement/{world.school.id}/candidats"
    assert world.follower.name in unescape(shown(office, page))
    Person.objects(pk=world.follower.id).update(set__state="suspended")
    assert "compte suspendu" in shown(office, page)
    give_up(world, alone)
    answer = office.get(f"{page}.xlsx?session={world.session}")
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    header, *rows = list(sheet.iter_rows(values_only=True))
    by_name = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert by_name[world.candidacy.birth_name]["Suivi par"] == f"{world.follower.name} (compte suspendu)"
    assert by_name[world.candidacy.birth_name]["N° candidat"] == world.candidacy.candidate_number
    assert by_name[alone.birth_name]["Épreuve"] == "A abandonné"
    assert client_for(world.candidate).get(f"{page}.xlsx").status_code in (403, 404)
