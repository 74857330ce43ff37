"""Says what a submission keeps of the periods that were corrected since: it is frozen, and says what it said.

It is worked out whenever somebody reads it, so that no act which corrects can forget to say it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bson import ObjectId

from portfolio.counting import many
from portfolio.documents import Candidacy, Placement, Portfolio, Result, Submission
from portfolio.documents.fields import by_id
from portfolio.documents.portfolios import PortfolioState
from portfolio.identifiers import TO_BE_NAMED

ONCE_PUBLISHED = "Le résultat est publié : la remise reste telle quelle, aussi longtemps que le portfolio est gardé."
AT_THE_NEXT = "La prochaine remise portera ce qui est corrigé."
ASK = (
    "La commission la lit ainsi tant qu'une autre ne la remplace pas. Pour en faire une autre, demandez au professeur "
    "chargé du suivi, ou au secrétariat de l'établissement, de rouvrir le portfolio."
)
MAY_REOPEN = (
    "La commission la lit ainsi tant qu'une autre ne la remplace pas. Pour en faire une autre, rouvrez le portfolio : "
    "le candidat le remet de nouveau."
)
Words = Mapping[str, str]


@dataclass(frozen=True)
class Kept:
    """What the last submission keeps. number: of it. lines: French sentences, one per period. then: until when it
    stays so, and whom to ask.
    """

    number: int
    lines: tuple[str, ...]
    then: str


def kept_since(candidacy: Candidacy, portfolio: Portfolio, *, may_reopen: bool = False) -> Kept | None:
    """Returns what the last submission keeps of periods that say something else now; None where all agree, where
    nothing was handed in, or is left. may_reopen: whoever reads may reopen it. Three queries at most.
    """
    if not portfolio.submissions or portfolio.state == PortfolioState.ELIMINATED or not candidacy.in_ccf:
        return None
    last = Submission.objects(candidacy=candidacy.id, number=portfolio.submissions).only("content").first()
    frozen = json.loads(last.content)["placements"] if last is not None else []
    now = by_id(Placement, [ObjectId(period["id"]) for period in frozen])
    lines = tuple(line for period in frozen if (line := _line(period, now.get(ObjectId(period["id"])))) is not None)
    if not lines:
        return None
    return Kept(portfolio.submissions, lines, _then(portfolio, may_reopen))


def _line(frozen: Words, now: Placement | None) -> str | None:
    """Returns the sentence on one period, None where it says what was frozen, or is no longer there."""
    if now is None:
        return None
    of = f"Période chez {frozen['company_name']}"
    if now.cancelled_at is not None:
        return f"{of} : la remise la porte ; elle a été annulée depuis."
    differing = [(before, after) for before, after in _said(frozen, now) if before != after]
    if not differing:
        return None
    before, after = (", ".join(words) for words in zip(*differing, strict=True))
    return f"{of} : la remise porte {before} ; c'est maintenant {after}."


def _said(frozen: Words, now: Placement) -> Iterator[tuple[str, str]]:
    """Yields, of each thing that may be corrected, what the submission says and what stands, in words."""
    yield _place(frozen), _place(now)
    yield _days(frozen), _days(now)
    yield many(int(frozen["days"]), "jour"), many(now.days, "jour")
    yield _tutor(frozen), _tutor(now)


def _place(of: Words | Placement) -> str:
    return f"« {of['company_name']}, {of['company_city']} »"


def _days(of: Words | Placement) -> str:
    first, last = (date.fromisoformat(of[name]) for name in ("starts_on", "ends_on"))
    return f"du {first:%d/%m/%Y} au {last:%d/%m/%Y}"


def _tutor(of: Words | Placement) -> str:
    return f"tuteur « {of['tutor_name'] or TO_BE_NAMED} »"


def _then(portfolio: Portfolio, may_reopen: bool) -> str:
    if Result.objects(candidacy=portfolio.candidacy, published=True).only("id").first() is not None:
        return ONCE_PUBLISHED
    if portfolio.state == PortfolioState.OPEN:
        return AT_THE_NEXT
    return MAY_REOPEN if may_reopen else ASK
