"""A published circular reaches those enrolled: by an act of the office, recorded, that loses nothing of a grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from portfolio.commission import circular_moves, grids
from portfolio.commission.amend import SheetIsOut
from portfolio.documents import Assessment, Candidacy, Grid
from portfolio.enrolment.deadline import deadline_of
from portfolio.enrolment.pinned import circular_of
from portfolio.errors import Forbidden, NotFound
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.acts.enrolling import come_back, give_up
from tests.support.filling import fill, followed, form_of, shown, words
from tests.support.worlds import newer_circulars
from tests.support.worlds.commissions import ROWS, appraise, convened, fill_and_seal, grid_of, signed
from tests.support.worlds.commissions import fill as fill_grid
from tests.support.worlds.world import World

Clients = Callable[..., FlaskClient]
SCALE = newer_circulars.terms()["grid"]["scale"]
LATER = {"portfolio": newer_circulars.terms()["portfolio"] | {"deadline": "2027-05-14T12:00"}}
# C49 is a row no more, K1 is a new one, « très satisfaisant » is not given any more.
OTHER_GRID = {"grid": newer_circulars.terms()["grid"] | {"rows": [*ROWS[:-1], "K1"], "scale": SCALE[:-1]}}


@pytest.fixture
def enrolled(store: Connections, clock: Clock, tmp_path: Path) -> Iterator[World]:
    """A world whose candidate was enrolled under version 1."""
    with newer_circulars.only_the_first(tmp_path):
        world = World(clock, newer_circulars.SESSION)
        assert (world.candidacy.circular.id, world.candidacy.circular.version) == ("2027R", "1")
        yield world


def planned(world: World, **of: Any) -> circular_moves.CircularPlan:
    return circular_moves.plan(world.actor(world.office), world.school, world.session, **of)


def move(world: World, candidacy: Candidacy | None = None, version: str = "2") -> Candidacy:
    fresh = Candidacy.objects.get(pk=(candidacy or world.candidacy).id)
    return circular_moves.move_to_newest(world.actor(world.office), fresh, version, world.clock())


def move_all(world: World, division: str | None = None) -> circular_moves.CircularMoves:
    by = world.actor(world.office)
    return circular_moves.move_all_to_newest(by, world.school, world.session, division, "2", world.clock())


# --- who moves --------------------------------------------------------------------------------------


def test_nothing_moves_by_itself_and_the_page_says_what_would(enrolled: World, tmp_path: Path) -> None:
    newer_circulars.publish(tmp_path, LATER | OTHER_GRID)
    assert Candidacy.objects.get(pk=enrolled.candidacy.id).circular.version == "1"
    (version,) = planned(enrolled).moves
    assert [candidacy.id for candidacy in version.move] == [enrolled.candidacy.id]
    assert {change.subject: (change.before, change.after) for change in version.changes} == {
        "Date limite de remise": (
            "07/05/2027 à 18:00, heure de l'académie",
            "14/05/2027 à 12:00, heure de l'académie",
        ),
        "Lignes de la grille": (", ".join(ROWS), ", ".join([*ROWS[:-1], "K1"])),
        "Degrés": (
            "Très insuffisant (TI), Insuffisant (I), Satisfaisant (S), Très satisfaisant (TS), Non évalué (NE)",
            "Très insuffisant (TI), Insuffisant (I), Satisfaisant (S), Non évalué (NE)",
        ),
    }


def test_who_gave_up_is_not_counted_until_they_come_back(enrolled: World, tmp_path: Path) -> None:
    newer_circulars.publish(tmp_path, LATER)
    before = planned(enrolled).movable
    give_up(enrolled)
    assert planned(enrolled).movable == before - 1
    come_back(enrolled)
    assert planned(enrolled).movable == before


def test_one_moves_and_the_act_is_recorded(enrolled: World, store: Connections, tmp_path: Path) -> None:
    newer_circulars.publish(tmp_path, LATER)
    before = deadline_of(enrolled.candidacy)
    moved = Candidacy.objects.get(pk=move(enrolled).id)
    assert (moved.circular.version, circular_of(moved).version) == ("2", "2")
    assert (deadline_of(moved) - before).days == 6
    (link,) = store.database.events.find({"name": "circular_moved"})
    assert (link["by"], link["subject"]["id"]) == (str(enrolled.office.id), str(moved.id))
    assert link["data"] == {"from": "2027R.v1", "to": "2027R.v2", "sha256": moved.circular.sha256}
    with pytest.raises(circular_moves.OnThatCircular):
        move(enrolled)


def test_a_class_moves_then_the_whole_school(enrolled: World, tmp_path: Path) -> None:
    first = enrolled.new_candidacy(division="TS2A")
    others = [enrolled.candidacy.id, enrolled.new_candidacy(division="TS2B").id]
    newer_circulars.publish(tmp_path, LATER)
    assert [moved.id for moved in move_all(enrolled, "TS2A").moved] == [first.id]
    assert len(planned(enrolled).current) == 1
    assert {moved.id for moved in move_all(enrolled).moved} == set(others)
    assert planned(enrolled).moves == ()
    assert move_all(enrolled) == circular_moves.CircularMoves((), ())


def test_only_what_was_read_is_moved_to_and_only_by_the_office(enrolled: World, tmp_path: Path) -> None:
    newer_circulars.publish(tmp_path, LATER)
    with pytest.raises(circular_moves.NotTheNewestCircular) as refusal:
        move(enrolled, version="1")
    assert "la 2" in refusal.value.message
    for person, refused in (
        (enrolled.follower, Forbidden),
        (enrolled.candidate, Forbidden),
        (enrolled.inspector, Forbidden),
        (enrolled.new_office(enrolled.new_school("0690027E")), NotFound),
    ):
        with pytest.raises(refused):
            circular_moves.move_to_newest(enrolled.actor(person), enrolled.candidacy, "2", enrolled.clock())


def test_a_sheet_keeps_the_version_that_it_was_drawn_up_under(enrolled: World, tmp_path: Path) -> None:
    signed(enrolled)
    other = enrolled.new_candidacy()
    newer_circulars.publish(tmp_path, LATER)
    (version,) = planned(enrolled).moves
    assert [candidacy.id for candidacy in version.stay] == [enrolled.candidacy.id]
    with pytest.raises(SheetIsOut):
        move(enrolled)
    moves = move_all(enrolled)
    assert [moved.id for moved in moves.moved] == [other.id]
    assert [(left.id, why) for left, why in moves.left] == [(enrolled.candidacy.id, SheetIsOut().message)]
    assert Candidacy.objects.get(pk=enrolled.candidacy.id).circular.version == "1"


def test_an_office_does_not_move_its_own_candidacy_and_is_told_so(enrolled: World, tmp_path: Path) -> None:
    both = enrolled.new_candidacy()
    enrolled.office.update(push__grants=enrolled.grant("candidate", candidacy=both.id))
    newer_circulars.publish(tmp_path, LATER)
    assert [candidacy.id for candidacy in planned(enrolled).own] == [both.id]
    moves = move_all(enrolled)
    assert [moved.id for moved in moves.moved] == [enrolled.candidacy.id]
    assert [(left.id, why) for left, why in moves.left] == [(both.id, circular_moves.OWN_CANDIDACY)]


# --- the grids in progress --------------------------------------------------------------------------


def test_a_grid_in_progress_keeps_what_still_exists(enrolled: World, tmp_path: Path) -> None:
    enrolled.submit()
    commission = convened(enrolled)
    begun = grid_of(commission, enrolled.tutor)
    fill_grid(enrolled, enrolled.tutor, begun, {"C1": "S", "C42": "TS", "C49": "I"}, C1="Très clair.", C49="Bref.")
    untouched = grid_of(commission, enrolled.follower).id
    newer_circulars.publish(tmp_path, OTHER_GRID)
    move(enrolled)
    goes_on = grid_of(commission, enrolled.tutor)
    assert (dict(goes_on.degrees), dict(goes_on.observations)) == ({"C1": "S"}, {"C1": "Très clair."})
    aside = Grid.objects.get(pk=begun.id)
    assert (aside.live, aside.degrees["C42"], aside.degrees["C49"]) == (False, "TS", "I")
    assert grid_of(commission, enrolled.follower).id == untouched


def test_sealed_grids_return_to_their_authors_where_a_row_is_new(enrolled: World, tmp_path: Path) -> None:
    enrolled.submit()
    commission = convened(enrolled)
    for member in (enrolled.follower, enrolled.tutor):
        fill_and_seal(enrolled, commission, member)
    newer_circulars.publish(tmp_path, OTHER_GRID)
    move(enrolled)
    own = grid_of(commission, enrolled.tutor)
    assert (own.sealed_at, own.opened, dict(own.degrees)) == (None, False, dict.fromkeys(ROWS[:-1], "S"))
    assert dict(grid_of(commission).degrees) == {}
    for member in (enrolled.follower, enrolled.tutor):
        fill_grid(enrolled, member, grid_of(commission, member), {"K1": "I"})
        grids.seal(enrolled.actor(member), grid_of(commission, member), enrolled.clock())
    assert dict(grid_of(commission).degrees) == {**dict.fromkeys(ROWS[:-1], "S"), "K1": "I"}


def test_grids_stay_sealed_where_a_circular_changes_nothing_in_them(enrolled: World, tmp_path: Path) -> None:
    enrolled.submit()
    commission = convened(enrolled)
    sealed = [fill_and_seal(enrolled, commission, member).id for member in (enrolled.follower, enrolled.tutor)]
    newer_circulars.publish(tmp_path, LATER)
    move(enrolled)
    kept = Grid.objects(commission=commission.id, live=True, member__ne=None)
    assert {grid.id for grid in kept} == set(sealed)
    assert all(grid.sealed_at and grid.opened for grid in kept)


def test_a_mark_that_the_new_scale_does_not_have_is_set_aside_and_kept(enrolled: World, tmp_path: Path) -> None:
    enrolled.submit()
    commission = convened(enrolled, mode="together")
    appraise(enrolled, enrolled.tutor, commission, proposed_mark="14,5", appreciation="Preuves variées.")
    newer_circulars.publish(tmp_path, {"mark": newer_circulars.terms()["mark"] | {"step": "1"}})
    move(enrolled)
    assessment = Assessment.objects.get(pk=commission.id)
    assert (assessment.proposed_mark, assessment.appreciation) == (None, "Preuves variées.")
    assert assessment.earlier[-1]["proposed_mark"] == "14.50"


# --- seen -------------------------------------------------------------------------------------------


def test_the_office_reads_what_changes_and_moves_a_class(enrolled: World, tmp_path: Path, client_for: Clients) -> None:
    office = client_for(enrolled.office)
    place = f"/etablissement/{enrolled.school.id}/circulaire?session=2027R"
    assert "il n'y a rien à faire" in shown(office, place).replace("&#39;", "'")
    newer_circulars.publish(tmp_path, LATER)
    told = shown(office, place)
    assert "14/05/2027" in told and "Date limite de remise" in told
    assert "passées à la version 2 : 1" in followed(office, fill(office, place, "move-all"))
    assert "2027R, version 2" in shown(office, f"/etablissement/candidats/{enrolled.candidacy.id}")
    inspector = client_for(enrolled.inspector)
    watched = f"/inspection/etablissements/{enrolled.school.id}?session=2027R"
    assert "version 2" in shown(inspector, watched)


def test_the_page_names_those_who_could_not_move_and_why(enrolled: World, tmp_path: Path, client_for: Clients) -> None:
    signed(enrolled)
    enrolled.new_candidacy()
    newer_circulars.publish(tmp_path, LATER)
    office, place = client_for(enrolled.office), f"/etablissement/{enrolled.school.id}/circulaire?session=2027R"
    answer = followed(office, fill(office, place, "move-all"))
    assert "passées à la version 2 : 1" in answer
    assert f"1 candidature reste : {enrolled.candidacy.display_name}. Une fiche" in answer


def test_the_office_moves_one_candidate_from_the_page(enrolled: World, tmp_path: Path, client_for: Clients) -> None:
    office = client_for(enrolled.office)
    newer_circulars.publish(tmp_path, LATER)
    place = f"/etablissement/{enrolled.school.id}/circulaire?session=2027R"
    assert "est passée à la version 2" in followed(office, fill(office, place, f"move-{enrolled.candidacy.id}"))
    assert Candidacy.objects.get(pk=enrolled.candidacy.id).circular.version == "2"


def test_a_refused_move_of_a_class_still_names_that_class(enrolled: World, tmp_path: Path, client_for: Clients) -> None:
    of_class = enrolled.new_candidacy(division="STS2A")
    office = client_for(enrolled.office)
    newer_circulars.publish(tmp_path, LATER)
    place = f"/etablissement/{enrolled.school.id}/circulaire?session=2027R&classe=STS2A"
    again = form_of(fill(office, place, "move-all", version="3").text, "move-all")
    assert again["fields"]["classe"] == "STS2A"
    assert "passées à la version 2 : 1" in followed(office, fill(office, place, "move-all"))
    assert Candidacy.objects.get(pk=of_class.id).circular.version == "2"
    assert Candidacy.objects.get(pk=enrolled.candidacy.id).circular.version == "1"


def test_a_refused_move_of_one_candidate_says_why_on_their_own_session(
    enrolled: World, tmp_path: Path, client_for: Clients
) -> None:
    enrolled.new_candidacy(session="2027")
    office = client_for(enrolled.office)
    newer_circulars.publish(tmp_path, LATER)
    place = f"/etablissement/{enrolled.school.id}/circulaire?session=2027R"
    refused = fill(office, place, f"move-{enrolled.candidacy.id}", version="3")
    assert refused.status_code == 409
    assert "La version installée la plus récente est la 2" in words(refused)
    assert "<title>Erreur – " in refused.text
