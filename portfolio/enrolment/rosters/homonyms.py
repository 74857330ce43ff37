"""The lines of a list that may be a candidate already enrolled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from portfolio.enrolment.lists.reading import ListRow
from portfolio.enrolment.rosters.roster_parser import names_key
from portfolio.identifiers import name_key


@dataclass(frozen=True)
class EnrolledCandidate:
    """A candidate already enrolled. names: birth name, then given names; birth_date: an ISO day; candidate_number: ""
    before it is given.
    """

    id: str
    names: str
    birth_date: str
    candidate_number: str


@dataclass(frozen=True)
class Homonym:
    """A line that may be a candidate already enrolled. same: which of names, birth_date, candidate_number agree."""

    line: int
    known_id: str
    same: tuple[str, ...]
    message_fr: str


def homonyms(rows: Iterable[ListRow], known: Iterable[EnrolledCandidate]) -> list[Homonym]:
    """Returns the lines that share their names or number with an enrolled candidate; the office decides on each."""
    by_names: dict[str, list[EnrolledCandidate]] = defaultdict(list)
    by_number: dict[str, list[EnrolledCandidate]] = defaultdict(list)
    for person in known:
        by_names[name_key(person.names)].append(person)
        if person.candidate_number:
            by_number[person.candidate_number].append(person)
    matches = []
    for row in rows:
        names, number = names_key(row), str(row.values.get("candidate_number", ""))
        people = {person.id: person for person in (*by_number.get(number, ()), *by_names.get(names, ()))}
        matches += [_homonym(row, names, person) for person in people.values()]
    return matches


def _homonym(row: ListRow, names: str, person: EnrolledCandidate) -> Homonym:
    number = row.values.get("candidate_number")
    agreements = {
        "names": name_key(person.names) == names,
        "birth_date": person.birth_date == row.values.get("birth_date"),
        "candidate_number": bool(number) and person.candidate_number == number,
    }
    if agreements["candidate_number"]:
        sentence = f"Ce numéro de candidat est déjà celui de {person.names} : ne l'inscrivez pas deux fois."
    elif agreements["birth_date"]:
        sentence = (
            f"{person.names}, né(e) le même jour, est déjà inscrit(e) : il s'agit sans doute de la même personne."
        )
    else:
        sentence = f"{person.names} est déjà inscrit(e) avec une autre date de naissance : vérifiez qu'ils sont deux."
    return Homonym(row.line, person.id, tuple(name for name, same in agreements.items() if same), sentence)
