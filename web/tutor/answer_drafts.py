"""Keeps what a tutor chose and did not sign yet: in several drafts, so that none is too long to be kept."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from portfolio.evidence import drafts
from portfolio.policy.relations import Actor

SIGN = "/s/signer"
IN_ONE_DRAFT = 50  # activities
DRAFT = "to-sign-"  # beginning of the names of the drafts that hold answers


class TypedAnswer(TypedDict):
    """What was chosen on one activity, not signed yet. answer: empty where nothing was. digest: of what was read."""

    answer: str
    comment: str
    digest: str


def keep_answers(by: Actor, chosen: dict[str, TypedAnswer], at: datetime) -> None:
    _forget_answers(by, at)
    rows = [(key, [typed["answer"], typed["comment"], typed["digest"]]) for key, typed in chosen.items()]
    for start in range(0, len(rows), IN_ONE_DRAFT):
        drafts.keep(by, SIGN, f"{DRAFT}{start}", dict(rows[start : start + IN_ONE_DRAFT]), at)


def earlier_answers(by: Actor, at: datetime) -> dict[str, TypedAnswer]:
    """Returns {activity id as text: what was chosen earlier}; {} if nothing was."""
    return {
        key: {"answer": answer, "comment": comment, "digest": digest}
        for fields in _answer_drafts(by, at).values()
        for key, (answer, comment, digest) in fields.items()
    }


def _answer_drafts(by: Actor, at: datetime) -> dict[str, drafts.TypedFields]:
    """Returns {name: fields} of the drafts that hold answers. The form of the signature may have one too, on the same
    page.
    """
    kept = drafts.of_page(by, SIGN, at)
    return {name: fields for name, fields in kept.items() if name.startswith(DRAFT)}


def _forget_answers(by: Actor, at: datetime) -> None:
    for name in _answer_drafts(by, at):
        drafts.forget(by, name)
