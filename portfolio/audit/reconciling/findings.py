"""A difference between the records and the object store, and how the records are paged through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bson import ObjectId
from mongoengine import Document

from portfolio.counting import many as counted
from portfolio.documents import EvidenceFile
from portfolio.store.seals import RawRow

SAFETY = timedelta(days=1)  # a younger object may belong to an unfinished act
BATCH = 500
READERS = 8
# `ids.new_token`, of a file, a scan, a certificate, an annex or a printed dossier; other objects are not ours.
OURS = re.compile(r"(scan-|certificate-|annex-|dossier-)?([A-Za-z0-9_-]{43}|[0-9a-f]{64})")


@dataclass(frozen=True)
class Finding:
    """A difference. what: key of `reconcile.KINDS`; phantom and altered cannot be cured. words: in French.

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


def pages_of(query: dict[str, Any], among: type[Document] = EvidenceFile) -> Iterator[list[RawRow]]:
    """Yields pages of BATCH raw rows, by id: building a document costs more than reading it. Each page is a query of
    its own: reading the objects of a page may take longer than a cursor lives.
    """
    last: dict[str, Any] = {}
    while page := list(among.objects(__raw__={**query, **last}).order_by("id").limit(BATCH).as_pymongo()):
        yield page
        last = {"_id": {"$gt": page[-1]["_id"]}}
