"""Reads a list of candidates: what each line would enrol, what is to be corrected, between lines too."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from portfolio.enrolment.lists.columns import Value
from portfolio.enrolment.lists.reading import ListRow, ReadList, UnreadLine, read_list
from portfolio.enrolment.rosters.model_file import EXAMPLE_LEFT, is_example
from portfolio.enrolment.rosters.roster_columns import CANDIDATES, SHORT_TITLES, SINGLE_NAME
from portfolio.identifiers import name_key


def read_roster(
    data: bytes,
    today: date,
    reader: str,
    mapping: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> ReadList:
    """Returns the rows of a list of candidates, with their errors and warnings, or `file_errors` in French that say
    what to do. Takes what `read_list` takes, and raises what it raises.
    """
    return as_roster(read_list(data, CANDIDATES, today, reader, mapping, defaults))


def as_roster(read: ReadList) -> ReadList:
    """Returns a list of candidates without the line of our model, its lines compared with each other."""
    read = _without_example(read)
    compare_lines(read.rows)
    return read


def _without_example(read: ReadList) -> ReadList:
    """Returns the list without the fictional line of our model."""
    examples = [row for row in read.rows if is_example(row)]
    left_out = [UnreadLine(row.line, " ".join(map(str, row.values.values()))[:80], EXAMPLE_LEFT) for row in examples]
    rows = [row for row in read.rows if not is_example(row)]
    empty = ["Ce fichier n'a que la ligne d'exemple : ajoutez-y les candidats."] if examples and not rows else []
    return replace(read, rows=rows, left_out=[*read.left_out, *left_out], file_errors=[*read.file_errors, *empty])


def compare_lines(rows: list[ListRow]) -> None:
    """Puts in each line what it shares with others, and whether its number is short of a zero that others have."""
    for row in rows:
        row.values.setdefault("distance", False)
        if name_key(str(row.values.get("usage_name", ""))) == name_key(str(row.values.get("birth_name", ""))):
            row.values.pop("usage_name", None)  # SIECLE writes it twice
        if row.values.get("given_names") == "" and "birth_name" in row.values:
            row.asked[SINGLE_NAME] = f"{row.values['birth_name']}, sans prénom"
    _mark_duplicates(rows)
    _warn_of_homonyms(rows)
    _warn_of_lost_zeros(rows)


def names_key(row: ListRow) -> str:
    return name_key(f"{row.values.get('birth_name', '')} {row.values.get('given_names', '')}")


def _shared(keyed_rows: Iterable[tuple[Value | None, ListRow]]) -> list[tuple[list[ListRow], str]]:
    """Returns the groups of several rows under one key, each with its line numbers in words."""
    groups: dict[Value, list[ListRow]] = defaultdict(list)
    for key, row in keyed_rows:
        if key:
            groups[key].append(row)
    return [(group, _enumerate(row.line for row in group)) for group in groups.values() if len(group) > 1]


def _enumerate(lines: Iterable[int]) -> str:
    *first, last = map(str, lines)
    return f"{', '.join(first)} et {last}"


def _mark_duplicates(rows: list[ListRow]) -> None:
    for name in ("candidate_number", "email", "ine"):
        for group, lines in _shared((row.values.get(name), row) for row in rows):
            sentence = f"Les lignes {lines} ont le même {SHORT_TITLES[name]} : corrigez-les ou n'en gardez qu'une."
            for row in group:
                row.errors.setdefault(name, []).append(sentence)


def _warn_of_homonyms(rows: list[ListRow]) -> None:
    for group, lines in _shared((names_key(row), row) for row in rows):
        for row in group:
            row.warnings.append(f"Les lignes {lines} ont les mêmes nom et prénoms : vérifiez qu'il s'agit d'homonymes.")


def _warn_of_lost_zeros(rows: list[ListRow]) -> None:
    """Warns of shorter candidate numbers: a spreadsheet drops the leading zeros of what it takes for a number."""
    lengths = Counter(len(str(row.values["candidate_number"])) for row in rows if "candidate_number" in row.values)
    usual = lengths.most_common(1)[0][0] if lengths else 0
    for row in rows:
        if 0 < len(str(row.values.get("candidate_number", ""))) < usual:
            row.warnings.append(
                "Ce numéro de candidat est plus court que les autres : le tableur a peut-être perdu un zéro de tête."
            )
