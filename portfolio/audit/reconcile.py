"""Compares what documents name with the object store, reports differences, and repairs those that can be.

Nothing needed is deleted: a live file keeps its object, and so does a file named by a frozen submission or by an
earlier version of its piece. The bytes of other refused or removed files go in two steps: they are discarded
(`discarded_at`, in the journal), then deleted a day later, like objects that no document names, so that a reader (an
archive, a backup) can finish. Previews of a file are deleted with its bytes. A scan, or the annex of a circular, is
never discarded here; that of a grid may be withdrawn by a member, and its errand erases it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portfolio.audit.reconciling.findings import Finding
from portfolio.audit.reconciling.missing_objects import phantoms
from portfolio.audit.reconciling.unfinished_uploads import overfull_uploads, tidy_uploads
from portfolio.audit.reconciling.unneeded_bytes import orphans, spent_files, stale_views
from portfolio.counting import many as counted
from portfolio.documents import (
    CertificateFile,
    CircularAnnex,
    EvidenceFile,
    GridScan,
    PaperScan,
)
from portfolio.errors import NotNow

FEW = 20
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
