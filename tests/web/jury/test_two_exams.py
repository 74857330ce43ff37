"""Pages of a jury, an exam service and an inspector where another exam stands beside theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.worlds.commissions import convened
from tests.support.worlds.two_exams import Z9, OfExam, second_exam, two_juries
from tests.support.worlds.world import World

OTHER = {BTS_ASSURANCE_E5: Z9, Z9: BTS_ASSURANCE_E5}


@pytest.fixture(autouse=True)
def _second_exam() -> Iterator[None]:
    with second_exam():
        yield


@pytest.fixture
def juries(world: World) -> dict[str, OfExam]:
    return two_juries(world)


@pytest.mark.parametrize("code", [BTS_ASSURANCE_E5, Z9])
@pytest.mark.parametrize(("who", "under"), [("jury_member", "/jury"), ("exam_service", "/examens")])
def test_a_jury_and_an_exam_service_open_the_pages_of_their_exam_alone(
    juries: dict[str, OfExam], client_for: Clients, code: str, who: str, under: str
) -> None:
    own, foreign = juries[code], juries[OTHER[code]]
    client = client_for(getattr(own, who))
    home = client.get(under)
    assert home.status_code == 302 and str(own.jury.id) in home.location, "the only one that they have"
    listing = f"{under}/{own.jury.id}/fiches" if who == "jury_member" else f"{under}/{own.jury.id}"
    told = shown(client, listing)
    assert own.candidate in told and foreign.candidate not in told
    for path in (f"{under}/{foreign.jury.id}", f"{under}/fiches/{foreign.sheet.id}"):
        assert client.get(path).status_code == 404


def test_an_inspector_s_pages_name_what_is_of_their_exam_alone(
    world: World, juries: dict[str, OfExam], client_for: Clients
) -> None:
    for of in juries.values():
        convened(world, world.new_candidacy(exam=of.jury.exam, birth_name=f"Vu {of.candidate}"))
    for code, of in juries.items():
        client = client_for(of.inspector)
        assert "1 commission en 1 jour" in shown(client, "/inspection")
        told = shown(client, f"/inspection/etablissements/{world.school.id}?session=2027")
        assert of.candidate in told and juries[OTHER[code]].candidate not in told
        circulars = shown(client, "/circulaires")
        assert ("Z9, Diplôme fictif" in circulars) == (code == Z9)
        assert ("E5, BTS Assurance" in circulars) == (code == BTS_ASSURANCE_E5)


def test_an_administrator_names_the_exam_of_whom_they_invite(world: World, client_for: Clients) -> None:
    client, path = client_for(world.administrator), f"/administration/academies/{world.academy.id}"
    judge = {"role": "jury", "session": "2027", "email": "jury@exemple.fr"}
    judge |= {"family_name": "Durand", "given_names": "Paule"}
    assert fill(client, path, "staff", **judge).status_code == 422
    told = followed(client, fill(client, path, "staff", **judge, exam=Z9))
    assert "Z9, Diplôme fictif d&#39;astronautique, session 2027" in told
    assert "jury de l&#39;académie 10, Z9, Diplôme fictif d&#39;astronautique, session 2027" in shown(
        client, "/droits-et-comptes"
    )
