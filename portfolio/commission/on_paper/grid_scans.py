"""The scan of a grid filled in by hand: deposited by a member, inspected as any file, opened on record, withdrawn."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum

from portfolio.commission.amend import while_open
from portfolio.commission.assess import refuse_once_drawn_up
from portfolio.documents import Assessment, GridScan, Sheet
from portfolio.documents.fields import place_of
from portfolio.errors import NotNow, Refusal, RuleSource
from portfolio.files import opening
from portfolio.files.scans import digest_of, inspected, refuse_too_large
from portfolio.ids import new_id, new_token
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Insert, assessment_chain, commit
from portfolio.store.outbox import ErrandOutcome, ErrandRow

ERASED_AFTER = timedelta(days=1)  # so that a backup that began before can finish


class WhyWithdrawn(StrEnum):
    OTHER_CANDIDATE = "other_candidate"
    UNREADABLE = "unreadable"
    OTHER_PAPER = "other_paper"


class NoGridScan(NotNow):
    code = "no_grid_scan"
    source = RuleSource.INTEGRITY
    detail = "Déposez d'abord le scan de la grille remplie et signée."


class GridScanServed(NotNow):
    code = "grid_scan_served"
    source = RuleSource.INTEGRITY
    detail = "Ce scan a été relu par l'autre membre, ou une fiche en est venue : il reste. Déposez-en un autre."


def deposit_grid_scan(by: Actor, assessment: Assessment, data: bytes, name: str | None, at: datetime) -> GridScan:
    """Stores the scan of the grid that was filled in by hand, and returns it; the last one deposited counts, and the
    same bytes again give the same scan. Raises ScanTooLarge, a class of UnacceptableFile, NotAScan, SheetIsOut,
    Unavailable (the store).
    """
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    refuse_too_large(data)
    sha256, before = digest_of(data), last_scan(assessment)
    if before is not None and before.sha256 == sha256:
        return before
    known = inspected(data, name, "grille-remplie", sha256)
    scan = GridScan(
        id=new_id(),
        created_at=at,
        **place_of(assessment),
        commission=assessment.id,
        deposited_by=by.id,
        key=f"scan-{new_token()}",
        **asdict(known),
    )
    storage().put(scan.key, data, scan.media_type)
    try:
        facts = {"sha256": sha256, "size": scan.size}
        event = event_by(by, at, assessment_chain(scan), EventName.GRID_SCAN_DEPOSITED, scan, facts)
        commit([Insert(scan), while_open(assessment)], event)
    except Refusal:
        storage().delete(scan.key)  # no record names these bytes
        raise
    return scan


def last_scan(assessment: Assessment) -> GridScan | None:
    """Returns the scan that counts, the last one deposited and not withdrawn; None without any."""
    scan: GridScan | None = GridScan.objects(commission=assessment.id, discarded_at=None).order_by("-id").first()
    return scan


def standing_scans(assessment: Assessment) -> list[GridScan]:
    """Returns the scans that nobody withdrew, the last deposited first: it counts, and replaced the others."""
    return list(GridScan.objects(commission=assessment.id, discarded_at=None).order_by("-id"))


def withdraw_grid_scan(by: Actor, scan: GridScan, why: WhyWithdrawn, at: datetime) -> GridScan:
    """Withdraws a scan that served nothing yet, the one that counts or one that it replaced, and returns it: nobody
    opens it any more, and its bytes are erased after ERASED_AFTER. The last one left counts. Raises GridScanServed,
    SheetIsOut.
    """
    assessment = Assessment.objects.get(pk=scan.commission)
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    if scan.discarded_at is not None:
        return scan
    if scan.read_at is not None or Sheet.objects(commission=scan.commission, created_at__gte=scan.created_at).first():
        raise GridScanServed()
    data = {"sha256": scan.sha256, "why": why}
    event = event_by(by, at, assessment_chain(scan), EventName.GRID_SCAN_WITHDRAWN, scan, data)
    erasure = Errand("grid_scan_withdrawn", {"scan": scan.id}, due_at=at + ERASED_AFTER)
    commit([Change(scan, {"discarded_at": at}), while_open(assessment)], event, [erasure])
    return scan


def erase_withdrawn(row: ErrandRow, _at: datetime) -> ErrandOutcome:
    """Runs the errand of a scan that was withdrawn (payload: scan): deletes its bytes. Done again harmlessly. Raises
    Unavailable: the row is tried again.
    """
    for scan in GridScan.objects(pk=row["payload"]["scan"], discarded_at__ne=None):
        storage().delete(scan.key)
    return ErrandOutcome("erased", kept=False)


def scan_link(by: Actor, assessment: Assessment, at: datetime) -> str:
    """Returns a link to the bytes of the scan that counts, and records its opening, as `opening.recorded_link` does.
    Raises NoGridScan and what that raises.
    """
    require(by, Action.READ_ASSESSMENT, assessment)
    scan = last_scan(assessment)
    if scan is None:
        raise NoGridScan()
    require(by, Action.READ_GRID_SCAN, scan)
    return opening.recorded_link(by, scan, at)
