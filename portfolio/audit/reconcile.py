"""Compares what documents name with the object store, reports differences, and repairs those that can be.

Nothing needed is deleted: a live file keeps its object, and so does a file named by a frozen submission or by an
earlier version of its piece. The bytes of other refused or removed files go in two steps: they are discarded
(`discarded_at`, in the journal), then deleted a day later, like objects that no document names, so that a reader (an
archive, a backup) can finish. Previews of a file are deleted with its bytes. A scan, or the annex of a circular, is
never discarded here; that of a grid may be withdrawn by a member, and its errand erases it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import structlog
from bson import ObjectId
from mongoengine import Document, DoesNotExist

from portfolio.counting import many as counted
from portfolio.documents import (
    CertificateFile,
    CircularAnnex,
    EvidenceFile,
    EvidenceVersion,
    GridScan,
    PaperScan,
    Portfolio,
    PrintedDossier,
    Submission,
)
from portfolio.documents.portfolios import FileState, PortfolioState, UploadWay
from portfolio.errors import NotFound, NotNow, Stale
from portfolio.evidence import upload_ending
from portfolio.evidence.upload_limits import overfull_bytes
from portfolio.files import sealed_files
from portfolio.files.previews import kept_views
from portfolio.policy.relations import SYSTEM
from portfolio.store.batches import batches
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import event_by
from portfolio.store.connections import current, storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit, portfolio_chain
from portfolio.store.objects.refusals import ObjectGone
from portfolio.store.seals import RawRow

SAFETY = timedelta(days=1)  # a younger object may belong to an unfinished act
KEPT = timedelta(days=30)  # for a refused or removed file, in case a person asks for it
FEW = 20
log = structlog.get_logger()
BATCH = 500
READERS = 8
NAMED_WHOLE = (PaperScan, GridScan, CircularAnnex, PrintedDossier)
# `ids.new_token`, of a file, a scan, a certificate, an annex or a printed dossier; other objects in the bucket are not
# ours.
OURS = re.compile(r"(scan-|certificate-|annex-|dossier-)?([A-Za-z0-9_-]{43}|[0-9a-f]{64})")
_KEY, _VERSION = "(?P<key>(?:certificate-)?[A-Za-z0-9_-]{43})", "(?P<version>[0-9]+)"
# Before version 7 of the renderers the version came first; those are all to go.
DRAWN = re.compile(
    f"{kept_views.KEPT_UNDER}/(?:{_KEY}/{_VERSION}|[0-9]+/[A-Za-z0-9_-]{{43}})/[a-z0-9-]+(?:/[a-z0-9-]+)?"
)
KINDS = {
    "phantom": "fichier, scan ou annexe sans son contenu",
    "altered": "fichier, scan ou annexe dont l'enregistrement n'est plus celui qui a été scellé",
    "expired": "envoi expiré",
    "abandoned": "envoi abandonné",
    "overfull": "envoi de bien plus d'octets qu'annoncé",
    "spent": "fichier dont le contenu ne sert plus",
    "orphan": "objet que rien ne nomme",
    "discarded": "contenu abandonné depuis plus d'un jour",
    "view": "aperçu qui ne sert plus",
}


class UnlikelyOrphans(NotNow):
    code = "unlikely_orphans"
    detail = (
        "{orphans} par aucun document, pour {files} : est-ce la bonne base ? "
        "Rien n'a été effacé. Si c'est voulu, relancez avec --many."
    )


@dataclass(frozen=True)
class Finding:
    """A difference. what: key of KINDS; phantom and altered cannot be cured. words: for a person, in French.

    file: id of the document, if any. size: of the object in bytes, if measured.
    """

    what: str
    key: str
    file: ObjectId | None
    size: int | None
    words: str
    cured: bool = False

    @property
    def line(self) -> str:
        """Returns the difference in one French line."""
        of_file = f" (fichier {self.file})" if self.file else ""
        measured = "" if self.size is None else f", {counted(self.size, 'octet')}"
        done = " : fait" if self.cured else ""
        return f"{self.key}{of_file}{measured} : {self.words}{done}"


def reconcile(at: datetime, *, cure: bool = False, deep: bool = False, many: bool = False) -> Iterator[Finding]:
    """Yields every difference between the records and the object store. cure: also mends it. deep: also reads each
    object and digests it. many: cures even if there are suspiciously many orphans. Raises UnlikelyOrphans before
    anything is cured, Unavailable.
    """
    if cure and not many:
        _refuse_unlikely(at)
    yield from phantoms(deep=deep)
    yield from overfull_uploads(at, cure=cure)
    yield from tidy_uploads(at, cure=cure)
    yield from spent_files(at, cure=cure)
    yield from orphans(at, cure=cure)
    yield from stale_views(cure=cure)


def _refuse_unlikely(at: datetime) -> None:
    """Raises UnlikelyOrphans if orphans are more than FEW and a tenth of the files: with an empty or another database,
    every object is one.
    """
    count = sum(finding.what == "orphan" for finding in orphans(at, cure=False))
    files = sum(kind.objects.count() for kind in (EvidenceFile, PaperScan, CertificateFile, GridScan, CircularAnnex))
    if count > max(FEW, files // 10):
        raise UnlikelyOrphans(
            orphans=counted(count, "objet n'est nommé", "objets ne sont nommés"),
            files=counted(files, "fichier connu", "fichiers connus"),
        )


# --- what is named and is missing -------------------------------------------------------------------


def phantoms(*, deep: bool) -> Iterator[Finding]:
    """Yields verified files, scans, certificates and annexes whose object is missing, or of another size or (deep)
    content, or whose record differs from what their chain sealed. Raises Unavailable.
    """
    examine = _digested if deep else _measured
    with ThreadPoolExecutor(READERS) as readers:
        pages = chain(
            _pages({"state": FileState.VERIFIED, "discarded_at": None}),
            _pages({"discarded_at": None}, among=PaperScan),
            _pages({"discarded_at": None}, among=CertificateFile),
            _pages({"discarded_at": None}, among=GridScan),
            _pages({}, among=CircularAnnex),
        )
        for page in pages:
            yield from _altered(page)
            yield from filter(None, readers.map(examine, page))


def _altered(page: Sequence[RawRow]) -> Iterator[Finding]:
    seals = sealed_files.seals_of(page)
    for file in page:
        seal = seals.get(str(file["_id"]))
        if seal is None or sealed_files.differs(file, seal):
            words = "enregistrement qui n'est plus celui que sa chaîne a scellé"
            yield Finding("altered", file["key"], file["_id"], file["size"], words)


def _measured(file: RawRow) -> Finding | None:
    return _phantom(file, storage().head(file["key"]), None)


def _digested(file: RawRow) -> Finding | None:
    try:
        return _phantom(file, *sealed_files.read(file["key"]))
    except ObjectGone:
        return _phantom(file, None, None)


def _phantom(file: RawRow, size: int | None, sha256: str | None) -> Finding | None:
    if size is None:
        differs = "dont l'objet est absent"
    elif size != file["size"]:
        differs = f"de {file['size']} octets, dont l'objet a une autre taille"
    elif sha256 not in (None, file["sha256"]):
        differs = "dont l'objet a un autre contenu"
    else:
        return None
    known_by = {
        "evidence": "fichier vérifié",
        "deposited_name": "certificat d'une période",
        "placement": "scan d'un papier signé",
        "commission": "scan d'une grille remplie à la main",
    }
    which = next((words for field, words in known_by.items() if field in file), "annexe d'une circulaire")
    return Finding("phantom", file["key"], file["_id"], size, f"{which} {differs}")


# --- uploads that will not end ----------------------------------------------------------------------


def tidy_uploads(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` removes, expired files and abandoned uploads. Deletes no former file: the worker runs it
    unattended. Raises Unavailable.
    """
    return chain(expired_files(at, cure=cure), abandoned_uploads(at, cure=cure))


