"""Finds the lines of a list that tell of somebody enrolled already, and what each would change about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portfolio.counting import many
from portfolio.enrolment.rosters.stored_lines import StoredLine
from portfolio.identifiers import name_key

# What a list may fill in or correct about somebody enrolled, in the order of a form. Their names, their birth date and
# their status are corrected on their own page: a list that differs there may be about somebody else.
AMENDED = ("candidate_number", "usage_name", "given_names", "division", "ine", "email")
_TELLING = ("candidate_number", "email", "ine")


@dataclass(frozen=True)
class Enrolled:
    """Somebody enrolled in this school, session and exam, or who was. values: of `AMENDED` and names, birth_date,
    status; None where nothing is known. gone: of who gave up or was transferred, the sentence that says so; a list
    neither enrols nor corrects them.
    """

    id: str
    values: Mapping[str, str | None]
    gone: str | None = None

    @property
    def names(self) -> str:
        return f"{self.values['birth_name']} {self.values['given_names']}"


@dataclass(frozen=True)
class KnownLine:
    """A line that tells of somebody enrolled. changes: field -> [before, after], before "" where nothing was known."""

    id: str
    changes: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def recognised(rows: Iterable[StoredLine], enrolled: Iterable[Enrolled]) -> dict[int, KnownLine]:
    """Returns, by line, those that tell of one person enrolled: same birth date, same names (one list may have the
    first given name alone), and no number, address or INE that says otherwise; of two, the one who is still there.
    Whoever two lines or two people fit is left to a person.
    """
    by_birth: dict[tuple[str, str], list[Enrolled]] = {}
    for person in enrolled:
        key = name_key(str(person.values["birth_name"])), str(person.values["birth_date"])
        by_birth.setdefault(key, []).append(person)
    fitting: dict[int, tuple[Enrolled, StoredLine]] = {}
    for row in rows:
        values = row["values"]
        key = name_key(str(values.get("birth_name", ""))), str(values.get("birth_date", ""))
        alike = [person for person in by_birth.get(key, ()) if _is_same(person, values)]
        fits = [person for person in alike if person.gone is None] or alike
        if len(fits) == 1 and not row["errors"].keys() & {"birth_name", "given_names", "birth_date"}:
            fitting[row["line"]] = fits[0], values
    times = Counter(person.id for person, _ in fitting.values())
    return {line: _compared(*pair) for line, pair in fitting.items() if times[pair[0].id] == 1}


def _is_same(person: Enrolled, line: StoredLine) -> bool:
    known = person.values
    here, there = name_key(str(known["given_names"])), name_key(str(line.get("given_names", "")))
    if not (f"{here} ".startswith(f"{there} ") or f"{there} ".startswith(f"{here} ")):
        return False
    return all(
        not (mine := known.get(name)) or not (theirs := line.get(name)) or _plain(mine) == _plain(str(theirs))
        for name in _TELLING
    )


def _plain(value: str) -> str:
    """Returns a number without the zeros that a spreadsheet drops."""
    return value.lstrip("0")


def _compared(person: Enrolled, line: StoredLine) -> KnownLine:
    if person.gone is not None:
        return KnownLine(person.id, warnings=[person.gone])
    changes: dict[str, list[str]] = {}
    warnings = []
    for name in AMENDED:
        before, after = person.values.get(name) or "", str(line.get(name) or "")
        if not after or after == before:
            continue
        if name == "given_names" and len(after) <= len(before):
            continue  # the first one alone
        if name == "candidate_number" and before and len(after) < len(before):
            missing = many(len(before) - len(after), "zéro")
            warnings.append(
                f"Il manque {missing} de tête au numéro {after} : le numéro enregistré, {before}, est gardé."
            )
            continue
        changes[name] = [before, after]
    if line.get("status") and line["status"] != person.values.get("status"):
        warnings.append(
            "Le statut n'est pas celui qui est enregistré : corrigez-le, s'il le faut, à la page du candidat."
        )
    return KnownLine(person.id, changes, warnings)
