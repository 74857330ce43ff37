"""The office's first page: the session, its circular, how far everybody is, who owes what by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.enrolment.institutions import NewSchoolFacts
from api.http.routing import find
from portfolio.boards.class_board import current_session
from portfolio.boards.office_board import OWING, Owed, office_board, sessions_of
from portfolio.documents import RosterImport, School, Transfer
from portfolio.documents.candidacies import TransferState
from portfolio.documents.fields import by_id
from portfolio.documents.places import by_place
from portfolio.enrolment.corrections import school_facts
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.schools.offered_exams import offered
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.layout import page
from web.office import labels
from web.pages import Pages, find_unchanged

pages = Pages("office", __name__, "office")

MOST_LISTS = 20
# {what is owed of a period: where its page has it}
ANCHORS = {"tutor": "tuteur", "certificate": "certificat", "contested": "signalement"}
# {what is owed of a candidate: where their page has it}
OF_CANDIDATE = {
    "form": "epreuve",
    "sitting": "ponctuelle",
    "follower": "suivi",
    "placement": "formation",
    "held": "retenus",
}


@dataclass(frozen=True)
class Selection:
    """The school, session and class that a page is about, and what else one may choose."""

    school: School
    schools: list[School]
    session: str | None
    sessions: list[str]
    division: str | None
    divisions: list[str]
    zone: str

    @property
    def parameters(self) -> dict[str, str]:
        """Returns {name: value} of the query string that makes this selection again: session and classe, where they are
        chosen.
        """
        chosen = {"session": self.session, "classe": self.division}
        return {name: value for name, value in chosen.items() if value}


def schools_of(by: Actor) -> list[School]:
    schools = by_id(School, by.values("office", "school")).values()
    return sorted(schools, key=by_place)


def selection_of(by: Actor, school_id: ObjectId, at: datetime, action: Action = Action.ENROL) -> Selection:
    """Returns the school, and the session and class that the request names: if it names none that exists, the current
    session and all classes. action: the right required on the school. Raises NotFound, Forbidden.
    """
    school = find(School, school_id)
    require(by, action, school)
    known = sessions_of(school)
    asked = request.values.get("session")
    session = asked if asked in known else current_session(known, at)
    divisions = sorted(known.get(session or "", ()))
    division = request.values.get("classe")
    return Selection(
        school=school,
        schools=schools_of(by),
        session=session,
        sessions=sorted(known),
        division=division if division in divisions else None,
        divisions=divisions,
        zone=academy_of(school.academy).timezone,
    )


def exam_choices(school: School) -> list[tuple[str, str]]:
    """Returns (code, French words) of the exams to choose among at enrolment; [] where the school offers only one."""
    several = offered(school)
    return [(exam.code, exam.with_diploma) for exam in several] if len(several) > 1 else []


def framed(template: str, selection: Selection | None, tab: str = "", **values: Any) -> Response:
    """Returns a page of the office: its tabs, its session, FICTIF for a rehearsal. template: under office/. tab: the
    one that is open. values: what the template reads besides.
    """
    session = values.pop("session", selection.session if selection else None)
    values = {"zone": selection.zone if selection else "Europe/Paris"} | values
    return page(
        f"office/{template}",
        selection=selection,
        tab=tab,
        words=labels,
        session=session,
        fictional=bool(session) and is_rehearsal(session),
        **values,
    )


@pages.shows("/etablissement", Action.ENROL)
def home(by: Actor, at: datetime) -> Response:
    schools = schools_of(by)
    if not schools:
        return framed("none.html", None)
    return _board(by, at, schools[0], schools)


@pages.shows("/etablissement/<oid:school_id>", Action.ENROL)
def school(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    return _board(by, at, school, schools_of(by))


@pages.acts("/etablissement/<oid:school_id>/nom", Action.CORRECT_SCHOOL, back=school)
def correct_school(by: Actor, at: datetime, school_id: ObjectId) -> str:
    require(by, Action.CORRECT_SCHOOL, find(School, school_id))
    values = school_facts.SchoolFacts(**read_form(NewSchoolFacts))  # type: ignore[typeddict-item]
    school = school_facts.correct_school(by, find_unchanged(School, school_id), values, at)
    flash(f"C'est corrigé : {school.name}, {school.city}.", "ok")
    return url_for("office.school", school_id=school_id)


def _board(by: Actor, at: datetime, school: School, schools: list[School]) -> Response:
    asked = request.args
    board = office_board(by, school, at, asked.get("session"), asked.get("classe"))
    sessions, divisions = list(board.sessions), list(board.divisions)
    selection = Selection(school, schools, board.session, sessions, board.division, divisions, board.zone)
    owed = [(who, board.by(who)) for who in OWING]
    return framed(
        "home.html",
        selection,
        "home",
        board=board,
        owed=[(who, tasks) for who, tasks in owed if tasks],
        address_of=_address_of,
        waiting_lists=_waiting_lists(by, school),
        waiting_transfers=_waiting_transfers(by, school),
        at=at,
    )


def _waiting_transfers(by: Actor, school: School) -> list[Transfer]:
    """Returns the transfers that wait for an answer, of this school or of the other one, the latest first."""
    waits = {"state": TransferState.PROPOSED, "$or": [{"school": school.id}, {"to_school": school.id}]}
    mine = {"$and": [scope(by, Action.READ_TRANSFER, Transfer), waits]}
    return list(Transfer.objects(__raw__=mine).order_by("-id")[:MOST_LISTS])


def _waiting_lists(by: Actor, school: School) -> list[RosterImport]:
    """Returns the lists with lines that are not enrolled yet, the latest first."""
    waits = {"school": school.id, "waiting": {"$gt": 0}}
    mine = {"$and": [scope(by, Action.READ_IMPORT, RosterImport), waits]}
    return list(RosterImport.objects(__raw__=mine).exclude("rows").order_by("-id")[:MOST_LISTS])


def _address_of(task: Owed) -> str:
    """Returns the address of the page where this task is done."""
    if task.what == "address":
        return url_for("people.person", person_id=task.thing)
    if task.what in ("first_visit", "teacher_visit"):
        chosen = {"session": task.candidacy.session, "classe": task.candidacy.division}
        codes = "office_entry_codes.show" if task.what == "first_visit" else "office_signatory_codes.show"
        return url_for(codes, school_id=task.candidacy.school, **chosen)
    if task.what == "proposed":
        return url_for("teacher_proposed_placements.show", proposed_id=task.thing)
    if task.what in ANCHORS:
        return url_for("teacher_placements.show", placement_id=task.thing, _anchor=ANCHORS[task.what])
    if task.what == "transmit":
        of = {"session": task.candidacy.session, "epreuve": task.candidacy.exam}
        return url_for("office_sheets.sheets", school_id=task.candidacy.school, **of)
    if task.what in ("convened_for_nothing", "seat"):
        return url_for("teacher_commissions.show", commission_id=task.thing)
    if task.what == "convene":
        return url_for("teacher_commissions.new_commission", candidacy_id=task.candidacy.id)
    return url_for("office_candidates.candidate", candidacy_id=task.candidacy.id, _anchor=OF_CANDIDATE[task.what])
