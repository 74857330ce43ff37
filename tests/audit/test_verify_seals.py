"""Whoever writes past the service is named, whatever field it is that decides a mark or who may see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bson.decimal128 import Decimal128

from portfolio.audit.verify_chains import Fault, verify
from portfolio.audit.verify_records import verify_stored
from portfolio.audit.verify_seals import verify_seals
from portfolio.boards.sealed_table import NOT_SEALED, sealed_as_markdown
from portfolio.documents import Sheet
from portfolio.ids import new_id
from portfolio.sign_offs import reality
from portfolio.store.chains import Event
from portfolio.store.connections import Connections
from portfolio.store.journal import commit
from portfolio.store.sealing.sealed_fields import EVERYWHERE, KIND, OF_CANDIDATES, SEALED
from tests.conftest import Clock
from tests.store.test_declared_indexes import STORED
from tests.support.worlds import juries
from tests.support.worlds.eliminations import eliminated, full, published
from tests.support.worlds.world import World

Values = dict[str, Any]
# `World` makes people by hand, to save an invitation.
BY_HAND = "persons", "person"


@pytest.fixture
def decided(world: World, store: Connections) -> World:
    """One candidate all the way to the jury's decision, by every verb."""
    return juries.decided(world)


def faults() -> list[Fault]:
    assert list(verify()) == []
    return [*verify_stored(), *verify_seals()]


def named() -> list[tuple[str, str]]:
    """(what, the last words) of all faults but those of people whom the world made by hand."""
    found = [fault for fault in faults() if fault.chain.partition(":")[0] not in BY_HAND]
    found = [fault for fault in found if "la personne" not in fault.words and "la connexion" not in fault.words]
    return [(fault.what, fault.words.rpartition(" : ")[2]) for fault in found]


def test_of_what_the_verbs_wrote_there_is_nothing_to_say(decided: World) -> None:
    juries.publish(decided)
    assert named() == []


