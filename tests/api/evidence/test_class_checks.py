"""Checks over HTTP, as a teacher enters them for a class and a candidate maps them."""

from __future__ import annotations

from functools import partial
from typing import Any

from portfolio.documents import Check, Evidence
from tests.api.evidence.test_pieces import WHY
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, fresh_key, get, post_new
from tests.support.concurrency import together
from tests.support.worlds.world import World


def class_check(world: World, *scores: tuple[Any, str], **changed: Any) -> dict[str, Any]:
    return {
        "title": "Données personnelles",
        "produced_on": "2026-10-05",
        "maximum": "20",
        "competences": ["C43"],
        "results": [{"candidacy": str(candidacy.id), "score": score} for candidacy, score in scores],
        **changed,
    }


def test_a_check_for_a_class_sent_twice_is_entered_once(world: World, client_for: Clients) -> None:
    mate = world.new_candidacy()
    teachers, key = [client_for(world.follower) for _ in range(2)], fresh_key()
    path, values = f"/schools/{world.school.id}/checks", class_check(world, (world.candidacy, "12"), (mate, "8,5"))

    answers = together(*(partial(post_new, one, path, values, key) for one in teachers))

    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert (Check.objects.count(), Evidence.objects.count()) == (1, 2)
    shown = [get(teachers[0], f"/evidence/{one}").json for one in answers[0].json["pieces"]]
    assert [(one["details"]["score"], one["state"], one["nature"]) for one in shown] == [
        ("12", "ready", "controle"),
        ("8.5", "ready", "controle"),
    ]


def test_errors_of_a_check_name_their_lines(world: World, client_for: Clients) -> None:
    mate = world.new_candidacy()
    path = f"/schools/{world.school.id}/checks"
    values = class_check(world, (world.candidacy, "12"), (mate, "21"), (world.candidacy, "3"))

    body = expect_problem(post_new(client_for(world.follower), path, values), 422)

    assert list(body["errors"]) == ["results.1.score", "results.2"]
    assert (Check.objects.count(), Evidence.objects.count()) == (0, 0)
    unknown = class_check(
        world, (world.candidacy, "1"), results=[{"candidacy": "0" * 24, "score": "1"}, {"score": "1"}]
    )
    body = expect_problem(post_new(client_for(world.follower), path, unknown), 422)
    assert list(body["errors"]) == ["results.1.candidacy"]


def test_a_check_is_for_teachers_of_that_school(world: World, client_for: Clients) -> None:
    path, values = f"/schools/{world.school.id}/checks", class_check(world, (world.candidacy, "12"))
    for person, status in (
        (world.office, 403),
        (world.candidate, 404),
        (world.tutor, 404),
        (world.new_teacher(world.new_school("0750655E")), 404),
    ):
        expect_problem(post_new(client_for(person), path, values), status)
    assert Check.objects.count() == 0


def test_a_result_entered_by_a_teacher_is_mapped_by_the_candidate_and_nothing_more(
    world: World, client_for: Clients
) -> None:
    path = f"/schools/{world.school.id}/checks"
    made = post_new(client_for(world.follower), path, class_check(world, (world.candidacy, "6"))).json
    client, path = client_for(world.candidate), f"/evidence/{made['pieces'][0]}"

    mapped = change(client, "PATCH", path, 1, {"competences": [WHY], "criteria": ["K4"], "tool_families": ["T1"]})
    assert (mapped.status_code, mapped.json["state"], mapped.json["competences"]) == (200, "ready", [WHY])
    for values in ({"title": "Vingt sur vingt"}, {"details": {"score": "20"}}, {"nature": "autre", "criteria": []}):
        expect_problem(change(client, "PATCH", path, 2, values), 409, "entered_by_teacher")
    expect_problem(change(client, "DELETE", path, 2), 409, "entered_by_teacher")
    file = {"name": "x.pdf", "size": 10}
    expect_problem(post_new(client, f"{path}/files", file), 409, "entered_by_teacher")
    unmapped = change(client, "PATCH", path, 2, {"competences": []})
    assert (unmapped.status_code, unmapped.json["state"]) == (200, "draft")
    told = get(client, path).json
    assert (told["details"]["score"], told["handed_in"], told["missing"]) == ("6", True, ["au moins une compétence"])
