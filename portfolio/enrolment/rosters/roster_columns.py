"""The columns that a list of candidates may have: the titles under which each is recognised, how a cell is read."""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches

from portfolio.enrolment.lists.columns import Column, FullName, ListKind, Several
from portfolio.enrolment.lists.day_cells import day_of, has_short_year
from portfolio.identifiers import (
    Malformed,
    candidate_number,
    candidate_number_doubt,
    email,
    given_names,
    ine,
    name_key,
    person_name,
)
from portfolio.rules.terms import CandidateStatus

BIRTH_TURN = 15  # years of birth written 00 to 15 are of this century
TWO_DIGIT_YEARS = "two_digit_years"
SINGLE_NAME = "single_name"


def _birth_date(cell: str) -> str:
    """Returns an ISO day. Raises Malformed for anything else, and before 1900."""
    return day_of(cell, BIRTH_TURN)


def _given_names(cell: str) -> str:
    """Returns given names, "" for a sign that stands for none, « . ». Raises Malformed."""
    return given_names(cell) if any(sign.isalnum() for sign in cell) else ""


def _short_year(cell: str) -> str | None:
    return TWO_DIGIT_YEARS if has_short_year(cell) else None


def _status(cell: str) -> CandidateStatus:
    """Returns the status that a word stands for, of a school, of SIECLE (ST, AP) or of the exam office (« SCOLAIRE
    ETABLISSEMENT PRIVE SOUS CONTRAT »). Raises Malformed.
    """
    key = name_key(cell)
    known = _STATUSES.get(key) or next((status for start, status in _STARTS.items() if key.startswith(start)), None)
    if known is None:
        raise Malformed(f"Statut « {cell} » inconnu : écrivez scolaire, apprenti, formation continue ou expérience.")
    return known


def _meant_status(cell: str) -> str | None:
    near = get_close_matches(name_key(cell), _STATUSES, n=1, cutoff=0.75)
    return _STATUSES[near[0]].replace("_", " ") if near else None


def meant_address(cell: str) -> str | None:
    """Returns the address that was perhaps meant: accents, spaces and commas are what people mistype. None if that is
    none either.
    """
    plain = unicodedata.normalize("NFKD", cell.replace(",", ".").replace("(at)", "@").replace(" ", ""))
    meant = "".join(sign for sign in plain if sign.isascii()).strip("<>;.:'\"")
    try:
        return email(meant.removeprefix("mailto:"))
    except Malformed:
        return None


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


