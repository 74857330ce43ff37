"""Writes the main lists of an owner as CSV, for people: one line a candidate, a period, a piece, a submission, a
sheet, a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.audit.handing_over.folder import HandOverFolder
from portfolio.audit.handing_over.papers import read_rows
from portfolio.audit.handing_over.scopes import Owner
from portfolio.documents.commissions import SheetState
from portfolio.documents.portfolios import PieceState
from portfolio.enrolment.institutions import academy_of
from portfolio.identifiers import TO_BE_NAMED
from portfolio.papers.csv_writer import listed
from portfolio.rules.marks import format_mark
from portfolio.store.seals import RawRow
from portfolio.submission.lateness import late_of

LISTS = "donnees/listes"
CANDIDATE = ("établissement", "session", "numéro de candidat", "nom de naissance", "nom d'usage", "prénoms")
PIECES = {PieceState.DRAFT: "à compléter", PieceState.READY: "complète", PieceState.WITHDRAWN: "retirée"}
SHEETS = {
    SheetState.DRAFT: "à signer",
    SheetState.PROPOSED: "signée",
    SheetState.TRANSMITTED: "transmise au jury",
    SheetState.FINAL: "arrêtée par le jury",
    SheetState.VOIDED: "annulée",
}
Cells = Sequence[str]


@dataclass(frozen=True)
class _Times:
    """zone: of the academy. late: {piece id: since when it is late}, of those that came after the deadline."""

    zone: ZoneInfo
    late: dict[str, datetime]

    def moment(self, iso: str | None) -> str:
        return _moment(datetime.fromisoformat(iso), self.zone) if iso else ""

    def late_since(self, piece: str) -> str:
        return _moment(self.late[piece], self.zone) if piece in self.late else ""


@dataclass(frozen=True)
class HandedList:
    """A list. collection: whose rows are its lines. called: what it lists, in French.
    columns, cells: titles and texts of a row, after those that name the candidate.
    """

    name: str
    collection: str
    called: str
    columns: Cells
    cells: Callable[[RawRow, _Times], Cells]


def write_lists(folder: HandOverFolder, owner: Owner) -> Iterator[RawRow]:
    """Writes the lists and yields what the description says of each (path, format, called, columns).
    Times are the academy's. Raises OSError.
    """
    named = _candidates(folder.root)
    late = {str(piece): since for piece, since in late_of([ObjectId(candidacy) for candidacy in named])}
    times = _Times(ZoneInfo(academy_of(owner.academy).timezone), late)
    for handed in LISTED:
        path, columns = f"{LISTS}/{handed.name}.csv", (*CANDIDATE, *handed.columns)
        rows = read_rows(folder.root, handed.collection)
        lines = (
            (*named[row["candidacy"] if "candidacy" in row else row["id"]], *handed.cells(row, times)) for row in rows
        )
        folder.write(path, [listed(columns, lines)])
        yield {"path": path, "format": "csv", "called": handed.called, "columns": list(columns)}


def _candidates(root: Path) -> dict[str, Cells]:
    """Returns {candidacy id: the cells of CANDIDATE}."""
    schools = {row["id"]: row["uai"] for row in read_rows(root, "schools")}
    return {
        row["id"]: (
            *(schools[row["school"]], row["session"], row.get("candidate_number") or ""),
            *(row["birth_name"], row.get("usage_name") or "", row["given_names"]),
        )
        for row in read_rows(root, "candidacies")
    }


def _enrolled(row: RawRow, _times: _Times) -> Cells:
    return _day(row["birth_date"]), row.get("division") or "", row["status"]


def _placed(row: RawRow, times: _Times) -> Cells:
    days = _day(row["starts_on"]), _day(row["ends_on"]), str(row["days"])
    tutor = row.get("tutor_name") or TO_BE_NAMED
    return row["company_name"], row["company_city"], *days, tutor, times.moment(row.get("cancelled_at"))


def _deposited(row: RawRow, times: _Times) -> Cells:
    taken_of = (row.get("reused") or {}).get("session", "")
    deposited = times.moment(row["created_at"]), times.late_since(row["id"])
    return row["title"], PIECES[row["state"]], *deposited, taken_of


def _submitted(row: RawRow, times: _Times) -> Cells:
    by_the_office = row.get("late_reason") or ""
    return (
        str(row["number"]),
        times.moment(row["created_at"]),
        row["digest"],
        row.get("chain_head") or "",
        by_the_office,
    )


def _drawn_up(row: RawRow, _times: _Times) -> Cells:
    proposed = _mark(row.get("proposed_mark")), row.get("outcome") or ""
    return row["number"], SHEETS[row["state"]], *proposed, row["digest"]


def _decided(row: RawRow, times: _Times) -> Cells:
    decision = _mark(row.get("final_mark")), row.get("label") or "", row.get("reason") or ""
    return *decision, times.moment(row["decided_at"]), times.moment(row.get("published_at"))


LISTED = (
    HandedList("candidats", "candidacies", "les candidats", ("né(e) le", "classe", "statut"), _enrolled),
    HandedList(
        "periodes",
        "placements",
        "les périodes en entreprise",
        ("entreprise", "ville", "du", "au", "jours", "tuteur", "annulée le"),
        _placed,
    ),
    HandedList(
        "preuves",
        "evidence",
        "les preuves déposées",
        ("preuve", "état", "déposée le", "déposée après la date limite, le", "reprise de la session"),
        _deposited,
    ),
    HandedList(
        "remises",
        "submissions",
        "les portfolios remis et leurs accusés",
        ("remise", "le", "empreinte", "tête du journal", "remise par le secrétariat, motif"),
        _submitted,
    ),
    HandedList(
        "fiches",
        "sheets",
        "les fiches d'évaluation",
        ("fiche", "état", "note proposée", "résultat sans évaluation", "empreinte"),
        _drawn_up,
    ),
    HandedList(
        "resultats",
        "results",
        "les décisions du jury",
        ("note", "résultat sans note", "motif", "décidé le", "publié le"),
        _decided,
    ),
)


def _day(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d/%m/%Y %H:%M}"


def _mark(text: str | None) -> str:
    return format_mark(Decimal(text)) if text is not None else ""
