"""A jury, an exam service and an inspector reach what is of their exam, and nothing of another one beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Result, Sheet
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.api.clients import Clients
from tests.support.api.requests import change, get, post_new
from tests.support.worlds.commissions import convened
from tests.support.worlds.two_exams import Z9, OfExam, offering_both, second_exam, two_juries
from tests.support.worlds.world import World

OTHER = {BTS_ASSURANCE_E5: Z9, Z9: BTS_ASSURANCE_E5}
STAFF = {"family_name": "Durand", "given_names": "Paule", "session": "2027"}


@pytest.fixture(autouse=True)
def _second_exam() -> Iterator[None]:
    with second_exam():
        yield


@pytest.fixture
def juries(world: World) -> dict[str, OfExam]:
    return two_juries(world)


def listed(client: FlaskClient, path: str, name: str = "id") -> list[Any]:
    return [item[name] for item in get(client, path).json["items"]]


@pytest.mark.parametrize("code", [BTS_ASSURANCE_E5, Z9])
def test_a_jury_lists_and_decides_what_is_of_its_exam_and_is_refused_the_other(
    juries: dict[str, OfExam], client_for: Clients, code: str
) -> None:
    own, foreign = juries[code], juries[OTHER[code]]
    client = client_for(own.jury_member)
    assert listed(client, "/juries") == [str(own.jury.id)]
    assert listed(client, "/sheets") == [str(own.sheet.id)]
    assert listed(client, f"/juries/{own.jury.id}/sheets") == [str(own.sheet.id)]
    for path in ("sheets", "statistics", "mark-list.csv"):
        assert get(client, f"/juries/{foreign.jury.id}/{path}").status_code == 404
    for path in (f"/sheets/{foreign.sheet.id}", f"/candidacies/{foreign.sheet.candidacy}"):
        assert get(client, path).status_code == 404
    for path, said in (
        (f"/sheets/{foreign.sheet.id}/final-mark", {"mark": "12"}),
        (f"/sheets/{foreign.sheet.id}/void", {"reason": "Erreur de saisie"}),
        (f"/sheets/{foreign.sheet.id}/release", {"request_reference": "Courrier du 3 mai"}),
        (f"/juries/{foreign.jury.id}/confirm-proposals", None),
        (f"/juries/{foreign.jury.id}/publish", {"leaving_out": "Un autre jour"}),
    ):
        assert change(client, "POST", path, 1, said).status_code == 404
    reserve = {"reason": "Dossier recopié"}
    assert post_new(client, f"/candidacies/{foreign.sheet.candidacy}/reserves", reserve).status_code == 404
    assert change(client, "POST", f"/sheets/{own.sheet.id}/final-mark", 1, {"mark": "12"}).status_code == 200
    assert set(Result.objects.scalar("sheet")) == {own.sheet.id}
    assert Sheet.objects.get(pk=foreign.sheet.id).state == "transmitted"


@pytest.mark.parametrize("code", [BTS_ASSURANCE_E5, Z9])
def test_an_exam_service_reads_releases_and_compares_what_is_of_its_exam_alone(
    juries: dict[str, OfExam], client_for: Clients, code: str
) -> None:
    own, foreign = juries[code], juries[OTHER[code]]
    client = client_for(own.exam_service)
    assert listed(client, "/juries") == [str(own.jury.id)]
    assert listed(client, "/sheets") == [str(own.sheet.id)]
    marks = get(client, f"/juries/{own.jury.id}/mark-list.csv").text
    assert own.candidate in marks and foreign.candidate not in marks
    assert get(client, f"/juries/{foreign.jury.id}/mark-list.csv").status_code == 404
    assert get(client, f"/sheets/{foreign.sheet.id}.pdf").status_code == 404
    compared = f"/juries/{foreign.jury.id}/mark-list/compare"
    assert client.post(f"/api/v1{compared}", json={"keyed": "02000000001;12"}).status_code == 404
    said, decision = {"request_reference": "Courrier du 3 mai"}, {"law": "CRPA, L311-6", "reference": "Avis 2027-14"}
    assert change(client, "POST", f"/sheets/{foreign.sheet.id}/release", 1, said).status_code == 404
    assert change(client, "POST", f"/sheets/{foreign.sheet.id}/unmask", 1, decision).status_code == 404


def test_an_inspector_watches_the_meetings_portfolios_and_circulars_of_their_exam_alone(
    world: World, client_for: Clients
) -> None:
    both = offering_both(world)
    for code in (BTS_ASSURANCE_E5, Z9):
        convened(both, both.new_candidacy(exam=code))
    for code in (BTS_ASSURANCE_E5, Z9):
        grant = both.grant("inspector", academy=both.academy.code, exam=code, session=both.session)
        client = client_for(both.person("Inspection", grant))
        (meeting,) = get(client, "/calendar", session="2027").json["items"]
        assert (meeting["exam"], meeting["commissions"]) == (code, 1)
        conformity = get(client, f"/schools/{both.school.id}/conformity", session="2027").json
        assert {line["exam"] for line in conformity["lines"]} == {code}
        assert set(listed(client, "/candidacies", "exam")) == {code}
        assert post_new(client, "/circulars", {"session": "2027", "exam": code}).status_code == 201
        assert set(listed(client, "/circulars", "exam")) == {code}
        refused = post_new(client, "/circulars", {"session": "2027", "exam": OTHER[code]})
        assert refused.status_code == 404


@pytest.mark.parametrize("role", ["jury", "inspector", "exam_service"])
def test_whoever_is_invited_is_invited_for_one_exam(world: World, client_for: Clients, role: str) -> None:
    administrator, path = client_for(world.administrator), f"/academies/{world.academy.id}/people"
    said = {"email": "paule@exemple.fr", "role": role, **STAFF}
    unsaid = post_new(administrator, path, said)
    assert unsaid.status_code == 422 and "E5, BTS Assurance ; Z9" in unsaid.json["errors"]["exam"][0]
    for code in (BTS_ASSURANCE_E5, Z9):
        made = post_new(administrator, path, said | {"exam": code})
        assert [grant["exam"] for grant in made.json["grants"]][-1] == code
    assert post_new(administrator, path, said | {"exam": Z9}).json["code"] == "already_granted"
    assert "exam" in post_new(administrator, path, said | {"exam": "autre"}).json["errors"]


def test_a_right_of_a_jury_is_confirmed_by_those_of_the_same_exam(world: World, client_for: Clients) -> None:
    both = offering_both(world)
    where = {"academy": both.academy.code, "session": both.session}
    colleagues = {code: both.person("Jury", both.grant("jury", exam=code, **where)) for code in (BTS_ASSURANCE_E5, Z9)}
    said = {"email": "paule@exemple.fr", "role": "jury", **STAFF, "exam": Z9}
    post_new(client_for(both.administrator), f"/academies/{both.academy.id}/people", said)
    (waiting,) = get(client_for(both.administrator), "/account-changes").json["items"]
    path = f"/account-changes/{waiting['id']}/confirm"
    refused = change(client_for(colleagues[BTS_ASSURANCE_E5]), "POST", path, waiting["revision"])
    assert refused.status_code == 403
    assert change(client_for(colleagues[Z9]), "POST", path, waiting["revision"]).status_code == 200
