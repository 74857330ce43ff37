"""The columns that a list of tutors may have, beside those that a list of periods has of the same things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from portfolio.enrolment.lists.columns import ListKind, title_key
from portfolio.enrolment.lists.header import layout_of
from portfolio.enrolment.period_lists.columns import COLUMNS as OF_PERIODS
from portfolio.files.tables.sheet import TableSheet
from portfolio.identifiers import Malformed

OF_CANDIDATES = ("candidate", "birth_name", "given_names", "candidate_number")
_BESIDE = (*OF_CANDIDATES, "birth_date", "division", "company", "siret", "city")
_TUTOR = OF_PERIODS["tutor"]
COLUMNS = {
    "tutor": replace(
        _TUTOR,
        synonyms=(
            *_TUTOR.synonyms,
            *("nom du maître de stage", "nom maître de stage", "nom du maître d'apprentissage", "nom MA"),
            *("nom tutrice", "nom du tuteur en entreprise", "tuteurs", "maîtres d'apprentissage", "nom et prénom MA"),
        ),
    ),
    "tutor_given_names": replace(
        OF_PERIODS["tutor_given_names"],
        synonyms=(
            *OF_PERIODS["tutor_given_names"].synonyms,
            *("prénom du maître de stage", "prénom maître de stage", "prénom du maître d'apprentissage", "prénom MA"),
            *("prénom tutrice", "prénom du tuteur en entreprise"),
        ),
    ),
    "tutor_email": replace(
        OF_PERIODS["tutor_email"],
        synonyms=(
            *OF_PERIODS["tutor_email"].synonyms,
            *("mail maître d'apprentissage", "email maître d'apprentissage", "courriel du maître d'apprentissage"),
            *("mail maître de stage", "courriel du maître de stage", "mél du tuteur", "mail du tuteur", "mail MA"),
            *("adresse e-mail", "adresse mail", "adresse électronique", "mél professionnel", "mail professionnel"),
        ),
    ),
    "tutor_function": OF_PERIODS["tutor_function"],
    **{name: OF_PERIODS[name] for name in _BESIDE},
}
TUTORS = ListKind(called="tuteur", columns=COLUMNS, telling=("tutor", "tutor_email"))
# A list of people of companies may call them « Nom » and « Prénom »: where no title says « tuteur », they are theirs.
_THEIRS = {
    title_key(title): name
    for name, titles in {
        "tutor": ("nom", "nom de famille", "nom usuel", "nom d'usage", "nom et prénom", "nom prénom"),
        "tutor_given_names": ("prénom", "prénoms"),
    }.items()
    for title in titles
}


def titles_of_tutors(sheet: TableSheet, titles: Mapping[str, str]) -> dict[str, str]:
    """Returns {key of a title: field} of this sheet read as a list of tutors, beside those that every one has. titles:
    what somebody said of its columns.
    """
    try:
        fields = layout_of([sheet], TUTORS, titles).fields
    except Malformed:
        return dict(titles)
    return dict(titles) if "tutor" in fields else _THEIRS | dict(titles)
