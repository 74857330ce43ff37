"""Who must sign for an element: the tutor, a teacher, both, or nobody."""

from __future__ import annotations

TUTOR, TEACHER = "tutor", "teacher"


def signatories(nature: str, context: str) -> frozenset[str]:
    """Who signs off an element, `tutor` and `teacher`. Nature decides before context (arrêté, annex II D, E5, B):

    results of checks are the teaching team's, any other element is the commission's to admit; a production is
    confirmed by a teacher, and by the tutor too when it comes from the company.
    """
    if nature == "autre":
        return frozenset()
    if nature == "controle" or context != "pfmp":
        return frozenset({TEACHER})
    return frozenset({TUTOR, TEACHER})
