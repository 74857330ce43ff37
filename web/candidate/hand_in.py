"""Handing in: the checklist, the act, its receipt; then the history of acts, the archive, the published result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.http.downloads import attached
from api.http.routing import find
from api.submission.portfolios import Remise, as_pdf
from portfolio.documents import Evidence, Portfolio, Submission
from portfolio.documents.portfolios import PortfolioState
from portfolio.enrolment.deadline import deadline_binds, deadline_of
from portfolio.errors import Unavailable
from portfolio.evidence.many_at_once.asked import still_arriving
from portfolio.files.personal_data.gathered import Gathered
from portfolio.files.personal_data.place_words import kinds_of
from portfolio.files.previews.searched_views import found_in
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.history import latest
from portfolio.submission import submit
from portfolio.submission.acknowledgement import acknowledgement
from portfolio.submission.export import export
from portfolio.submission.kept_words import kept_since
from portfolio.submission.overview import Overview, conformity_of, overview
from web.candidate import first_page
from web.candidate.checklist import to_do
from web.forms import read_form
from web.pages import Pages, find_unchanged

pages = Pages("candidate_hand_in", __name__, "candidate")

ACTS_SHOWN = 40
FILES_SEARCHED = 60  # that the page of a submission asks about; each piece says it too


@dataclass(frozen=True)
class PieceWithData:
    """A piece whose files seem to hold other people's data. kinds: French words, with counts."""

    piece: Evidence
    kinds: str


def pieces_with_data(whole: Overview) -> list[PieceWithData]:
    """Returns the pieces in whose files something was found, among the first FILES_SEARCHED; none while the store does
    not answer: nothing is blocked by it.
    """
    files = [(piece, file) for piece in whole.handed_in for file in whole.files[piece.id]][:FILES_SEARCHED]
    rows: dict[ObjectId, list[Gathered]] = {}
    try:
        for piece, file in files:
            rows.setdefault(piece.id, []).extend(found_in(file) or [])
    except Unavailable:
        return []
    return [PieceWithData(piece, kinds_of(rows[piece.id])) for piece in whole.handed_in if rows.get(piece.id)]


@pages.shows("/portfolio/<oid:portfolio_id>/remise", Action.DEPOSIT)
def hand_in(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    whole = overview(portfolio)
    report = conformity_of(whole)
    deadline = deadline_of(whole.candidacy)
    submissions = list(Submission.objects(candidacy=portfolio.candidacy).exclude("content").order_by("-number"))
    return first_page.portfolio_page(
        "hand_in.html",
        portfolio,
        portfolio=portfolio,
        overview=whole,
        tasks=to_do(whole, report),
        arriving=still_arriving(portfolio.candidacy, at) if portfolio.state == PortfolioState.OPEN else [],
        with_data=pieces_with_data(whole) if portfolio.state == PortfolioState.OPEN else [],
        blocking=report.blocking,
        deadline=deadline,
        late=submit.closes(whole.candidacy, deadline, at),
        passed=at > deadline,
        provisional=not deadline_binds(whole.candidacy),
        submissions=submissions,
        kept=kept_since(whole.candidacy, portfolio),
        nothing_asked=not whole.candidacy.in_ccf,
        results=first_page.results_of(by, portfolio.candidacy),
        no_mail=by.person is not None and by.person.no_mail_because,
    )


@pages.acts("/portfolio/<oid:portfolio_id>/remise", Action.SUBMIT, back=hand_in)
def submit_portfolio(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    first_page.own_portfolio(by, portfolio_id)
    portfolio = find_unchanged(Portfolio, portfolio_id)
    done = submit.submit(by, portfolio, read_form(Remise)["without_drafts"], at)
    made = Submission.objects.get(candidacy=done.candidacy, number=done.submissions)
    mailed = "Vous le recevez aussi par courriel." if by.person and by.person.no_mail_because is None else ""
    flash(f"Votre portfolio est remis. Cette page est votre accusé de remise. {mailed}".rstrip(), "ok")
    return url_for("candidate_hand_in.receipt", submission_id=made.id)


@pages.shows("/portfolio/remise/<oid:submission_id>", Action.READ_SUBMISSION)
def receipt(by: Actor, at: datetime, submission_id: ObjectId) -> Response:
    submission = find(Submission, submission_id)
    require(by, Action.READ_SUBMISSION, submission)
    return first_page.portfolio_page(
        "receipt.html", submission, submission=submission, content=json.loads(submission.content)
    )


@pages.shows("/portfolio/remise/<oid:submission_id>.pdf", Action.READ_SUBMISSION)
def receipt_on_paper(by: Actor, at: datetime, submission_id: ObjectId) -> Response:
    return as_pdf(acknowledgement(by, find(Submission, submission_id)))


@pages.shows("/portfolio/<oid:portfolio_id>/historique", Action.DEPOSIT)
def acts_of(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    typed = request.args.get("avant", "")
    before = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
    return first_page.portfolio_page(
        "acts.html", portfolio, page_of_acts=latest(by, portfolio, before, ACTS_SHOWN), before=before
    )


@pages.acts("/portfolio/<oid:portfolio_id>/archive", Action.EXPORT_PORTFOLIO, back=hand_in)
def archive(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    """Sends everything as one ZIP. A POST, because the export is recorded. Raises NotFound, Forbidden, Eliminated,
    Unavailable (the store).
    """
    made = export(by, find(Portfolio, portfolio_id), at)
    return attached(made.chunks, "application/zip", made.name)


@pages.shows("/portfolio/<oid:portfolio_id>/resultat", Action.DEPOSIT)
def result(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    """Shows the same page, word for word, until the results are published: nothing here moves with a commission. Raises
    NotFound, Forbidden.
    """
    portfolio = first_page.own_portfolio(by, portfolio_id)
    released = first_page.released_to(by, portfolio.candidacy)
    results = first_page.results_of(by, portfolio.candidacy)
    taken_back = None if results else first_page.taken_back_from(by, portfolio.candidacy)
    return first_page.portfolio_page(
        "result.html", portfolio, results=results, released=released, taken_back=taken_back
    )
