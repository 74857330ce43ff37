"""Tells from when the portfolios count of whom no result is published here: who gave up, or sits the exam outside CCF.

They are kept as those of the others: from the publication of the results of their exam and session.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId

from portfolio.documents import Candidacy, Jury, OfficeOutcome, Sheet
from portfolio.documents.candidacies import ExamForm
from portfolio.documents.rows import Row
from portfolio.jury.decisions import published_decision


def end_without_result(candidacies: Iterable[Candidacy | Row]) -> dict[ObjectId, datetime]:
    """Returns {candidacy: when the jury of their exam and session published} of those of whom CCF asks nothing any
    more, with nothing that a jury may still publish. Three queries; none where CCF asks something of all.
    """
    outside = {
        candidacy.id: candidacy
        for candidacy in candidacies
        if candidacy.abandoned is not None or candidacy.ccf.form != ExamForm.CCF
    }
    if not outside:
        return {}
    standing = {"candidacy": {"$in": list(outside)}, "live": True}
    decided = {key for kind in (Sheet, OfficeOutcome) for key in kind._get_collection().distinct("candidacy", standing)}
    sessions, exams = ({row[name] for row in outside.values()} for name in ("session", "exam"))
    academies = {candidacy.academy for candidacy in outside.values()}
    juries = Jury.objects(academies__in=academies, exam__in=exams, session__in=sessions, published_at__ne=None)
    published = {(academy, jury.exam, jury.session): jury.published_at for jury in juries for academy in jury.academies}
    ends = {key: published.get((row.academy, row.exam, row.session)) for key, row in outside.items()}
    return {key: moment for key, moment in ends.items() if moment is not None and key not in decided}


def counts_from(candidacy: Candidacy) -> datetime | None:
    """Returns the publication from which the portfolio of a candidate counts: of their result, or of the others' where
    none is to come; None before it, and where the jury took the result back.
    """
    decision = published_decision(candidacy.id)
    return decision.published_at if decision else end_without_result([candidacy]).get(candidacy.id)
