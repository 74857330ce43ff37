"""Results of a check entered for a class in one act: all or none, each error at its line."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Candidacy, Check, Evidence, Link, Person, Portfolio
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import class_results, deposit, piece_fields
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.store.connections import current
from portfolio.submission import submit
from tests.support.acts.depositing import amend
from tests.support.worlds.world import World


def record(world: World, scores: dict[Any, str], by: Person | None = None, **changed: Any) -> Check:
    """scores: {candidacy id: score}."""
    values = {
        "title": "Protection des données",
        "produced_on": "2026-10-05",
        "maximum": "20",
        "competences": ["C43", "C46"],
        "criteria": ["K5"],
        "results": [{"candidacy": candidacy, "score": score} for candidacy, score in scores.items()],
        **changed,
    }
    return class_results.record_check(world.actor(by or world.follower), world.school, values, world.clock())


@pytest.fixture
def pupils(world: World) -> list[Candidacy]:
    return [world.candidacy, world.new_candidacy(), world.new_candidacy(followed=False)]


def test_one_act_gives_each_candidate_a_ready_accepted_piece(world: World, pupils: list[Candidacy]) -> None:
    check = record(world, {one.id: score for one, score in zip(pupils, ("12", "7,5", "20"), strict=True)})

    stored = Check.objects.get(pk=check.id)
    assert (stored.title, stored.produced_on, stored.entered_by) == (
        "Protection des données",
        "2026-10-05",
        world.follower.id,
    )
    pieces = [Evidence.objects.get(pk=one) for one in stored.pieces]
    assert [(one.candidacy, one.details["score"]) for one in pieces] == [
        (pupils[0].id, "12"),
        (pupils[1].id, "7.5"),
        (pupils[2].id, "20"),
    ]
    for piece in pieces:
        assert (piece.state, piece.nature, piece.type_code) == ("ready", "controle", "QZ1")
        assert (piece.entered_by, piece.details["author"]) == (world.follower.id, world.follower.name)
        assert [proof.competence for proof in piece.competences] == ["C43", "C46"]
        assert piece_fields.missing_of(piece, []) == []
        assert sign_offs(piece.candidacy).accepted_pieces == {piece.id}
    assert [Portfolio.objects.get(pk=one.id).revision for one in pupils] == [2, 2, 2]
    (event,) = Link.objects(name="check_recorded")
    assert event.data == {"pieces": [str(one.id) for one in pieces]}


def test_any_teacher_of_the_school_may_enter_results_and_nobody_else(world: World, pupils: list[Candidacy]) -> None:
    scores = {pupils[0].id: "12"}
    record(world, scores, by=world.new_teacher(world.school, teaches_profession=False))

    for person, refusal in (
        (world.office, Forbidden),
        (world.inspector, Forbidden),
        (world.candidate, NotFound),
        (world.tutor, NotFound),
        (world.new_teacher(world.new_school("0750655E")), NotFound),
    ):
        with pytest.raises(refusal):
            record(world, scores, by=person)
    assert Check.objects.count() == 1


def test_one_wrong_line_refuses_all_and_every_wrong_line_is_named(world: World, pupils: list[Candidacy]) -> None:
    elsewhere = world.new_candidacy()
    Candidacy.objects(pk=elsewhere.id).update(set__school=world.new_school("0750655E").id)
    no_portfolio = world.new_candidacy(ccf_override={"form": "ponctuelle", "decision_reference": "R-1"})
    results = [(pupils[0].id, "12"), (elsewhere.id, "12"), (pupils[1].id, "21"), (no_portfolio.id, "12")]
    results += [(pupils[0].id, "13"), (pupils[2].id, "douze")]

    with pytest.raises(Invalid) as refusal:
        record(world, {}, results=[{"candidacy": one, "score": score} for one, score in results])

    assert refusal.value.errors == {
        "results.1": ["Ce candidat n'est pas de cet établissement."],
        "results.2.score": ["Ce nombre ne peut pas dépasser « Résultat maximal »."],
        "results.3": ["Ce candidat passe l'épreuve ponctuelle : il n'a pas de portfolio."],
        "results.4": ["Ce candidat figure déjà plus haut."],
        "results.5.score": ["Écrivez un nombre positif, par exemple 14,5."],
    }
    assert Evidence.objects.count() == Check.objects.count() == 0
    assert Portfolio.objects.get(pk=pupils[0].id).revision == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"competences": ["C43", "C99"]}, "competences"),
        ({"competences": ["C43", "C43"]}, "competences"),
        ({"criteria": ["K9"]}, "criteria"),
        ({"maximum": "vingt"}, "maximum"),
        ({"produced_on": "05/10/2026"}, "produced_on"),
    ],
)
def test_what_is_wrong_for_all_is_said_once(world: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        record(world, {world.candidacy.id: "12", world.new_candidacy().id: "13"}, **values)

    assert list(refusal.value.errors) == [field]
    assert Evidence.objects.count() == 0


def test_a_submitted_portfolio_refuses_its_result_by_line_until_it_is_reopened(
    world: World, pupils: list[Candidacy]
) -> None:
    world.submit()
    scores = {pupils[1].id: "12", pupils[0].id: "13"}
    with pytest.raises(Invalid) as refusal:
        record(world, scores)
    assert refusal.value.errors == {"results.1": ["Ce portfolio est remis : rouvrez-le d'abord."]}
    assert Evidence.objects(candidacy=pupils[1].id).count() == 0

    submit.reopen(world.actor(world.follower), world.portfolio, "Résultat à joindre", world.clock())
    assert len(record(world, scores).pieces) == 2


def test_a_whole_class_costs_as_many_commands_for_reading_as_one(world: World) -> None:
    """Writes grow with the class, since each piece is one; what is read does not."""
    reads: list[int] = []
    for count in (1, 12):
        scores = {world.new_candidacy().id: "12" for _ in range(count)}
        database = current().database
        database.command("profile", 2)
        try:
            record(world, scores)
        finally:
            database.command("profile", 0)
        own = {"op": "query", "ns": {"$in": [f"{database.name}.candidacies", f"{database.name}.portfolios"]}}
        reads.append(database["system.profile"].count_documents(own))
        database["system.profile"].drop()
    assert reads == [2, 2]


def class_check(world: World, *candidacies: Any, **changed: Any) -> Any:
    values = {
        "title": "Données personnelles",
        "produced_on": "2026-10-05",
        "maximum": "20",
        "competences": ["C43"],
        "criteria": ["K5"],
        "results": [{"candidacy": one.id, "score": "14,5"} for one in candidacies or (world.candidacy,)],
    }
    return class_results.record_check(world.actor(world.follower), world.school, values | changed, world.clock())


def test_a_result_entered_by_a_teacher_can_only_be_mapped(world: World) -> None:
    (result,) = Evidence.objects(pk__in=class_check(world).pieces)
    class_work = world.new_activity("classe")

    mapped = amend(
        world,
        result,
        activity=class_work.id,
        competences=[{"competence": "C44", "justification": "Procédure suivie."}],
        criteria=["K4"],
        tool_families=["T1"],
    )

    assert (mapped.state, mapped.activity, mapped.criteria) == ("ready", class_work.id, ["K4"])
    for values in ({"title": "20 sur 20"}, {"details": {}}, {"produced_on": "2026-01-01"}, {"nature": "production"}):
        with pytest.raises(deposit.EnteredByTeacher):
            amend(world, result, **values)
    with pytest.raises(deposit.EnteredByTeacher):
        deposit.withdraw_piece(world.actor(world.candidate), mapped, world.clock())
    with pytest.raises(deposit.EnteredByTeacher):
        world.upload(result)
    stored = Evidence.objects.get(pk=result.id)
    assert (stored.state, stored.details["score"], stored.title) == ("ready", "14.5", "Données personnelles")


def test_a_result_entered_by_a_teacher_stays_to_be_read_whatever_its_candidate_says_it_proves(world: World) -> None:
    (result,) = Evidence.objects(pk__in=class_check(world).pieces)

    result = amend(world, result, competences=[])

    assert (result.state, piece_fields.readable(result, [])) == ("draft", True)
    assert piece_fields.missing_of(result, []) == ["au moins une compétence"]
