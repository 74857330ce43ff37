"""The workbook to fill in by whoever has no list yet: our own titles, cells that are text, one fictional candidate."""

from __future__ import annotations

from portfolio.enrolment.lists.reading import ListRow
from portfolio.enrolment.rosters.roster_columns import COLUMNS
from portfolio.papers.xlsx_writer import listed_xlsx

MODEL_NAME = "modele-liste-candidats.xlsx"
EMPTY_ROWS = 60
EXAMPLE = {
    "birth_name": "EXEMPLE",
    "given_names": "Ligne à effacer",
    "candidate_number": "02000000000",
    "email": "prenom.nom@exemple.fr",
    "birth_date": "31/12/2006",
    "status": "scolaire",
    "division": "BTS2",
    "distance": "non",
}
EXAMPLE_LEFT = "C'est la ligne d'exemple du modèle."


def model_file() -> bytes:
    """Returns the XLSX."""
    header = [column.title for column in COLUMNS.values()]
    return listed_xlsx("Candidats", header, [[EXAMPLE.get(name, "") for name in COLUMNS]], EMPTY_ROWS)


def is_example(row: ListRow) -> bool:
    """Returns True for the fictional candidate of the model, whatever else was typed in this line."""
    return all(row.values.get(name) == EXAMPLE[name] for name in ("birth_name", "given_names"))
