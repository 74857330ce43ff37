"""Prints the dossier of a candidate: asked for, made in the worker, opened by a short link, erased a day after."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.commission.assess import appraised
from portfolio.documents import Assessment, Commission, Portfolio, PrintedDossier
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import place_of
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.errors import NotNow, Refusal, RuleSource, Stale
from portfolio.files.opening import LINK_LASTS_S
from portfolio.ids import new_id, new_token
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import SYSTEM, Actor
from portfolio.sheet.dossiers.content import files_of, gather, typeset_dossier
from portfolio.sheet.dossiers.files import make_ready
from portfolio.sheet.dossiers.pictures import PrintedPdf, pages_of_each
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Hold, Insert, MovedMeanwhile, assessment_chain, commit
from portfolio.store.outbox import PRINT_DOSSIER, ErrandOutcome, ErrandRow

KEPT = timedelta(days=1)  # from when it was asked for: it is printed, and used, that day
ONE_TURN_S = 30  # of the views that nobody made yet, within the lease of a row


class DossierNotReady(NotNow):
    code = "dossier_not_ready"
    source = RuleSource.LIMIT
    detail = "Ce dossier n'est pas prêt, ou il est déjà effacé : demandez-le, puis attendez qu'il soit annoncé."


class CommissionIsCancelled(NotNow):
    code = "dossier_of_a_cancelled_commission"
    source = RuleSource.LIMIT
    detail = "Cette commission est annulée : il n'y a pas de dossier à imprimer."


def ask(by: Actor, commission: Commission, at: datetime) -> PrintedDossier:
    """Asks for the dossier of the submission that this commission appraises, and returns it, to be made. While it is
    being made for this person, returns that one. Raises NothingSubmitted, CommissionIsCancelled, Eliminated.
    """
    require(by, Action.PRINT_DOSSIER, commission)
    _refuse_cancelled(commission)
    submission = appraised(Assessment.objects.get(pk=commission.id))
    before = _asked_last(by, commission)
    if before is not None and _waits(before, at) and before.submission == submission.number:
        return before
    dossier = PrintedDossier(
        id=new_id(),
        created_at=at,
        **place_of(commission),
        commission=commission.id,
        person=by.id,
        submission=submission.number,
        expires_at=at + KEPT,
    )
    data = {"dossier": str(dossier.id), "submission": submission.number}
    event = event_by(by, at, assessment_chain(commission), EventName.DOSSIER_ASKED, commission, data)
    commit([Insert(dossier)], event, [Errand(PRINT_DOSSIER, {"dossier": dossier.id})])
    return dossier


def latest(by: Actor, commission: Commission, at: datetime) -> PrintedDossier | None:
    """Returns the last dossier of this commission that this person asked for, made or not; None without any, and once
    its bytes are over. One that could not be made in time is returned for a day more, so that its page says so. Raises
    NotFound, Forbidden.
    """
    require(by, Action.PRINT_DOSSIER, commission)
    dossier = _asked_last(by, commission)
    over = dossier is not None and dossier.ready_at is not None and dossier.expires_at <= at
    return None if over else dossier


def _asked_last(by: Actor, commission: Commission) -> PrintedDossier | None:
    asked = PrintedDossier.objects(commission=commission.id, person=by.id)
    dossier: PrintedDossier | None = asked.order_by("-id").first()
    return dossier


def _waits(dossier: PrintedDossier, at: datetime) -> bool:
    return dossier.ready_at is None and bool(dossier.expires_at > at)


def being_made(commission: Commission, dossier: PrintedDossier, at: datetime) -> bool:
    """Returns whether the worker still makes this dossier of the commission: it gives up one whose time is over, or
    that is not of the submission appraised by now.
    """
    if not _waits(dossier, at) or commission.state != CommissionState.CONVENED:
        return False
    try:
        return bool(appraised(Assessment.objects.get(pk=commission.id)).number == dossier.submission)
    except NotNow:  # eliminated meanwhile
        return False


def _refuse_cancelled(commission: Commission) -> None:
    if commission.state != CommissionState.CONVENED:
        raise CommissionIsCancelled()


def link(by: Actor, commission: Commission, at: datetime) -> str:
    """Returns a link valid LINK_LASTS_S seconds to the dossier that this person asked for last, and records that it was
    opened, where no candidate reads. Raises DossierNotReady, CommissionIsCancelled, Eliminated; Unavailable (the
    store).
    """
    dossier = latest(by, commission, at)
    _refuse_cancelled(commission)
    refuse_eliminated(Portfolio.objects.get(pk=commission.candidacy))
    if dossier is None or dossier.ready_at is None:
        raise DossierNotReady()
    data = {"dossier": str(dossier.id), "submission": dossier.submission}
    event = event_by(by, at, assessment_chain(commission), EventName.DOSSIER_OPENED, commission, data)
    commit([], event)
    return storage().presign_download(dossier.key, f"dossier-{dossier.id}.pdf", "application/pdf", LINK_LASTS_S)


# --- in the worker --------------------------------------------------------------------------------


def print_dossier(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Makes the PDF of an errand, and returns what becomes of it: printed, or another errand for the rest of the views
    that are lacking. Does nothing for a dossier that is over, of a commission that was cancelled or appraises another
    submission by now, or of a portfolio that was eliminated, be it while it was made. Raises MachineBusy; Unavailable
    (the store).
    """
    waiting = PrintedDossier.objects(pk=row["payload"]["dossier"], ready_at=None, expires_at__gt=at)
    dossier = waiting.first()
    commission = Commission.objects(pk=dossier.commission).first() if dossier is not None else None
    if dossier is None or commission is None or commission.state != CommissionState.CONVENED:
        return ErrandOutcome("gone", kept=False)
    portfolio = Portfolio.objects.get(pk=dossier.candidacy)
    try:
        refuse_eliminated(portfolio)
        sources = gather(commission, dossier.submission)
    except NotNow:  # eliminated, or another submission is appraised by now
        return ErrandOutcome("gone", kept=False)
    files, tries = files_of(sources), row["attempts"]
    most = pages_of_each(len(files))
    if not make_ready(files, most, time.monotonic() + ONE_TURN_S, tries):
        return ErrandOutcome("goes_on", then=Errand(PRINT_DOSSIER, row["payload"]), kept=False)
    with typeset_dossier(sources, most, tries, at) as pdf:
        try:
            _keep(dossier, pdf, Hold(portfolio, {"state": portfolio.state}), at)
        except (MovedMeanwhile, Stale):  # eliminated, or another worker was first: looked at again
            return ErrandOutcome("goes_on", then=Errand(PRINT_DOSSIER, row["payload"]), kept=False)
    return ErrandOutcome("printed", kept=False)


