"""Whatever the order of acts, revisions only grow and what was handed in never changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portfolio.documents import Evidence, Submission
from portfolio.evidence import deposit
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.acts.frozen import digest_of
from tests.support.worlds.world import World


class PortfolioLife(RuleBasedStateMachine):
    """Any order of deposit, submission and reopening, against a model of a few lines."""

    make_world: Any

    @initialize()
    def begin(self) -> None:
        self.world: World = self.make_world()
        self.by = self.world.actor(self.world.candidate)
        self.activity = self.world.new_activity("classe").id
        self.state, self.titles, self.ready = "open", {}, set()  # type: ignore[var-annotated]
        self.digests: list[str] = []
        self.revision = self.world.portfolio.revision
        self.add("prête", True)  # type: ignore[call-arg]

    def act(self, verb: Any, *values: Any) -> Any:
        """Refused exactly where the portfolio is submitted."""
        if self.state == "open":
            return verb(self.by, *values, self.world.clock())
        with pytest.raises(deposit.PortfolioSubmitted):
            verb(self.by, *values, self.world.clock())
        return None

    @rule(title=st.text("abc", min_size=1, max_size=5), complete=st.booleans())
    def add(self, title: str, complete: bool) -> None:
        values = {"type_code": "REF1", "title": title, "nature": "production"}
        if complete:
            values |= {"situation": "simulee", "context": "classe", "activity": self.activity}
            values |= {"produced_on": "2026-10-01", "description": {"aim": "x"}}
            values |= {"competences": [{"competence": "C1", "justification": "x"}]}  # type: ignore[dict-item]
        piece = self.act(deposit.add_piece, self.world.portfolio, values)
        if piece:
            self.titles[piece.id] = title
            self.ready |= {piece.id} if complete else set()

    @precondition(lambda self: self.titles)
    @rule(data=st.data(), title=st.text("xyz", min_size=1, max_size=5))
    def amend(self, data: st.DataObject, title: str) -> None:
        piece_id = data.draw(st.sampled_from(sorted(self.titles)))
        if self.act(deposit.amend_piece, Evidence.objects.get(pk=piece_id), {"title": title}):
            self.titles[piece_id] = title

    @precondition(lambda self: self.titles)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        piece_id = data.draw(st.sampled_from(sorted(self.titles)))
        if self.act(deposit.withdraw_piece, Evidence.objects.get(pk=piece_id)):
            del self.titles[piece_id]
            self.ready.discard(piece_id)

    @rule(without_drafts=st.booleans())
    def submit(self, without_drafts: bool) -> None:
        expected: Any = None
        if self.state == "submitted":
            expected = submit.AlreadySubmitted
        elif len(self.titles) > len(self.ready) and not without_drafts:
            expected = submit.DraftsLeft
        if expected:
            with pytest.raises(expected):
                submit.submit(self.by, self.world.portfolio, without_drafts, self.world.clock())
            return
        submit.submit(self.by, self.world.portfolio, without_drafts, self.world.clock())
        self.state = "submitted"
        latest = Submission.objects.get(candidacy=self.world.candidacy.id, number=len(self.digests) + 1)
        frozen = {one["id"]: one["title"] for one in json.loads(latest.content)["pieces"]}
        assert frozen == {str(one): self.titles[one] for one in self.ready}
        self.digests.append(latest.digest)

    @rule()
    def reopen(self) -> None:
        by = self.world.actor(self.world.follower)
        if self.state == "open":
            with pytest.raises(submit.NotSubmitted):
                submit.reopen(by, self.world.portfolio, "Motif", self.world.clock())
            return
        submit.reopen(by, self.world.portfolio, "Motif", self.world.clock())
        self.state = "open"

    @invariant()
    def the_record_agrees(self) -> None:
        portfolio = self.world.portfolio
        assert (portfolio.state, portfolio.submissions) == (self.state, len(self.digests))
        assert portfolio.revision >= self.revision
        self.revision = portfolio.revision
        live = Evidence.objects(candidacy=portfolio.candidacy, state__ne="withdrawn")
        assert {one.id: one.title for one in live} == self.titles
        assert {one.id for one in live if one.state == "ready"} == self.ready
        submissions = Submission.objects(candidacy=portfolio.candidacy).order_by("number")
        assert [one.digest for one in submissions] == self.digests
        assert [digest_of(one.content) for one in submissions] == self.digests


@pytest.mark.hypothesis
def test_revisions_only_grow_and_what_was_handed_in_never_changes(store: Connections, clock: Clock) -> None:
    shared = World(clock)

    class Life(PortfolioLife):
        def make_world(self) -> World:
            """One school for all examples, a candidate for each."""
            world = World(clock)
            for name in ("administrator", "academy", "school", "office", "follower"):
                setattr(world, name, getattr(shared, name))
            world.count = shared.count = shared.count + 100
            return world

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    assert Submission.objects(number__gte=2).count() > 0, "some portfolio is handed in twice"
