"""The candidate's first page: where the portfolio stands and what comes next; its pieces; its coverage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from flask import Response

from api.http.routing import find
from portfolio.documents import (
    Activity,
    Candidacy,
    Evidence,
    EvidenceFile,
    OfficeOutcome,
    Placement,
    Portfolio,
    Result,
    School,
    Sheet,
    Transfer,
)
from portfolio.documents.candidacies import ExamForm, TransferState
from portfolio.documents.fields import CandidacyThing, by_id
from portfolio.enrolment.deadline import deadline_binds, deadline_of
from portfolio.enrolment.institutions import academy_of
from portfolio.evidence.feedback_pages import of_pieces
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.catalogue import catalogue
from portfolio.sign_offs.answering.standing import ActivitySeat
from portfolio.sign_offs.asking.deliveries import Delivery, deliveries_of
from portfolio.sign_offs.asking.teachers import replaced_for
from portfolio.sign_offs.reuse.earlier import earlier_portfolios
from portfolio.submission.overview import Overview, conformity_of, coverage_of, overview
from portfolio.submission.submit import closes
from web.candidate import labels
from web.candidate.checklist import to_do
from web.layout import page
from web.pages import Pages

pages = Pages("candidate", __name__, "candidate")

SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class UnmappedPiece:
    """A piece not yet linked to a competence. days: how long it has waited."""

    piece: Evidence
    files: list[EvidenceFile]
    days: int


@dataclass(frozen=True)
class SeatLine:
    """One seat of an activity. words, tone: what became of its sign-off. askable: it may be asked for (again)."""

    name: str
    seat: ActivitySeat
    delivery: Delivery | None
    needed: bool
    words: str
    tone: str
    askable: bool


@dataclass(frozen=True)
class ActivityLine:
    activity: Activity
    placement: Placement | None
    pieces: list[Evidence]
    seats: list[SeatLine]

    @property
    def contested(self) -> bool:
        return self.placement is not None and self.placement.contested_at is not None

    def may_be_asked(self, seat: str) -> bool:
        """Returns True if this seat may be asked.
        A tutor who objected is left alone until the teacher has settled it.
        """
        askable = any(line.name == seat and line.askable for line in self.seats)
        return askable and not (seat == "tutor" and self.contested)


def own_portfolio(by: Actor, portfolio_id: ObjectId) -> Portfolio:
    """Returns the portfolio of this id, for its candidate alone: others read it on pages of their own. Raises NotFound,
    Forbidden.
    """
    portfolio: Portfolio = find(Portfolio, portfolio_id)
    require(by, Action.DEPOSIT, portfolio)
    return portfolio


def portfolio_page(template: str, thing: CandidacyThing, **values: Any) -> Response:
    """Returns a page of the portfolio of `thing`: its menu, its time zone, FICTIF where the session is a rehearsal.
    template: under candidate/. values: what the template reads besides.
    """
    return page(
        f"candidate/{template}",
        portfolio_id=thing.candidacy,
        fictional=is_rehearsal(thing.session),
        zone=academy_of(thing.academy).timezone,
        words=labels,
        **values,
    )


@pages.shows("/portfolio", Action.DEPOSIT)
def home(by: Actor, at: datetime) -> Response:
    """Shows the candidate's only portfolio, or lists several; says so if there is none."""
    portfolios = list(Portfolio.objects(pk__in=by.values("candidate", "candidacy")).order_by("-session"))
    if len(portfolios) != 1:
        mine = Candidacy.objects(pk__in=by.values("candidate", "candidacy"), ccf__form=ExamForm.PONCTUELLE)
        return page("candidate/which.html", portfolios=portfolios, at_one_sitting=list(mine.order_by("-session")))
    return _home(by, portfolios[0], at)


