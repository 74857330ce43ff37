"""The whole portfolio over HTTP: what it covers, what it lacks, handing it in, opening it again."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Submission
from portfolio.evidence import deposit
from tests.support.api.clients import Clients
from tests.support.api.handing_in import home, submissions
from tests.support.api.requests import change, expect_problem, get
from tests.support.worlds.world import World


def test_a_portfolio_tells_its_state_its_deadline_and_what_may_be_done(world: World, client_for: Clients) -> None:
    shown = get(client_for(world.candidate), home(world))

    assert shown.headers["ETag"] == '"1"'
    assert shown.json == {
        "id": str(world.candidacy.id),
        "revision": 1,
        "can": shown.json["can"],
        "candidacy": str(world.candidacy.id),
        "session": "2027",
        "state": "open",
        "submissions": 0,
        "submitted_at": None,
        "held_since": None,
        "elimination": None,
        "reopened_reason": None,
        "deadline": "2027-05-07T16:00:00+00:00",
        "kept": None,
    }
    assert {"deposit", "submit", "read_coverage", "read_conformity"} <= set(shown.json["can"])
    assert "reopen" not in shown.json["can"]


def test_the_office_sees_what_it_needs_to_reopen_and_no_piece(world: World, client_for: Clients) -> None:
    world.submit()
    office = client_for(world.office)

    seen = get(office, home(world)).json
    assert (seen["state"], "reopen" in seen["can"]) == ("submitted", True)
    reopened = change(office, "POST", f"{home(world)}/reopen", seen["revision"], {"reason": "Erreur de fichier"})

    assert (reopened.status_code, reopened.json["state"]) == (200, "open")
    assert reopened.json["reopened_reason"] == "Erreur de fichier"
    assert get(office, "/evidence").json["items"] == []
    expect_problem(get(office, f"{home(world)}/coverage"), 403)
    assert submissions(office, world) == []


def test_coverage_and_conformity_say_what_is_missing_in_words(world: World, client_for: Clients) -> None:
    piece = world.new_piece(competences=[{"competence": "C47", "justification": "x"}], anonymisation="a_faire")
    client = client_for(world.candidate)

    coverage = get(client, f"{home(world)}/coverage").json
    lines = {line["code"]: line for line in coverage["competences"]}
    assert lines["C47"]["declared"] == {"count": 1, "pieces": [str(piece.id)]}
    assert lines["C47"]["accepted"]["count"] == 0
    assert "C42" in coverage["gaps"]["declared"]["competences"]
    assert coverage["advice"][0]["text"].startswith("Aucune preuve pour C1 (")
    assert coverage["advice"][0]["types"]

    conformity = get(client, f"{home(world)}/conformity").json
    checks = {one["code"]: one for one in conformity["checks"]}
    assert conformity["blocking"] is False, "nobody has read the circular"
    assert checks["real_pieces_anonymised"] == {
        "code": "real_pieces_anonymised",
        "severity": "warn",
        "passed": False,
        "text": "Données d'autres personnes à masquer : « Lettre de relance ».",
        "missing": [str(piece.id)],
        "owed_by": ["candidate"],
    }
    assert checks["min_pieces"]["passed"] is True
    assert checks["reality_evaluated"]["owed_by"] == ["teacher", "tutor"]
    for reader in (world.inspector, world.office):  # who read no piece: its rank for its title
        told = get(client_for(reader), f"{home(world)}/conformity")
        assert "Lettre de relance" not in told.text and world.placement.company_name not in told.text
        same = [{**one, "text": ""} for one in conformity["checks"]]
        assert [{**one, "text": ""} for one in told.json["checks"]] == same
        assert "à masquer : « preuve n° 1 »." in told.text
    for reader in ("coverage", "conformity"):
        expect_problem(get(client_for(world.tutor), f"{home(world)}/{reader}"), 404)


# --- opening again --------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["", "/coverage", "/conformity"])
def test_a_portfolio_of_someone_else_does_not_exist(
    world: World, client_for: Clients, anonymous: FlaskClient, verb: str
) -> None:
    world.submit()
    elsewhere = world.new_school("0750655E")
    strangers = (
        type(world.candidate).objects.get(pk=world.new_candidacy().person),
        world.new_teacher(elsewhere),
        world.new_office(elsewhere),
    )
    for person in strangers:
        client = client_for(person)
        expect_problem(get(client, f"{home(world)}{verb}"), 404, "not_found")
        for act_ in ("submit", "reopen", "submit-late"):
            answer = change(
                client, "POST", f"{home(world)}/{act_}", 99, {"reason": "Pour voir"} if act_ != "submit" else {}
            )
            expect_problem(answer, 404, "not_found")
        assert submissions(client, world) == []
    frozen = Submission.objects.get()
    expect_problem(get(client_for(strangers[0]), f"/submissions/{frozen.id}"), 404)
    expect_problem(get(anonymous, f"{home(world)}{verb}"), 401)
    with pytest.raises(deposit.PortfolioSubmitted):
        world.new_piece()
