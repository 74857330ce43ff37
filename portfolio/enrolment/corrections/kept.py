"""Names those who are told by mail that a correction leaves something frozen as it was: what differs, until when, and
whom to ask is worked out when the mail leaves (`mail.moves.kept`).
"""

from __future__ import annotations

from collections.abc import Collection

from bson import ObjectId

from portfolio.documents import Candidacy, Commission, Portfolio, Sheet
from portfolio.documents.commissions import CommissionState
from portfolio.documents.portfolios import PortfolioState
from portfolio.policy.relations import Actor
from portfolio.store.journal import Errand

TELLS = "kept"


def told_of_submissions(by: Actor, candidacies: Collection[ObjectId]) -> list[Errand]:
    """Returns one mail to each person concerned by what submissions of these candidacies (ids) keep: the candidate, who
    follows, and the members of a commission that reads it; none to whoever corrects. Four queries at most.
    """
    handed_in = Portfolio.objects(pk__in=candidacies, submissions__gt=0, state__ne=PortfolioState.ELIMINATED)
    frozen = list(handed_in.scalar("id")) if candidacies else []
    whose = Candidacy.objects(pk__in=frozen).only("person", "followers") if frozen else ()
    people = [(candidacy.id, person) for candidacy in whose for person in (candidacy.person, *candidacy.followers)]
    convened = Commission.objects(candidacy__in=frozen, state=CommissionState.CONVENED) if frozen else ()
    reading = [(sitting.candidacy, member) for sitting in convened for member in sitting.members]
    return _letters(by, [*people, *reading, *_of_sheets(frozen)])


def told_of_sheets(by: Actor, candidacies: Collection[ObjectId]) -> list[Errand]:
    """Returns one mail to each member who drew up a sheet in force of these candidacies (ids), which alone bears what
    is corrected; none to whoever corrects. One query.
    """
    return _letters(by, _of_sheets(candidacies))


def _of_sheets(candidacies: Collection[ObjectId]) -> list[tuple[ObjectId, ObjectId]]:
    sheets = Sheet.objects(candidacy__in=candidacies, live=True).only("candidacy", "members") if candidacies else ()
    return [(sheet.candidacy, member) for sheet in sheets for member in sheet.members]


def _letters(by: Actor, concerned: Collection[tuple[ObjectId, ObjectId]]) -> list[Errand]:
    letters = dict.fromkeys(pair for pair in concerned if pair[1] != by.id)
    return [
        Errand(TELLS, {"candidacy": candidacy, "person": person}, f"{TELLS}:{candidacy}:{person}")
        for candidacy, person in letters
    ]
