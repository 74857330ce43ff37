"""What reading some bytes led to is remembered for the latest of them."""

from __future__ import annotations

from portfolio.files.outcomes import Outcomes


def test_the_one_that_was_asked_for_longest_ago_is_forgotten_first() -> None:
    outcomes = Outcomes[str](2)
    outcomes.keep("a", "sound")
    outcomes.keep("b", "torn")
    assert outcomes.get("a") == "sound"
    outcomes.keep("c", "locked")

    assert (outcomes.get("a"), outcomes.get("b"), outcomes.get("c")) == ("sound", None, "locked")
