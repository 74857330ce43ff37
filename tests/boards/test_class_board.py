"""The class board: it says of each candidate what their own pages say, at the cost of one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portfolio.boards.class_board import BoardLine, Signed, board, current_session, ordered
from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile
from portfolio.enrolment import enrol
from portfolio.enrolment.deadline import deadline_of
from portfolio.evidence import deposit, upload_ending
from portfolio.ids import new_id
from portfolio.sign_offs import reality
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from portfolio.submission.overview import coverage_of, overview
from tests.conftest import START
from tests.support.api.clients import Clients
from tests.support.api.requests import get
from tests.support.queries import counted
from tests.support.worlds import commissions
from tests.support.worlds.signing import answer
from tests.support.worlds.world import World
from web.layout import moment

BELOW = ("portfolios", "placements", "activities", "evidence", "files", "attestations", "reality_evaluations")


def lines_of(world: World, who: Any = None, **asked: Any) -> tuple[BoardLine, ...]:
    return board(world.actor(who or world.follower), world.clock(), **asked).lines


def test_a_line_says_what_the_portfolio_s_own_pages_say(world: World) -> None:
    signed = world.new_piece(competences=[{"competence": "C47", "justification": "x"}], links=[{"url": "https://a.fr"}])
    world.upload(signed)
    deposit.amend_piece(
        world.actor(world.candidate), Evidence.objects.get(pk=signed.id), {"title": "V2"}, world.clock()
    )
    world.sign_off()
    in_class = world.new_activity("classe")
    world.new_piece(in_class, title="En classe", competences=[{"competence": "C1", "justification": "x"}])
    world.new_piece(title="Rien à lire", description={})
    world.new_piece(title="Ébauche", nature="autre", produced_on=None, competences=[])
    requests.request(world.actor(world.candidate), Activity.objects.get(pk=in_class.id), "teacher", None, world.clock())
    (line,) = lines_of(world)
    seen = overview(world.portfolio)
    told = {one.code: one.proofs for one in coverage_of(seen).competences}
    assert [(one.code, one.declared, one.accepted) for one in line.proved] == [
        (code, len(proofs.declared), len(proofs.accepted)) for code, proofs in told.items()
    ]
    assert (line.tutor, line.teacher) == (Signed(1, 1, 0), Signed(2, 1, 1))
    assert (line.pieces, line.drafts, line.placements, line.reality_missing) == (3, 1, 1, 1)
    assert (line.waiting_since, line.overdue, line.meets_at) == (world.clock(), False, None)
    assert len(line.uncovered) == 7


def test_a_piece_that_moved_is_no_longer_signed_off(world: World) -> None:
    piece = world.new_piece()
    world.sign_off()
    assert lines_of(world)[0].tutor == Signed(1, 1, 0)
    deposit.amend_piece(world.actor(world.candidate), piece, {"title": "Autre lettre"}, world.clock())
    assert lines_of(world)[0].tutor == Signed(1, 0, 0)
    assert lines_of(world)[0].tutor.owed == 1


def test_what_is_confirmed_in_part_is_told_apart(world: World) -> None:
    world.new_piece()
    answer(world, world.tutor, "tutor", "partly", comment="Avec moi.")
    assert lines_of(world)[0].tutor == Signed(needed=1, accepted=1, waiting=0, partly=1)


def test_a_mapping_alone_may_move_but_not_a_file_nor_its_words(world: World) -> None:
    piece, by = world.new_piece(), world.actor(world.candidate)
    file = world.upload(piece)
    world.sign_off()
    deposit.amend_piece(by, Evidence.objects.get(pk=piece.id), {"criteria": ["K1"]}, world.clock())
    assert lines_of(world)[0].tutor == Signed(1, 1, 0)
    assert not overview(world.portfolio).sign_offs.activities[0].tutor.stale
    upload_ending.remove(by, EvidenceFile.objects.get(pk=file.id), world.clock())
    assert lines_of(world)[0].tutor == Signed(1, 0, 0)
    assert overview(world.portfolio).sign_offs.activities[0].tutor.stale


def test_what_is_late_comes_first(world: World) -> None:
    late, done = world.candidacy, world.new_candidacy(birth_name="Zola")
    world.new_placement(late)
    names = [line.candidacy.id for line in ordered(lines_of(world), "late")]
    assert names == [late.id, done.id]
    assert ordered(lines_of(world), "late")[0].reality_missing == 1
    world.clock.advance(days=200)  # type: ignore[attr-defined]
    assert all(line.overdue for line in lines_of(world))


def test_a_teacher_sees_whom_they_follow_and_the_school_when_they_teach_the_profession(world: World) -> None:
    followed, other = world.candidacy, world.new_candidacy(followed=False, division="2B")
    assert [line.candidacy.id for line in lines_of(world)] == [followed.id]
    assert {line.candidacy.id for line in lines_of(world, all_of_school=True)} == {followed.id, other.id}
    assert [line.candidacy.id for line in lines_of(world, all_of_school=True, division="2B")] == [other.id]
    assert board(world.actor(world.follower), world.clock()).divisions == ("2B",)
    plain = world.new_teacher(world.school, teaches_profession=False)
    elsewhere = world.new_teacher(world.new_school("0690132U"))
    assert {line.candidacy.id for line in lines_of(world, plain, all_of_school=True)} == {followed.id, other.id}
    for person in (elsewhere, world.candidate, world.office, world.tutor, world.inspector):
        assert lines_of(world, person, all_of_school=True) == ()


def test_the_commission_s_date_shows_once_convened_and_reality_once_concluded(world: World) -> None:
    evaluation = reality.write(world.actor(world.follower), world.placement, "Missions réelles, observées.", START)
    reality.concur(world.actor(world.tutor), evaluation, evaluation.digest, world.clock())
    commissions.convened(world)
    (line,) = lines_of(world)
    assert (line.reality_missing, line.meets_at) == (0, commissions.MEETS_AT)


def test_the_session_shown_is_the_next_one() -> None:
    assert current_session(["2026", "2027", "2027R", "2028"], START) == "2027"
    assert current_session(["2027R"], START) == "2027R"
    assert current_session(["2025", "2026"], START) == "2026"
    assert current_session([], START) is None


def multiply(store: Connections, candidacy: Any, times: int) -> None:
    """The same candidate many times over, under other identifiers, straight into the store."""
    kept = {name: list(store.database[name].find({"candidacy": candidacy})) for name in BELOW}
    own = store.database.candidacies.find_one({"_id": candidacy})
    assert own is not None
    for number in range(times):
        ids: dict[Any, Any] = {candidacy: new_id()}
        names = {"candidate_number": str(number), "person": new_id(), "name_key": f"eleve {number:03d}"}
        store.database.candidacies.insert_one(own | names | {"_id": ids[candidacy], "birth_name": f"Élève {number}"})
        for name, rows in kept.items():
            for row in rows:
                ids.setdefault(row["_id"], new_id())
            copies = [_renamed(row, ids) | ({"key": str(new_id())} if name == "files" else {}) for row in rows]
            if copies:
                store.database[name].insert_many(copies)


def _renamed(value: Any, ids: dict[Any, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _renamed(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, ids) for inner in value]
    return ids.get(value, value) if not isinstance(value, str | int | None) else value


def test_thirty_five_candidates_take_as_many_commands_as_one(world: World, store: Connections) -> None:
    in_class = world.new_activity("classe")
    world.new_piece(in_class)
    world.sign_off(in_class)
    by = world.actor(world.follower)
    _ = by.followed, by.seats
    with counted(store.database) as for_one:
        assert len(board(by, world.clock()).lines) == 1
    multiply(store, world.candidacy.id, 34)
    with counted(store.database) as for_many:
        many = board(by, world.clock()).lines
    assert {(line.pieces, line.teacher) for line in many} == {(1, Signed(1, 1, 0))}
    assert len(many) == 35
    assert for_many == for_one == [6]


def test_a_later_deadline_that_was_notified_is_known_to_those_who_may_know_of_adaptations(
    world: World, client_for: Clients
) -> None:
    adapted, other = world.candidacy, world.new_candidacy()
    usual = deadline_of(other)
    said = {"effect": "Délai", "decision_reference": "MDPH-2027-12", "deadline": usual + timedelta(days=9)}
    enrol.adapt(world.actor(world.office), Candidacy.objects.get(pk=adapted.id), said, world.clock())
    colleague = world.new_teacher(world.school)
    own = deadline_of(Candidacy.objects.get(pk=adapted.id))
    assert own > usual
    world.clock.now = usual + timedelta(days=1)  # type: ignore[attr-defined]
    known = {line.candidacy.id: line for line in lines_of(world)}
    assert (known[adapted.id].deadline, known[adapted.id].overdue) == (own, False)
    assert (known[other.id].deadline, known[other.id].overdue) == (usual, True)
    seen = lines_of(world, colleague, all_of_school=True)
    assert [(line.deadline, line.overdue) for line in seen] == [(usual, False)] * 2
    for person, told in ((world.follower, own), (world.candidate, own), (world.office, own), (colleague, usual)):
        shown = get(client_for(person), f"/portfolios/{adapted.id}").json["deadline"]
        assert datetime.fromisoformat(shown) == told
    page = client_for(colleague).get(f"/classe/candidats/{adapted.id}").text
    assert moment(own, "Europe/Paris") not in page and moment(usual, "Europe/Paris") in page and "en retard" not in page
    assert moment(own, "Europe/Paris") in client_for(world.follower).get(f"/classe/candidats/{adapted.id}").text
