"""Says, before a sheet is transmitted, what its candidate's training in companies lacks of what the arrêté asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from bson import ObjectId

from portfolio.documents import Candidacy, Placement, Sheet
from portfolio.documents.fields import by_id
from portfolio.enrolment.training import training_of


def training_lacks(sheets: Sequence[Sheet], today: date) -> dict[ObjectId, tuple[str, ...]]:
    """Returns {sheet id: what is missing, in French}, in two queries. The caller checks READ_REMARKS."""
    ids = [sheet.candidacy for sheet in sheets]
    placements: dict[ObjectId, list[Placement]] = defaultdict(list)
    for placement in Placement.objects(candidacy__in=ids, cancelled_at=None):
        placements[placement.candidacy].append(placement)
    people = by_id(Candidacy, ids)
    return {
        sheet.id: training_of(people[sheet.candidacy], placements[sheet.candidacy], today).lacks for sheet in sheets
    }
