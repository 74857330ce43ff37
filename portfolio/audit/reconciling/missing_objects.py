"""What documents name and the object store lacks, or holds otherwise than the record says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from portfolio.audit.reconciling.findings import READERS, Finding, pages_of
from portfolio.documents import (
    CertificateFile,
    CircularAnnex,
    GridScan,
    PaperScan,
)
from portfolio.documents.portfolios import FileState
from portfolio.files import sealed_files
from portfolio.store.connections import storage
from portfolio.store.objects.refusals import ObjectGone
from portfolio.store.seals import RawRow


def phantoms(*, deep: bool) -> Iterator[Finding]:
    """Yields verified files, scans, certificates and annexes whose object is missing, or of another size or (deep)
    content, or whose record differs from what their chain sealed. Raises Unavailable.
    """
    examine = _digested if deep else _measured
    with ThreadPoolExecutor(READERS) as readers:
        pages = chain(
            pages_of({"state": FileState.VERIFIED, "discarded_at": None}),
            pages_of({"discarded_at": None}, among=PaperScan),
            pages_of({"discarded_at": None}, among=CertificateFile),
            pages_of({"discarded_at": None}, among=GridScan),
            pages_of({}, among=CircularAnnex),
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
