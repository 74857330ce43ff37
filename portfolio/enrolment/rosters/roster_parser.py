"""Reads an enrolment file (CSV): what each line would enrol and what must be corrected. Writes nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from portfolio.counting import many
from portfolio.enrolment.rosters.delimited import DelimitedTable, Record, read_table
from portfolio.identifiers import Malformed, candidate_number, email, ine, name_key, person_name
from portfolio.rules.terms import CandidateStatus

MAX_BYTES = 1_000_000
MAX_ROWS = 500

Value = str | bool


@dataclass(frozen=True)
class RosterRow:
    """A line of the file. line: its number, as a text editor counts.

    values: field -> normalised text (`birth_date` an ISO day, `status` a CandidateStatus), `distance` a boolean;
    a refused value is kept as written. errors: field -> sentences; "row" for the line as a whole.
    """

    line: int
    values: dict[str, Value]
    errors: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Roster:
    """The file as read. columns: field -> title as written. There are no rows if the whole file is refused."""

    encoding: str | None = None
    delimiter: str | None = None
    had_bom: bool = False
    columns: dict[str, str] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)
    rows: list[RosterRow] = field(default_factory=list)
    file_errors: list[str] = field(default_factory=list)


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


@dataclass(frozen=True)
class _Column:
    """A column to recognise. read: raises `Malformed`. doubt: returns a warning about a value that is accepted."""

    title: str
    synonyms: tuple[str, ...]
    read: Callable[[str], Value]
    required: bool = False
    doubt: Callable[[str], str | None] | None = None


def read_roster(data: bytes) -> Roster:
    """Returns the rows of a list, with their errors and warnings, or `file_errors` in French that say what to do.
    Raises nothing, for any bytes.
    """
    if len(data) > MAX_BYTES:
        return Roster(
            file_errors=["Ce fichier dépasse 1 Mo : une liste de candidats est bien plus petite. Vérifiez-le."]
        )
    try:
        table = read_table(data, _is_title, MAX_ROWS)
    except Malformed as refusal:
        return Roster(file_errors=[refusal.message])
    fields = [_FIELD_OF_TITLE.get(_title_key(title)) for title in table.header.cells]
    file_errors = _file_errors(table, fields)
    rows = [] if file_errors else [_row(record, fields) for record in table.records]
    _mark_duplicates(rows)
    _warn_of_homonyms(rows)
    _warn_of_lost_zeros(rows)
    return Roster(
        encoding=table.encoding,
        delimiter=table.delimiter,
        had_bom=table.had_bom,
        columns={name: title.strip() for name, title in zip(fields, table.header.cells, strict=True) if name},
        unknown_columns=_unknown_columns(table, fields),
        rows=rows,
        file_errors=file_errors,
    )


def homonyms(rows: Iterable[RosterRow], known: Iterable[EnrolledCandidate]) -> list[Homonym]:
    """Returns the lines that share their names or number with an enrolled candidate; the office decides on each."""
    by_names: dict[str, list[EnrolledCandidate]] = defaultdict(list)
    by_number: dict[str, list[EnrolledCandidate]] = defaultdict(list)
    for person in known:
        by_names[name_key(person.names)].append(person)
        if person.candidate_number:
            by_number[person.candidate_number].append(person)
    matches = []
    for row in rows:
        names, number = _names_key(row), str(row.values.get("candidate_number", ""))
        people = {person.id: person for person in (*by_number.get(number, ()), *by_names.get(names, ()))}
        matches += [_homonym(row, names, person) for person in people.values()]
    return matches


def _homonym(row: RosterRow, names: str, person: EnrolledCandidate) -> Homonym:
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


# --- the file -------------------------------------------------------------------------------------


def _title_key(title: str) -> str:
    """Returns the key under which titles are compared: "N° de candidat", "n_candidat" and "N°Candidat" have
    the same.
    """
    return "".join(word for word in name_key(title).split() if word not in _EMPTY_WORDS)


def _is_title(cell: str) -> bool:
    return _title_key(cell) in _FIELD_OF_TITLE


def _file_errors(table: DelimitedTable, fields: Sequence[str | None]) -> list[str]:
    if not any(fields):
        return [_no_titles(table)]
    errors = [
        f"Plusieurs colonnes peuvent être « {_COLUMNS[name].title} » : "
        + ", ".join(
            f"« {title.strip()} »" for field, title in zip(fields, table.header.cells, strict=True) if field == name
        )
        + ". Gardez-en une seule."
        for name, count in Counter(filter(None, fields)).items()
        if count > 1
    ]
    errors += [
        f"Il manque la colonne « {column.title} » : ajoutez-la, ou corrigez le titre de la colonne qui la contient."
        for name, column in _COLUMNS.items()
        if column.required and name not in fields
    ]
    if not table.records:
        errors.append("Ce fichier ne contient aucun candidat sous la ligne des titres : ajoutez-les.")
    return errors


def _no_titles(table: DelimitedTable) -> str:
    later = next((record.line for record in table.records if sum(map(_is_title, record.cells)) > 1), None)
    if later is not None:
        return f"Les titres des colonnes sont à la ligne {later} : supprimez les lignes placées au-dessus."
    first = "contient un candidat" if _looks_like_data(table.header) else "ne contient aucun titre reconnu"
    titles = " ; ".join(column.title for column in _COLUMNS.values() if column.required)
    return (
        f"La première ligne {first} : ajoutez au-dessus une ligne avec les titres des colonnes, par exemple {titles}."
    )


def _looks_like_data(record: Record) -> bool:
    return any("@" in cell or re.search(r"[0-9]{4}", cell) for cell in record.cells)


def _unknown_columns(table: DelimitedTable, fields: Sequence[str | None]) -> list[str]:
    """Returns the titles not recognised; an untitled column counts only if one of its cells is filled."""
    unknown = []
    for place, (title, name) in enumerate(zip(table.header.cells, fields, strict=True)):
        if title.strip() and not name:
            unknown.append(title.strip())
        elif not title.strip() and any("".join(record.cells[place : place + 1]).strip() for record in table.records):
            unknown.append(f"colonne {place + 1} (sans titre)")
    return unknown


# --- a line ---------------------------------------------------------------------------------------


def _row(record: Record, fields: Sequence[str | None]) -> RosterRow:
    row = RosterRow(record.line, values={"distance": False})
    cells = {name: cell.strip() for name, cell in zip(fields, record.cells, strict=False) if name}
    for name, column in _COLUMNS.items():
        _read_cell(row, name, column, cells.get(name, ""))
    if any(cell.strip() for cell in record.cells[len(fields) :]):
        count, titles = many(len(record.cells), "cellule"), many(len(fields), "titre")
        row.errors["row"] = [f"Cette ligne a {count} pour {titles} : un séparateur est en trop."]
    return row


def _read_cell(row: RosterRow, name: str, column: _Column, cell: str) -> None:
    if not cell:
        if column.required:
            row.errors[name] = [f"« {column.title} » est obligatoire : remplissez cette cellule."]
        return
    row.values[name] = cell
    try:
        row.values[name] = column.read(cell)
    except Malformed as refusal:
        row.errors[name] = [refusal.message]
        return
    doubt = column.doubt(cell) if column.doubt else None
    if doubt:
        row.warnings.append(doubt)


def _birth_date(cell: str) -> str:
    """Returns an ISO day, from JJ/MM/AAAA or ISO. Raises Malformed for anything else, and before 1900."""
    match = next(filter(None, (form.fullmatch(cell) for form in _DATE_FORMS)), None)
    if not match:
        raise Malformed("Écrivez la date de naissance sous la forme JJ/MM/AAAA, l'année sur quatre chiffres.")
    try:
        born = date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise Malformed(f"La date {cell} n'existe pas : vérifiez le jour et le mois (JJ/MM/AAAA).") from error
    if born.year < 1900:
        raise Malformed(f"L'année {born.year} n'est pas une année de naissance possible : vérifiez-la.")
    return born.isoformat()


def _status(cell: str) -> CandidateStatus:
    try:
        return _STATUSES[name_key(cell)]
    except KeyError:
        raise Malformed(
            f"Statut « {cell} » inconnu : écrivez scolaire, apprenti, formation continue ou expérience."
        ) from None


def _yes_or_no(cell: str) -> bool:
    try:
        return _ANSWERS[name_key(cell)]
    except KeyError:
        raise Malformed("Répondez par oui ou par non, ou laissez la cellule vide (non).") from None


def _label(cell: str) -> str:
    label = " ".join(unicodedata.normalize("NFC", cell).split())
    if len(label) > 50 or not label.isprintable():
        raise Malformed("Le nom de la classe compte au plus 50 caractères, tous visibles.")
    return label


# --- between lines --------------------------------------------------------------------------------


def _names_key(row: RosterRow) -> str:
    return name_key(f"{row.values.get('birth_name', '')} {row.values.get('given_names', '')}")


def _shared(keyed_rows: Iterable[tuple[Value | None, RosterRow]]) -> list[tuple[list[RosterRow], str]]:
    """Returns the groups of several rows under one key, each with its line numbers in words."""
    groups: dict[Value, list[RosterRow]] = defaultdict(list)
    for key, row in keyed_rows:
        if key:
            groups[key].append(row)
    return [(group, _enumerate(row.line for row in group)) for group in groups.values() if len(group) > 1]


def _enumerate(lines: Iterable[int]) -> str:
    *first, last = map(str, lines)
    return f"{', '.join(first)} et {last}"


def _mark_duplicates(rows: list[RosterRow]) -> None:
    for name in ("candidate_number", "email", "ine"):
        for group, lines in _shared((row.values.get(name), row) for row in rows):
            sentence = f"Les lignes {lines} ont le même {_SHORT_TITLES[name]} : corrigez-les ou n'en gardez qu'une."
            for row in group:
                row.errors.setdefault(name, []).append(sentence)


def _warn_of_homonyms(rows: list[RosterRow]) -> None:
    for group, lines in _shared((_names_key(row), row) for row in rows):
        for row in group:
            row.warnings.append(f"Les lignes {lines} ont les mêmes nom et prénoms : vérifiez qu'il s'agit d'homonymes.")


def _warn_of_lost_zeros(rows: list[RosterRow]) -> None:
    """Warns of shorter candidate numbers: a spreadsheet drops the leading zeros of what it takes for a number."""
    lengths = Counter(len(str(row.values["candidate_number"])) for row in rows if "candidate_number" in row.values)
    usual = lengths.most_common(1)[0][0] if lengths else 0
    for row in rows:
        if 0 < len(str(row.values.get("candidate_number", ""))) < usual:
            row.warnings.append(
                "Ce numéro de candidat est plus court que les autres : le tableur a peut-être perdu un zéro de tête."
            )


# --- what is recognised ---------------------------------------------------------------------------

_DATE_FORMS = (
    re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
)
_EMPTY_WORDS = {"a", "d", "de", "du", "des", "l", "la", "le", "jj", "mm", "aaaa"}
_COLUMNS = {
    "birth_name": _Column(
        "Nom de naissance",
        ("nom", "nom de famille", "nom patronymique", "nom candidat", "nom élève", "nom étudiant"),
        person_name,
        required=True,
    ),
    "given_names": _Column(
        "Prénoms",
        ("prénom", "prénom candidat", "prénoms candidat", "prénom élève", "prénom étudiant"),
        person_name,
        required=True,
    ),
    "candidate_number": _Column(
        "N° candidat",
        ("no candidat", "num candidat", "numéro candidat", "n° inscription", "numéro inscription"),
        candidate_number,
    ),
    "email": _Column(
        "Courriel",
        ("e-mail", "mail", "mél", "adresse mail", "adresse e-mail", "adresse courriel", "adresse électronique"),
        email,
        required=True,
    ),
    "birth_date": _Column("Date de naissance", ("né le", "née le", "naissance"), _birth_date, required=True),
    "status": _Column("Statut", ("statut candidat", "voie", "voie de formation"), _status, required=True),
    "usage_name": _Column("Nom d'usage", ("nom usuel", "nom marital", "nom d'épouse"), person_name),
    "ine": _Column(
        "INE",
        ("n° INE", "no INE", "numéro INE", "id national", "identifiant national", "numéro national"),
        lambda cell: ine(cell)[0],
        doubt=lambda cell: ine(cell)[1],
    ),
    "division": _Column("Classe", ("division", "groupe", "code structure"), _label),
    "distance": _Column("Distance", ("enseignement à distance", "formation à distance"), _yes_or_no),
}
_SHORT_TITLES = {"candidate_number": "numéro de candidat", "email": "courriel", "ine": "INE"}
_FIELD_OF_TITLE = {
    _title_key(title): name for name, column in _COLUMNS.items() for title in (column.title, *column.synonyms)
}
_STATUS_WORDS: dict[CandidateStatus, tuple[str, ...]] = {
    CandidateStatus.SCOLAIRE: (
        "scolaire",
        "voie scolaire",
        "étudiant",
        "étudiante",
        "élève",
        "formation initiale",
        "initiale",
    ),
    CandidateStatus.APPRENTI: ("apprenti", "apprentie", "apprentissage", "contrat d'apprentissage"),
    CandidateStatus.FORMATION_CONTINUE: (
        *("formation continue", "formation professionnelle continue", "FPC", "stagiaire", "stagiaire FPC"),
        *("stagiaire de la formation professionnelle", "contrat de professionnalisation"),
    ),
    CandidateStatus.EXPERIENCE: ("expérience", "expérience professionnelle"),
}
_STATUSES = {name_key(word): status for status, words in _STATUS_WORDS.items() for word in words}
_ANSWERS = {
    **dict.fromkeys(("oui", "o", "vrai", "true", "1", "x"), True),
    **dict.fromkeys(("non", "n", "faux", "false", "0"), False),
}
