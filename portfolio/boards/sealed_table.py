"""Draws the table of sealed fields for `docs/explanation/what-is-proved.md`."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.store.sealed_fields import EVERYWHERE, NOT_SEALED, SEALED, Sealed


def sealed_as_markdown() -> str:
    """Returns the table of what links seal, in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "| stored | sealed, group by group | left out, and why |"
    yield "| --- | --- | --- |"
    for collection, rules in SEALED.items():
        yield f"| `{collection}` | {_groups(rules)} | {_left_out(rules.left_out)} |"
    yield f"| everywhere | | {_left_out(EVERYWHERE)} |"
    for collection, why in NOT_SEALED.items():
        yield f"| `{collection}` | | all of it: {why} |"


def _groups(rules: Sealed) -> str:
    groups = [f"{words}: {', '.join(f'`{name}`' for name in fields)}" for words, fields in rules.groups.values()]
    return "<br>".join(groups)


def _left_out(left_out: dict[str, str]) -> str:
    reasons = dict.fromkeys(left_out.values())
    names = {why: ", ".join(f"`{name}`" for name, reason in left_out.items() if reason == why) for why in reasons}
    return "<br>".join(f"{names[why]}: {why}" for why in reasons)
