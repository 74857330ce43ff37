"""Which exams a school has sheets of: it lists, transmits and keys those of one exam and session at a time."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.documents import OfficeOutcome, School, Sheet
from portfolio.errors import Invalid
from portfolio.rules.texts.exam import named


def exams_there(school: School, session: str) -> list[str]:
    """Returns the codes, sorted, of the exams of which the school has a sheet or an outcome without appraisal in the
    session. Two queries.
    """
    there = {"school": school.id, "session": session}
    return sorted({code for kind in (Sheet, OfficeOutcome) for code in kind._get_collection().distinct("exam", there)})


def chosen_exam(there: Sequence[str], offered: Sequence[str], asked: str | None) -> str:
    """Returns the exam asked for (its code) or, where none is, the only one there is. there: codes of the exams that
    have a sheet; offered: of those that may have. Raises Invalid on `exam` if it is none of them, or if none is asked
    of several.
    """
    if asked in there or asked in offered:
        return str(asked)
    choice = list(there or offered)
    if not choice:
        raise Invalid({"exam": ["Aucune fiche ici, aucune épreuve proposée : l'administrateur les enregistre."]})
    if not asked and len(choice) == 1:
        return choice[0]
    raise Invalid({"exam": [f"Indiquez l'épreuve, parmi {' ; '.join(map(named, choice))}."]})
