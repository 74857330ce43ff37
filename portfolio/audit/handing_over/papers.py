"""Writes the papers of an owner as the service draws them: sheets, submissions, receipts, proofs of acts, lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.audit.handing_over.folder import HandOverFolder
from portfolio.audit.handing_over.rows import path_of
from portfolio.audit.handing_over.scopes import Owner
from portfolio.audit.proof import RecordProof, proof
from portfolio.documents import Attestation, Portfolio, Sheet, Submission
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import NotFound
from portfolio.papers.csv_writer import listed
from portfolio.policy.relations import SYSTEM
from portfolio.rules.marks import format_mark
from portfolio.sheet import draw_up
from portfolio.sign_offs.answering import receipts
from portfolio.store.seals import RawRow
from portfolio.submission import acknowledgement

SHEETS, SUBMISSIONS, RECEIPTS, PROOFS = (
    *("papiers/fiches", "papiers/remises"),
    *("papiers/recus", "papiers/preuve-des-actes"),
)
LISTS = "donnees/listes"
# What each folder holds, in French, for the description.
CALLED = {
    SHEETS: "chaque fiche d'évaluation, sous son numéro : le JSON exact qui fut signé, le PDF et le classeur XLSX",
    SUBMISSIONS: "chaque portfolio remis, tel que figé (le SHA-256 du JSON est l'empreinte), et son accusé en PDF",
    RECEIPTS: "les reçus des confirmations d'activités ; celui qui parle aussi d'un autre établissement n'y est pas",
    PROOFS: "la preuve des actes de chaque candidat : les actes, en clair, ce qui fut trouvé altéré, les têtes",
}
Cells = Sequence[str]


def read_rows(root: Path, collection: str) -> Iterator[RawRow]:
    """Yields the rows of a collection as the folder holds them. Raises OSError if it does not."""
    with (root / path_of(collection)).open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def write_papers(folder: HandOverFolder, owner: Owner, at: datetime) -> dict[str, int]:
    """Writes every paper, drawn one at a time. Returns {folder of papers: number of papers}. Raises OSError."""
    names = {row["id"]: _name(row) for row in read_rows(folder.root, "candidacies")}
    return {
        SHEETS: sum(_write_sheet(folder, row) for row in read_rows(folder.root, "sheets")),
        SUBMISSIONS: sum(_write_submission(folder, row, names) for row in read_rows(folder.root, "submissions")),
        RECEIPTS: sum(_write_receipt(folder, act, owner) for act in _acts(folder.root)),
        PROOFS: sum(_write_proof(folder, row, names, at) for row in read_rows(folder.root, "portfolios")),
    }


def _name(candidacy: RawRow) -> str:
    return f"{candidacy['session']}-{candidacy['academy']}-{candidacy['candidate_number']}"


def _write_sheet(folder: HandOverFolder, row: RawRow) -> bool:
    sheet = Sheet.objects.get(pk=ObjectId(row["id"]))
    start = f"{SHEETS}/fiche-{row['number']}"
    folder.write(f"{start}.json", [row["content"].encode()])
    folder.write(f"{start}.pdf", [draw_up.pdf(SYSTEM, sheet)])
    folder.write(f"{start}.xlsx", [draw_up.xlsx(SYSTEM, sheet)])
    return True


def _write_submission(folder: HandOverFolder, row: RawRow, names: dict[str, str]) -> bool:
    start = f"{SUBMISSIONS}/{names[row['candidacy']]}-remise-{row['number']}"
    folder.write(f"{start}.json", [row["content"].encode()])
    submission = Submission.objects(pk=ObjectId(row["id"])).first()
    if submission is not None:  # not eliminated since
        paper = acknowledgement.acknowledgement(SYSTEM, submission)
        folder.write(f"{start}-accuse.pdf", [acknowledgement.pdf(paper)])
    return True


def _acts(root: Path) -> list[ObjectId]:
    acts = {row["act"] for row in read_rows(root, "attestations") if row.get("act")}
    return [ObjectId(act) for act in sorted(acts)]


def _write_receipt(folder: HandOverFolder, act: ObjectId, owner: Owner) -> bool:
    if not set(Attestation.objects(act=act).distinct("school")) <= set(owner.schools):
        return False
    try:
        receipt = receipts.receipt(SYSTEM, act)
    except NotFound:  # eliminated since
        return False
    folder.write(f"{RECEIPTS}/{receipt.file_name}", [receipts.pdf(receipt)])
    return True


def _write_proof(folder: HandOverFolder, row: RawRow, names: dict[str, str], at: datetime) -> bool:
    portfolio = Portfolio.objects.get(pk=ObjectId(row["id"]))
    lines = _proof_lines(proof(SYSTEM, portfolio, at)) | {"candidate": names[row["candidacy"]]}
    folder.write(f"{PROOFS}/{names[row['candidacy']]}.json", [json.dumps(lines, ensure_ascii=False, indent=1).encode()])
    return True


def _proof_lines(proof: RecordProof) -> RawRow:
    return {
        "checked_at": proof.checked_at.isoformat(),
        "acts": [
            {"chain": act.chain, "seq": act.seq, "at": act.at.isoformat(), "name": act.name}
            | {"sentence": act.sentence, "mac": act.mac}
            for act in proof.acts
        ],
        "faults": list(proof.faults),
        "ends": list(proof.ends),
        "submissions": [{"number": paper.number, "digest": paper.digest} for paper in proof.submissions],
        "sheets": [
            {"number": sheet.number, "digest": sheet.digest, "state": str(sheet.state)} for sheet in proof.sheets
        ],
    }


# --- lists, for people without a programme ----------------------------------------------------------


def write_lists(folder: HandOverFolder, owner: Owner) -> Iterator[RawRow]:
    """Writes the main lists as CSV and yields what the description says of each (path, format, called, columns). Times
    are the academy's. Raises OSError.
    """
    root, zone = folder.root, ZoneInfo(academy_of(owner.academy).timezone)
    people = {row["id"]: row for row in read_rows(root, "candidacies")}
    schools = {row["id"]: row["uai"] for row in read_rows(root, "schools")}

    def who(candidacy: RawRow) -> Cells:
        usage = candidacy.get("usage_name") or ""
        names = candidacy["birth_name"], usage, candidacy["given_names"]
        return (schools[candidacy["school"]], candidacy["session"], candidacy["candidate_number"], *names)

    of = ("établissement", "session", "numéro de candidat", "nom de naissance", "nom d'usage", "prénoms")
    lists: dict[str, tuple[str, Cells, Iterator[Cells]]] = {
        "candidats": (
            "les candidats",
            (*of, "né(e) le", "classe", "statut"),
            ((*who(row), _day(row["birth_date"]), row.get("division") or "", row["status"]) for row in people.values()),
        ),
        "periodes": (
            "les périodes en entreprise",
            (*of, "entreprise", "ville", "du", "au", "jours", "tuteur", "annulée le"),
            (
                (*who(people[row["candidacy"]]), row["company_name"], row["company_city"])
                + (_day(row["starts_on"]), _day(row["ends_on"]), str(row["days"]), row["tutor_name"])
                + (_instant(row.get("cancelled_at"), zone),)
                for row in read_rows(root, "placements")
            ),
        ),
        "remises": (
            "les portfolios remis et leurs accusés",
            (*of, "remise", "le", "empreinte", "tête du journal"),
            (
                (*who(people[row["candidacy"]]), str(row["number"]), _instant(row["created_at"], zone))
                + (row["digest"], row.get("chain_head") or "")
                for row in read_rows(root, "submissions")
            ),
        ),
        "fiches": (
            "les fiches d'évaluation",
            (*of, "fiche", "état", "note proposée", "résultat sans évaluation", "empreinte"),
            (
                (*who(people[row["candidacy"]]), row["number"], row["state"], _mark(row.get("proposed_mark")))
                + (row.get("outcome") or "", row["digest"])
                for row in read_rows(root, "sheets")
            ),
        ),
        "resultats": (
            "les décisions du jury",
            (*of, "note", "résultat sans note", "motif", "décidé le", "publié le"),
            (
                (*who(people[row["candidacy"]]), _mark(row.get("final_mark")), row.get("label") or "")
                + (row.get("reason") or "", _instant(row["decided_at"], zone))
                + (_instant(row.get("published_at"), zone),)
                for row in read_rows(root, "results")
            ),
        ),
    }
    for name, (called, columns, rows) in lists.items():
        path = f"{LISTS}/{name}.csv"
        folder.write(path, [listed(columns, rows)])
        yield {"path": path, "format": "csv", "called": called, "columns": list(columns)}


def _day(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def _instant(iso: str | None, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(zone):%d/%m/%Y %H:%M}" if iso else ""


def _mark(text: str | None) -> str:
    return format_mark(Decimal(text)) if text is not None else ""