def expired_files(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` removes, expired pending files, except in a submitted portfolio, which does not change
    until it is open again.
    """
    for page in _pages({"state": FileState.PENDING, "removed_at": None, "expires_at": {"$lte": at}}):
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
        for page in _pages(query):
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


# --- bytes no longer needed -------------------------------------------------------------------------


def spent_files(at: datetime, *, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` discards, refused files, and removed ones that nothing frozen names, after KEPT."""
    refused = {"state": FileState.QUARANTINED, "removed_at": None, "verified_at": {"$lte": at - KEPT}}
    removed = {"state": FileState.VERIFIED, "removed_at": {"$lte": at - KEPT}}
    for page in _pages({"discarded_at": None, "$or": [refused, removed]}):
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
        files = {file["key"]: file for file in EvidenceFile.objects(key__in=old_keys).as_pymongo()}
        kept = named(list(files.values()))
        certificates = {file["key"]: file for file in CertificateFile.objects(key__in=old_keys).as_pymongo()}
        kept |= {file["_id"] for file in certificates.values() if file.get("discarded_at") is None}
        files |= certificates
        for stored in old:
            key, size = stored.key, stored.size
            file = files.get(key)
            if file is not None and (file["_id"] in kept or not _given_up(file, at)):
                continue
            if cure:
                storage().delete(key)
            if file is None:
                yield Finding("orphan", key, None, size, "objet qu'aucun document ne nomme, à effacer", cure)
            else:
                yield Finding("discarded", key, file["_id"], size, "contenu abandonné, à effacer", cure)


def stale_views(*, cure: bool) -> Iterator[Finding]:
    """Yields, and with `cure` deletes, previews of files no longer available, or made by earlier renderers. They are
    cheap to make again. Raises Unavailable.
    """
    for page in batches(storage().list_keys(f"{kept_views.KEPT_UNDER}/"), BATCH):
        drawn = [(preview, match) for preview in page if (match := DRAWN.fullmatch(preview.key))]
        keys = [match["key"] for _, match in drawn if match["key"]]
        live = set(EvidenceFile.objects(key__in=keys, state=FileState.VERIFIED, discarded_at=None).scalar("key"))
        live |= set(CertificateFile.objects(key__in=keys, discarded_at=None).scalar("key"))
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


# --- pages ------------------------------------------------------------------------------------------


def _pages(query: dict[str, Any], among: type[Document] = EvidenceFile) -> Iterator[list[RawRow]]:
    """Yields pages of BATCH raw rows, by id: building a document costs more than reading it. Each page is a query of
    its own: reading the objects of a page may take longer than a cursor lives.
    """
    last: dict[str, Any] = {}
    while page := list(among.objects(__raw__={**query, **last}).order_by("id").limit(BATCH).as_pymongo()):
        yield page
        last = {"_id": {"$gt": page[-1]["_id"]}}
