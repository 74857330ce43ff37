"""All the pieces of a portfolio, by activity and in parts: those that show one competence, criterion or tool, if the
address names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from bson import ObjectId
from flask import Response, request

from portfolio.documents import Activity, Evidence
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.rules.texts.catalogue import catalogue
from portfolio.submission.overview import Overview, overview
from web.candidate.first_page import own_portfolio, portfolio_page
from web.everyone.list_parts import asked_part
from web.pages import Pages

pages = Pages("candidate_pieces", __name__, "candidate")

NONE_SHOWN = "aucune"  # what the address asks for, to be shown the pieces that show no competence
WITHDRAWN_SHOWN = 50


@pages.shows("/portfolio/<oid:portfolio_id>/preuves", Action.DEPOSIT)
def show(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = own_portfolio(by, portfolio_id)
    whole = overview(portfolio)
    code = _code_asked(whole)
    listed = asked_part(_in_order(whole, code))
    withdrawn = Evidence.objects(candidacy=portfolio.candidacy, state="withdrawn").only("id", "title")
    return portfolio_page(
        "pieces.html",
        portfolio,
        portfolio=portfolio,
        overview=whole,
        code=code,
        shown=listed,
        groups=_by_activity(whole, listed.items),
        accepted=whole.sign_offs.accepted_pieces,
        withdrawn=list(withdrawn.order_by("-id").limit(WITHDRAWN_SHOWN)),
        types=catalogue(portfolio.exam).types,
    )


def _code_asked(whole: Overview) -> str | None:
    """Returns the code that the address asks for, or NONE_SHOWN; None if it asks for none, or for an unknown one."""
    asked, rules = request.args.get("montre", ""), whole.referential
    known = (*rules.competences, *rules.criteria, *rules.tool_families, NONE_SHOWN)
    return asked if asked in known else None


def _codes(piece: Evidence) -> set[str]:
    competences = {proof.competence for proof in piece.competences} or {NONE_SHOWN}
    return {*competences, *piece.criteria, *piece.tool_families}


def _in_order(whole: Overview, code: str | None) -> list[Evidence]:
    """Returns the pieces by activity, those of none last. code: of what they show, as `coverage` counts them (those
    that can be read), or NONE_SHOWN; all of them without one.
    """
    ranks = {activity.id: rank for rank, activity in enumerate(whole.activities)}
    pieces = whole.pieces if code in (None, NONE_SHOWN) else whole.handed_in
    asked = [piece for piece in pieces if code is None or code in _codes(piece)]
    return sorted(asked, key=lambda piece: ranks.get(piece.activity, len(ranks)))


def _by_activity(whole: Overview, pieces: Sequence[Evidence]) -> list[tuple[Activity | None, list[Evidence]]]:
    """Returns these pieces, in their order, by activity; None for those of none."""
    known = {activity.id: activity for activity in whole.activities}
    groups = groupby(pieces, lambda piece: piece.activity if piece.activity in known else None)
    return [(known.get(activity), list(inside)) for activity, inside in groups]
