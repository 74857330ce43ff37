"""Draws POLICY as tables that a head of school can read. Pure."""

from __future__ import annotations

from portfolio.policy.table import POLICY

_HEAD = """\
# Who may do what

Generated from POLICY (`portfolio/policy/table.py`) by `python commands.py permissions`; a test keeps it true.
Nobody else may: whoever may not read a thing is answered that it does not exist. Whether an act is possible *now*
(states, deadlines) is another question, asked afterwards by the act itself.

Nobody convenes, judges, reads or moves the judging of their own candidacy, whatever other role they hold: there they
are its candidate and nothing else.
"""


def policy_as_markdown() -> str:
    """Returns the Markdown of two tables: the object and actors of each action; the actions of each relation, in
    predicates' words.
    """
    return "\n".join([_HEAD, *_by_action(), "", *_by_relation()]) + "\n"


def _by_action() -> list[str]:
    lines = ["## By action", "", "| action | on | a person who… |", "| --- | --- | --- |"]
    for action, rule in POLICY.items():
        who = "; or ".join(predicate.sentence for predicate in rule.who)
        lines.append(f"| `{action.value}` | {rule.kind.__name__} | {who} |")
    return lines


def _by_relation() -> list[str]:
    opened: dict[str, list[str]] = {}
    for action, rule in POLICY.items():
        for predicate in rule.who:
            only = f" ({predicate.only})" if predicate.only else ""
            opened.setdefault(predicate.words, []).append(f"`{action.value}`{only}")
    lines = ["## By relation", "", "| a person who… | may |", "| --- | --- |"]
    return lines + [f"| {words} | {', '.join(actions)} |" for words, actions in opened.items()]
