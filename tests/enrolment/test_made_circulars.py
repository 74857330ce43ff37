"""A version of a circular is made on screen from the one before, compared with its annex, published, moved to."""

from __future__ import annotations

from datetime import date

import pytest

from portfolio.commission import circular_moves
from portfolio.documents import Candidacy, CircularAnnex, MadeCircular
from portfolio.enrolment import enrol
from portfolio.enrolment.circulars import annex, at_start, made, screen_terms
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.rules.texts import circular as circulars_read
from portfolio.rules.texts.circular import UnknownCircular, circular, circular_for
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.rules.texts.referential import referential
from portfolio.sheet.papers.fictional import BANNER, fictional_sheet
from portfolio.store.connections import Connections
from portfolio.store.journal import AlreadyExists
from tests.conftest import Clock
from tests.support.acts.printed_sheets import text_of
from tests.support.worlds.world import PDF, World


def begun(world: World) -> MadeCircular:
    return made.begin(world.actor(world.inspector), world.session, world.clock())


def test_a_version_begins_as_the_newest_one_with_no_source_behind_it(world: World) -> None:
    draft = begun(world)
    before, terms = circular_for(world.session, BTS_ASSURANCE_E5), made.read(draft)
    assert (terms.id, terms.grid, terms.portfolio.deadline) == (world.session, before.grid, before.portfolio.deadline)
    assert terms.provisional
    assert draft.based_on.sha256 == before.sha256
    with pytest.raises(AlreadyExists) as refusal:
        begun(world)
    assert "déjà en préparation" in refusal.value.message
    assert circular_for(world.session, BTS_ASSURANCE_E5).sha256 == before.sha256


def test_every_value_of_the_form_reaches_the_file(world: World) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    values = screen_terms.values_of(draft.text) | {
        "deadline": "2027-05-14T12:00",
        "opens_on": date(2027, 3, 8),
        "rows": ["C1", "C42", "K3"],
        "scale": ["NA : Non acquis", "P : Partiel", "A : Acquis"],
        "observation_below": "P",
        "step": "1",
        "comment_below": None,
        "sheet_title": "Fiche E5",
        "tutor_statement": "J'atteste ce que j'ai vu.",
        "confirmed_outcomes": ["absent"],
    }
    terms = made.read(made.amend(inspector, draft, values, world.clock()))
    assert f"{terms.portfolio.deadline:%d/%m %H:%M}" == "14/05 12:00"
    assert terms.commission.opens_on == date(2027, 3, 8)
    assert terms.grid.rows == ("C1", "C42", "K3")
    assert [(degree.code, degree.label, degree.key) for degree in terms.grid.scale][2] == ("A", "Acquis", "3")
    assert (terms.grid.observation_required_below, terms.mark.step, terms.mark.comment_required_below) == ("P", 1, None)
    assert terms.sheet.title == "Fiche E5"
    assert (terms.attestations.tutor.statement.version, terms.attestations.teacher.statement.version) == ("2", "1")
    assert [code for code, outcome in terms.outcomes.items() if not outcome.to_confirm] == ["absent"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"deadline": "2072-05-14T12:00"}, "deadline"),
        ({"deadline": "mai"}, "deadline"),
        ({"closes_on": date(2026, 1, 1)}, "closes_on"),
        ({"rows": ["C3"]}, "rows"),
        ({"scale": ["Non acquis", "A : Acquis"]}, "scale"),
        ({"scale": ["A : Acquis", "A : Acquis encore"]}, "scale"),
        ({"observation_below": "XX"}, "observation_below"),
        ({"step": "0.25"}, "step"),
        ({"comment_below": "21"}, "comment_below"),
        ({"min_pieces": 70}, "max_pieces"),
    ],
)
def test_a_value_that_the_reader_refuses_is_refused_under_its_field_and_changes_nothing(
    world: World, values: dict[str, object], field: str
) -> None:
    draft = begun(world)
    with pytest.raises(Invalid) as refusal:
        made.amend(world.actor(world.inspector), draft, values, world.clock())
    assert list(refusal.value.errors) == [field]
    assert MadeCircular.objects.get(pk=draft.id).text == draft.text


