"""Whoever writes past the service, straight into the database, is named: the mark, its reason, the sheet, its
signatures, the submission and the sign-offs are held against what the chains sealed."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from bson.decimal128 import Decimal128

from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.documents import Result, Sheet
from portfolio.ids import new_id
from portfolio.jury import jury
from portfolio.sheet import draw_up
from portfolio.store.chains import Event
from portfolio.store.connections import Connections
from portfolio.store.journal import commit, portfolio_chain
from tests.conftest import Clock
from tests.support.worlds import commissions, juries
from tests.support.worlds.world import World

Values = dict[str, Any]


@pytest.fixture
def decided(world: World, store: Connections) -> World:
    """One candidate all the way to the jury's decision, by every verb."""
    return juries.decided(world)


def named() -> list[tuple[str, str]]:
    """(what, the last words: the parts that differ), of chains that are whole."""
    assert list(verify()) == []
    return [(fault.what, fault.words.rpartition(" : ")[2]) for fault in verify_stored()]


def the_sheet() -> Sheet:
    return Sheet.objects.get(state="final")


# --- nothing to say ---------------------------------------------------------------------------------


def test_of_what_the_verbs_wrote_there_is_nothing_to_say(decided: World) -> None:
    assert named() == []


def test_decisions_taken_again_corrected_and_moved_to_another_sheet_hold(world: World, clock: Clock) -> None:
    commission = commissions.appraised(world)
    first = commissions.transmitted(world, commissions.signed(world, commissions.drafted(world, commission)))
    juries.confirm(world)
    assert named() == []
    clock.advance(days=1)
    juries.decide(world, first, "15", "Harmonisation")
    assert named() == []
    draw_up.void(world.actor(world.jury_member), juries.fresh(first), "Erreur de candidat", clock())
    assert named() == []
    clock.advance(days=1)
    second = commissions.transmitted(world, commissions.signed(world, commissions.drafted(world, commission)))
    juries.confirm(world)
    assert named() == []
    juries.publish(world)
    for mark in ("16", "17"):
        clock.advance(days=1)
        jury.correct(world.actor(world.jury_member), juries.fresh(second), mark, f"Erreur de report : {mark}", clock())
        assert named() == []


# --- what was changed past the service --------------------------------------------------------------


