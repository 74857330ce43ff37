"""What a head of school shows who answers for a mark: all the acts, and whether anything was changed since."""

from __future__ import annotations

from typing import Any

import pytest
from bson.decimal128 import Decimal128

from portfolio.audit.proof import ALTERED, RecordProof, proof
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.commission import office_outcomes
from portfolio.documents import Sheet
from portfolio.errors import Forbidden, NotFound
from portfolio.jury import outcomes
from portfolio.store.connections import Connections
from portfolio.submission.export import export
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver
from tests.support.queries import counted
from tests.support.worlds import commissions, juries
from tests.support.worlds.eliminations import asked_for, full, published
from tests.support.worlds.world import World


@pytest.fixture
def decided(world: World) -> World:
    """One candidate, from a piece to a mark that the jury changed, by every verb; another beside, likewise."""
    return juries.decided(world)


def proved(world: World) -> RecordProof:
    return proof(world.actor(world.office), world.portfolio, world.clock())


def proof_lines(world: World) -> list[str]:
    return [fault.line for fault in (*verify(), *verify_stored(world.candidacy.id))]


def names(world: World) -> list[str]:
    return [act.name for act in proved(world).acts]


def test_every_act_is_told_by_whom_in_order_and_nothing_is_amiss(decided: World) -> None:
    told = proved(decided)
    assert told.faults == ()
    assert [act.at for act in told.acts] == sorted(act.at for act in told.acts)
    sentences = [act.sentence for act in told.acts]
    assert f"{decided.candidate.name} a ajouté une preuve." in sentences
    assert f"{decided.follower.name} a signé la fiche d'évaluation." in sentences
    assert [one.number for one in told.submissions] == [1]
    assert [len(one.signatures) for one in told.sheets] == [2]
    assert [end.partition(":")[0] for end in told.ends] == ["portfolio", "assessment"]


def test_neither_titles_nor_marks_are_in_it(decided: World) -> None:
    told = " ".join(act.sentence for act in proved(decided).acts)
    assert not [word for word in ("Lettre de relance", "Relance des impayés", "15", "14,5", "14.5") if word in told]


def test_what_the_jury_did_is_told_once_it_is_published(decided: World) -> None:
    assert "final_mark_set" not in names(decided)
    juries.publish(decided)
    assert "final_mark_set" in names(decided)


def test_a_confirmation_for_many_is_told_of_each_once_it_is_published(world: World) -> None:
    commissions.transmitted(world)
    juries.confirm(world)
    assert "proposals_confirmed" not in names(world)
    juries.publish(world)
    told = proved(world)
    assert [act.chain for act in told.acts if act.name == "proposals_confirmed"] == ["jury"]
    assert told.faults == ()


def test_a_decision_on_a_situation_without_appraisal_is_told_once_it_is_published(world: World) -> None:
    absent: office_outcomes.OutcomeValues = {"outcome": "absent"}
    outcome = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, absent, world.clock())
    outcomes.decide_outcome(world.actor(world.jury_member), world.jury, outcome, None, None, world.clock())
    assert ("outcome_recorded" in names(world), "outcome_decided" in names(world)) == (True, False)
    juries.publish(world)
    assert "outcome_decided" in names(world)


@pytest.mark.parametrize(
    ("collection", "changed", "word"),
    [
        ("results", {"final_mark": Decimal128("20.00")}, "note"),
        ("sheets", {"content": "{}"}, "contenu"),
        ("submissions", {"content": "{}"}, "contenu"),
        ("attestations", {"state": "refused"}, "réponse"),
        ("events", {"data": {}}, "le contenu du maillon"),
    ],
)
def test_what_was_changed_past_the_service_is_named(
    decided: World, store: Connections, collection: str, changed: dict[str, Any], word: str
) -> None:
    among = {"name": "sheet_signed"} if collection == "events" else {"candidacy": decided.candidacy.id}
    store.database[collection].update_one(among, {"$set": changed})
    assert any(word in line for line in proved(decided).fault_lines)


@pytest.mark.parametrize("collection", ["results", "sheets", "submissions", "attestations"])
def test_what_was_removed_past_the_service_is_named(decided: World, store: Connections, collection: str) -> None:
    store.database[collection].delete_many({})
    assert any("n'est plus là" in line for line in proved(decided).fault_lines)


