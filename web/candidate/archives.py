"""A year of work brought at once: an archive is chosen, the worker unpacks it, a page says what became of each file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from portfolio.documents import Evidence, EvidenceFile, Unpacking
from portfolio.documents.fields import by_id
from portfolio.documents.portfolios import EntryOutcome, FileState
from portfolio.errors import Invalid, NotFound
from portfolio.evidence import quick_deposit
from portfolio.evidence.many_at_once import asked
from portfolio.files.archives import MOST_FILES
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.store.connections import current
from web.candidate import deposit, first_page
from web.pages import BESIDE_A_FILE, Pages, made_once

pages = Pages("candidate_archives", __name__, "candidate")

AGAIN_IN_S = "5"
ORDER = (EntryOutcome.REFUSED, EntryOutcome.MADE, EntryOutcome.PRESENT, EntryOutcome.LEFT_OUT)


@pages.before_request
def let_an_archive_through() -> None:
    """Lets the form be as large as a part of a file; called before anything of it is read."""
    if request.endpoint == "candidate_archives.bring_act":
        request.max_content_length = current().settings.part_bytes + BESIDE_A_FILE


@pages.shows("/portfolio/<oid:portfolio_id>/archives", Action.DEPOSIT)
def show(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    unpackings = asked.unpackings_of(by, portfolio)
    return first_page.portfolio_page(
        "archives.html", portfolio, portfolio=portfolio, unpackings=unpackings, most=MOST_FILES
    )


@pages.acts("/portfolio/<oid:portfolio_id>/archives", Action.DEPOSIT, back=show)
def bring(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    """Receives an archive in a form, for browsers without JavaScript, and returns the address that says what became of
    its files. Raises Invalid on `files` for none, for several or for a file that is refused otherwise; and what
    `deposit.begun`, `send_whole` and `asked.ask` raise.
    """
    portfolio = first_page.own_portfolio(by, portfolio_id)
    sent = deposit.sent_files()
    if len(sent) > 1:
        raise Invalid({"files": ["Choisissez une archive à la fois."]})
    piece = made_once(by, lambda: quick_deposit.begin_with(by, portfolio, sent[0].filename or "", at))
    ((file, content),) = deposit.begun(by, piece, sent, at)
    file = quick_deposit.send_whole(by, file, content, at)
    if file.state == FileState.VERIFIED:
        flash("Ce fichier n'est pas une archive : il est déposé tel quel.", "ok")
        return url_for("candidate_piece.piece", evidence_id=piece.id)
    unpacking = _asked(by, piece, file, at)
    return url_for("candidate_archives.unpacked", portfolio_id=portfolio_id, number=unpacking.number)


def _asked(by: Actor, piece: Evidence, file: EvidenceFile, at: datetime) -> Unpacking:
    """Returns the unpacking of the archive. Raises Invalid on `files`, with nothing left, if it is refused for another
    reason.
    """
    try:
        return asked.ask(by, file, at)
    except asked.NothingToUnpack:
        quick_deposit.withdraw_begun(by, piece, at)
        raise Invalid({"files": [f"« {file.name} » n'est pas déposé. {file.reason}"]}) from None


@pages.shows("/portfolio/<oid:portfolio_id>/archives/<int:number>", Action.DEPOSIT)
def unpacked(by: Actor, at: datetime, portfolio_id: ObjectId, number: int) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    unpacking = next((known for known in asked.unpackings_of(by, portfolio) if known.number == number), None)
    if unpacking is None:
        raise NotFound()
    groups = {outcome.value: [entry for entry in unpacking.entries if entry.outcome == outcome] for outcome in ORDER}
    titles = {piece.id: piece.title for piece in by_id(Evidence, _pieces_of(unpacking)).values()}
    answer = first_page.portfolio_page(
        "archive.html", portfolio, portfolio=portfolio, unpacking=unpacking, groups=groups, titles=titles
    )
    if unpacking.done_at is None:
        answer.headers["Refresh"] = AGAIN_IN_S
    return answer


def _pieces_of(unpacking: Unpacking) -> Iterable[ObjectId | None]:
    yield from (piece for entry in unpacking.entries for piece in (entry.piece, entry.earlier))
