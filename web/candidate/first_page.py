"""The candidate's first page: where the portfolio stands and what comes next; its pieces; its coverage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response

from api.http.routing import find
from portfolio.documents import Evidence, Portfolio, Result, Sheet
from portfolio.enrolment.institutions import academy_of
from portfolio.evidence.feedback_pages import of_pieces
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.catalogue import catalogue
from portfolio.sign_offs.asking.deliveries import deliveries
from portfolio.submission.overview import Overview, conformity_of, coverage_of, overview
from portfolio.submission.submit import deadline_of
from web.candidate import labels
from web.candidate.checklist import to_do
from web.layout import page
from web.pages import Pages

pages = Pages("candidate", __name__, "candidate")


def own(by: Actor, portfolio_id: ObjectId) -> Portfolio:
    """The portfolio, for its candidate alone: others read it on pages of their own."""
    portfolio: Portfolio = find(Portfolio, portfolio_id)
    require(by, Action.DEPOSIT, portfolio)
    return portfolio


def framed(template: str, thing: Any, **values: Any) -> Response:
    """A page of the portfolio of `thing`: its menu, its time zone, FICTIF where the session is a rehearsal."""
    zone = academy_of(thing.academy).timezone
    of = {"portfolio_id": thing.candidacy, "fictional": is_rehearsal(thing.session), "zone": zone, "words": labels}
    return page(f"candidate/{template}", **of, **values)


@pages.shows("/portfolio", Action.DEPOSIT)
def home(by: Actor, at: datetime) -> Response:
    """The only portfolio of most; else a choice."""
    mine = list(Portfolio.objects(pk__in=by.values("candidate", "candidacy")).order_by("-session"))
    if len(mine) != 1:
        return page("candidate/which.html", portfolios=mine)
    return _home(by, mine[0], at)


@pages.shows("/portfolio/<oid:portfolio_id>", Action.DEPOSIT)
def show(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    return _home(by, own(by, portfolio_id), at)


def _home(by: Actor, portfolio: Portfolio, at: datetime) -> Response:
    if portfolio.state == "eliminated":
        return framed("eliminated.html", portfolio, portfolio=portfolio, results=results_of(by, portfolio.candidacy))
    seen = overview(portfolio)
    report = conformity_of(seen)
    deadline = deadline_of(seen.candidacy)
    advice = [one for said in of_pieces(by, [piece.id for piece in seen.pieces]).values() for one in said]
    return framed(
        "home.html",
        portfolio,
        portfolio=portfolio,
        candidacy=seen.candidacy,
        results=results_of(by, portfolio.candidacy),
        deadline=deadline,
        late=at > deadline,
        seen=seen,
        tasks=to_do(seen, report),
        tray=tray(seen, at),
        unread=[one for one in advice if one.seen_at is None],
        titles={piece.id: piece.title for piece in seen.pieces},
        coverage=coverage_of(seen),
        catalogue=catalogue(),
        activities=activities_of(seen),
    )


def results_of(by: Actor, candidacy: Any) -> list[Result]:
    """Once published; nothing before."""
    mine = {"$and": [scope(by, Action.READ_RESULT, Result), {"candidacy": candidacy, "published": True}]}
    return list(Result.objects(__raw__=mine).only("session", "final_mark", "label", "published_at"))


def released_to(by: Actor, candidacy: Any) -> list[Sheet]:
    """Their own, which they asked for after publication; nothing before."""
    mine = {"$and": [scope(by, Action.READ_SHEET, Sheet), {"candidacy": candidacy, "released": True}]}
    return list(Sheet.objects(__raw__=mine).only("number", "session", "released_at", "release_reference"))


def tray(seen: Overview, at: datetime) -> list[dict[str, Any]]:
    """Pieces not yet linked to a competence, the oldest first, with how long they have waited."""
    waiting = [piece for piece in seen.pieces if not piece.competences]
    return [{"piece": piece, "files": seen.files[piece.id], "days": (at - piece.created_at).days} for piece in waiting]


def activities_of(seen: Overview) -> list[dict[str, Any]]:
    """Each activity with its pieces, its placement, and what became of each of its sign-offs."""
    sent = {(one.request.activity, one.request.seat): one for one in deliveries(seen.candidacy.id)}
    placements = {one.id: one for one in seen.placements}
    by_id = {one.id: one for one in seen.sign_offs.activities}
    return [
        {
            "activity": one,
            "placement": placements.get(one.placement),
            "pieces": [piece for piece in seen.pieces if piece.activity == one.id],
            "seats": [_seat(name, getattr(by_id[one.id], name), sent.get((one.id, name))) for name in labels.SEATS],
        }
        for one in seen.activities
    ]


def _seat(name: str, seat: Any, delivery: Any) -> dict[str, Any]:
    needed = seat.status != "not_needed"
    said, tone = labels.seat_state(seat, delivery) if needed else ("", "plain")
    askable = seat.status in labels.ASKABLE
    return {"name": name, "seat": seat, "delivery": delivery, "needed": needed, "words": said, "tone": tone} | {
        "askable": askable
    }


@pages.shows("/portfolio/<oid:portfolio_id>/preuves", Action.DEPOSIT)
def pieces(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = own(by, portfolio_id)
    seen = overview(portfolio)
    withdrawn = list(Evidence.objects(candidacy=portfolio.candidacy, state="withdrawn").only("id", "title"))
    accepted = seen.sign_offs.accepted_pieces
    loose = [piece for piece in seen.pieces if piece.activity is None]
    return framed(
        "pieces.html",
        portfolio,
        portfolio=portfolio,
        seen=seen,
        groups=activities_of(seen),
        loose=loose,
        accepted=accepted,
        withdrawn=withdrawn,
        types=catalogue().types,
    )


@pages.shows("/portfolio/<oid:portfolio_id>/couverture", Action.DEPOSIT)
def coverage(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = own(by, portfolio_id)
    seen = overview(portfolio)
    titles = {str(piece.id): piece.title for piece in seen.pieces}
    return framed(
        "coverage.html",
        portfolio,
        coverage=coverage_of(seen),
        referential=seen.referential,
        catalogue=catalogue(),
        titles=titles,
    )
