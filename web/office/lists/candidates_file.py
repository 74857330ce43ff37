"""The list of the candidates of a session as a file: who they are, who follows each, how far each portfolio is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bson import ObjectId
from flask import Response

from api.http.downloads import attached
from portfolio.documents import Candidacy, Person, Portfolio, School
from portfolio.documents.candidacies import ExamForm
from portfolio.documents.fields import by_id
from portfolio.documents.people import PersonState
from portfolio.documents.portfolios import PortfolioState
from portfolio.documents.rows import Row
from portfolio.papers.xlsx_writer import XLSX, listed_xlsx
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from web.office import labels
from web.office.first_page import selection_of
from web.pages import Pages

pages = Pages("office_candidates_file", __name__, "office")

HEADER = ("Nom", "Prénoms", "N° candidat", "Classe", "Statut", "Épreuve", "Suivi par", "Portfolio")
PORTFOLIOS = {
    PortfolioState.OPEN: "En cours",
    PortfolioState.SUBMITTED: "Remis",
    PortfolioState.ELIMINATED: "Éliminé",
}
SUSPENDED, LEFT = "compte suspendu", "n'enseigne plus ici"


def who_follows(school: School, candidacies: Iterable[Candidacy | Row]) -> dict[ObjectId, list[tuple[str, str]]]:
    """Returns {candidacy id: (name, why they do not answer now, "" where they do) of each who follows}. One query."""
    listed = list(candidacies)
    people = by_id(Person, (follower for candidacy in listed for follower in candidacy.followers))
    teachers = {person.id: (person.name, _away(person, school.id)) for person in people.values()}
    return {
        candidacy.id: [teachers[follower] for follower in candidacy.followers if follower in teachers]
        for candidacy in listed
    }


def _away(person: Person, school: ObjectId) -> str:
    if not person.teaches_in(school):
        return LEFT
    return SUSPENDED if person.state == PersonState.SUSPENDED else ""


@pages.shows("/etablissement/<oid:school_id>/candidats.xlsx", Action.ENROL)
def listed(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Returns the XLSX of the session and class, in the order of names. Raises NotFound, Forbidden."""
    selection = selection_of(by, school_id, at)
    query = {"school": selection.school.id, "session": selection.session}
    query |= {"division": selection.division} if selection.division else {}
    readable = {"$and": [scope(by, Action.READ_IDENTITY, Candidacy), query]}
    candidacies = list(Candidacy.objects(__raw__=readable).order_by("name_key", "id"))
    follow = who_follows(selection.school, candidacies)
    states = dict(Portfolio.objects(pk__in=[candidacy.id for candidacy in candidacies]).scalar("id", "state"))
    rows = [_row(candidacy, follow[candidacy.id], states.get(candidacy.id)) for candidacy in candidacies]
    name = f"candidats-{selection.session or ''}-{selection.school.uai}.xlsx"
    return attached(listed_xlsx("Candidats", HEADER, rows), XLSX, name)


def _row(candidacy: Candidacy, followers: Sequence[tuple[str, str]], state: PortfolioState | None) -> tuple[str, ...]:
    names = ", ".join(f"{name} ({away})" if away else name for name, away in followers)
    exam = "CCF" if candidacy.ccf.form == ExamForm.CCF else "Ponctuelle"
    return (
        candidacy.usage_name or candidacy.birth_name,
        candidacy.given_names,
        candidacy.candidate_number or "",
        candidacy.division or "",
        labels.STATUSES[candidacy.status],
        "A abandonné" if candidacy.abandoned is not None else exam,
        names,
        PORTFOLIOS[state] if state is not None else "",
    )
