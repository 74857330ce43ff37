"""Names what nobody does about their own candidacy, whatever their other roles.

A candidate with another role (secretary of their school, member of a jury…) may not judge their own candidacy, nor read
or change what its judgment rests on: for these actions, only clauses about the candidate count.
"""

from __future__ import annotations

from portfolio.documents import Assessment, Commission, Grid, GridScan, OfficeOutcome, Reserve, Result, Sheet
from portfolio.policy.actions import Action

_JUDGING = (Commission, Assessment, Grid, GridScan, Sheet, Reserve, Result, OfficeOutcome)
_NEVER = frozenset(
    {
        Action.CONVENE,
        Action.REOPEN,
        Action.SUBMIT_LATE,
        Action.AMEND_CANDIDACY,
        Action.ADAPT,
        Action.MOVE_CIRCULAR,
        Action.READ_SIGNALS,
        Action.RELAY_PAPER,
        Action.GIVE_FEEDBACK,
        Action.HOLD_PORTFOLIO,
        Action.RECORD_OUTCOME,
        Action.PLACE_RESERVE,
        Action.READ_PROOF,
        Action.PLACE,
        Action.AMEND_PLACEMENT,
        Action.ANSWER_PROPOSED_PLACEMENT,
        Action.PROPOSE_TRANSFER,
        Action.ANSWER_TRANSFER,
        Action.WITHDRAW_TRANSFER,
    }
)


def never_about_oneself(action: Action, kind: type) -> bool:
    """Returns True if nobody does this action about their own candidacy but as its candidate. kind: of the documents
    that the action is about; everything about those that judge is never about oneself.
    """
    return action in _NEVER or kind in _JUDGING
