"""The candidate's deposit: a piece grows, becomes ready by itself, and keeps what it was before each edit."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Activity, Evidence, EvidenceFile, EvidenceVersion, Portfolio
from portfolio.enrolment import placements
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import class_results, deposit, piece_fields, upload_ending
from portfolio.sign_offs.answering import content
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.store.digests import digest, piece_content
from tests.support.worlds.world import World


def add(world: World, **values: Any) -> Evidence:
    """A piece with what is given and nothing else."""
    values = {"type_code": "REF1", "title": "Ma note", "nature": "production"} | values
    return deposit.add_piece(world.actor(world.candidate), world.portfolio, values, world.clock())


def amend(world: World, piece: Evidence, **values: Any) -> Evidence:
    fresh = Evidence.objects.get(pk=piece.id)
    return deposit.amend_piece(world.actor(world.candidate), fresh, values, world.clock())


def activity_values(world: World, **changed: Any) -> dict[str, Any]:
    return {"title": "Relance", "context": "pfmp", "placement": world.placement.id, **changed}


def refused_fields(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return set(refusal.value.errors)


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


# --- a piece grows --------------------------------------------------------------------------------


def test_a_piece_starts_with_a_type_and_a_title_and_is_ready_when_nothing_is_missing(world: World) -> None:
    piece = add(world)
    assert (piece.state, piece.revision) == ("draft", 1)
    assert piece_fields.missing_of(piece, []) == [
        "la situation (réelle ou simulée)",
        "le contexte (classe, atelier, entreprise)",
        "l'activité à laquelle elle se rattache",
        "la date",
        "au moins une compétence",
        "un fichier, un lien ou une description",
    ]

    steps: list[tuple[dict[str, Any], str]] = [
        ({"situation": "reelle", "context": "pfmp"}, "si l'anonymisation est nécessaire et faite"),
        ({"activity": world.activity.id, "produced_on": "2026-06-02"}, "au moins une compétence"),
        ({"description": {"aim": "Relancer", "result": ""}}, "au moins une compétence"),
        ({"competences": [{"competence": "C47"}]}, "pour chaque compétence, pourquoi la pièce la prouve"),
        ({"anonymisation": "fait"}, "pour chaque compétence, pourquoi la pièce la prouve"),
    ]
    for values, still_missing in steps:
        piece = amend(world, piece, **values)
        assert piece.state == "draft"
        assert still_missing in piece_fields.missing_of(piece, [])
    piece = amend(world, piece, competences=[{"competence": "C47", "justification": "Ton adapté."}])

    stored = Evidence.objects.get(pk=piece.id)
    assert (stored.state, stored.revision) == ("ready", 7)
    assert stored.description == {"aim": "Relancer"}
    assert piece_fields.missing_of(stored, []) == []
    assert stored.placement == world.placement.id


def test_a_ready_piece_that_loses_something_is_a_draft_again(world: World) -> None:
    piece = world.new_piece()
    assert piece.state == "ready"

    assert amend(world, piece, activity=None).state == "draft"
    assert Evidence.objects.get(pk=piece.id).placement is None
    assert amend(world, piece, activity=world.activity.id).state == "ready"


def test_a_type_that_needs_a_file_is_not_ready_without_a_verified_one(world: World) -> None:
    letter = world.new_piece(type_code="WP1")
    assert letter.state == "draft"
    assert piece_fields.missing_of(letter, []) == ["un fichier, que ce type de preuve demande"]

    world.upload(letter)

    assert Evidence.objects.get(pk=letter.id).state == "ready"


def test_what_a_type_asks_is_missing_until_answered(world: World) -> None:
    piece = world.new_piece(type_code="SP2")
    asked = "Les lignes d'origine (données de clients) ont été retirées ou anonymisées"
    assert asked in piece_fields.missing_of(piece, [])

    piece = amend(world, piece, details={"source_rows_removed": True})

    assert asked not in piece_fields.missing_of(piece, [])
    assert piece.details == {"source_rows_removed": True}


def test_changing_the_type_keeps_the_answers_that_the_new_one_also_asks(world: World) -> None:
    piece = add(world, type_code="EML2", details={"own_parts": "Les deux premiers", "attachment_formats": "PDF"})

    piece = amend(world, piece, type_code="IM1")

    assert piece.details == {"own_parts": "Les deux premiers"}


def test_an_edit_of_a_ready_piece_keeps_the_version_before(world: World) -> None:
    piece = world.new_piece()
    before = digest(piece_content(piece, []))

    amend(world, piece, title="Lettre de relance, relue")
    amend(world, piece, criteria=["K1"])

    versions = list(EvidenceVersion.objects(evidence=piece.id).order_by("revision"))
    assert [(one.revision, one.content["title"]) for one in versions] == [
        (1, "Lettre de relance"),
        (2, "Lettre de relance, relue"),
    ]
    assert digest(versions[0].content) == before


def test_edits_of_a_draft_keep_no_version(world: World) -> None:
    piece = add(world)
    amend(world, piece, title="Une autre note")

    assert EvidenceVersion.objects(evidence=piece.id).count() == 0


def test_an_edit_makes_sign_offs_stale_and_a_new_mapping_does_not(world: World) -> None:
    piece = world.new_piece()
    world.sign_off()
    signed = {"tutor": "confirmed", "teacher": "confirmed"}
    assert sign_offs(world.candidacy.id).statuses[world.activity.id] == signed

    amend(world, piece, criteria=["K7"], tool_families=["T3"])
    assert sign_offs(world.candidacy.id).statuses[world.activity.id] == signed
    assert sign_offs(world.candidacy.id).accepted_pieces == {piece.id}

    amend(world, piece, description={"aim": "Tout autre chose"})
    assert sign_offs(world.candidacy.id).statuses[world.activity.id] == {"tutor": "stale", "teacher": "stale"}
    assert sign_offs(world.candidacy.id).accepted_pieces == frozenset()


def test_a_withdrawn_piece_stays_in_the_record_and_changes_no_more(world: World) -> None:
    piece = world.new_piece()
    by = world.actor(world.candidate)

    deposit.withdraw_piece(by, piece, world.clock())

    stored = Evidence.objects.get(pk=piece.id)
    assert (stored.state, stored.title) == ("withdrawn", "Lettre de relance")
    assert EvidenceVersion.objects.get(evidence=piece.id).content["title"] == "Lettre de relance"
    with pytest.raises(deposit.Withdrawn):
        deposit.withdraw_piece(by, stored, world.clock())
    with pytest.raises(deposit.Withdrawn):
        amend(world, piece, title="Retour")


# --- what is refused, and says where --------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"type_code": "ZZZ"}, "type_code", "Ce type de preuve n'existe pas"),
        ({"competences": [{"competence": "C99"}]}, "competences", "Code inconnu du référentiel : C99."),
        ({"competences": [{"competence": "C1"}, {"competence": "C1"}]}, "competences", "deux fois"),
        ({"criteria": ["K8", "K1", "X"]}, "criteria", "Code inconnu du référentiel : K8, X."),
        ({"criteria": ["K1", "K1"]}, "criteria", "deux fois"),
        ({"tool_families": ["T99"]}, "tool_families", "Code inconnu du référentiel : T99."),
        ({"produced_on": "2026-02-30"}, "produced_on", "AAAA-MM-JJ"),
        ({"details": {"horoscope": "lion"}}, "details.horoscope", "n'est pas demandée"),
        ({"links": [{"url": "https://x.fr", "captured_on": "hier"}]}, "links.0.captured_on", "AAAA-MM-JJ"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_nothing_is_stored(
    world: World, values: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        add(world, **values)

    assert words in refusal.value.errors[field][0]
    assert Evidence.objects.count() == 0


def test_competences_of_other_exams_may_be_named_as_context(world: World) -> None:
    piece = add(world, competences=[{"competence": code, "justification": "Contexte"} for code in ("C3", "C12", "C1")])

    assert [proof.competence for proof in piece.competences] == ["C3", "C12", "C1"]


def test_an_activity_of_someone_else_is_no_place_for_a_piece(world: World) -> None:
    other = world.new_candidacy()
    with pytest.raises(Invalid) as refusal:
        deposit.add_piece(
            world.actor(world.candidate),
            world.portfolio,
            {
                "type_code": "REF1",
                "title": "x",
                "nature": "production",
                "activity": _activity_of_another(world, other),
            },
            world.clock(),
        )
    assert refused_fields(refusal) == {"activity"}


def _activity_of_another(world: World, candidacy: Any) -> Any:
    by = world.actor(type(world.candidate).objects.get(pk=candidacy.person))
    values = {"title": "Exposé", "context": "classe"}
    return deposit.add_activity(by, Portfolio.objects.get(pk=candidacy.id), values, world.clock()).id


def test_only_the_candidate_deposits(world: World) -> None:
    piece, values = world.new_piece(), {"type_code": "REF1", "title": "x", "nature": "production"}
    stranger = world.new_candidacy()
    for person, refusal in ((world.follower, Forbidden), (world.tutor, NotFound), (world.jury_member, NotFound)):
        with pytest.raises(refusal):
            deposit.add_piece(world.actor(person), world.portfolio, values, world.clock())
    for person in (world.follower, world.tutor):
        with pytest.raises(Forbidden):
            deposit.amend_piece(world.actor(person), piece, {"title": "x"}, world.clock())
    other = world.actor(type(world.candidate).objects.get(pk=stranger.person))
    with pytest.raises(NotFound):
        deposit.amend_piece(other, piece, {"title": "x"}, world.clock())


# --- activities -----------------------------------------------------------------------------------


def test_an_activity_in_a_company_needs_its_placement_and_no_other_has_one(world: World) -> None:
    by = world.actor(world.candidate)
    foreign = world.new_placement(world.new_candidacy())
    cancelled = world.new_placement(world.candidacy)
    placements.cancel_placement(world.actor(world.office), cancelled, "Stage annulé", world.clock())
    for wrong in (
        {"placement": None},
        {"context": "classe"},
        {"placement": foreign.id},
        {"placement": cancelled.id},
    ):
        with pytest.raises(Invalid) as refusal:
            deposit.add_activity(by, world.portfolio, activity_values(world, **wrong), world.clock())
        assert refused_fields(refusal) == {"placement"}
    assert Activity.objects.count() == 0


def test_an_activity_cannot_end_before_it_starts(world: World) -> None:
    dates = {"starts_on": "2026-06-12", "ends_on": "2026-06-01"}
    with pytest.raises(Invalid) as refusal:
        deposit.add_activity(
            world.actor(world.candidate), world.portfolio, activity_values(world, **dates), world.clock()
        )
    assert refused_fields(refusal) == {"ends_on"}


def test_dates_and_mission_of_an_activity_can_be_emptied_again(world: World) -> None:
    by = world.actor(world.candidate)
    values = activity_values(world, mission="Relancer", starts_on="2026-06-01", ends_on="2026-06-12")
    activity = deposit.add_activity(by, world.portfolio, values, world.clock())

    deposit.amend_activity(by, activity, {"ends_on": None, "mission": None}, world.clock())

    stored = Activity.objects.get(pk=activity.id)
    assert (stored.starts_on, stored.ends_on, stored.mission) == ("2026-06-01", None, None)


def test_pieces_and_files_follow_their_activity_to_another_placement(world: World) -> None:
    activity = world.activity
    piece = world.new_piece()
    file = world.upload(piece)
    first_tutor = world.tutor
    second = world.new_placement(world.candidacy)

    deposit.amend_activity(
        world.actor(world.candidate), Activity.objects.get(pk=activity.id), {"placement": second.id}, world.clock()
    )

    assert Evidence.objects.get(pk=piece.id).placement == second.id
    assert EvidenceFile.objects.get(pk=file.id).placement == second.id
    with pytest.raises(NotFound):
        content.content_for(world.actor(first_tutor), Activity.objects.get(pk=activity.id), "tutor")


def test_a_piece_moved_to_a_class_activity_leaves_the_tutors_sight_with_its_files(world: World) -> None:
    piece = world.new_piece()
    file = world.upload(piece)
    school_work = world.new_activity("classe")

    amend(world, piece, activity=school_work.id, context="classe")

    assert Evidence.objects.get(pk=piece.id).placement is None
    assert EvidenceFile.objects.get(pk=file.id).placement is None


def test_an_activity_still_in_use_is_not_withdrawn(world: World) -> None:
    by, piece = world.actor(world.candidate), world.new_piece()
    with pytest.raises(deposit.ActivityInUse):
        deposit.withdraw_activity(by, Activity.objects.get(pk=world.activity.id), world.clock())

    deposit.withdraw_piece(by, Evidence.objects.get(pk=piece.id), world.clock())
    activity = deposit.withdraw_activity(by, Activity.objects.get(pk=world.activity.id), world.clock())

    assert activity.withdrawn_at == world.clock()
    with pytest.raises(deposit.Withdrawn):
        deposit.amend_activity(by, activity, {"title": "x"}, world.clock())
    with pytest.raises(Invalid) as refusal:
        add(world, activity=activity.id)
    assert refused_fields(refusal) == {"activity"}


# --- a result entered by a teacher ----------------------------------------------------------------


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


def test_a_piece_can_be_read_once_it_has_a_file_a_link_or_a_text(world: World) -> None:
    bare = world.new_piece(type_code="EML1", description={}, competences=[], produced_on=None)
    assert not piece_fields.readable(bare, [])
    file = world.send(bare)
    assert not piece_fields.readable(bare, [EvidenceFile.objects.get(pk=file.id)])
    assert piece_fields.readable(amend(world, bare, links=[{"url": "https://exemple.fr/a"}]), [])
    assert piece_fields.readable(amend(world, bare, links=[], description={"aim": "Relancer"}), [])
    assert not piece_fields.readable(amend(world, bare, description={}), [])
    upload_ending.finish(world.actor(world.candidate), EvidenceFile.objects.get(pk=file.id), world.clock())
    assert piece_fields.readable(bare, [EvidenceFile.objects.get(pk=file.id)])
