"""Both stores as tests of the reconciler look at them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from config.settings import Settings
from portfolio.audit import reconcile
from portfolio.audit.reconciling.findings import Finding
from portfolio.documents import EvidenceFile
from portfolio.store.connections import storage
from portfolio.store.objects.bucket import Storage
from portfolio.store.objects.refusals import ObjectGone
from tests.support.clock import now
from tests.support.worlds.world import PDF

DAY = timedelta(days=1, minutes=1)


def empty_bucket() -> None:
    """Of what other tests left there."""
    for stored in list(storage().list_keys("")):
        storage().delete(stored.key)
    for upload in list(storage().list_uploads()):
        storage().abort(upload.key, upload.upload_id)


def long_after() -> datetime:
    """Late enough for everything made by a test to be old, by the clock of the test and by the store's."""
    return now().replace(microsecond=0) + timedelta(days=60)


def found(at: datetime, **how: bool) -> list[Finding]:
    return list(reconcile.reconcile(at, **how))


def stands(file: EvidenceFile) -> bool:
    try:
        data = b"".join(storage().open(file.key))
    except ObjectGone:
        return False
    return hashlib.sha256(data).hexdigest() == file.sha256


def different(count: int = 0) -> bytes:
    """A PDF unlike the others."""
    return PDF + b"% " + str(count).encode() + b"\n"


def storage_at(address: str, settings: Settings, **changed: Any) -> Storage:
    """Returns a store like that of the settings. changed: other arguments of Storage."""
    like_ours: dict[str, Any] = {
        "endpoint_url": address,
        "public_endpoint_url": address,
        "bucket": settings.s3_bucket,
        "access_key": settings.s3_access_key_id,
        "secret_key": settings.s3_secret_access_key,
        "region": settings.s3_region,
    }
    return Storage(**like_ours | changed)


def kinds(findings: list[Finding]) -> list[tuple[str, str]]:
    return sorted((finding.what, finding.key) for finding in findings)
