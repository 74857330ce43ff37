"""What a lifecycle is: the states of a kind, the acts that begin it and move it, how a row tells its state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portfolio.documents.fields import Thing

States = tuple[str, ...]


def stored_state(row: Mapping[str, object]) -> str:
    """Returns the field `state` of a row. Raises KeyError if it has none."""
    return str(row["state"])


def grid_state(row: Mapping[str, object]) -> str:
    """Returns the state of a grid (raw row): set_aside, opened, sealed or open. It has no field `state`: it follows
    from live, opened and sealed_at.
    """
    if not row["live"]:
        return "set_aside"
    if row["opened"]:
        return "opened"
    return "sealed" if row.get("sealed_at") else "open"


@dataclass(frozen=True)
class Lifecycle:
    """The states of a kind. begins: {act: initial states}. moves: {state: {act: next states}}. state_of: of a row."""

    kind: type[Thing]
    title: str
    begins: dict[str, States]
    moves: dict[str, dict[str, States]]
    state_of: Callable[[Mapping[str, object]], str] = stored_state

    @property
    def states(self) -> set[str]:
        ends = [*self.begins.values(), *(after for acts in self.moves.values() for after in acts.values())]
        return {*self.moves, *(state for states in ends for state in states)}

    @property
    def acts(self) -> dict[str, set[str]]:
        """Returns {name of an act: every state that it writes}; an act that writes none has an empty set."""
        written: dict[str, set[str]] = {act: set(states) for act, states in self.begins.items()}
        for acts in self.moves.values():
            for act, states in acts.items():
                written.setdefault(act, set()).update(states)
        return written
