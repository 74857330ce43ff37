"""The states that are told are those of the code: what each act writes is read in its source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portfolio.boards.lifecycle import Lifecycle, stored_state
from portfolio.boards.lifecycles import LIFECYCLES
from portfolio.boards.states_table import states_as_markdown
from portfolio.documents import KINDS
from portfolio.documents.attestations import ANSWERS
from tests.support.house.lifecycle_watch import BY_COLLECTION, watched
from tests.support.house.written_states import functions, reached, written
from tests.support.worlds.world import World

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "states.md"
OF_A_FIELD = [life for life in LIFECYCLES if life.state_of is stored_state]
# Written over the same state: a sheet that one member signed.
STAYS = {"sheet.draw_up.sign": {"draft"}}
# A sheet that is asked about, never written.
# A state that somebody ticked cannot be read in the source: `checked_answer` holds it to ANSWERS; nor that of an answer
# which is taken from an earlier session, one of these.
TICKED = {"sign_offs.answering.record._all_said": set(ANSWERS), "sign_offs.reuse.copies.answer_anew": set(ANSWERS)}


def _writes() -> dict[str, set[str]]:
    return written()[0] | TICKED


def test_every_kind_that_has_states_is_told_with_all_of_them() -> None:
    stateful = {name: set(kind._fields["state"].choices) for name, kind in KINDS.items() if "state" in kind._fields}
    assert {life.kind.__name__: life.states for life in OF_A_FIELD} == stateful


@pytest.mark.parametrize("life", LIFECYCLES, ids=lambda life: life.kind.__name__)
def test_each_act_is_an_act_and_writes_what_it_is_said_to_write(life: Lifecycle) -> None:
    for act, states in life.acts.items():
        assert act in functions() and "._" not in act, f"{act} is no act of portfolio/"
        found = {state for name in reached(act) for state in _writes().get(name, ())}
        assert life not in OF_A_FIELD or states <= found, f"{act} never writes {states - found}"


def test_no_function_writes_a_state_that_none_of_its_acts_is_said_to_write() -> None:
    told: dict[str, set[str]] = {}
    for life in LIFECYCLES:
        for act, states in life.acts.items():
            for name in reached(act):
                told.setdefault(name, set()).update(states)
    untold = {name: states - told.get(name, set()) for name, states in _writes().items()}
    assert {name: states for name, states in untold.items() if states} == STAYS, "say it in boards/lifecycles.py"


def test_what_cannot_be_read_in_the_source_is_known() -> None:
    assert written()[1] == set(TICKED)


def test_the_document_is_drawn_from_the_tables() -> None:
    assert DOCUMENT.read_text() == states_as_markdown(), "run: python commands.py states > docs/reference/states.md"


def test_a_move_that_is_not_told_is_noticed_where_it_is_played(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.new_piece()
    untold = {**BY_COLLECTION["portfolios"].moves, "open": {}}
    monkeypatch.setitem(BY_COLLECTION, "portfolios", replace(BY_COLLECTION["portfolios"], moves=untold))
    with watched(monkeypatch), pytest.raises(AssertionError, match="Portfolio open → submitted"):
        world.submit()
