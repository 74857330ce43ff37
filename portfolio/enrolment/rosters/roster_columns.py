"""The columns that a list of candidates may have: the titles under which each is recognised, how a cell is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from portfolio.identifiers import Malformed, candidate_number, candidate_number_doubt, email, ine, name_key, person_name
from portfolio.rules.terms import CandidateStatus

Value = str | bool


@dataclass(frozen=True)
class Column:
    """A column to recognise. read: raises `Malformed`. doubt: returns a warning about a value that is accepted."""

    title: str
    synonyms: tuple[str, ...]
    read: Callable[[str], Value]
    required: bool = False
    doubt: Callable[[str], str | None] | None = None


def title_key(title: str) -> str:
    """Returns the key under which titles are compared: "N° de candidat", "n_candidat" and "N°Candidat" have
    the same.
    """
    return "".join(word for word in name_key(title).split() if word not in _EMPTY_WORDS)


def is_title(cell: str) -> bool:
    return title_key(cell) in FIELD_OF_TITLE


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


_DATE_FORMS = (
    re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})"),
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
)
_EMPTY_WORDS = {"a", "d", "de", "du", "des", "l", "la", "le", "jj", "mm", "aaaa"}
COLUMNS = {
    "birth_name": Column(
        "Nom de naissance",
        ("nom", "nom de famille", "nom patronymique", "nom candidat", "nom élève", "nom étudiant"),
        person_name,
        required=True,
    ),
    "given_names": Column(
        "Prénoms",
        ("prénom", "prénom candidat", "prénoms candidat", "prénom élève", "prénom étudiant"),
        person_name,
        required=True,
    ),
    "candidate_number": Column(
        "N° candidat",
        ("no candidat", "num candidat", "numéro candidat", "n° inscription", "numéro inscription"),
        candidate_number,
        doubt=candidate_number_doubt,
    ),
    "email": Column(
        "Courriel",
        ("e-mail", "mail", "mél", "adresse mail", "adresse e-mail", "adresse courriel", "adresse électronique"),
        email,
        required=True,
    ),
    "birth_date": Column("Date de naissance", ("né le", "née le", "naissance"), _birth_date, required=True),
    "status": Column("Statut", ("statut candidat", "voie", "voie de formation"), _status, required=True),
    "usage_name": Column("Nom d'usage", ("nom usuel", "nom marital", "nom d'épouse"), person_name),
    "ine": Column(
        "INE",
        ("n° INE", "no INE", "numéro INE", "id national", "identifiant national", "numéro national"),
        lambda cell: ine(cell)[0],
        doubt=lambda cell: ine(cell)[1],
    ),
    "division": Column("Classe", ("division", "groupe", "code structure"), _label),
    "distance": Column("Distance", ("enseignement à distance", "formation à distance"), _yes_or_no),
}
SHORT_TITLES = {"candidate_number": "numéro de candidat", "email": "courriel", "ine": "INE"}
FIELD_OF_TITLE = {
    title_key(title): name for name, column in COLUMNS.items() for title in (column.title, *column.synonyms)
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
