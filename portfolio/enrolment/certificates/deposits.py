"""The certificate of a period, or the employer's attestation, as a file: deposited by the candidate, the tutor or the
school, inspected as any file, opened on record; another one replaces it, and its bytes go.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from portfolio.documents import CertificateFile, Placement
from portfolio.documents.fields import place_of
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.errors import Refusal
from portfolio.files import opening
from portfolio.files.previews import kept_views
from portfolio.files.scans import digest_of, inspected, refuse_too_large
from portfolio.ids import new_id, new_token
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, Insert, commit, portfolio_chain
from portfolio.store.outbox import DONE, ErrandOutcome, ErrandRow

STILL_THERE = timedelta(days=1)  # a backup under way names the bytes of what it read before
OVER = "certificate_over"


def deposit(by: Actor, placement: Placement, data: bytes, name: str | None, at: datetime) -> CertificateFile:
    """Stores the certificate of a period, verified by its content as any file, and returns it: it counts from now on,
    and is to be seen by the school; the bytes of the one before it are erased a day later. The same bytes again give
    the same file. name: as sent; None for one made from the recognised kind. Raises PlacementCancelled, Eliminated,
    ScanTooLarge, a class of UnacceptableFile, NotAScan, Unavailable (the store).
    """
    require(by, Action.DEPOSIT_CERTIFICATE, placement)
    if placement.cancelled_at is not None:
        raise PlacementCancelled()
    kept = still_kept(placement)
    refuse_too_large(data)
    sha256, before = digest_of(data), last_of(placement)
    if before is not None and before.sha256 == sha256:
        return before
    file = _inspected(by, placement, data, name, sha256, at)
    storage().put(file.key, data, file.media_type)
    changes: list[AnyChange] = [kept, Insert(file), Change(placement, {"certificate_file": file.id})]
    facts = {"placement": str(placement.id), "sha256": sha256, "size": file.size}
    errands = []
    if before is not None:
        changes.append(Change(before, {"discarded_at": at}))
        facts["replaces"] = before.sha256
        errands.append(Errand(OVER, {"file": before.id}, due_at=at + STILL_THERE))
    try:
        event = event_by(by, at, portfolio_chain(placement), EventName.CERTIFICATE_DEPOSITED, file, facts)
        commit(changes, event, errands)
    except Refusal:
        storage().delete(file.key)  # no record names these bytes
        raise
    return file


def _inspected(
    by: Actor, placement: Placement, data: bytes, name: str | None, sha256: str, at: datetime
) -> CertificateFile:
    """Returns the record of these bytes, not yet written. Raises a class of UnacceptableFile, NotAScan."""
    assert by.person is not None
    return CertificateFile(
        id=new_id(),
        created_at=at,
        **place_of(placement),
        placement=placement.id,
        deposited_by=by.id,
        deposited_name=by.person.name,
        key=f"certificate-{new_token()}",
        **asdict(inspected(data, name, "certificat", sha256)),
    )


def last_of(placement: Placement) -> CertificateFile | None:
    """Returns the certificate deposited last for a period; None without any, and once it is eliminated."""
    if placement.certificate_file is None:
        return None
    file: CertificateFile | None = CertificateFile.objects(pk=placement.certificate_file).first()
    return file


def link(by: Actor, file: CertificateFile, at: datetime) -> str:
    """Returns a link to the bytes of a certificate, and records its opening, as `opening.recorded_link` does. Raises
    what that raises.
    """
    require(by, Action.READ_CERTIFICATE, file)
    return opening.recorded_link(by, file, at)


def erase(row: ErrandRow, _at: datetime) -> ErrandOutcome:
    """Runs the errand of a certificate that another one replaced (payload: file): deletes its bytes and what was drawn
    of them. Returns the outcome `done`; `gone` where it is eliminated, bytes and all. Raises Unavailable: the row is
    tried again.
    """
    file = CertificateFile.objects(pk=row["payload"]["file"]).first()
    if file is None or file.discarded_at is None:
        return ErrandOutcome("gone")
    storage().delete(file.key)
    kept_views.erase(file.key)
    return DONE
