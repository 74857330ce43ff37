"""Uploads that will not end: expired, abandoned, or of more bytes than announced."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain
from typing import Any

import structlog
from mongoengine import DoesNotExist

from portfolio.audit.reconciling.findings import BATCH, OURS, READERS, SAFETY, Finding, pages_of
from portfolio.documents import (
    EvidenceFile,
    Portfolio,
)
from portfolio.documents.portfolios import FileState, PortfolioState, UploadWay
from portfolio.errors import NotFound, NotNow, Stale
from portfolio.evidence import upload_ending
from portfolio.evidence.upload_limits import overfull_bytes
from portfolio.policy.relations import SYSTEM
from portfolio.store.batches import batches
from portfolio.store.connections import current, storage
from portfolio.store.seals import RawRow

log = structlog.get_logger()


def tidy_uploads(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` removes, expired files and abandoned uploads. Deletes no former file: the worker runs it
    unattended. Raises Unavailable.
    """
    return chain(expired_files(at, cure=cure), abandoned_uploads(at, cure=cure))


def expired_files(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` removes, expired pending files, except in a submitted portfolio, which does not change
    until it is open again.
    """
    for page in pages_of({"state": FileState.PENDING, "removed_at": None, "expires_at": {"$lte": at}}):
        candidacies = {file["candidacy"] for file in page}
        still_open = set(Portfolio.objects(pk__in=candidacies, state=PortfolioState.OPEN).scalar("id"))
        for file in page:
            if file["candidacy"] in still_open:
                cured = cure and _removed(file, at)
                yield Finding("expired", file["key"], file["_id"], None, "envoi expiré, à enlever de sa preuve", cured)


def _removed(file: RawRow, at: datetime) -> bool:
    """Returns True if the file was removed, False if its owner or a submission was first."""
    try:
        upload_ending.remove(SYSTEM, EvidenceFile._from_son(file), at)
    except (NotNow, Stale):
        return False
    return True


def abandoned_uploads(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` aborts, multipart uploads that no live pending file names: their parts take space and no
    list shows them. Raises Unavailable.
    """
    for page in batches(storage().list_uploads(), BATCH):
        old = [upload for upload in page if OURS.fullmatch(upload.key) and upload.started <= at - SAFETY]
        live = EvidenceFile.objects(
            key__in=[upload.key for upload in old], state=FileState.PENDING, removed_at=None, expires_at__gt=at - SAFETY
        )
        named = set(live.scalar("key", "upload_id"))
        for upload in old:
            if (upload.key, upload.upload_id) not in named:
                if cure:
                    storage().abort(upload.key, upload.upload_id)
                yield Finding("abandoned", upload.key, None, None, "parties d'un envoi abandonné, à oublier", cure)


def overfull_uploads(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` ends, uploads with many more bytes in the store than announced: presigned uploads are
    counted nowhere else. Raises Unavailable.
    """
    query: dict[str, Any] = {"state": FileState.PENDING, "removed_at": None}
    if current().settings.upload_way == UploadWay.RELAYED:
        query["way"] = UploadWay.PRESIGNED
    words = "envoi de bien plus d'octets qu'annoncé"
    with ThreadPoolExecutor(READERS) as readers:
        for page in pages_of(query):
            files = [EvidenceFile._from_son(row) for row in page]
            for file, size in zip(files, readers.map(overfull_bytes, files), strict=True):
                if size is not None:
                    yield Finding("overfull", file.key, file.id, size, words, cure and _ended(file, at))


def _ended(file: EvidenceFile, at: datetime) -> bool:
    """Returns True if the upload was ended; False, logged, if it moved meanwhile, or its piece was eliminated, which
    must not stop the others.
    """
    try:
        upload_ending.end_overfull(SYSTEM, file, at)
    except (NotNow, NotFound, Stale, DoesNotExist) as refused:
        log.warning("upload_not_ended", file=str(file.id), kind=type(refused).__name__)
        return False
    return True