def test_a_published_version_is_found_by_every_reader_and_those_enrolled_stay(world: World) -> None:
    before = circular_of(world.candidacy)
    draft = begun(world)
    inspector = world.actor(world.inspector)
    made.amend(inspector, draft, {"deadline": "2027-05-14T12:00"}, world.clock())
    published = made.publish(inspector, draft, world.clock())
    newest = circular_for(world.session, BTS_ASSURANCE_E5)
    assert (newest.id, newest.version, newest.sha256) == (world.session, published.version, published.sha256)
    assert newest is circular(newest.id, newest.version, newest.sha256)
    assert newest.provisional
    assert circular_of(Candidacy.objects.get(pk=world.candidacy.id)) is before
    enrolled = world.new_candidacy()
    assert enrolled.circular.sha256 == newest.sha256
    assert enrol.circular_to_pin(world.session, BTS_ASSURANCE_E5) is newest
    office = world.actor(world.office)
    (move,) = circular_moves.plan(office, world.school, world.session).moves
    assert "Date limite de remise" in [change.subject for change in move.changes]
    moved = circular_moves.move_to_newest(office, world.candidacy, newest.version, world.clock())
    assert circular_of(moved) is newest
    assert at_start.changed_files() == []


def test_a_published_version_never_changes_and_another_one_follows_it(world: World) -> None:
    inspector = world.actor(world.inspector)
    first = made.publish(inspector, begun(world), world.clock())
    for act in (made.publish, made.abandon, made.declare_compared):
        with pytest.raises(made.NoLongerADraft):
            act(inspector, first, world.clock())
    with pytest.raises(made.NoLongerADraft):
        made.amend(inspector, first, {"step": "1"}, world.clock())
    with pytest.raises(made.NoLongerADraft):
        annex.deposit(inspector, first, PDF, "annexe.pdf", world.clock())
    second = made.publish(inspector, begun(world), world.clock())
    assert (second.based_on.sha256, int(second.version)) == (first.sha256, int(first.version) + 1)
    assert circular_for(world.session, BTS_ASSURANCE_E5).sha256 == second.sha256


def test_a_version_altered_past_the_service_is_not_read(world: World, store: Connections) -> None:
    published = made.publish(world.actor(world.inspector), begun(world), world.clock())
    circulars_read._read.clear()  # as a process that did not read it yet
    altered = published.text.replace("Fiche d'évaluation", "Fiche")
    store.database.made_circulars.update_one({}, {"$set": {"text": altered}})
    with pytest.raises(UnknownCircular):
        circular(world.session, published.version, published.sha256)


def test_provisional_is_lifted_only_by_a_declared_comparison_of_this_grid_with_this_annex(world: World) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    with pytest.raises(made.NoAnnexYet):
        made.declare_compared(inspector, draft, world.clock())
    annex.deposit(inspector, draft, PDF, "annexe E5.pdf", world.clock())
    made.declare_compared(inspector, draft, world.clock())
    assert made.is_compared(draft)
    made.amend(inspector, draft, {"scale": ["NA : Non acquis", "A : Acquis"], "observation_below": None}, world.clock())
    assert not made.is_compared(draft)
    made.declare_compared(inspector, draft, world.clock())
    annex.deposit(inspector, draft, PDF + b"\n% another", "autre.pdf", world.clock())
    assert not made.is_compared(draft)
    made.declare_compared(inspector, draft, world.clock())
    made.amend(inspector, draft, {"deadline": "2027-05-14T12:00"}, world.clock())
    assert made.is_compared(draft)
    made.publish(world.actor(world.administrator), draft, world.clock())
    newest = circular_for(world.session, BTS_ASSURANCE_E5)
    deposited = CircularAnnex.objects.get(pk=draft.annex)
    assert not newest.provisional and newest.grid.binds
    assert newest.source.document_sha256 == deposited.sha256
    assert (newest.source.compared_by, newest.source.compared_on) == (world.inspector.name, world.clock().date())
    assert annex.content(inspector, draft) == PDF + b"\n% another"


