"""Acts on one portfolio at the same moment: nothing is lost, nothing slips in, nobody is refused for another's act."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from portfolio.documents import Activity, Evidence, EvidenceFile, Submission
from portfolio.enrolment import placements
from portfolio.errors import Stale
from portfolio.evidence import class_results, deposit, upload_ending
from portfolio.store.journal import MovedMeanwhile
from portfolio.store.objects.bucket import Storage
from portfolio.store.objects.listings import Held
from portfolio.submission import submit
from tests.support.concurrency import in_between, together
from tests.support.worlds.world import World


def add(world: World, **values: Any) -> Evidence:
    """As one request does: on a portfolio read by itself."""
    values = {"type_code": "REF1", "title": "x", "nature": "production"} | values
    return deposit.add_piece(world.actor(world.candidate), world.portfolio, values, world.clock())


def amend(world: World, piece: Evidence, **values: Any) -> Evidence:
    return deposit.amend_piece(world.actor(world.candidate), piece, values, world.clock())


def test_two_changes_at_once_on_the_same_revision_make_one_change(world: World) -> None:
    piece = world.new_piece()
    for turn in range(4):
        seen = [Evidence.objects.get(pk=piece.id) for _ in range(2)]

        done = together(*(partial(amend, world, one, title=f"{turn}.{rank}") for rank, one in enumerate(seen)))

        (stale,) = [one for one in done if isinstance(one, Stale)]
        (kept,) = [one for one in done if isinstance(one, Evidence)]
        assert (stale.thing.id, stale.thing.title) == (piece.id, kept.title)
        assert Evidence.objects.get(pk=piece.id).title == kept.title


def test_pieces_added_at_once_are_all_there(world: World) -> None:
    activity = world.activity
    before = world.portfolio.revision

    done = together(*[partial(add, world, activity=activity.id)] * 5)

    assert [type(one) for one in done] == [Evidence] * 5
    assert Evidence.objects(activity=activity.id).count() == 5
    assert world.portfolio.revision == before + 5


def test_a_piece_never_lands_in_an_activity_withdrawn_at_the_same_moment(world: World) -> None:
    by = world.actor(world.candidate)
    for _ in range(6):
        activity = world.new_activity("classe")
        read_anew = Activity.objects.get(pk=activity.id)

        together(
            partial(deposit.withdraw_activity, by, read_anew, world.clock()),
            partial(add, world, activity=activity.id),
        )

        inside = Evidence.objects(activity=activity.id).count()
        assert (Activity.objects.get(pk=activity.id).withdrawn_at is None) == (inside == 1)


def test_a_piece_never_keeps_the_placement_that_its_activity_just_left(world: World) -> None:
    by, first = world.actor(world.candidate), world.placement
    second = world.new_placement(world.candidacy)
    for turn in range(6):
        activity = world.new_activity()
        moved = partial(deposit.amend_activity, by, activity, {"placement": second.id}, world.clock())

        _, piece = together(moved, partial(add, world, activity=activity.id))

        assert first.id != second.id
        assert Evidence.objects.get(pk=piece.id).placement == second.id, turn


@pytest.mark.parametrize("act", ["added", "moved"])
def test_no_activity_comes_into_a_placement_cancelled_meanwhile(
    world: World, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, office, placement = world.actor(world.candidate), world.actor(world.office), world.placement
    classroom = world.new_activity("classe")
    into = {"title": "Relance", "context": "pfmp", "placement": placement.id}
    acts = {
        "added": partial(deposit.add_activity, by, world.portfolio, into, world.clock()),
        "moved": partial(deposit.amend_activity, by, classroom, into, world.clock()),
    }
    in_between(monkeypatch, deposit, partial(placements.cancel_placement, office, placement, "Rupture", world.clock()))
    with pytest.raises(MovedMeanwhile):
        acts[act]()
    (only,) = Activity.objects
    assert (only.id, only.placement, only.context) == (classroom.id, None, "classe")


def test_a_text_saved_while_its_file_is_verified_is_kept_and_the_piece_says_the_truth(world: World) -> None:
    by = world.actor(world.candidate)
    for turn in range(4):
        piece = world.new_piece(title=f"Avant {turn}", type_code="WP1")
        file = world.send(piece)
        seen = Evidence.objects.get(pk=piece.id)

        finished, saved = together(
            partial(upload_ending.finish, by, file, world.clock()),
            partial(amend, world, seen, title=f"Après {turn}"),
        )

        assert finished.state == "verified"
        stored = Evidence.objects.get(pk=piece.id)
        assert stored.state == "ready"
        assert isinstance(saved, Stale) or stored.title == f"Après {turn}"


def test_files_of_one_piece_that_finish_at_once_make_it_ready(world: World) -> None:
    by = world.actor(world.candidate)
    piece = world.new_piece(type_code="WP1")
    files = [world.send(piece, name=f"{rank}.pdf") for rank in range(3)]

    done = together(*(partial(upload_ending.finish, by, file, world.clock()) for file in files))

    assert [one.state for one in done] == ["verified"] * 3
    assert Evidence.objects.get(pk=piece.id).state == "ready"


def test_a_file_committed_twice_at_once_gets_one_verdict(world: World) -> None:
    by = world.actor(world.candidate)
    file = world.send(world.new_piece())

    done = together(
        *(partial(upload_ending.finish, by, EvidenceFile.objects.get(pk=file.id), world.clock()) for _ in range(4))
    )

    assert [(one.state, one.sha256) for one in done] == [("verified", done[0].sha256)] * 4
    assert EvidenceFile.objects.get(pk=file.id).revision == 2


def test_parts_that_another_joins_while_they_are_listed_are_not_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = world.send(world.new_piece())
    listing = Storage.held

    def held(self: Storage, key: str, upload_id: str) -> Held:
        listed = listing(self, key, upload_id)
        self.complete(key, upload_id, {number: part.etag for number, part in listed.parts.items()})
        return listed._replace(parts={})

    monkeypatch.setattr(Storage, "held", held)
    assert upload_ending.finish(world.actor(world.candidate), file, world.clock()).state == "verified"


def test_a_file_removed_while_it_is_verified_is_out_or_verified_first(world: World) -> None:
    by = world.actor(world.candidate)
    for _ in range(4):
        file = world.send(world.new_piece())
        seen = EvidenceFile.objects.get(pk=file.id)

        finished, removed = together(
            partial(upload_ending.finish, by, file, world.clock()),
            partial(upload_ending.remove, by, seen, world.clock()),
        )

        stored = EvidenceFile.objects.get(pk=file.id)
        if isinstance(removed, Stale):
            assert (stored.state, stored.removed_at) == ("verified", None)
        else:
            assert isinstance(finished, upload_ending.NotPending)
            assert (stored.state, stored.removed_at) == ("pending", world.clock())


def test_nothing_slips_into_a_portfolio_submitted_at_the_same_moment(world: World) -> None:
    """Either the piece is in the frozen revision, or it was refused, or the candidate is told to look again."""
    by, activity = world.actor(world.candidate), world.activity
    world.new_piece()
    complete = {"activity": activity.id, "situation": "simulee", "context": "pfmp", "produced_on": "2026-06-02"}
    complete |= {"description": {"aim": "x"}, "competences": [{"competence": "C1", "justification": "x"}]}
    for _ in range(12):
        done = together(
            lambda: submit.submit(by, world.portfolio, True, world.clock()),
            partial(add, world, **complete),
        )
        submitted, added = (not isinstance(one, Exception) for one in done)
        assert submitted or isinstance(done[0], Stale)
        assert added or isinstance(done[1], deposit.PortfolioSubmitted)
        assert submitted or added
        if submitted:
            latest = Submission.objects(candidacy=world.candidacy.id).order_by("-number").first()
            frozen = {one["id"] for one in json.loads(latest.content)["pieces"]}
            assert frozen == {str(one.id) for one in Evidence.objects(candidacy=world.candidacy.id, state="ready")}
            submit.reopen(world.actor(world.follower), world.portfolio, "Encore une fois", world.clock())


def test_a_check_is_refused_for_a_portfolio_handed_in_between_its_reading_and_its_writing(world: World) -> None:
    world.new_piece()
    teacher = world.actor(world.follower)

    class HandsInMeanwhile(dict[str, Any]):
        """The teacher's line; the portfolio was read just before its score is."""

        def __getitem__(self, name: str) -> Any:
            if name == "score":
                submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
            return super().__getitem__(name)

    values = {"title": "Contrôle", "produced_on": "2026-10-05", "maximum": "20", "competences": ["C43"]}
    values |= {"results": [HandsInMeanwhile(candidacy=world.candidacy.id, score="12")]}
    with pytest.raises(class_results.SubmittedMeanwhile):
        class_results.record_check(teacher, world.school, values, world.clock())

    assert world.portfolio.state == "submitted"
    assert Evidence.objects(nature="controle").count() == 0


def test_a_check_entered_while_the_candidate_deposits_refuses_neither(world: World) -> None:
    teacher = world.actor(world.follower)
    values = {"title": "Contrôle", "produced_on": "2026-10-05", "maximum": "20", "competences": ["C43"]}
    values |= {"results": [{"candidacy": world.candidacy.id, "score": "12"}]}

    done = together(
        *[partial(class_results.record_check, teacher, world.school, values, world.clock())] * 2,
        *[partial(add, world)] * 3,
    )

    assert [type(one).__name__ for one in done] == ["Check"] * 2 + ["Evidence"] * 3
    assert Evidence.objects(candidacy=world.candidacy.id).count() == 5


def test_two_submissions_at_once_make_one(world: World) -> None:
    world.new_piece()
    by = world.actor(world.candidate)
    seen = [world.portfolio for _ in range(3)]

    done = together(*(partial(submit.submit, by, one, True, world.clock()) for one in seen))

    assert sorted(type(one).__name__ for one in done) == ["Portfolio", "Stale", "Stale"]
    assert Submission.objects.count() == 1
