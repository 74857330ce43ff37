"""Draws the states of documents from `boards.lifecycles` for `docs/reference/states.md`. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.boards.lifecycle import Lifecycle
from portfolio.boards.lifecycles import LIFECYCLES

_HEAD = """\
# States

Drawn from `portfolio/boards/lifecycles.py` by `python commands.py states`; a test keeps it true. An arrow bears the
acts that lead along it, by the names of their functions; below each diagram stands where they are. Whether an act is
possible on that day, and for whom, is the act's own to say: [permissions](permissions.md) has the second half.

An act that leaves a state as it is bears no arrow, nor does one that removes what is stored.
"""
_START = "[*]"


def states_as_markdown() -> str:
    """Returns one diagram and one table of acts per lifecycle, in Markdown."""
    return "\n".join([_HEAD, *(line for life in LIFECYCLES for line in _of(life))])


def _of(life: Lifecycle) -> Iterator[str]:
    yield f"## {life.title}"
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for (before, after), acts in _arrows(life).items():
        yield f"    {before} --> {after}: {', '.join(act.rpartition('.')[2] for act in acts)}"
    yield "```"
    yield ""
    yield "| act | in |"
    yield "| --- | --- |"
    for act in life.acts:
        module, _, name = act.rpartition(".")
        yield f"| `{name}` | `portfolio/{module.replace('.', '/')}.py` |"
    yield ""


def _arrows(life: Lifecycle) -> dict[tuple[str, str], list[str]]:
    """Returns {(state before, state after): names of acts}."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for before, acts in {_START: life.begins, **life.moves}.items():
        for act, states in acts.items():
            for after in states:
                arrows.setdefault((before, after), []).append(act)
    return arrows
