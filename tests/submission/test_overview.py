"""A whole portfolio read at once: complete, and at a cost that does not grow with its pieces."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from portfolio.documents import Evidence, EvidenceFile, Submission
from portfolio.enrolment import placements
from portfolio.evidence import deposit, upload_ending
from portfolio.evidence.piece_fields import missing_of
from portfolio.store.connections import Connections
from portfolio.store.digests import files_of, piece_content
from portfolio.submission import submit
from portfolio.submission.overview import conformity_of, coverage_of, overview, state_of
from tests.support.api.clients import Clients
from tests.support.api.requests import change, get
from tests.support.queries import counted
from tests.support.worlds.world import ALL_COMPETENCES, World


def test_everything_live_is_there_and_nothing_withdrawn(world: World) -> None:
    by = world.actor(world.candidate)
    letter = world.new_piece()
    verified, pending, removed = world.upload(letter), world.send(letter), world.send(letter)
    upload_ending.remove(by, EvidenceFile.objects.get(pk=removed.id), world.clock())
    in_class = world.new_activity("classe")
    loose = world.new_piece(title="Certificat", nature="autre")
    draft = world.new_piece(title="Ébauche", description={})
    withdrawn = world.new_piece(title="Retirée")
    deposit.withdraw_piece(by, Evidence.objects.get(pk=withdrawn.id), world.clock())
    left = world.new_activity("classe")
    deposit.withdraw_activity(by, left, world.clock())
    cancelled = world.new_placement(world.candidacy)
    placements.cancel_placement(world.actor(world.office), cancelled, "Annulé", world.clock())
    someone_else = World(world.clock)
    someone_else.count = 500
    for name in ("administrator", "academy", "school", "office", "follower", "company"):
        setattr(someone_else, name, getattr(world, name))
    someone_else.new_piece(title="D'un autre candidat")

    seen = overview(world.portfolio)

    assert [one.title for one in seen.pieces] == ["Lettre de relance", "Certificat", "Ébauche"]
    assert [file.id for file in seen.files[letter.id]] == [verified.id, pending.id]
    assert (seen.files[loose.id], seen.files[draft.id]) == ([], [])
    assert {one.id for one in seen.activities} == {world.activity.id, in_class.id}
    assert [one.id for one in seen.placements] == [world.placement.id]
    assert [one.id for one in seen.handed_in] == [letter.id, loose.id]
    assert [one.id for one in seen.unreadable] == [draft.id]


def test_coverage_tells_declared_from_accepted_and_says_what_to_capture(world: World) -> None:
    company = world.new_piece(competences=[{"competence": "C47", "justification": "x"}], criteria=["K3"])
    world.sign_off()
    in_class = world.new_activity("classe")
    waiting = world.new_piece(in_class, title="En classe", competences=[{"competence": "C1", "justification": "x"}])

    found = coverage_of(overview(world.portfolio)).as_dict()

    lines = {line["code"]: line for line in found["competences"]}
    assert list(lines) == list(ALL_COMPETENCES)
    assert lines["C47"]["declared"] == {"count": 1, "pieces": [str(company.id)]}
    assert lines["C47"]["accepted"] == {"count": 1, "pieces": [str(company.id)]}
    assert lines["C1"]["declared"]["pieces"] == [str(waiting.id)]
    assert lines["C1"]["accepted"]["count"] == 0
    assert "retained" not in lines["C1"]
    assert found["cross"]["C47"]["K3"]["declared"]["count"] == 1
    assert found["gaps"]["declared"]["competences"] == [c for c in ALL_COMPETENCES if c not in ("C1", "C47")]
    advice = " ".join(one["text"] for one in found["advice"])
    assert "Aucune preuve pour C42" in advice
    assert "C1 (" in advice and "aucune preuve n'est encore confirmée" in advice


def test_conformity_follows_signatures_evaluations_and_anonymisation(bound: World) -> None:
    world = bound
    world.new_piece(situation="reelle", anonymisation="a_faire")

    def checks() -> dict[str, Any]:
        return {one.code: one for one in conformity_of(overview(world.portfolio)).checks}

    before = checks()
    assert not before["real_pieces_anonymised"].passed
    assert before["tutor_sign_off"].text == "À demander au tuteur : « Relance des impayés »."
    assert before["reality_evaluated"].missing == (str(world.placement.id),)
    assert conformity_of(overview(world.portfolio)).blocking

    world.sign_off()
    piece = Evidence.objects.get(candidacy=world.candidacy.id)
    deposit.amend_piece(world.actor(world.candidate), piece, {"anonymisation": "fait"}, world.clock())

    after = checks()
    assert after["real_pieces_anonymised"].passed
    assert after["tutor_sign_off"].passed and after["teacher_sign_off"].passed
    assert not conformity_of(overview(world.portfolio)).blocking


def test_a_piece_without_activity_and_a_draft_are_in_the_state_that_is_checked(world: World) -> None:
    loose = world.new_piece(nature="autre")
    by = world.actor(world.candidate)
    deposit.amend_piece(by, loose, {"activity": None}, world.clock())
    undated = world.new_piece(title="Ébauche", produced_on=None)

    state = state_of(overview(world.portfolio))

    assert [(one.id, one.activity, one.accepted) for one in state.pieces] == [
        (str(loose.id), None, False),
        (str(undated.id), str(world.activity.id), False),
    ]
    assert [(one.id, one.missing, one.readable) for one in state.drafts] == [(str(undated.id), ("la date",), True)]


# --- the cost -------------------------------------------------------------------------------------


def fill(world: World, count: int, **changed: Any) -> None:
    """As many pieces, in several activities."""
    activities = [world.activity, *(world.new_activity("classe") for _ in range(3))]
    for rank in range(Evidence.objects(candidacy=world.candidacy.id).count(), count):
        world.new_piece(activities[rank % 4], title=f"Pièce {rank}", **changed)


def commands(store: Connections, act: Callable[[], Any]) -> tuple[int, Any]:
    with counted(store.database) as count:
        answer = act()
    return count[0], answer


READINGS: dict[str, Callable[[Any], int]] = {
    "/portfolios/{0}/coverage": lambda body: body["competences"][0]["declared"]["count"],
    "/portfolios/{0}/conformity": lambda body: sum(
        len(check["missing"]) for check in body["checks"] if check["code"] == "real_pieces_anonymised"
    ),
    "/evidence": lambda body: len(body["items"]),
}


@pytest.mark.parametrize("path", READINGS)
def test_reading_costs_as_many_commands_for_sixty_pieces_as_for_one(
    world: World, store: Connections, client_for: Clients, path: str
) -> None:
    readers = [client_for(world.candidate), client_for(world.follower)]
    asked = {"candidacy": str(world.candidacy.id), "limit": 200} if path == "/evidence" else {}
    costs = set()
    for size in (1, 20, 60):
        fill(world, size, anonymisation="a_faire")
        read = [commands(store, partial(get, one, path.format(world.candidacy.id), **asked)) for one in readers]
        costs.add(tuple(cost for cost, _ in read))
        assert [READINGS[path](answer.json) for _, answer in read] == [size, size]
    assert len(costs) == 1
    assert max(costs.pop()) < 25


def test_showing_a_piece_costs_the_same_in_a_small_and_a_large_portfolio(
    world: World, store: Connections, client_for: Clients
) -> None:
    client = client_for(world.candidate)
    costs = set()
    for size in (1, 20, 60):
        fill(world, size)
        latest = Evidence.objects.order_by("-id").first()
        for _ in range(2):
            world.send(latest)
        cost, answer = commands(store, partial(get, client, f"/evidence/{latest.id}"))
        assert (answer.json["title"], len(answer.json["files"])) == (latest.title, 2)
        costs.add(cost)
    assert len(costs) == 1


def test_submitting_costs_as_many_commands_for_sixty_pieces_as_for_one(
    world: World, store: Connections, client_for: Clients
) -> None:
    client, costs = client_for(world.candidate), set()
    for size in (1, 20, 60):
        fill(world, size)
        path, revision = f"/portfolios/{world.candidacy.id}/submit", world.portfolio.revision
        cost, answer = commands(store, partial(change, client, "POST", path, revision, {}))
        assert answer.json["state"] == "submitted", answer.text
        costs.add(cost)
        frozen = Submission.objects(candidacy=world.candidacy.id).order_by("-number").first()
        assert frozen.content.count('"title":"Pièce') == size
        submit.reopen(world.actor(world.follower), world.portfolio, "Suite", world.clock())
    assert len(costs) == 1


def test_what_was_never_stored_of_a_piece_reads_as_in_its_document_and_moves_no_digest(
    world: World, store: Connections
) -> None:
    piece = world.new_piece(links=[{"url": "https://exemple.fr"}])
    world.upload(piece)
    world.sign_off()
    unset = dict.fromkeys(("details", "criteria", "tool_families", "collective", "competences"), "")
    store.database.evidence.update_one({"_id": piece.id}, {"$unset": unset})
    (row,) = (whole := overview(world.portfolio)).pieces
    document = Evidence.objects.get(pk=piece.id)
    assert piece_content(row, whole.files[piece.id]) == piece_content(document, files_of([document])[piece.id])
    assert whole.missing(row) == missing_of(document, files_of([document])[piece.id])
