"""The candidate's deposit: a piece grows, becomes ready by itself, and keeps what it was before each edit."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Evidence, EvidenceFile, EvidenceVersion, Portfolio
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import deposit, piece_fields, upload_ending
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.store.digests import digest, piece_content
from tests.support.acts.depositing import add, amend, refused_fields
from tests.support.worlds.world import World

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
