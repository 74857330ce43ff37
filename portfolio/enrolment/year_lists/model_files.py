"""The workbooks to fill in, one for each kind of list: our own titles, cells that are text."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.enrolment.rosters.model_file import EMPTY_ROWS, MODEL_NAME, model_file
from portfolio.enrolment.year_lists.sheets import KINDS, ListOf
from portfolio.papers.xlsx_writer import listed_xlsx

# kind -> (name of its sheet and, in lower case, of its file, the columns that are enough). Candidates have their own.
_MODELS: Mapping[ListOf, tuple[str, tuple[str, ...]]] = {
    ListOf.TEACHERS: (
        "Professeurs",
        ("family_name", "given_names", "email", "subjects", "follows", "teaches_profession"),
    ),
    ListOf.COMPANIES: ("Entreprises", ("company", "siret", "address", "city", "country")),
    ListOf.PERIODS: (
        "Periodes",
        (
            *("candidate", "candidate_number", "company", "siret", "city", "kind", "starts_on", "ends_on", "days"),
            *("tutor", "tutor_given_names", "tutor_function", "tutor_email"),
        ),
    ),
    ListOf.TUTORS: (
        "Tuteurs",
        (
            *("candidate", "candidate_number", "company", "siret", "city"),
            *("tutor", "tutor_given_names", "tutor_function", "tutor_email"),
        ),
    ),
}


def model_of(kind: ListOf) -> tuple[str, bytes]:
    """Returns the name and the XLSX of the model of a kind of list."""
    if kind == ListOf.CANDIDATES:
        return MODEL_NAME, model_file()
    called, names = _MODELS[kind]
    header = [KINDS[kind].columns[name].title for name in names]
    return f"modele-liste-{called.lower()}.xlsx", listed_xlsx(called, header, [], EMPTY_ROWS)
