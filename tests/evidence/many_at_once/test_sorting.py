"""Many pieces are sorted in one act, all or none, and each keeps what it was before."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Evidence, EvidenceVersion, Link
from portfolio.errors import Invalid, NotFound
from portfolio.evidence import deposit
from portfolio.evidence.many_at_once import sorting
from tests.support.containers import zipped
from tests.support.worlds.unpackings import pieces_of, unpacked
from tests.support.worlds.world import World

CODES = ("C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49")


@pytest.mark.parametrize(
    ("folder", "competences", "of_a_company"),
    [
        ("Stage AXA/C42", ("C42",), True),
        ("c 43 et C-44", ("C43", "C44"), False),
        ("Compétence C420", (), False),
        ("AC42", (), False),
        ("Cours/Excel", (), False),
        ("PFMP 1", (), True),
        ("", (), False),
    ],
)
def test_the_name_of_a_folder_is_only_a_question(folder: str, competences: tuple[str, ...], of_a_company: bool) -> None:
    assert sorting.words_of(folder, CODES) == sorting.FolderWords(competences, of_a_company)


def sorted_as(piece: Evidence, **values: Any) -> Any:
    return {"piece": piece.id, "revision": piece.revision, **values}


def two_pieces(world: World) -> list[Evidence]:
    unpacked(world, zipped({"Stage/a.txt": "un", "Cours/b.txt": "deux"}))
    return pieces_of(world)


def test_pieces_wait_by_the_folder_that_they_came_in(world: World) -> None:
    first, second = two_pieces(world)
    by = world.actor(world.candidate)
    waiting = sorting.unsorted_of(by, world.portfolio)
    assert [(name, [piece.id for piece in pieces]) for name, pieces in waiting] == [
        ("Stage", [first.id]),
        ("Cours", [second.id]),
    ]
    with pytest.raises(NotFound):
        sorting.unsorted_of(world.actor(world.tutor), world.portfolio)


def test_all_are_sorted_in_one_act_and_each_says_so(world: World) -> None:
    first, second = two_pieces(world)
    by, activity = world.actor(world.candidate), world.activity
    values = [
        sorted_as(first, type_code="WP1", activity=activity.id, situation="reelle", competences=["C1", "C42"]),
        sorted_as(second, type_code="REF1"),
    ]
    sorting.sort(by, world.portfolio, values, world.clock())
    first, second = pieces_of(world)
    assert (first.type_code, first.activity, first.placement) == ("WP1", activity.id, activity.placement)
    assert [proof.competence for proof in first.competences] == ["C1", "C42"]
    assert (first.situation, second.type_code, second.activity) == ("reelle", "REF1", None)
    links = Link.objects(chain=f"portfolio:{world.candidacy.id}", name="evidence_amended")
    assert {link.subject["id"] for link in links} == {str(first.id), str(second.id)}
    assert sorting.unsorted_of(by, world.portfolio) == []


def test_what_is_as_it_was_is_no_change(world: World) -> None:
    first, _ = two_pieces(world)
    by = world.actor(world.candidate)
    (once,) = sorting.sort(by, world.portfolio, [sorted_as(first, type_code="WP1", competences=["C1"])], world.clock())
    again = sorted_as(once, type_code="WP1", competences=["C1"])
    sorting.sort(by, world.portfolio, [again], world.clock())
    assert Evidence.objects.get(pk=first.id).revision == once.revision


def test_one_wrong_line_changes_nothing_and_is_named(world: World) -> None:
    first, second = two_pieces(world)
    by = world.actor(world.candidate)
    stale = {**sorted_as(second, type_code="ZZZ", competences=["C99"]), "revision": second.revision + 1}
    with pytest.raises(Invalid) as refusal:
        sorting.sort(by, world.portfolio, [sorted_as(first, type_code="WP1"), stale], world.clock())
    assert set(refusal.value.errors) == {"pieces.1.revision", "pieces.1.type_code", "pieces.1.competences"}
    assert {piece.type_code for piece in pieces_of(world)} == {"TRI1"}


def test_a_ready_piece_keeps_the_version_before(world: World) -> None:
    piece = world.new_piece()
    world.upload(piece)
    ready = Evidence.objects.get(pk=piece.id)
    assert ready.state == "ready"
    sorting.sort(world.actor(world.candidate), world.portfolio, [sorted_as(ready, competences=["C43"])], world.clock())
    assert EvidenceVersion.objects(evidence=piece.id, revision=ready.revision).count() == 1


def test_nothing_is_sorted_once_handed_in(world: World) -> None:
    world.submit()
    piece = pieces_of(world)[0]
    with pytest.raises(deposit.PortfolioSubmitted):
        sorting.sort(world.actor(world.candidate), world.portfolio, [sorted_as(piece, type_code="REF1")], world.clock())
