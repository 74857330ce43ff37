"""Reads what the cells of a line say of a tutor: the two parts of the name, or nobody."""

from __future__ import annotations

from portfolio.enrolment.lists.full_names import split_full_name
from portfolio.enrolment.lists.reading import SPLIT_NAMES, ListRow

OF_A_TUTOR = ("tutor_given_names", "tutor_email", "tutor_function")


def split_tutor(row: ListRow) -> None:
    """Puts the family name and the given names of the tutor in `tutor` and `tutor_given_names`; asks where nothing says
    which is which.
    """
    written, given = row.values.get("tutor"), row.values.get("tutor_given_names")
    if "tutor" in row.errors or (written and given):
        return
    if not written:
        _without_tutor(row)
        return
    split = split_full_name(str(written))
    if not split.given:
        row.errors["tutor"] = ["Indiquez le prénom du tuteur avec son nom."]
        return
    row.values["tutor"], row.values["tutor_given_names"] = split.family, split.given
    if not split.sure:
        row.asked[SPLIT_NAMES] = f"{written} → {split.family} | {split.given}"


def _without_tutor(row: ListRow) -> None:
    """Leaves the tutor to be named; an address or a function alone names nobody, and is not kept."""
    partly = False
    for name in OF_A_TUTOR:
        partly = bool(row.values.pop(name, None)) or name in row.errors or partly
        row.errors.pop(name, None)
        row.proposals.pop(name, None)
    if partly:
        row.warnings.append("Le nom du tuteur manque : ce que la liste dit de lui n'est pas gardé.")
