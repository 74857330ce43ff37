"""Writes the main lists of an owner as CSV, for people: one line a candidate, a period, a submission, a
sheet, a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from portfolio.audit.handing_over.folder import HandOverFolder
from portfolio.audit.handing_over.papers import read_rows
from portfolio.audit.handing_over.scopes import Owner
from portfolio.enrolment.institutions import academy_of
from portfolio.papers.csv_writer import listed
from portfolio.rules.marks import format_mark
from portfolio.store.seals import RawRow

LISTS = "donnees/listes"
CANDIDATE = ("établissement", "session", "numéro de candidat", "nom de naissance", "nom d'usage", "prénoms")
Cells = Sequence[str]


@dataclass(frozen=True)
class HandedList:
    """A list. collection: whose rows are its lines. called: what it lists, in French.
    columns, cells: titles and texts of a row (its times in a zone), after those that name the candidate.
    """

    name: str
    collection: str
    called: str
    columns: Cells
    cells: Callable[[RawRow, ZoneInfo], Cells]


def write_lists(folder: HandOverFolder, owner: Owner) -> Iterator[RawRow]:
    """Writes the lists and yields what the description says of each (path, format, called, columns).
    Times are the academy's. Raises OSError.
    """
    zone, named = ZoneInfo(academy_of(owner.academy).timezone), _candidates(folder.root)
    for handed in LISTED:
        path, columns = f"{LISTS}/{handed.name}.csv", (*CANDIDATE, *handed.columns)
        rows = read_rows(folder.root, handed.collection)
        lines = (
            (*named[row["candidacy"] if "candidacy" in row else row["id"]], *handed.cells(row, zone)) for row in rows
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


def _enrolled(row: RawRow, zone: ZoneInfo) -> Cells:
    return _day(row["birth_date"]), row.get("division") or "", row["status"]


def _placed(row: RawRow, zone: ZoneInfo) -> Cells:
    days = _day(row["starts_on"]), _day(row["ends_on"]), str(row["days"])
    return row["company_name"], row["company_city"], *days, row["tutor_name"], _instant(row.get("cancelled_at"), zone)


def _submitted(row: RawRow, zone: ZoneInfo) -> Cells:
    return str(row["number"]), _instant(row["created_at"], zone), row["digest"], row.get("chain_head") or ""


def _drawn_up(row: RawRow, zone: ZoneInfo) -> Cells:
    proposed = _mark(row.get("proposed_mark")), row.get("outcome") or ""
    return row["number"], row["state"], *proposed, row["digest"]


def _decided(row: RawRow, zone: ZoneInfo) -> Cells:
    decision = _mark(row.get("final_mark")), row.get("label") or "", row.get("reason") or ""
    return *decision, _instant(row["decided_at"], zone), _instant(row.get("published_at"), zone)


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
        "remises",
        "submissions",
        "les portfolios remis et leurs accusés",
        ("remise", "le", "empreinte", "tête du journal"),
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


def _instant(iso: str | None, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(zone):%d/%m/%Y %H:%M}" if iso else ""


def _mark(text: str | None) -> str:
    return format_mark(Decimal(text)) if text is not None else ""
