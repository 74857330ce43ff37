"""Says which exams a school offers, and for which of them a candidate is enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portfolio.documents import School
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import Exam, exam, exams
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit


def offered(school: School) -> list[Exam]:
    """Returns the exams that the school offers and that are installed, in the order of the list."""
    installed = exams()
    return [installed[code] for code in school.exams if code in installed]


def chosen_exam(school: School, code: str | None) -> Exam:
    """Returns the exam of this code, or the only one that the school offers where none is named. Raises Invalid on
    `exam` where the school does not offer it, or offers several; UnknownExam where it is not installed.
    """
    if code is None and len(school.exams) == 1:
        return exam(school.exams[0])
    if code in school.exams:
        return exam(str(code))
    if not school.exams:
        raise Invalid({"exam": ["Cet établissement ne propose aucune épreuve : l'administrateur les enregistre."]})
    named = " ; ".join(known.with_diploma for known in offered(school))
    asked = "Choisissez l'épreuve" if code is None else "Cet établissement ne prépare pas cette épreuve : choisissez-la"
    raise Invalid({"exam": [f"{asked} parmi celles qu'il propose : {named}."]})


def installed_codes(codes: Sequence[str]) -> list[str]:
    """Returns the codes, each once, or that of the only installed exam where none is named. Raises Invalid on `exams`
    where one is not installed, or where none is named of several.
    """
    known = exams()
    listed = list(dict.fromkeys(codes)) or (list(known) if len(known) == 1 else [])
    unknown = [code for code in listed if code not in known]
    if unknown:
        raise Invalid(
            {"exams": [f"N'est pas installé ici : {', '.join(unknown)}. Choisissez parmi les épreuves installées."]}
        )
    if not listed:
        named = " ; ".join(exam.with_diploma for exam in known.values())
        raise Invalid({"exams": [f"Indiquez les épreuves que l'établissement propose, parmi {named}."]})
    return listed


def offer(by: Actor, school: School, codes: Sequence[str], at: datetime) -> School:
    """Records which exams (codes) the school offers from now on, and returns it. Nobody who is enrolled is moved: a
    candidacy stays of its exam. Raises Invalid on `exams` where one is not installed, or none is named.
    """
    require(by, Action.OFFER_EXAMS, school)
    if not codes:
        raise Invalid({"exams": ["Indiquez au moins une épreuve."]})
    listed = installed_codes(codes)
    data = {"before": list(school.exams), "exams": listed}
    event = event_by(by, at, f"school:{school.id}", EventName.EXAMS_OFFERED, school, data)
    commit([Change(school, {"exams": listed})], event)
    return school
