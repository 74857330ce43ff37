"""A teacher who follows candidates of two exams: dates and results are entered for one exam at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portfolio.documents import Candidacy, Evidence
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.worlds.two_exams import Z9, offering_both, second_exam
from tests.support.worlds.world import World


@pytest.fixture
def both(world: World) -> Iterator[World]:
    with second_exam():
        world = offering_both(world)
        world.new_candidacy(exam=BTS_ASSURANCE_E5, birth_name="Lorrain")
        world.new_candidacy(exam=Z9, birth_name="Quinault")
        yield world


def test_a_series_of_dates_lists_those_of_one_exam_under_its_own_window(both: World, client_for: Clients) -> None:
    client = client_for(both.follower)
    first = shown(client, "/classe/commissions?session=2027")
    assert "Lorrain" in first and "Quinault" not in first and "Z9, Diplôme fictif" in first
    second = shown(client, f"/classe/commissions?session=2027&epreuve={Z9}")
    assert "Quinault" in second and "Lorrain" not in second


def test_results_of_a_class_are_of_one_exam_and_its_competences(both: World, client_for: Clients) -> None:
    client, path = client_for(both.follower), f"/classe/etablissements/{both.school.id}/controles/nouveau?session=2027"
    first = shown(client, path)
    assert "Lorrain" in first and "Quinault" not in first and 'value="A1"' not in first
    of_z9 = shown(client, f"{path}&epreuve={Z9}")
    assert "Quinault" in of_z9 and "Lorrain" not in of_z9 and 'value="A1"' in of_z9
    candidacy = Candidacy.objects.get(birth_name="Quinault")
    typed = {"title": "Contrôle de vol", "produced_on": "2026-11-20", "maximum": "20", "competences": ["A1"]}
    form = f"check-{both.school.id}"
    followed(client, fill(client, f"{path}&epreuve={Z9}", form, **typed, **{f"score-{candidacy.id}": "14"}))
    assert [(piece.exam, piece.type_code) for piece in Evidence.objects] == [(Z9, "QZ1")]
