"""The columns that a list of periods in companies may have, and how a cell of each is read."""

from __future__ import annotations

import re

from portfolio.documents.candidacies import PlacementKind
from portfolio.enrolment.lists.columns import Column, ListKind, Several
from portfolio.enrolment.lists.day_cells import day_of
from portfolio.enrolment.rosters.roster_columns import BIRTH_TURN, CANDIDATES, meant_address
from portfolio.identifiers import Malformed, candidate_number, email, name_key, person_name, siret

MOST_DAYS = 800
_OF_CANDIDATES = CANDIDATES.columns
_CIVILITY = re.compile(r"(?:m|mr|mme|mlle|monsieur|madame)\.? ", re.IGNORECASE)
_KINDS = {
    **dict.fromkeys(("stage", "stage en entreprise", "pfmp", "periode de stage"), PlacementKind.STAGE),
    **dict.fromkeys(
        ("apprentissage", "contrat d apprentissage", "alternance", "apprenti"), PlacementKind.APPRENTISSAGE
    ),
    **dict.fromkeys(("emploi", "contrat de travail", "salarie", "cdi", "cdd"), PlacementKind.EMPLOI),
}


def _day(cell: str) -> str:
    """Returns an ISO day; two figures of a year are of this century. Raises Malformed."""
    return day_of(cell, turn=99)


def _days(cell: str) -> str:
    """Returns a number of days worked, in figures: « 29 », « 29,0 », « 29 jours ». Raises Malformed."""
    match = re.fullmatch(r"([0-9]{1,4})(?:[.,]0+)? ?(?:j|jrs|jours?)?\.?", cell, re.IGNORECASE)
    if match is None or not 1 <= int(match[1]) <= MOST_DAYS:
        raise Malformed(f"Écrivez les jours en chiffres, sans demi-journée, de 1 à {MOST_DAYS}.")
    return str(int(match[1]))


def _kind(cell: str) -> PlacementKind:
    """Returns what a period is. Raises Malformed."""
    kind = _KINDS.get(name_key(cell))
    if kind is None:
        raise Malformed(f"Nature « {cell} » inconnue : écrivez stage, apprentissage ou emploi.")
    return kind


def _meant_siret(cell: str) -> str | None:
    """Returns the SIRET with the zeros that a spreadsheet drops at its head, None if that is none either."""
    digits = re.sub(r"\s", "", cell)
    try:
        return siret(digits.zfill(14)) if digits.isdecimal() and 10 < len(digits) < 14 else None
    except Malformed:
        return None


def _words(cell: str) -> str:
    """Returns one line of words, as it is printed. Raises Malformed."""
    if len(cell) > 200 or not cell.isprintable():
        raise Malformed("Écrivez 200 caractères au plus, tous visibles.")
    return cell


def _without_civility(cell: str) -> str:
    """Returns a name without « M. » or « Mme » before it. Raises Malformed."""
    return person_name(_CIVILITY.sub("", cell, count=1))


COLUMNS = {
    "candidate": Column(
        "Candidat",
        (*(CANDIDATES.full_name.titles if CANDIDATES.full_name else ()), "nom du stagiaire", "nom du candidat"),
        person_name,
    ),
    "birth_name": Column("Nom de naissance", _OF_CANDIDATES["birth_name"].synonyms, person_name),
    "given_names": Column("Prénoms", _OF_CANDIDATES["given_names"].synonyms, person_name, several=Several.JOINED),
    "candidate_number": Column("N° candidat", _OF_CANDIDATES["candidate_number"].synonyms, candidate_number),
    "birth_date": Column(
        "Date de naissance", _OF_CANDIDATES["birth_date"].synonyms, lambda cell: day_of(cell, BIRTH_TURN)
    ),
    "division": Column("Classe", _OF_CANDIDATES["division"].synonyms, _words, several=Several.FIRST),
    "company": Column(
        "Entreprise",
        (
            *("organisme d'accueil", "organisme", "raison sociale", "nom entreprise", "nom de l'entreprise", "société"),
            *("lieu de stage", "structure d'accueil", "employeur", "établissement d'accueil", "entreprise d'accueil"),
            *("nom organisme", "dénomination", "enseigne", "terrain de stage", "lieu du stage", "nom employeur"),
        ),
        _words,
    ),
    "siret": Column(
        "SIRET",
        ("n° siret", "no siret", "numéro siret", "siret entreprise", "siret employeur", "siret organisme"),
        siret,
        proposes=_meant_siret,
    ),
    "city": Column("Ville", ("commune", "ville entreprise", "localité", "ville organisme", "ville stage"), _words),
    "address": Column("Adresse", ("adresse entreprise", "adresse postale", "adresse organisme", "rue"), _words),
    "country": Column("Pays", ("pays ou territoire", "territoire", "pays entreprise"), _words),
    "kind": Column("Nature", ("type", "nature période", "type période", "type de contrat"), _kind),
    "starts_on": Column(
        "Du",
        (
            *(
                "début",
                "date début",
                "date de début",
                "date début stage",
                "début stage",
                "commence le",
                "début période",
            ),
            *("contrat date début", "date de début de stage", "à partir"),
        ),
        _day,
        required=True,
    ),
    "ends_on": Column(
        "Au",
        (
            *("fin", "date fin", "date de fin", "date fin stage", "fin stage", "jusqu'au", "fin période", "finit le"),
            *("contrat date fin", "date de fin de stage"),
        ),
        _day,
        required=True,
    ),
    "days": Column(
        "Jours",
        (
            *("nombre jours", "nb jours", "nbre jours", "jours travaillés", "durée jours", "durée en jours", "durée"),
            *("jours effectifs", "jours de présence"),
        ),
        _days,
    ),
    "tutor": Column(
        "Tuteur",
        (
            *("nom du tuteur", "nom tuteur", "tuteur entreprise", "maître de stage", "maître d'apprentissage"),
            *("tutrice", "tuteur en entreprise", "responsable stage", "tuteur professionnel", "nom et prénom tuteur"),
        ),
        _without_civility,
    ),
    "tutor_given_names": Column("Prénom du tuteur", ("prénom tuteur", "prénoms tuteur"), person_name),
    "tutor_function": Column("Fonction", ("fonction tuteur", "fonction du tuteur", "qualité", "poste tuteur"), _words),
    "tutor_email": Column(
        "Courriel du tuteur",
        (
            *("mél tuteur", "mail tuteur", "email tuteur", "e-mail tuteur", "courriel tuteur", "adresse mail tuteur"),
            *("mél", "mail", "email", "e-mail", "courriel", "mail entreprise", "mél entreprise", "email entreprise"),
        ),
        email,
        proposes=meant_address,
    ),
    "missions": Column("Missions", ("activités", "missions confiées", "thème", "mission"), lambda cell: cell[:5000]),
}
PERIODS = ListKind(
    called="stage",
    columns=COLUMNS,
    telling=("candidate", "birth_name", "candidate_number", "company", "siret"),
)