def _keep(dossier: PrintedDossier, pdf: PrintedPdf, unmoved: Hold, at: datetime) -> None:
    """Stores the PDF under a key of its own, records that it is ready and asks for its erasure, which comes after it
    however late it is ready. Raises MovedMeanwhile, Stale: then no byte of it is left; Unavailable (the store).
    """
    key = f"dossier-{new_token()}"
    storage().put(key, pdf.file, "application/pdf")
    data = {"dossier": str(dossier.id), "submission": dossier.submission}
    event = event_by(SYSTEM, at, assessment_chain(dossier), EventName.DOSSIER_PRINTED, dossier, data)
    made = Change(dossier, {"key": key, "ready_at": at, "size": pdf.size, "sheets": pdf.sheets})
    over = Errand("dossier_over", {"dossier": dossier.id}, due_at=dossier.expires_at)
    try:
        commit([made, unmoved], event, [over])
    except Refusal:
        storage().delete(key)  # no record names these bytes
        raise


def erase(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Deletes the bytes of a dossier that is over; an index removes its row. Done again harmlessly. Raises Unavailable
    (the store).
    """
    _erase(PrintedDossier.objects(pk=row["payload"]["dossier"]))
    return ErrandOutcome("erased", kept=False)


def erase_of_candidate(candidacy: ObjectId) -> None:
    """Deletes the bytes of the dossiers of a candidate, as an elimination does; an index removes their rows. Raises
    Unavailable (the store).
    """
    _erase(PrintedDossier.objects(candidacy=candidacy))


def _erase(dossiers: Iterable[PrintedDossier]) -> None:
    for dossier in dossiers:
        if dossier.key is not None:  # it was made
            storage().delete(dossier.key)