COLUMNS = {
    "birth_name": Column(
        "Nom de naissance",
        (
            *("nom", "nom de famille", "nom patronymique", "nom candidat", "nom élève", "nom étudiant", "nom apprenti"),
            *("nom naissance", "nom de naissance candidat", "nom apprenant", "nom de jeune fille", "patronyme"),
            *("name", "last name", "surname"),
        ),
        person_name,
        required=True,
    ),
    "given_names": Column(
        "Prénoms",
        (
            *("prénom", "prénom candidat", "prénoms candidat", "prénom élève", "prénom étudiant", "prénom apprenti"),
            *("prénom 1", "premier prénom", "1er prénom", "prénom 2", "deuxième prénom", "2e prénom", "prénom 3"),
            *("troisième prénom", "3e prénom", "prénom 4", "autres prénoms", "prénom apprenant", "first name"),
        ),
        _given_names,
        required=True,
        several=Several.JOINED,
        empty="",
    ),
    "candidate_number": Column(
        "N° candidat",
        (
            *("no candidat", "num candidat", "numéro candidat", "numéro candidat cyclades", "matricule candidat"),
            *("n° cand", "num cand", "no cand", "id candidat", "n° cyclades", "numéro cyclades"),
        ),
        candidate_number,
        doubt=candidate_number_doubt,
    ),
    "email": Column(
        "Courriel",
        (
            *("e-mail", "mail", "mél", "adresse mail", "adresse e-mail", "adresse courriel", "adresse électronique"),
            *("adresse mél", "courriel candidat", "courriel élève", "mail élève", "mail étudiant", "email contact"),
            *("email élève", "email étudiant", "email candidat", "mél élève", "mél étudiant", "adresse de courriel"),
            *("courriel étudiant", "adresse email élève", "messagerie", "email apprenti", "mail apprenti", "adel"),
        ),
        email,
        proposes=meant_address,
    ),
    "birth_date": Column(
        "Date de naissance",
        (
            *("né le", "née le", "naissance", "date naissance", "date naiss", "date de naiss", "date nais", "naiss"),
            *("ddn", "dob", "date naissance candidat", "date de naissance élève", "date de naissance apprenant"),
            *("date de naissance apprenti", "date de naissance étudiant", "né"),
        ),
        _birth_date,
        required=True,
        asks=_short_year,
    ),
    "status": Column(
        "Statut",
        (
            *("statut candidat", "voie", "voie de formation", "catégorie candidat", "catégorie", "code statut"),
            *("statut élève", "statut étudiant", "type candidat", "type de candidat", "modalité de formation"),
        ),
        _status,
        proposes=_meant_status,
    ),
    "usage_name": Column(
        "Nom d'usage", ("nom usuel", "nom marital", "nom d'épouse", "nom usage", "nom d'usage candidat"), person_name
    ),
    "ine": Column(
        "INE",
        (
            *("n° INE", "no INE", "numéro INE", "id national", "identifiant national", "numéro national", "INE RNIE"),
            *("ine apprenant", "ine apprenti", "ine élève", "code ine", "identifiant national élève"),
        ),
        lambda cell: ine(cell)[0],
        doubt=lambda cell: ine(cell)[1],
    ),
    "division": Column(
        "Classe",
        (
            *("division", "division de classe", "code structure", "code division", "classe de rattachement"),
            *("code classe", "section", "groupe", "lib division", "libellé classe", "nom classe", "lib structure"),
        ),
        _label,
        several=Several.FIRST,
    ),
    "distance": Column("Distance", ("enseignement à distance", "formation à distance"), _yes_or_no),
}
CANDIDATES = ListKind(
    called="candidat",
    columns=COLUMNS,
    telling=("birth_name", "given_names", "candidate_number", "email"),
    full_name=FullName(
        (
            *(
                "élève",
                "élèves",
                "étudiant",
                "étudiants",
                "candidat",
                "candidats",
                "apprenti",
                "apprentis",
                "apprenant",
            ),
            *("nom et prénom", "nom prénom", "nom prénoms", "prénom nom", "prénom et nom", "nom complet", "identité"),
            *("nom et prénoms", "nom élève et prénom", "stagiaire", "nom prénom élève", "nom et prénom élève"),
        ),
        "birth_name",
        "given_names",
    ),
    left_on=(
        "date sortie",
        "sortie",
        "date de sortie",
        "date fin",
        "contrat date rupture",
        "date de départ",
        "parti le",
    ),
    state=("etat", "état candidat", "situation", "état inscription"),
    foreign={
        "GRADE": "Cette liste est celle des personnels (STS) : elle n'a pas de candidats. Elle sert à inviter les "
        "professeurs.",
    },
)
SHORT_TITLES = {"candidate_number": "numéro de candidat", "email": "courriel", "ine": "INE"}
_STATUS_WORDS: dict[CandidateStatus, tuple[str, ...]] = {
    CandidateStatus.SCOLAIRE: (
        "scolaire",
        "voie scolaire",
        "étudiant",
        "étudiante",
        "élève",
        "formation initiale",
        "initiale",
        "ST",
        "temps plein",
    ),
    CandidateStatus.APPRENTI: ("apprenti", "apprentie", "apprentissage", "contrat d'apprentissage", "AP"),
    CandidateStatus.FORMATION_CONTINUE: (
        *("formation continue", "formation professionnelle continue", "FPC", "FC", "stagiaire", "stagiaire FPC"),
        *("stagiaire de la formation professionnelle", "contrat de professionnalisation"),
    ),
    CandidateStatus.EXPERIENCE: ("expérience", "expérience professionnelle"),
}
# How the words of exam offices and of exports begin.
_STARTS = {
    "scolaire": CandidateStatus.SCOLAIRE,
    "etudiant": CandidateStatus.SCOLAIRE,
    "formation initiale": CandidateStatus.SCOLAIRE,
    "appr": CandidateStatus.APPRENTI,
    "contrat d appr": CandidateStatus.APPRENTI,
    "formation continue": CandidateStatus.FORMATION_CONTINUE,
    "formation prof": CandidateStatus.FORMATION_CONTINUE,
    "form prof": CandidateStatus.FORMATION_CONTINUE,
    "form cont": CandidateStatus.FORMATION_CONTINUE,
    "stagiaire": CandidateStatus.FORMATION_CONTINUE,
    "fpc": CandidateStatus.FORMATION_CONTINUE,
    "fc ": CandidateStatus.FORMATION_CONTINUE,
    "greta": CandidateStatus.FORMATION_CONTINUE,
    "contrat de prof": CandidateStatus.FORMATION_CONTINUE,
    "experience": CandidateStatus.EXPERIENCE,
    "exp prof": CandidateStatus.EXPERIENCE,
}
_STATUSES = {name_key(word): status for status, words in _STATUS_WORDS.items() for word in words}
_ANSWERS = {
    **dict.fromkeys(("oui", "o", "vrai", "true", "1", "x"), True),
    **dict.fromkeys(("non", "n", "faux", "false", "0"), False),
}
