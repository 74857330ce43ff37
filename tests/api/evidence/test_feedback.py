"""Formative feedback over HTTP."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.support.api.requests import change, expect_problem, get, post_new
from tests.support.worlds.world import World


def test_a_teacher_comments_a_piece_and_the_candidate_answers(
    world: World, client_for: Callable[..., FlaskClient]
) -> None:
    piece = world.new_piece()
    teacher, candidate = client_for(world.follower), client_for(world.candidate)
    said = {"revision": piece.revision, "text": "Montrez aussi la réponse."}
    given = post_new(teacher, f"/evidence/{piece.id}/feedback", said)
    assert given.status_code == 201, given.text
    listed = get(candidate, "/feedback", evidence=str(piece.id)).json["items"]
    assert [(one["text"], one["can"]) for one in listed] == [
        ("Montrez aussi la réponse.", ["acknowledge_feedback", "read_feedback"])
    ]
    path = f"/feedback/{given.json['id']}"
    answered = change(candidate, "POST", f"{path}/acknowledge", 1, {"reply": "C'est fait."})
    assert answered.json["reply"] == "C'est fait." and answered.json["seen_at"]
    assert get(teacher, path).json["reply"] == "C'est fait."
    expect_problem(get(client_for(world.second_teacher), path), 404, "not_found")