@pytest.mark.parametrize(
    ("collection", "values", "parts"),
    [
        ("results", {"final_mark": Decimal128("16.00")}, "note, libellé ou motif"),
        ("results", {"label": "Absent"}, "note, libellé ou motif"),
        ("results", {"reason": "Autre motif"}, "note, libellé ou motif"),
        ("results", {"proposed_mark": Decimal128("15.00")}, "note proposée"),
        ("results", {"decided_by": new_id()}, "auteur"),
        ("sheets", {"digest": "0" * 64}, "empreinte"),
        ("sheets", {"number": "2027-0690026D-0099"}, "numéro"),
        ("sheets", {"proposed_mark": Decimal128("15.00")}, "note proposée"),
        ("sheets", {"outcome": "absence"}, "résultat sans évaluation"),
        ("sheets", {"state": "draft"}, "état"),
        ("sheets", {"signatures": []}, "signatures"),
        ("sheets", {"signatures.0.digest": "0" * 64}, "signatures, empreinte signée"),
        ("sheets", {"signatures.1.person": new_id()}, "signatures"),
        ("sheets", {"signatures.1.name": "Quelqu'un d'autre"}, "signataires"),
        ("submissions", {"digest": "0" * 64}, "empreinte"),
        ("submissions", {"submitted_by": str(new_id())}, "auteur"),
        ("submissions", {"late_reason": "Panne"}, "retard"),
        ("attestations", {"state": "refused"}, "réponse"),
        ("attestations", {"signer_name": "Quelqu'un d'autre"}, "noms et commentaire"),
        ("attestations", {"statement": "J'atteste autre chose."}, "preuves et déclaration"),
        ("attestations", {"pieces": []}, "preuves et déclaration"),
        ("attestations", {"person": new_id()}, "auteur"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_changed_in_the_database_is_named(
    decided: World, store: Connections, collection: str, values: Values, parts: str
) -> None:
    assert store.database[collection].update_one({}, {"$set": values}).modified_count == 1
    found = named()
    assert ("altered", parts) in found
    # what a sheet proposes stands on the result too: changed on one side, each differs from its own seal
    assert {what for what, _ in found} == {"altered"} and len(found) <= 2


def test_a_mark_changed_on_the_sheet_and_its_digest_with_it_is_named(decided: World, store: Connections) -> None:
    content = the_sheet().content.replace('"proposed":"14.50"', '"proposed":"18.00"')
    assert content != the_sheet().content
    forged = {"content": content, "digest": hashlib.sha256(content.encode()).hexdigest()}
    store.database.sheets.update_one({}, {"$set": forged})
    assert named() == [("altered", "contenu, empreinte")]
    for rank in (0, 1):
        store.database.sheets.update_one({}, {"$set": {f"signatures.{rank}.digest": forged["digest"]}})
    assert named() == [("altered", "contenu, empreinte, signatures, empreinte signée")]


def test_a_submission_changed_in_place_is_named(decided: World, store: Connections) -> None:
    row = store.database.submissions.find_one({})
    assert row is not None
    forged = row["content"].replace(row["content"][-40:-30], "0123456789")
    store.database.submissions.update_one({}, {"$set": {"content": forged}})
    assert named() == [("altered", "contenu")]


def test_the_fault_names_the_chain_the_link_the_thing_and_the_day(decided: World, store: Connections) -> None:
    store.database.results.update_one({}, {"$set": {"final_mark": Decimal128("16.00")}})
    (fault,) = verify_stored()
    link = store.database.events.find_one({"name": "final_mark_set"})
    assert link is not None
    assert (fault.chain, fault.seq) == (link["chain"], link["seq"])
    result = Result.objects.get()
    assert fault.line == (
        f"assessment:{decided.candidacy.id} maillon {link['seq']} : le résultat {result.id} n'est plus ce que ce "
        f"maillon a scellé le {result.decided_at:%d/%m/%Y} : note, libellé ou motif"
    )


def test_an_earlier_decision_put_back_is_named(decided: World, store: Connections, clock: Clock) -> None:
    """Each was sealed once: only the last one stands."""
    earlier = store.database.results.find_one({})
    assert earlier is not None
    clock.advance(days=1)
    juries.decide(decided, the_sheet(), "16", "Harmonisation, deuxième lecture")
    assert named() == []
    store.database.results.replace_one({}, earlier)
    assert named() == [("altered", "date, note, libellé ou motif")]


def test_a_correction_undone_or_its_history_rewritten_is_named(
    decided: World, store: Connections, clock: Clock
) -> None:
    juries.publish(decided)
    clock.advance(days=1)
    jury.correct(decided.actor(decided.jury_member), the_sheet(), "16", "Erreur de report", clock())
    kept = store.database.results.find_one({})
    assert kept is not None
    for forged, parts in (
        ({"corrections": [], "final_mark": Decimal128("15.00")}, "rectifications, note, libellé ou motif"),
        ({"corrections.0.reason": "Autre"}, "note, libellé ou motif"),
        ({"corrections.0.replaced_mark": Decimal128("12.00")}, "note, libellé ou motif"),
        ({"corrections.0.by": new_id()}, "rectifications"),
    ):
        store.database.results.update_one({}, {"$set": forged})
        assert named() == [("altered", parts)]
        store.database.results.replace_one({}, kept)


def test_a_mark_among_many_confirmed_at_once_is_named(world: World, store: Connections) -> None:
    commissions.transmitted(world)
    juries.confirm(world)
    store.database.results.update_one({}, {"$set": {"final_mark": Decimal128("20.00")}})
    (fault,) = verify_stored()
    assert (fault.chain, fault.what) == (f"jury:{world.jury.id}", "altered")


# --- what came from nowhere, what is gone -----------------------------------------------------------


def test_what_no_link_ever_sealed_is_named(decided: World, store: Connections) -> None:
    for name in ("results", "sheets", "submissions", "attestations"):
        row = store.database[name].find_one({})
        assert row is not None
        changed = {"_id": new_id(), "candidacy": new_id(), "number": 7 if name == "submissions" else "7", "live": False}
        store.database[name].insert_one(row | changed)
    assert [what for what, _ in named()] == ["unsealed"] * 4


@pytest.mark.parametrize(
    ("collection", "word"),
    [
        ("results", "note définitive"),
        ("sheets", "fiche d'évaluation"),
        ("submissions", "remise du portfolio"),
        ("attestations", "réponse sur une activité"),
    ],
)
def test_what_was_removed_is_named(decided: World, store: Connections, collection: str, word: str) -> None:
    store.database[collection].delete_many({})
    assert any(fault.what == "lost" and f"({word})" in fault.words for fault in verify_stored())


def test_a_result_removed_after_a_confirmation_is_named(world: World, store: Connections) -> None:
    commissions.transmitted(world)
    juries.confirm(world)
    store.database.results.delete_many({})
    (fault,) = verify_stored()
    assert (fault.chain, fault.what) == (f"jury:{world.jury.id}", "lost")


def test_what_the_archives_let_go_is_not_missed(decided: World, store: Connections, clock: Clock) -> None:
    for name in ("submissions", "attestations"):
        store.database[name].delete_many({})
    assert named() != []
    commit([], Event(portfolio_chain(decided.portfolio), "portfolio_eliminated", "system", clock(), decided.portfolio))
    assert named() == []


# --- how it works -----------------------------------------------------------------------------------


def test_people_may_work_while_it_reads(decided: World, clock: Clock) -> None:
    reading = verify_stored()
    clock.advance(days=1)
    juries.decide(decided, the_sheet(), "16", "Harmonisation, deuxième lecture")
    juries.publish(decided)
    assert list(reading) == []
