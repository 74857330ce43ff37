"""The columns that a list of teachers may have, and how a cell of each is read."""

from __future__ import annotations

from portfolio.enrolment.lists.columns import Column, FullName, ListKind, Several
from portfolio.enrolment.rosters.roster_columns import CANDIDATES, meant_address
from portfolio.identifiers import Malformed, email, given_names, name_key, person_name

_ANSWERS = {"oui": True, "o": True, "x": True, "1": True, "vrai": True, "non": False, "n": False, "0": False}
_ANSWERS["faux"] = False
# What a subject of professional teaching is called: exports have no column that says so, and the page shows the guess.
_PROFESSIONAL = ("assurance", "sinistre", "attp", "professionnel", "digital", "risque", "relation client", "gestion")


def _words(cell: str) -> str:
    """Returns one line of words. Raises Malformed."""
    if len(cell) > 500 or not cell.isprintable():
        raise Malformed("Écrivez 500 caractères au plus, tous visibles.")
    return cell


def _yes_or_no(cell: str) -> bool:
    try:
        return _ANSWERS[name_key(cell)]
    except KeyError:
        raise Malformed("Répondez par oui ou par non.") from None


def is_professional(subjects: str) -> bool:
    """Returns whether subjects, as a list names them, are of professional teaching: a guess, to be checked."""
    key = name_key(subjects)
    return any(word in key for word in _PROFESSIONAL)


COLUMNS = {
    "family_name": Column(
        "Nom",
        (
            *("nom d'usage", "nom usage", "nom usuel", "nom de famille", "nom enseignant", "nom professeur"),
            *("nom du professeur", "nom prof", "nom patronymique", "nom de naissance"),
        ),
        person_name,
        required=True,
        several=Several.FIRST,
    ),
    "given_names": Column(
        "Prénom",
        ("prénoms", "prénom enseignant", "prénom professeur", "prénom du professeur", "prénom prof"),
        given_names,
        required=True,
        empty="",
    ),
    "email": Column(
        "Courriel",
        (
            *CANDIDATES.columns["email"].synonyms,
            *(
                "mél professionnel",
                "mail professionnel",
                "courriel professionnel",
                "mél académique",
                "email académique",
            ),
            *("adresse académique", "mail académique", "adresse professionnelle"),
        ),
        email,
        proposes=meant_address,
    ),
    "subjects": Column(
        "Discipline",
        (
            *("disciplines", "matière", "matières", "enseignement", "enseignements", "discipline libellé court"),
            *("spécialité", "discipline enseignée", "matière enseignée"),
        ),
        _words,
        several=Several.JOINED,
    ),
    "divisions": Column(
        "Classes",
        ("divisions", "classe", "division", "classes enseignées", "prof princ code structure", "professeur principal"),
        _words,
        several=Several.FIRST,
    ),
    "follows": Column(
        "Suit",
        (
            *("suivi", "suivis", "candidats suivis", "élèves suivis", "étudiants suivis", "chargé du suivi", "suit"),
            *("classes suivies", "classe suivie", "professeur suiveur de", "référent de", "suiveur", "suiveur de"),
        ),
        _words,
        several=Several.FIRST,
    ),
    "teaches_profession": Column(
        "Enseignements professionnels",
        ("enseignement professionnel", "enseigne la profession", "professionnel", "chargé enseignement professionnel"),
        _yes_or_no,
    ),
    "function": Column("Fonction", ("fonctions",), _words, several=Several.FIRST),
}
TEACHERS = ListKind(
    called="professeur",
    columns=COLUMNS,
    telling=("family_name", "given_names", "email"),
    full_name=FullName(
        (
            *("professeur", "professeurs", "enseignant", "enseignants", "nom et prénom", "nom prénom", "prénom nom"),
            *("nom complet", "prénom et nom", "nom du professeur et prénom"),
        ),
        "family_name",
        "given_names",
    ),
    left_on=("date sortie", "sortie", "date de départ", "date de fin"),
)
