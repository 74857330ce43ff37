"""The jury over HTTP, and what a candidate hears: nothing, then the final mark alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Jury
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get
from tests.support.worlds.juries import REASON, confirm, decide, publish, sheet_of
from tests.support.worlds.world import World


@pytest.fixture
def member(world: World, client_for: Clients) -> FlaskClient:
    assert world.jury
    return client_for(world.jury_member)


def act(client: FlaskClient, thing: Any, verb: str, **said: Any) -> Any:
    """On a sheet or the jury, at the revision it has now."""
    kind = "juries" if isinstance(thing, Jury) else "sheets"
    revision = type(thing).objects.get(pk=thing.id).revision
    return change(client, "POST", f"/{kind}/{thing.id}/{verb}", revision, said)


def home(world: World) -> str:
    return f"/juries/{world.jury.id}"


# --- the list -------------------------------------------------------------------------------------


def test_the_list_goes_by_names_page_after_page(world: World, member: FlaskClient) -> None:
    for name in ("Zola", "Adam", "Maupassant", "Dumas", "Élan"):
        sheet_of(world, candidacy=world.new_candidacy(birth_name=name))
    found, after = [], {}
    while True:
        page = get(member, f"{home(world)}/sheets", limit=2, **after).json
        found += [one["name"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == ["Zoé Adam", "Zoé Dumas", "Zoé Élan", "Zoé Maupassant", "Zoé Zola"]


def test_a_line_tells_what_the_jury_needs_to_decide(world: World, member: FlaskClient) -> None:
    sheet = sheet_of(world, "14.5")
    (line,) = get(member, f"{home(world)}/sheets").json["items"]
    assert line["id"] == str(sheet.id)
    assert (line["proposed_mark"], line["final_mark"], line["state"]) == ("14.50", None, "transmitted")
    assert (line["school_name"], line["number"]) == ("Lycée Ampère", sheet.number)


def test_a_forged_cursor_is_refused(world: World, member: FlaskClient) -> None:
    expect_problem(get(member, f"{home(world)}/sheets", after="n'importe quoi"), 422, "invalid_values")


@pytest.mark.parametrize("path", ["sheets", "statistics", "mark-list.csv"])
def test_others_do_not_read_what_is_the_jury_s(world: World, client_for: Clients, path: str) -> None:
    assert world.jury
    expect_problem(get(client_for(), f"{home(world)}/{path}"), 401)
    expect_problem(get(client_for(world.inspector), f"{home(world)}/{path}"), 403)
    for person in (world.candidate, world.follower, world.office):
        expect_problem(get(client_for(person), f"{home(world)}/{path}"), 404)


def test_statistics_are_exact_texts(world: World, member: FlaskClient) -> None:
    for mark in ("8", "10", "12.5", "14", "17"):
        sheet_of(world, mark)
    sheet_of(world, None, "no_portfolio")
    found = get(member, f"{home(world)}/statistics").json
    spread = {"count": 5, "mean": "12.30", "lowest": "8.00", "first_quartile": "10.00", "median": "12.50"}
    assert found["everyone"]["proposed"] == spread | {"third_quartile": "14.00", "highest": "17.00"}
    assert found["everyone"]["distribution"][0] == ["8.00", 1]
    assert found["everyone"]["outcomes"] == {"no_portfolio": 1}
    assert [group["label"] for group in found["schools"]] == ["Lycée Ampère"]
    assert found["decided"] == 0


# --- deciding -------------------------------------------------------------------------------------


def test_a_final_mark_is_set_with_the_reason_it_needs(world: World, member: FlaskClient) -> None:
    sheet = sheet_of(world, "14.5")
    refused = expect_problem(act(member, sheet, "final-mark", mark="15"), 422, "invalid_values")
    assert list(refused["errors"]) == ["reason"]
    answer = act(member, sheet, "final-mark", mark="15", reason=REASON)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json["proposed_mark"], answer.json["final_mark"], answer.json["reason"]) == (
        *("14.50", "15.00", REASON),
    )


@pytest.mark.parametrize("mark", ["14,3", "quinze", "21", 14.5, True, ["14"], {"a": 1}, "1" * 21])
def test_a_mark_that_is_none_is_refused_in_french(world: World, member: FlaskClient, mark: Any) -> None:
    sheet = sheet_of(world, "14.5")
    refused = expect_problem(act(member, sheet, "final-mark", mark=mark, reason=REASON), 422)
    assert list(refused["errors"]) == ["mark"]


def test_a_decision_needs_the_revision_that_was_read(world: World, member: FlaskClient) -> None:
    sheet = sheet_of(world, "14.5")
    body = {"mark": "14,5"}
    expect_problem(member.post(f"/api/v1/sheets/{sheet.id}/final-mark", json=body), 428)
    assert change(member, "POST", f"/sheets/{sheet.id}/final-mark", 1, body).status_code == 200
    late = expect_problem(change(member, "POST", f"/sheets/{sheet.id}/final-mark", 1, body), 412)
    assert (late["current"]["state"], late["yours"]) == ("final", body)


def test_proposals_are_confirmed_then_published(world: World, member: FlaskClient) -> None:
    first, second = sheet_of(world, "14.5"), sheet_of(world, None, "no_portfolio")
    assert act(member, world.jury, "confirm-proposals").status_code == 200
    waiting = expect_problem(act(member, world.jury, "publish"), 409, "sheets_waiting")
    assert "1" in waiting["detail"]
    assert act(member, second, "final-mark", reason="Portfolio jamais remis").json["label"] == "Portfolio non remis"
    published = act(member, world.jury, "publish")
    assert published.status_code == 200
    assert published.json["published_at"]
    revision = Jury.objects.get(pk=world.jury.id).revision
    assert published.headers["ETag"] == f'"{revision}"'
    refused = act(member, first, "final-mark", mark="16", reason=REASON)
    expect_problem(refused, 409, "result_published")


def test_publishing_twice_finds_nothing_more(world: World, member: FlaskClient) -> None:
    sheet_of(world)
    act(member, world.jury, "confirm-proposals")
    assert act(member, world.jury, "publish").status_code == 200
    expect_problem(act(member, world.jury, "publish"), 409, "nothing_to_publish")


def test_a_publication_on_an_older_reading_shows_both(world: World, member: FlaskClient) -> None:
    sheet = sheet_of(world)
    decide(world, sheet)
    refused = expect_problem(change(member, "POST", f"{home(world)}/publish", 1, {}), 412, "stale_revision")
    assert refused["current"]["revision"] == Jury.objects.get(pk=world.jury.id).revision


@pytest.mark.parametrize("verb", ["confirm-proposals", "publish"])
def test_only_the_jury_acts_for_all(world: World, client_for: Clients, verb: str) -> None:
    assert world.jury
    decide(world, sheet_of(world))
    expect_problem(act(client_for(world.inspector), world.jury, verb), 403)
    expect_problem(act(client_for(world.candidate), world.jury, verb), 404)


def test_a_sheet_is_released_once_published(world: World, member: FlaskClient, client_for: Clients) -> None:
    sheet = sheet_of(world, "14.5", candidacy=world.candidacy)
    candidate = client_for(world.candidate)
    decide(world, sheet, "14.5")
    said = {"request_reference": "Courrier du 12 juillet 2027"}
    expect_problem(act(member, sheet, "release", **said), 409, "result_not_published")
    publish(world)
    expect_problem(get(candidate, f"/sheets/{sheet.id}"), 404)
    assert act(member, sheet, "release", **said).json["released"] is True
    assert get(candidate, f"/sheets/{sheet.id}").status_code == 200
    expect_problem(act(member, sheet, "release", **said), 409, "sheet_already_released")


def test_a_material_error_is_corrected_with_its_reason(world: World, member: FlaskClient) -> None:
    sheet = sheet_of(world, "14.5")
    decide(world, sheet, "14.5")
    publish(world)
    expect_problem(act(member, sheet, "correct-final-mark", mark="15"), 422)
    answer = act(member, sheet, "correct-final-mark", mark="15", reason="Erreur de report")
    assert (answer.status_code, answer.json["final_mark"]) == (200, "15.00")


# --- results --------------------------------------------------------------------------------------


def test_a_candidate_hears_nothing_then_the_final_mark_alone(world: World, client_for: Clients) -> None:
    assert world.jury
    sheet = sheet_of(world, "14.5", candidacy=world.candidacy)
    candidate = client_for(world.candidate)
    silence = {"items": [], "next": None}
    assert get(candidate, "/my/results").json == get(candidate, "/results").json == silence
    decide(world, sheet, "13", REASON)
    decide(world, sheet, "15", REASON)
    assert get(candidate, "/my/results").json == get(candidate, "/results").json == silence
    publish(world)
    told = get(candidate, "/my/results").json["items"]
    at = world.clock().isoformat()
    assert told == [{"session": "2027", "final_mark": "15.00", "label": None, "published_at": at, "corrected_at": None}]
    (also,) = get(candidate, "/results").json["items"]
    assert set(also) == {
        "session",
        "final_mark",
        "label",
        "published_at",
        "corrected_at",
        "candidacy",
        "school",
        "academy",
        "published",
    }


def test_an_unpublished_result_of_another_is_never_heard(world: World, client_for: Clients) -> None:
    assert world.jury
    sheet_of(world)
    confirm(world)
    publish(world)
    assert get(client_for(world.candidate), "/my/results").json["items"] == []
    assert get(client_for(world.candidate), "/results").json["items"] == []


def test_the_office_reads_its_school_s_results_once_published(world: World, client_for: Clients) -> None:
    assert world.jury
    sheet = sheet_of(world)
    decide(world, sheet)
    office = client_for(world.office)
    elsewhere = client_for(world.new_office(world.new_school("0690132U")))
    assert get(office, "/results").json["items"] == []
    publish(world)
    assert [one["candidacy"] for one in get(office, "/results").json["items"]] == [str(sheet.candidacy)]
    assert get(elsewhere, "/results").json["items"] == []
    assert get(client_for(world.inspector), "/results").json["items"] == []


def test_the_jury_reads_its_decisions_before(world: World, member: FlaskClient) -> None:
    decide(world, sheet_of(world))
    (found,) = get(member, "/results").json["items"]
    assert (found["final_mark"], found["published"], found["published_at"]) == ("12.00", False, None)


def test_a_visitor_hears_nothing(client_for: Clients) -> None:
    expect_problem(get(client_for(), "/my/results"), 401)
    expect_problem(get(client_for(), "/results"), 401)
