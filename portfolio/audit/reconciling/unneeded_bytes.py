"""Bytes that nothing needs any more: of refused or removed files, of no document, previews that were left behind."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.audit.reconciling.findings import BATCH, OURS, SAFETY, Finding, pages_of
from portfolio.documents import (
    CertificateFile,
    CircularAnnex,
    EvidenceFile,
    EvidenceVersion,
    GridScan,
    PaperScan,
    PrintedDossier,
    Submission,
)
from portfolio.documents.portfolios import FileState
from portfolio.errors import NotNow, Stale
from portfolio.files.previews import kept_views
from portfolio.policy.relations import SYSTEM
from portfolio.store.batches import batches
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit, portfolio_chain
from portfolio.store.seals import RawRow

KEPT = timedelta(days=30)  # for a refused or removed file, in case a person asks for it
NAMED_WHOLE = (PaperScan, GridScan, CircularAnnex, PrintedDossier)
_KEY, _VERSION = "(?P<key>(?:certificate-|annex-)?[A-Za-z0-9_-]{43})", "(?P<version>[0-9]+)"
# Before version 7 of the renderers the version came first; those are all to go.
DRAWN = re.compile(
    f"{kept_views.KEPT_UNDER}/(?:{_KEY}/{_VERSION}|[0-9]+/[A-Za-z0-9_-]{{43}})/[a-z0-9-]+(?:/[a-z0-9-]+)?"
)


def spent_files(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` discards, refused files, and removed ones that nothing frozen names, after KEPT."""
    refused = {"state": FileState.QUARANTINED, "removed_at": None, "verified_at": {"$lte": at - KEPT}}
    removed = {"state": FileState.VERIFIED, "removed_at": {"$lte": at - KEPT}}
    for page in pages_of({"discarded_at": None, "$or": [refused, removed]}):
        kept = named(page)
        for file in page:
            if file["_id"] not in kept:
                which = "refusé" if file["state"] == FileState.QUARANTINED else "retiré"
                words = f"fichier {which} dont le contenu ne sert plus"
                yield Finding("spent", file["key"], file["_id"], file["size"], words, cure and _discarded(file, at))


def _discarded(row: RawRow, at: datetime) -> bool:
    file = EvidenceFile._from_son(row)
    event = event_by(SYSTEM, at, portfolio_chain(file), EventName.FILE_DISCARDED, file, {"sha256": file.sha256})
    try:
        commit([Change(file, {"discarded_at": at})], event)
    except (NotNow, Stale):
        return False
    return True


def orphans(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` deletes, objects that no document names, and those of files discarded more than a day
    ago. Raises Unavailable.
    """
    for page in batches(storage().list_keys(""), BATCH):
        keys = [stored.key for stored in page]
        named_whole = {key for kind in NAMED_WHOLE for key in kind.objects(key__in=keys).scalar("key")}
        ours = [stored for stored in page if OURS.fullmatch(stored.key) and stored.key not in named_whole]
        old = [stored for stored in ours if stored.modified <= at - SAFETY]
        old_keys = [stored.key for stored in old]
        files = list(EvidenceFile.objects(key__in=old_keys).as_pymongo())
        certificates = list(CertificateFile.objects(key__in=old_keys).as_pymongo())
        kept = named(files) | {file["_id"] for file in certificates if file.get("discarded_at") is None}
        naming = defaultdict[str, list[RawRow]](list)  # an object of several sessions has a file in each
        for file in (*files, *certificates):
            naming[file["key"]].append(file)
        for stored in old:
            key, size = stored.key, stored.size
            if any(file["_id"] in kept or not _given_up(file, at) for file in naming[key]):
                continue
            if cure:
                storage().delete(key)
            if naming[key]:
                yield Finding("discarded", key, naming[key][0]["_id"], size, "contenu abandonné, à effacer", cure)
            else:
                yield Finding("orphan", key, None, size, "objet qu'aucun document ne nomme, à effacer", cure)


def stale_views(*, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` deletes, previews of files no longer available, or made by earlier renderers. They are
    cheap to make again. Raises Unavailable.
    """
    for page in batches(storage().list_keys(f"{kept_views.KEPT_UNDER}/"), BATCH):
        drawn = [(preview, match) for preview in page if (match := DRAWN.fullmatch(preview.key))]
        keys = [match["key"] for _, match in drawn if match["key"]]
        live = set(EvidenceFile.objects(key__in=keys, state=FileState.VERIFIED, discarded_at=None).scalar("key"))
        live |= set(CertificateFile.objects(key__in=keys, discarded_at=None).scalar("key"))
        live |= set(CircularAnnex.objects(key__in=keys).scalar("key"))
        for preview, match in drawn:
            if match["version"] != kept_views.VERSION or match["key"] not in live:
                if cure:
                    storage().delete(preview.key)
                yield Finding("view", preview.key, None, preview.size, "aperçu qui ne sert plus, à effacer", cure)


def _given_up(file: RawRow, at: datetime) -> bool:
    since = file.get("discarded_at") or (file.get("removed_at") if file["state"] != FileState.VERIFIED else None)
    return since is not None and since <= at - SAFETY


def named(files: Sequence[RawRow]) -> set[ObjectId]:
    """Returns the ids, among these rows of files, of those whose object must stay: present in a piece, or named by what
    is frozen. Searches frozen contents for the id as text: it counts anywhere in them.
    """
    kept = {file["_id"] for file in files if file["state"] == FileState.VERIFIED and file.get("removed_at") is None}
    of_candidacy, of_piece = defaultdict(list), defaultdict(list)
    for file in files:
        of_candidacy[file["candidacy"]].append(file["_id"])
        of_piece[file["evidence"]].append(file["_id"])
    for candidacy, content in Submission.objects(candidacy__in=list(of_candidacy)).scalar("candidacy", "content"):
        kept |= {file_id for file_id in of_candidacy[candidacy] if str(file_id) in content}
    for piece, content in EvidenceVersion.objects(evidence__in=list(of_piece)).scalar("evidence", "content"):
        text = canonical(content).decode()
        kept |= {file_id for file_id in of_piece[piece] if str(file_id) in text}
    return kept
