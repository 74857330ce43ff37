"""Hands over a school or an academy: rows of one moment first, then their files, then the papers drawn of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pymongo.client_session import ClientSession

from portfolio import VERSION
from portfolio.audit.backup import WITH_OBJECTS, KeptFile, download, must_exist
from portfolio.audit.handing_over import lists_for_people, papers, proofs, signature, texts
from portfolio.audit.handing_over.folder import HandOverFolder, new_folder
from portfolio.audit.handing_over.papers import read_rows
from portfolio.audit.handing_over.rows import described, path_of, plain_row, rows_of, sealed_groups
from portfolio.audit.handing_over.scopes import GIVEN, NOT_GIVEN, Owner, OwnerKind, owner_of
from portfolio.audit.handing_over.seals_recomputed import SealsRecomputed, recompute
from portfolio.audit.snapshot import at_one_moment, moment_of
from portfolio.papers.csv_writer import listed
from portfolio.store.connections import storage
from portfolio.store.seals import RawRow

FORMAT = "portfolio-e5/restitution/2"
DESCRIPTION = "description.json"
SIGNATURE = "description.json.sig"
PUBLIC_KEY = "cle-publique.pem"
INDEX = "fichiers/index"
VERIFIER = Path(__file__).with_name("verifier.py")
OF_FILE = ("id", "portfolio", "piece", "placement", "name", "media_type", "size", "sha256")


@dataclass(frozen=True)
class HandedOver:
    """The result. name: of the school or the academy. moment: of the rows. size: of the files, in bytes.

    lost: ids of the files whose content was already lost in the store. faults: of seals that do not hold, in French.
    digest: of the description, which names all other digests. fingerprint: of the public key that verifies it.
    """

    name: str
    moment: datetime
    rows: int
    links: int
    files: int
    size: int
    sheets: int
    lost: list[str]
    faults: list[str]
    digest: str
    fingerprint: str


@dataclass(frozen=True)
class _Read:
    """What the snapshot gave. counts: {collection: rows}. proved: {file: lines}."""

    owner: Owner
    moment: datetime
    counts: dict[str, int]
    proved: dict[str, int]


@dataclass(frozen=True)
class _Files:
    count: int
    size: int
    lost: list[str]


def hand_over(kind: OwnerKind, code: str, target: Path, at: datetime) -> HandedOver:
    """Writes and signs all that a school (UAI) or an academy (code) owns into a new folder, while the service runs, and
    returns what was written. Raises UnknownOwner, FolderNotEmpty, HandOverRunning, SnapshotLost, Unavailable, OSError;
    no folder is left then.
    """
    with new_folder(target) as folder:
        storage().ping()
        with at_one_moment() as session:
            read = _write_rows(folder, kind, code, session)
        files = _write_files(folder)
        drawn = papers.write_papers(folder, read.owner, at)
        lists = list(lists_for_people.write_lists(folder, read.owner))
        seals = recompute(folder.root, {name: sealed_groups(name) for name in read.counts})
        description = _described(read, files, drawn, lists, at) | {"seals": _as_declared(seals)}
        _write_texts(folder, read.owner)
        digest = _write_description(folder, description)
    return HandedOver(
        name=read.owner.name,
        moment=read.moment,
        rows=sum(read.counts.values()),
        links=read.proved[proofs.JOURNAL],
        files=files.count,
        size=files.size,
        sheets=drawn[papers.SHEETS],
        lost=files.lost,
        faults=seals.faults,
        digest=digest,
        fingerprint=signature.fingerprint(),
    )


def _write_rows(folder: HandOverFolder, kind: OwnerKind, code: str, session: ClientSession) -> _Read:
    moment = datetime.fromtimestamp(moment_of(session).time, UTC)
    owner = owner_of(kind, code, session)
    counts = {}
    for name in GIVEN:
        lines = (plain_row(name, row, owner) for row in rows_of(name, owner, session))
        counts[name] = folder.write_lines(path_of(name), lines)
    proved, heads = proofs.write_journal(folder, owner, session)
    elsewhere = proofs.seals_elsewhere(_sealed_names(folder.root), frozenset(owner.chains()), session)
    proved[proofs.SEALS] = folder.write_lines(proofs.SEALS, elsewhere)
    proved |= proofs.write_anchors(folder, heads, session)
    return _Read(owner, moment, counts, proved)


def _sealed_names(root: Path) -> Iterator[str]:
    for name in GIVEN:
        if sealed_groups(name):
            yield from (f"{name}:{row['id']}" for row in read_rows(root, name))


# --- files ------------------------------------------------------------------------------------------


def _write_files(folder: HandOverFolder) -> _Files:
    """Writes each content once, under its SHA-256, and the index of those who name it."""
    lost, sizes = list[str](), dict[str, int]()

    def lines() -> Iterator[RawRow]:
        for row in _kept(folder.root):
            file = KeptFile(row["id"], row["key"], row["sha256"], row["size"])
            if file.sha256 not in sizes and _fetched(folder, file):
                sizes[file.sha256] = file.size
            if file.sha256 in sizes:
                yield _index_line(row)
            else:
                lost.append(file.id)

    count = folder.write_lines(f"{INDEX}.jsonl", lines())
    with (folder.root / f"{INDEX}.jsonl").open("rb") as index:
        table = ([str(line.get(name) or "") for name in OF_FILE] for line in map(json.loads, index))
        folder.write(f"{INDEX}.csv", [listed(texts.FILE_COLUMNS, table)])
    return _Files(count, sum(sizes.values()), lost)


def _fetched(folder: HandOverFolder, file: KeptFile) -> bool:
    return folder.fetch(f"fichiers/{file.sha256}", file.sha256, file.size, lambda path: download(file, path))


def _kept(root: Path) -> Iterator[RawRow]:
    """Yields the rows of the files and scans whose content must exist."""
    for name in (name for name in WITH_OBJECTS if name in GIVEN):
        for row in read_rows(root, name):
            if must_exist(row):
                yield row


def _index_line(row: RawRow) -> RawRow:
    of = {"portfolio": row["candidacy"], "piece": row.get("evidence"), "placement": row.get("placement")}
    return of | {name: row[name] for name in OF_FILE if name not in of}


# --- the description, the texts, the signature -------------------------------------------------------------


def _described(read: _Read, files: _Files, drawn: dict[str, int], lists: list[RawRow], at: datetime) -> RawRow:
    owner = read.owner
    return {
        "format": FORMAT,
        "service": f"portfolio-e5 {VERSION}",
        "of": {"kind": str(owner.kind), "code": owner.code, "name": owner.name, "academy": owner.academy},
        "made_at": at.astimezone(UTC).isoformat(),
        "moment": read.moment.isoformat(),
        "conventions": texts.CONVENTIONS,
        "collections": {name: described(name, count) for name, count in read.counts.items()},
        "not_given": dict(NOT_GIVEN),
        "lists": lists,
        "files": {
            "path": "fichiers/<sha256>",
            "called": "le contenu de chaque fichier vérifié et de chaque papier numérisé, nommé par son SHA-256",
            "index": {
                "path": f"{INDEX}.jsonl",
                "format": "jsonl",
                "csv": f"{INDEX}.csv",
                "fields": dict(zip(OF_FILE, texts.FILE_COLUMNS, strict=True)),
                "count": files.count,
            },
            "size": files.size,
            "lost": files.lost,
        },
        "papers": {path: {"called": papers.CALLED[path], "count": count} for path, count in drawn.items()},
        "proofs": {
            path: {"format": "jsonl", "called": proofs.CALLED[path], "count": count}
            for path, count in read.proved.items()
        },
    }


def _as_declared(seals: SealsRecomputed) -> RawRow:
    return {"called": texts.SEALS_DECLARED, "links": seals.links, "groups": seals.groups, "faults": seals.faults}


def _write_texts(folder: HandOverFolder, owner: Owner) -> None:
    what = "L'établissement" if owner.kind == OwnerKind.SCHOOL else "L'académie"
    folder.write("LISEZ-MOI.md", [texts.README.format(owner=f"{what} {owner.code}, {owner.name}").encode()])
    folder.write("preuves/LISEZ-MOI.md", [texts.PROOFS.encode()])
    folder.write("verifier.py", [VERIFIER.read_bytes()])
    folder.write(PUBLIC_KEY, [signature.public_key()])


def _write_description(folder: HandOverFolder, description: RawRow) -> str:
    """Writes the description, with the digest of every other file, and its signature. Returns its digest."""
    manifest = [asdict(entry) for entry in sorted(folder.entries, key=lambda entry: entry.path)]
    text = json.dumps(description | {"manifest": manifest}, ensure_ascii=False, indent=1) + "\n"
    folder.write(SIGNATURE, [signature.sign(text.encode())])
    return folder.write(DESCRIPTION, [text.encode()])