def test_a_confirmation_altered_in_the_jury_s_chain_is_named(world: World, store: Connections) -> None:
    commissions.transmitted(world)
    juries.confirm(world)
    store.database.events.update_one({"name": "proposals_confirmed"}, {"$set": {"by": str(world.office.id)}})
    assert [line.partition(":")[0] for line in proved(world).fault_lines][0] == "jury"


@pytest.mark.parametrize(
    "change",
    [{"$unset": {name: ""}} for name in ("seq", "at", "data", "mac", "key_id", "name")]
    + [{"$set": {"seq": "8"}}, {"$set": {"at": "hier"}}, {"$set": {"by": None}}, {"$set": {"subject": "fiche"}}],
    ids=str,
)
def test_an_act_that_lost_its_form_is_named_and_the_others_are_told(
    decided: World, store: Connections, change: dict[str, Any]
) -> None:
    """Whatever somebody did to the database, the page comes."""
    store.database.events.update_one({"name": "sheet_signed"}, change)
    told = proved(decided)
    assert any("n'a plus la forme d'un maillon" in line for line in told.fault_lines)
    assert {"portfolio_submitted", "sheet_drawn_up"} <= {act.name for act in told.acts}


@pytest.mark.parametrize("collection", ["results", "sheets", "submissions", "attestations"])
def test_a_thing_that_lost_its_form_is_named(decided: World, store: Connections, collection: str) -> None:
    row = store.database[collection].find_one({"candidacy": decided.candidacy.id})
    assert row is not None
    kept = {name: row[name] for name in ("_id", "candidacy")}
    store.database[collection].replace_one({"_id": row["_id"]}, kept)
    assert f"{collection}:{row['_id']} : ce qui est enregistré n'a plus sa forme" in proof_lines(decided)


def test_an_act_that_was_written_over_is_shown_as_such(decided: World, store: Connections) -> None:
    store.database.events.update_one({"name": "sheet_signed"}, {"$set": {"name": "never_heard_of"}})
    told = proved(decided)
    assert [act.sentence for act in told.acts if act.name == "never_heard_of"] == [ALTERED]
    assert told.faults != ()


def test_what_befell_another_candidate_is_not_told_here(decided: World, store: Connections) -> None:
    other = juries.sheet_of(decided)
    assert Sheet.objects.count() == 2
    store.database.sheets.update_one({"_id": other.id}, {"$set": {"content": "{}"}})
    told = proved(decided)
    assert (told.faults, len(told.sheets)) == ((), 1)


def test_of_a_confirmation_for_many_only_this_one_s_part_is_held(world: World, store: Connections) -> None:
    commissions.transmitted(world)
    other = juries.sheet_of(world)
    juries.confirm(world)
    store.database.results.delete_one({"candidacy": other.candidacy})
    assert proved(world).faults == ()
    store.database.results.delete_one({"candidacy": world.candidacy.id})
    assert [line.partition(":")[0] for line in proved(world).fault_lines] == ["jury"]


def test_it_stands_after_an_elimination(world: World, clock: Clock) -> None:
    candidacy = full(world)
    published(world, clock, candidacy)
    asked_for(world)
    deliver(clock)
    told = proved(world)
    assert {"portfolio_submitted", "portfolio_eliminated", "portfolio_files_erased"} <= {act.name for act in told.acts}
    assert [line for line in told.fault_lines if line.startswith("portfolio")] == []


def test_it_is_the_office_s(decided: World) -> None:
    for person, refusal in (
        (decided.candidate, Forbidden),
        (decided.follower, Forbidden),
        (decided.tutor, Forbidden),
        (decided.jury_member, NotFound),
        (decided.inspector, NotFound),
        (decided.new_office(decided.new_school("0690027E")), NotFound),
    ):
        with pytest.raises((refusal, NotFound)):
            proof(decided.actor(person), decided.portfolio, decided.clock())


def test_it_costs_the_same_however_much_was_done(decided: World, store: Connections) -> None:
    counts = []
    for _ in range(2):
        with counted(store.database) as commands:
            assert proved(decided).faults == ()
        counts += commands
        for _ in range(10):
            export(decided.actor(decided.candidate), decided.portfolio, decided.clock())
    assert counts[0] == counts[1]
