"""Writes the papers of an owner as the service draws them: sheets, submissions, receipts, proofs of acts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bson import ObjectId

from portfolio.audit.handing_over.folder import HandOverFolder
from portfolio.audit.handing_over.rows import path_of
from portfolio.audit.handing_over.scopes import Owner
from portfolio.audit.proof import RecordProof, proof
from portfolio.documents import Attestation, Portfolio, Sheet, Submission
from portfolio.errors import NotFound
from portfolio.policy.relations import SYSTEM
from portfolio.sheet import forms
from portfolio.sign_offs.answering import receipts
from portfolio.store.seals import RawRow
from portfolio.submission import acknowledgement

SHEETS, SUBMISSIONS, RECEIPTS, PROOFS = (
    *("papiers/fiches", "papiers/remises"),
    *("papiers/recus", "papiers/preuve-des-actes"),
)
# What each folder holds, in French, for the description.
CALLED = {
    SHEETS: "chaque fiche d'évaluation, sous son numéro : le JSON exact qui fut signé, le PDF et le classeur XLSX",
    SUBMISSIONS: "chaque portfolio remis, tel que figé (le SHA-256 du JSON est l'empreinte), et son accusé en PDF",
    RECEIPTS: "les reçus des confirmations d'activités ; celui qui parle aussi d'un autre établissement n'y est pas",
    PROOFS: "la preuve des actes de chaque candidat : les actes, en clair, ce qui fut trouvé altéré, les têtes",
}


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
    number = candidacy.get("candidate_number") or f"sans-numero-{candidacy['id']}"
    return f"{candidacy['session']}-{candidacy['academy']}-{candidacy['exam']}-{number}"


def _write_sheet(folder: HandOverFolder, row: RawRow) -> bool:
    sheet = Sheet.objects.get(pk=ObjectId(row["id"]))
    start = f"{SHEETS}/fiche-{row['number']}"
    folder.write(f"{start}.json", [row["content"].encode()])
    folder.write(f"{start}.pdf", [forms.pdf(SYSTEM, sheet)])
    folder.write(f"{start}.xlsx", [forms.xlsx(SYSTEM, sheet)])
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
        "faults": proof.fault_lines,
        "ends": list(proof.ends),
        "submissions": [{"number": paper.number, "digest": paper.digest} for paper in proof.submissions],
        "sheets": [
            {"number": sheet.number, "digest": sheet.digest, "state": str(sheet.state)} for sheet in proof.sheets
        ],
    }


# --- lists, for people without a programme ----------------------------------------------------------