def test_who_declared_the_comparison_does_not_publish_what_it_makes_bind(world: World, store: Connections) -> None:
    inspector, colleague, draft = world.actor(world.inspector), world.actor(world.administrator), begun(world)
    annex.deposit(inspector, draft, PDF, "annexe.pdf", world.clock())
    made.declare_compared(inspector, draft, world.clock())
    with pytest.raises(made.PublishedByAnother) as refusal:
        made.publish(inspector, draft, world.clock())
    assert "une autre personne, de l'inspection" in refusal.value.message
    assert made.awaits_another(inspector, draft) and not made.awaits_another(colleague, draft)
    assert circular_for(world.session, BTS_ASSURANCE_E5).provisional
    made.publish(colleague, draft, world.clock())
    published = store.database.events.find_one({"name": "circular_published"})
    assert published is not None
    assert (published["by"], published["data"]["compared_by"]) == (colleague.journal_name, str(world.inspector.id))


def test_a_version_that_only_warns_is_published_by_one_person(world: World, store: Connections) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    annex.deposit(inspector, draft, PDF, "annexe.pdf", world.clock())
    made.declare_compared(inspector, draft, world.clock())
    other_grid = {"scale": ["NA : Non acquis", "A : Acquis"], "observation_below": None}
    made.amend(inspector, draft, other_grid, world.clock())
    made.publish(inspector, draft, world.clock())
    assert circular_for(world.session, BTS_ASSURANCE_E5).provisional
    published = store.database.events.find_one({"name": "circular_published"})
    assert published is not None and published["data"]["compared_by"] is None


def test_a_version_does_not_undo_what_another_one_changed_since_it_was_begun(world: World) -> None:
    by, clock = world.actor(world.administrator), world.clock
    begun_before = made.begin(by, f"{world.session}R", clock())
    other = made.publish(by, made.amend(by, begun(world), {"step": "1"}, clock()), clock())
    with pytest.raises(made.NotFromTheNewest) as refusal:
        made.publish(by, begun_before, clock())
    assert f"{world.session} version {other.version}" in refusal.value.message
    made.abandon(by, begun_before, clock())
    again = made.publish(by, made.begin(by, f"{world.session}R", clock()), clock())
    assert made.read(again).mark.step == 1


def test_the_sheet_of_nobody_is_drawn_under_the_terms_as_they_stand(world: World) -> None:
    inspector, draft = world.actor(world.inspector), begun(world)
    scale = {"scale": ["NA : Non acquis", "A : Acquis"], "observation_below": None, "sheet_title": "Fiche nouvelle"}
    terms = made.read(made.amend(inspector, draft, scale, world.clock()))
    words = text_of(fictional_sheet(terms, referential(*terms.referential)))
    for told in (BANNER, "Fiche nouvelle", "Non acquis", "Lycée fictif", "modèle provisoire"):
        assert told.replace(" ", "").lower() in words.lower()


def test_it_is_an_inspector_s_of_that_session_or_an_administrator_s(world: World, clock: Clock) -> None:
    draft = begun(world)
    for stranger in (world.office, world.follower, world.candidate, world.jury_member):
        with pytest.raises(NotFound):
            made.begin(world.actor(stranger), "2028", clock())
        with pytest.raises((NotFound, Forbidden)):
            made.publish(world.actor(stranger), draft, clock())
    with pytest.raises(NotFound):
        made.begin(world.actor(world.inspector), "2028", clock())
    made.abandon(world.actor(world.administrator), draft, clock())
    assert made.begin(world.actor(world.administrator), world.session, clock()).state == "draft"
