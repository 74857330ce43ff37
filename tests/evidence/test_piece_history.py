"""What became of one piece, the latest acts of a portfolio, and whom a candidate may ask."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy, Evidence
from portfolio.enrolment import enrol
from portfolio.errors import Forbidden, NotFound
from portfolio.evidence import deposit, quick_deposit
from portfolio.evidence.piece_history import Version, changes, piece_history
from portfolio.sign_offs.asking.teachers import followers_of
from portfolio.store.connections import Connections
from portfolio.store.history import latest
from tests.support.queries import counted
from tests.support.worlds.world import World


def test_each_version_says_what_the_next_one_changed_the_latest_first() -> None:
    first, second = {"title": "Un", "links": []}, {"title": "Deux", "links": []}
    today = {"title": "Deux", "links": [{"url": "https://exemple.fr"}]}
    found = changes([(1, first), (3, second), (4, today)])
    assert found == (Version(3, "Deux", ("links",)), Version(1, "Un", ("title",)))
    assert changes([(1, first)]) == ()


def test_a_piece_tells_its_acts_and_its_versions_and_no_other_s(world: World) -> None:
    by, piece = world.actor(world.candidate), world.new_piece()
    world.new_piece(title="Une autre")
    file = world.upload(piece)
    quick_deposit.describe(by, file, "Une lettre", world.clock())
    deposit.amend_piece(by, Evidence.objects.get(pk=piece.id), {"title": "Relance"}, world.clock())
    told = piece_history(by, Evidence.objects.get(pk=piece.id))
    assert [act.name for act in told.acts] == [
        "evidence_amended",
        "file_described",
        "file_verified",
        "upload_begun",
        "evidence_added",
    ]
    assert [one.changed for one in told.versions] == [("title",), ("files",), ("files",)]


def test_the_history_of_a_piece_costs_the_same_however_long(world: World, store: Connections) -> None:
    by, piece = world.actor(world.candidate), world.new_piece()
    counts = []
    for title in ("Un", "Deux", "Trois"):
        piece = deposit.amend_piece(by, Evidence.objects.get(pk=piece.id), {"title": title}, world.clock())
        with counted(store.database) as count:
            piece_history(world.actor(world.candidate), piece)
        counts += count
    assert counts[0] == counts[1] == counts[2]


def test_the_history_of_a_piece_is_read_by_whoever_reads_the_portfolio_s(world: World) -> None:
    piece = world.new_piece()
    assert piece_history(world.actor(world.follower), piece).acts
    with pytest.raises(Forbidden):
        piece_history(world.actor(world.second_teacher), piece)
    with pytest.raises(NotFound):
        piece_history(world.actor(world.tutor), piece)


def test_the_latest_acts_come_first_and_lead_to_those_before(world: World) -> None:
    for number in range(5):
        world.new_piece(title=f"Preuve {number}")
    by = world.actor(world.candidate)
    first = latest(by, world.portfolio, None, 3)
    assert [act.about for act in first.items] == ["Preuve 4", "Preuve 3", "Preuve 2"]
    before = latest(by, world.portfolio, first.next, 200)
    assert [act.about for act in before.items][:2] == ["Preuve 1", "Preuve 0"] and before.next is None


def test_those_who_follow_are_named_in_the_order_in_which_they_were(world: World) -> None:
    by, office = world.actor(world.candidate), world.actor(world.office)
    ids = [world.second_teacher.id, world.follower.id]
    enrol.set_followers(office, Candidacy.objects.get(pk=world.candidacy.id), ids, world.clock())
    named = followers_of(by, Candidacy.objects.get(pk=world.candidacy.id))
    assert named == [(world.second_teacher.id, world.second_teacher.name), (world.follower.id, world.follower.name)]
    with pytest.raises(NotFound):
        followers_of(world.actor(world.new_teacher(world.new_school("0691644M"))), world.candidacy)
