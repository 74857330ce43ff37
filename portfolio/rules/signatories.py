"""Determines who must sign off an element: the tutor, a teacher, both, or neither."""

from __future__ import annotations

from portfolio.rules.terms import Nature, SignOffSeat, WorkContext


def signatories(nature: str, context: str) -> frozenset[SignOffSeat]:
    """Returns the seats that must sign off an element. Nature decides before context (arrêté, annex II D, E5, B).

    A teacher signs results of checks; the commission admits any other element. A teacher confirms a production, and
    so does the tutor if it comes from the company.
    """
    if nature == Nature.AUTRE:
        return frozenset()
    if nature == Nature.CONTROLE or context != WorkContext.PFMP:
        return frozenset({SignOffSeat.TEACHER})
    return frozenset({SignOffSeat.TUTOR, SignOffSeat.TEACHER})
