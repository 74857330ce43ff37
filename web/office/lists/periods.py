"""Periods in companies from a file: what it would add is shown, corrected on the page, then added.

Nothing else is kept: the page sends the file again inside its form, with what was corrected.
"""

from __future__ import annotations

import base64
import re
from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request

from api.enrolment.period_lists import LONGEST
from api.http.routing import find
from portfolio.counting import many
from portfolio.documents import School
from portfolio.enrolment.lists.columns import title_key
from portfolio.enrolment.period_lists.columns import COLUMNS
from portfolio.enrolment.period_lists.correcting import AMEND_KNOWN
from portfolio.enrolment.period_lists.matching import CANDIDACY
from portfolio.enrolment.period_lists.period_list import MOST_AT_ONCE, QUESTIONS, PeriodList, add_periods, read_periods
from portfolio.errors import Invalid, Refusal
from portfolio.identifiers import session_in_preparation
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.office.first_page import framed, selection_of
from web.office.lists.written import STATES as WRITTEN_STATES
from web.office.lists.written import earlier
from web.pages import Pages

pages = Pages("office_period_lists", __name__, "office")

LIST, COLUMN, LEFT = "list", "column.", "left"
_CELL = re.compile(r"cell\.([0-9]{1,6})\.([a-z_]+)")
STATES = {
    "added": ("ajoutée", "ok"),
    "wrong": ("à corriger", "wrong"),
    "known": ("déjà enregistrée", "plain"),
    "corrected": ("corrigée", "ok"),
    "differs": ("diffère", "warn"),
    "ready": ("à ajouter", "ok"),
}
DIFFERS = {"starts_on": "Du", "ends_on": "Au", "days": "Jours", "tutor": "Tuteur"}


@pages.shows("/etablissement/<oid:school_id>/periodes", Action.ENROL)
def new(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Shows where to send a list; after a refusal, the list as it stood."""
    periods = None
    if request.form.get(LIST):
        try:
            periods = read_periods(by, find(School, school_id), *_sent(), at, _columns(), _cells())
        except Refusal:
            periods = None  # the page says what was refused, and asks for the file
    return _drawn(by, at, school_id, periods)


def _drawn(by: Actor, at: datetime, school_id: ObjectId, periods: PeriodList | None) -> Response:
    selection = selection_of(by, school_id, at)
    lines = periods.lines if periods else []
    in_error = {(line.row.line, name) for line in lines for name in line.row.errors}
    return framed(
        "period_list.html",
        selection,
        "candidates",
        periods=periods,
        usual=selection.session or session_in_preparation(at),
        sent=request.form.get(LIST) or _again(),
        states=STATES,
        columns={name: column.title for name, column in COLUMNS.items()},
        differs=DIFFERS,
        kept=[
            (line, name, cell)
            for line, cells in _cells().items()
            for name, cell in cells.items()
            if (line, name) not in in_error
        ],
        said=[(key, name or LEFT) for key, name in _columns().items()],
        unknown=_unknown(periods),
        fields=[*((name, column.title) for name, column in COLUMNS.items()), (LEFT, "Ne pas la lire")],
        most=MOST_AT_ONCE,
        earlier=[] if periods else earlier(by, selection.school),
        written_states=WRITTEN_STATES,
    )


def _unknown(periods: PeriodList | None) -> list[tuple[str, str]]:
    """Returns (key, title) of the columns that are not read, and that nobody said not to read."""
    titles = periods.read.unknown_columns if periods else []
    known = _columns()
    keyed = ((title_key(title), title) for title in titles if "(sans titre)" not in title)
    return [(key, title) for key, title in keyed if key and key not in known]


@pages.acts("/etablissement/<oid:school_id>/periodes", Action.ENROL, back=new)
def read(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Shows what a list would add; writes nothing."""
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    return _drawn(by, at, school_id, read_periods(by, school, *_sent(), at, _columns(), _cells()))


@pages.acts("/etablissement/<oid:school_id>/periodes/ajout", Action.ENROL, back=new)
def add(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Adds the lines that are right, and shows the list as it stands then: sent again, it adds nothing twice."""
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    agreed = [code for code in request.form.getlist("agreed") if code in (*QUESTIONS, AMEND_KNOWN)]
    periods = add_periods(by, school, *_sent(), at, _columns(), _cells(), agreed)
    added, corrected, wrong = (len(periods.of(state)) for state in ("added", "corrected", "wrong"))
    words = [many(added, "période ajoutée", "périodes ajoutées") + "."] if added else []
    words += [many(corrected, "période corrigée", "périodes corrigées") + "."] if corrected else []
    words += [many(wrong, "ligne attend d'être corrigée.", "lignes attendent d'être corrigées.")] if wrong else []
    flash(" ".join(words) or "Rien n'était à ajouter.", "warn" if wrong else "ok")
    return _drawn(by, at, school_id, periods)


def _sent() -> tuple[str, bytes]:
    """Returns the session and the bytes of the list: the file that is chosen, what is pasted, or what the page sends
    again. Raises Invalid on `file` where there is none, or too much.
    """
    file = request.files.get("file")
    data = file.read(LONGEST + 1) if file else b""
    data = data or request.form.get("pasted", "").encode("utf-8", "surrogatepass")
    if not data.strip():
        try:
            data = base64.b64decode(request.form.get(LIST, ""), validate=True)
        except ValueError:
            data = b""
    if not data.strip():
        raise Invalid({"file": ["Choisissez un fichier, ou collez la liste."]})
    if len(data) > LONGEST:
        raise Invalid({"file": ["Ce fichier est trop gros : une liste de périodes compte quelques dizaines de Ko."]})
    return request.form.get("session", "").strip(), data


def _again() -> str:
    """Returns the list that was just sent, for the page to send again; "" for none."""
    try:
        file = request.files.get("file")
        if file:
            file.seek(0)
        return base64.b64encode(_sent()[1]).decode()
    except Invalid:
        return ""


def _columns() -> dict[str, str]:
    """Returns {key of a title: field, "" for one not to read} of the columns that the form says."""
    typed = {name.removeprefix(COLUMN): field for name, field in request.form.items() if name.startswith(COLUMN)}
    return {title_key(key): "" if field == LEFT else field for key, field in typed.items() if field in (LEFT, *COLUMNS)}


def _cells() -> dict[int, dict[str, str]]:
    """Returns {line: {field: cell}} of what was corrected on the page."""
    cells: dict[int, dict[str, str]] = {}
    for name, typed in request.form.items():
        match = _CELL.fullmatch(name)
        if match and (match[2] == CANDIDACY and typed or match[2] in COLUMNS):
            cells.setdefault(int(match[1]), {})[match[2]] = typed.strip()[:254]
    return cells
