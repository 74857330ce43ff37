"""Prints the dossier of a candidate: asked for, made in the worker, opened by a short link, erased a day after."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.commission.assess import appraised
from portfolio.documents import Assessment, Commission, Portfolio, PrintedDossier
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import place_of
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.errors import NotNow, RuleSource
from portfolio.ids import new_id, new_token
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import SYSTEM, Actor
from portfolio.sheet.dossiers.content import files_of, gather, typeset_dossier
from portfolio.sheet.dossiers.files import make_ready
from portfolio.sheet.dossiers.pictures import pages_of_each
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Hold, Insert, MovedMeanwhile, assessment_chain, commit
from portfolio.store.outbox import PRINT_DOSSIER, ErrandOutcome, ErrandRow

KEPT = timedelta(days=1)  # from when it was asked for: it is printed, and used, that day
LINK_LASTS_S = 300
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
    before = latest(by, commission, at)
    if before is not None and being_made(commission, before):
        return before
    dossier = PrintedDossier(
        id=new_id(),
        created_at=at,
        **place_of(commission),
        commission=commission.id,
        person=by.id,
        submission=submission.number,
        key=f"dossier-{new_token()}",
        expires_at=at + KEPT,
    )
    made = {"dossier": dossier.id}
    errands = [Errand(PRINT_DOSSIER, made), Errand("dossier_over", made, due_at=dossier.expires_at)]
    data = {"dossier": str(dossier.id), "submission": submission.number}
    event = event_by(by, at, assessment_chain(commission), EventName.DOSSIER_ASKED, commission, data)
    commit([Insert(dossier)], event, errands)
    return dossier


def latest(by: Actor, commission: Commission, at: datetime) -> PrintedDossier | None:
    """Returns the last dossier of this commission that this person asked for, made or not; None without any, and once
    it is over. Raises NotFound, Forbidden.
    """
    require(by, Action.PRINT_DOSSIER, commission)
    asked = PrintedDossier.objects(commission=commission.id, person=by.id, expires_at__gt=at)
    dossier: PrintedDossier | None = asked.order_by("-id").first()
    return dossier


def being_made(commission: Commission, dossier: PrintedDossier) -> bool:
    """Returns whether the worker still makes this dossier of the commission: it gives up one that is not of the
    submission appraised by now.
    """
    if dossier.ready_at is not None or commission.state != CommissionState.CONVENED:
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
    files = files_of(sources)
    most = pages_of_each(len(files))
    if not make_ready(files, most, time.monotonic() + ONE_TURN_S, row["attempts"]):
        return ErrandOutcome("goes_on", then=Errand(PRINT_DOSSIER, row["payload"]), kept=False)
    pdf, sheets = typeset_dossier(sources, most, at)
    storage().put(dossier.key, pdf, "application/pdf")
    data = {"dossier": str(dossier.id), "submission": dossier.submission}
    event = event_by(SYSTEM, at, assessment_chain(commission), EventName.DOSSIER_PRINTED, commission, data)
    made = Change(dossier, {"ready_at": at, "size": len(pdf), "sheets": sheets})
    try:
        commit([made, Hold(portfolio, {"state": portfolio.state})], event)
    except MovedMeanwhile:
        storage().delete(dossier.key)  # an elimination may have erased what it found before these bytes were there
        return ErrandOutcome("goes_on", then=Errand(PRINT_DOSSIER, row["payload"]), kept=False)
    return ErrandOutcome("printed", kept=False)


def erase(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Deletes the bytes of a dossier that is over; an index removes its row. Done again harmlessly. Raises Unavailable
    (the store).
    """
    for dossier in PrintedDossier.objects(pk=row["payload"]["dossier"]):
        storage().delete(dossier.key)
    return ErrandOutcome("erased", kept=False)


def erase_of_candidate(candidacy: ObjectId) -> None:
    """Deletes the bytes of the dossiers of a candidate, as an elimination does; an index removes their rows. Raises
    Unavailable (the store).
    """
    for dossier in PrintedDossier.objects(candidacy=candidacy):
        storage().delete(dossier.key)