@pages.shows("/portfolio/<oid:portfolio_id>", Action.DEPOSIT)
def show(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    return _home(by, own_portfolio(by, portfolio_id), at)


def _enrolled_before(by: Actor, portfolio: Portfolio) -> bool:
    """Returns whether there is a portfolio of an earlier session to take pieces from: no query for who has one only."""
    return len(by.values("candidate", "candidacy")) > 1 and bool(earlier_portfolios(by, portfolio))


def _home(by: Actor, portfolio: Portfolio, at: datetime) -> Response:
    if portfolio.state == "eliminated":
        return portfolio_page(
            "eliminated.html", portfolio, portfolio=portfolio, results=results_of(by, portfolio.candidacy)
        )
    whole = overview(portfolio)
    if not whole.candidacy.in_ccf:
        results = results_of(by, portfolio.candidacy)
        return portfolio_page(
            "one_sitting.html",
            portfolio,
            portfolio=portfolio,
            candidacy=whole.candidacy,
            results=results,
            move=last_move(by, whole.candidacy, at),
        )
    report = conformity_of(whole)
    deadline = deadline_of(whole.candidacy)
    by_piece = of_pieces(by, [piece.id for piece in whole.pieces])
    advice = [feedback for received in by_piece.values() for feedback in received]
    return portfolio_page(
        "home.html",
        portfolio,
        enrolled_before=_enrolled_before(by, portfolio),
        portfolio=portfolio,
        candidacy=whole.candidacy,
        move=last_move(by, whole.candidacy, at),
        replaced=replaced_for(by, whole.candidacy),
        results=results_of(by, portfolio.candidacy),
        deadline=deadline,
        late=closes(whole.candidacy, deadline, at),
        passed=at > deadline,
        provisional=not deadline_binds(whole.candidacy),
        overview=whole,
        tasks=to_do(whole, report),
        unmapped=unmapped_pieces(whole, at),
        unread=[feedback for feedback in advice if feedback.seen_at is None],
        titles={piece.id: piece.title for piece in whole.pieces},
        coverage=coverage_of(whole),
        catalogue=catalogue(portfolio.exam),
        activities=activities_of(whole),
    )


@dataclass(frozen=True)
class Move:
    """The last transfer of a candidate, with the names of both schools."""

    transfer: Transfer
    left: str
    joined: str


def last_move(by: Actor, candidacy: Candidacy, at: datetime) -> Move | None:
    """Returns the transfer that waits for an answer, or that was done less than SHOWN_FOR ago; None without any. Two
    queries.
    """
    mine = {"$and": [scope(by, Action.READ_TRANSFER, Transfer), {"candidacy": candidacy.id}]}
    last = Transfer.objects(__raw__=mine).order_by("-id").first()
    if last is None or last.state not in (TransferState.PROPOSED, TransferState.ACCEPTED):
        return None
    if last.settled_at is not None and at - last.settled_at > SHOWN_FOR:
        return None
    schools = by_id(School, (last.school, last.to_school))
    left, joined = (f"{schools[key].name}, {schools[key].city}" for key in (last.school, last.to_school))
    return Move(last, left, joined)


def results_of(by: Actor, candidacy_id: ObjectId) -> list[Result | OfficeOutcome]:
    """Returns the candidate's results, once published, of an appraisal or of a situation without; [] before, and for a
    reader who may not see them.
    """
    query = {"$and": [scope(by, Action.READ_RESULT, Result), {"candidacy": candidacy_id, "published": True}]}
    published_fields = ("exam", "session", "final_mark", "label", "published_at", "corrections.at")
    decided = scope(by, Action.READ_OUTCOME_DECISION, OfficeOutcome)
    others = {"$and": [decided, {"candidacy": candidacy_id, "published": True, "live": True}]}
    return [
        *Result.objects(__raw__=query).only(*published_fields),
        *OfficeOutcome.objects(__raw__=others).only(*published_fields, "final_label"),
    ]


def taken_back_from(by: Actor, candidacy_id: ObjectId) -> datetime | None:
    """Returns when the jury took back the last result that it published; None if it never did, and once another one is
    published.
    """
    decided = scope(by, Action.READ_OUTCOME_DECISION, OfficeOutcome)
    back = {"$and": [decided, {"candidacy": candidacy_id, "published": True, "live": False}]}
    last = OfficeOutcome.objects(__raw__=back).order_by("-withdrawn_at").only("withdrawn_at").first()
    return None if last is None else last.withdrawn_at


def released_to(by: Actor, candidacy_id: ObjectId) -> list[Sheet]:
    """Returns the candidate's own sheets, which they asked for after publication; [] before, and for a reader who may
    not see them.
    """
    query = {"$and": [scope(by, Action.READ_SHEET, Sheet), {"candidacy": candidacy_id, "released": True}]}
    communicated = ("number", "exam", "session", "released_at", "release_reference", "unmasking")
    return list(Sheet.objects(__raw__=query).only(*communicated))


def unmapped_pieces(whole: Overview, at: datetime) -> list[UnmappedPiece]:
    """Returns the pieces not yet linked to a competence, the oldest first, with their age in days; [] if all are."""
    waiting = [piece for piece in whole.pieces if not piece.competences]
    return [UnmappedPiece(piece, whole.files[piece.id], (at - piece.created_at).days) for piece in waiting]


def activities_of(whole: Overview) -> list[ActivityLine]:
    """Returns each activity with its pieces, its placement (None outside a company), and what became of each of its
    sign-offs.
    """
    sent = {(mail.request.activity, mail.request.seat): mail for mail in deliveries_of(whole.attestations)}
    inside: dict[ObjectId, list[Evidence]] = {activity.id: [] for activity in whole.activities}
    for piece in whole.pieces:
        inside.get(piece.activity, []).append(piece)
    placements = {placement.id: placement for placement in whole.placements}
    seats = {signed.id: {name: getattr(signed, name) for name in labels.SEATS} for signed in whole.sign_offs.activities}
    return [
        ActivityLine(
            activity,
            placements.get(activity.placement),
            inside[activity.id],
            [_seat_line(name, seat, sent.get((activity.id, name))) for name, seat in seats[activity.id].items()],
        )
        for activity in whole.activities
    ]


def _seat_line(name: str, seat: ActivitySeat, delivery: Delivery | None) -> SeatLine:
    needed = seat.status != "not_needed"
    words, tone = labels.seat_state(seat, delivery) if needed else ("", "plain")
    return SeatLine(name, seat, delivery, needed, words, tone, seat.status in labels.ASKABLE)


@pages.shows("/portfolio/<oid:portfolio_id>/couverture", Action.DEPOSIT)
def coverage(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = own_portfolio(by, portfolio_id)
    whole = overview(portfolio)
    titles = {str(piece.id): piece.title for piece in whole.pieces}
    return portfolio_page(
        "coverage.html",
        portfolio,
        coverage=coverage_of(whole),
        referential=whole.referential,
        catalogue=catalogue(portfolio.exam),
        titles=titles,
    )