@pytest.mark.parametrize(
    ("collection", "values", "parts"),
    [
        ("grids", {"degrees.C1": "4"}, "degrés et observations"),
        ("grids", {"sealed_at": None}, "scellement"),
        ("grids", {"opened": True}, "ouverture"),
        ("grids", {"live": False}, "usage"),
        ("assessments", {"appreciation": "Bien meilleur que cela."}, "appréciation"),
        ("assessments", {"proposed_mark": Decimal128("18.00")}, "note proposée"),
        ("assessments", {"retained.x": True}, "preuves admises et retenues"),
        ("assessments", {"submission": 7}, "remise évaluée"),
        ("commissions", {"seats.0.quality": "second_professor"}, "membres"),
        ("commissions", {"seats.0.person": new_id()}, "membres"),
        ("commissions", {"members": []}, "membres"),
        ("commissions", {"mode": "together"}, "séance"),
        ("candidacies", {"candidate_number": "02999999999"}, "numéro de candidat"),
        ("candidacies", {"birth_name": "AUTRE"}, "identité"),
        ("candidacies", {"circular.version": "0"}, "circulaire et référentiel"),
        ("candidacies", {"ccf.form": "ponctuelle"}, "forme de l'épreuve"),
        ("candidacies", {"deadline_moves": [{"moved_at": "2027"}]}, "dates limites déplacées"),
        ("candidacies", {"followers": []}, "professeurs chargés du suivi"),
        ("portfolios", {"state": "open"}, "état et réouverture"),
        ("portfolios", {"submissions": 2}, "état et réouverture"),
        ("placements", {"tutor": new_id()}, "tuteur"),
        ("placements", {"days": 1}, "dates et durée"),
        ("placements", {"school": new_id()}, "rattachement"),
        ("evidence", {"title": "Autre titre"}, "contenu"),
        ("activities", {"mission": "Une autre"}, "contenu"),
        ("sheets", {"released": True}, "communication au candidat"),
        ("sheets", {"live": False}, "usage"),
        ("sheets", {"signatures.0.device": "0" * 32}, "signatures et appareils"),
        ("results", {"published": True}, "publication"),
        ("juries", {"published_at": None, "publications": [{"by": new_id()}]}, "publication"),
        ("academies", {"timezone": "Pacific/Noumea"}, "académie"),
        ("attestations", {"relayed_by": None, "scan": new_id()}, "voie"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_changed_in_the_database_is_named(
    decided: World, store: Connections, collection: str, values: Values, parts: str
) -> None:
    changed = store.database[collection].update_many({}, {"$set": values}).modified_count
    assert changed
    found = named()
    assert ("altered", parts) in found and {what for what, _ in found} == {"altered"}


def test_the_fault_names_the_link_the_thing_and_the_day(decided: World, store: Connections) -> None:
    store.database.assessments.update_one({}, {"$set": {"appreciation": "Autre"}})
    (fault,) = (one for one in verify_seals() if "l'évaluation" in one.words)
    link = store.database.events.find_one({"chain": fault.chain, "seq": fault.seq})
    assert link is not None and link["chain"] == f"assessment:{decided.candidacy.id}"
    row = store.database.assessments.find_one({})
    assert row is not None
    assert fault.words == (
        f"l'évaluation de la commission {row['_id']} n'est plus ce que ce maillon a scellé le "
        f"{link['at']:%d/%m/%Y} : appréciation"
    )


def test_a_reality_evaluation_rewritten_or_agreed_by_nobody_is_named(
    world: World, store: Connections, clock: Clock
) -> None:
    teacher = world.actor(world.follower)
    reality.write(teacher, world.placement, "Activités observées ensemble en agence.", clock())
    assert named() == []
    for values, parts in (
        ({"text": "Rien n'a été observé."}, "texte"),
        ({"state": "joint"}, "état"),
        ({"concurrences": []}, "accords"),
    ):
        kept = store.database.reality_evaluations.find_one({})
        assert kept is not None
        store.database.reality_evaluations.update_one({}, {"$set": values})
        assert named() == [("altered", parts)]
        store.database.reality_evaluations.replace_one({}, kept)


def test_an_earlier_state_put_back_is_named(decided: World, store: Connections, clock: Clock) -> None:
    """Each was sealed once: only the last one stands."""
    unpublished = store.database.results.find_one({})
    assert unpublished is not None
    juries.publish(decided)
    store.database.results.replace_one({}, unpublished)
    assert named() == [("altered", "publication")]


def test_a_portfolio_opened_again_by_nobody_is_named(decided: World, store: Connections) -> None:
    store.database.portfolios.update_one({}, {"$set": {"state": "open", "reopened_reason": "Panne"}})
    assert named() == [("altered", "état et réouverture")]


# --- what was removed, and what was put back ---------------------------------------------------------


def test_a_document_removed_is_missed(decided: World, store: Connections) -> None:
    store.database.grids.delete_one({})
    assert named() == [("lost", "n'est plus là (la grille)")] or [what for what, _ in named()] == ["lost"]


def test_a_file_taken_away_by_no_act_is_missed(world: World, store: Connections, bucket: Any) -> None:
    file = world.upload(world.new_piece())
    store.database.files.delete_one({"_id": file.id})
    assert [fault.what for fault in faults() if "le fichier" in fault.words] == ["lost"]


def put_back(store: Connections, kept: dict[str, list[Values]]) -> int:
    """What a clever hand does after an act that removed: the documents of before, exactly as they were."""
    count = 0
    for collection, rows in kept.items():
        there = {row["_id"] for row in store.database[collection].find({}, {"_id": 1})}
        gone = [row for row in rows if row["_id"] not in there]
        if gone:
            store.database[collection].insert_many(gone)
        count += len(gone)
    return count


def test_what_an_elimination_removed_and_somebody_put_back_is_named(
    world: World, store: Connections, clock: Clock
) -> None:
    published(world, clock, full(world), world.new_candidacy())
    kept = {collection: list(store.database[collection].find()) for collection in SEALED}
    eliminated(world, clock)
    before = named()
    assert put_back(store, kept) > 5
    back = [fault for fault in faults() if fault.words.endswith("est de nouveau là")]
    assert not any(words.endswith("est de nouveau là") for _, words in before)
    assert {fault.what for fault in back} == {"altered"}
    kinds = {SEALED[collection].word for collection in ("submissions", "evidence", "activities", "attestations")}
    assert all(any(word in fault.words for fault in back) for word in kinds)


# --- chains that were cut -----------------------------------------------------------------------------


def test_a_chain_cut_with_its_result_shows_by_whoever_acted_since_without_any_anchor(
    decided: World, store: Connections, clock: Clock
) -> None:
    chain = f"assessment:{decided.candidacy.id}"
    juries.decide(decided, Sheet.objects.get(state="final"), "16", "Harmonisation")
    before = store.database.events.find_one({"chain": chain, "name": "final_mark_set"}, sort=[("seq", -1)])
    assert before is not None
    commit([], Event("school:x", "company_added", "system", clock(), decided.school))
    store.database.events.delete_many({"chain": chain, "seq": {"$gte": before["seq"]}})
    store.database.chains.update_one({"_id": chain}, {"$set": {"seq": before["seq"] - 1, "mac": before["prev"]}})
    store.database.results.delete_many({})
    found = list(verify())
    assert [(fault.chain, fault.seq, fault.what) for fault in found] == [(chain, before["seq"], "truncated")]


def test_no_link_that_a_candidate_reads_tells_of_another_chain(decided: World, store: Connections) -> None:
    """Neither a witness nor a seal of what a commission, a jury or anybody's account does."""
    read = list(store.database.events.find({"chain": {"$regex": "^(portfolio|formative):"}}))
    assert read and not any("witness" in link for link in read)
    kinds = {one["of"].partition(":")[0] for link in read for one in link["seals"]}
    assert kinds and kinds <= OF_CANDIDATES


# --- the table ----------------------------------------------------------------------------------------


def test_every_stored_field_is_sealed_or_left_out_with_its_reason() -> None:
    """A field was added: put it into a group of `sealed_fields`, or say in `left_out` why no seal holds it."""
    assert {kind._get_collection_name() for kind in STORED} == {*SEALED, *NOT_SEALED}
    for collection, rules in SEALED.items():
        stored = {
            field.db_field.replace("_id", "id") if name == "id" else name
            for name, field in KIND[collection]._fields.items()
        }
        assert stored == {*rules.fields, *rules.left_out, *(set(EVERYWHERE) & stored)}, collection
        assert not rules.fields & set(rules.left_out), collection


def test_the_page_of_what_is_proved_has_the_table_of_today() -> None:
    page = (Path(__file__).parents[2] / "docs/explanation/what-is-proved.md").read_text()
    assert page.partition("(python commands.py sealed) -->\n")[2] == sealed_as_markdown()
