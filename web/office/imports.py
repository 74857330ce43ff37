"""Enrolling a class from a file: what it would write is shown, corrected line by line, confirmed, perhaps undone."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.enrolment.roster_import import Confirmation, NewRoster, model_list
from api.http.routing import find
from api.http.schemas import Reason
from portfolio.counting import many
from portfolio.documents import Candidacy, RosterImport, School
from portfolio.enrolment.lists.columns import title_key
from portfolio.enrolment.rosters import roster_import, roster_lines, roster_undo
from portfolio.enrolment.rosters.roster_columns import COLUMNS
from portfolio.enrolment.rosters.stored_lines import whole
from portfolio.errors import Invalid
from portfolio.files.tables.sheet import MOST_COLUMNS
from portfolio.identifiers import session_in_preparation
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.mail_words import invitations_words
from web.office.first_page import exam_choices, framed, selection_of
from web.office.labels import IMPORT_FIELDS
from web.pages import Pages, find_unchanged, made_once

pages = Pages("office_imports", __name__, "office")

LISTED = 20
LONGEST = 900_000
COLUMN = "column."  # before the key of a title, in a form
LEFT = "left"  # a column that somebody says not to read
FIELDS = {
    **IMPORT_FIELDS,
    "full_name": "Nom et prénoms",
    "left_on": "Date de sortie",
    "state": "État",
}
STATES = {
    "previewed": ("Lu, rien n'est inscrit", "wait"),
    "confirmed": ("Inscrit", "ok"),
    "undone": ("Annulé", "wrong"),
}


@pages.shows("/etablissement/<oid:school_id>/imports", Action.ENROL)
def new(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    mine = {"$and": [scope(by, Action.READ_IMPORT, RosterImport), {"school": selection.school.id}]}
    earlier = RosterImport.objects(__raw__=mine).exclude("rows").order_by("-id")[:LISTED]
    usual = selection.session or session_in_preparation(at)
    return framed(
        "import_new.html",
        selection,
        "candidates",
        earlier=list(earlier),
        states=STATES,
        usual=usual,
        exams=exam_choices(selection.school),
    )


@pages.shows("/etablissement/<oid:school_id>/imports/modele.xlsx", Action.ENROL)
def model(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    return model_list(by, at, school_id)


@pages.acts("/etablissement/<oid:school_id>/imports", Action.ENROL, back=new)
def preview(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    session = request.form.get("session", "").strip()
    data, exam = _list_of_form(), request.form.get("exam") or None
    defaults = read_form(NewRoster(only=("status", "division")), "status", "division")
    roster = made_once(
        by, lambda: roster_import.preview(by, school, session, data, at, exam, defaults, _columns_of_form())
    )
    return url_for("office_imports.show", roster_id=roster.id)


def _columns_of_form() -> dict[str, str]:
    """Returns {key of a title: field, "" for one not to read} of the columns that the form says."""
    sent = {name.removeprefix(COLUMN): field for name, field in request.form.items() if name.startswith(COLUMN)}
    chosen = [(title_key(key), field) for key, field in sent.items() if field in FIELDS or field == LEFT]
    return {key: "" if field == LEFT else field for key, field in chosen[:MOST_COLUMNS] if key}


def _list_of_form() -> bytes:
    """Returns the bytes of the file, or of what was pasted from a spreadsheet (UTF-8). Raises Invalid on `file` if
    there is neither, or too much.
    """
    file = request.files.get("file")
    data = file.read(LONGEST + 1) if file else b""
    data = data or request.form.get("pasted", "").encode("utf-8", "surrogatepass")
    if not data.strip():
        raise Invalid({"file": ["Choisissez un fichier, ou collez la liste."]})
    if len(data) > LONGEST:
        raise Invalid({"file": ["Ce fichier est trop gros : une liste de candidats compte quelques dizaines de Ko."]})
    return data


@pages.shows("/etablissement/imports/<oid:roster_id>", Action.READ_IMPORT)
def show(by: Actor, at: datetime, roster_id: ObjectId) -> Response:
    roster = find(RosterImport, roster_id)
    require(by, Action.READ_IMPORT, roster)
    over = roster.state == "undone" or (roster.state == "previewed" and roster.expires_at <= at)
    waiting = [] if over else roster_import.waiting(roster)
    in_error = [row for row in waiting if row["errors"]]
    ready = [row for row in waiting if not row["errors"]]
    asked = request.args.get("ligne", "")
    if "a_corriger" in request.args and in_error:
        asked = str(in_error[0]["line"])
    return framed(
        "import.html",
        selection_of(by, roster.school, at),
        "candidates",
        session=roster.session,
        roster=roster,
        state=STATES[roster.state],
        waiting=waiting,
        rows=[whole(row) for row in roster.rows],
        in_error=in_error,
        ready=[] if roster.file_errors else ready,
        fresh=[row for row in ready if not row["known"]],
        amended=[row for row in ready if row["changes"]],
        with_homonyms=[row for row in ready if row["homonyms"]],
        corrected=next((row for row in waiting if str(row["line"]) == asked), None),
        over=roster.state == "previewed" and over,
        columns=_columns(roster),
        questions=roster_import.questions(ready),
        recognised=[(words, roster.columns[name]) for name, words in FIELDS.items() if name in roster.columns],
        unknown=[(title_key(title), title) for title in roster.unknown_columns if "(sans titre)" not in title],
        fields=[*FIELDS.items(), (LEFT, "Ne pas la lire")],
        addressless=sum(not row["values"].get("email") for row in ready if not row["known"]),
        unnumbered=sum(not row["values"].get("candidate_number") for row in ready if not row["known"]),
        exams=exam_choices(find(School, roster.school)),
    )


def _columns(roster: RosterImport) -> list[str]:
    """Returns the names of the columns that some line fills in, in the order of a form."""
    order = ("candidate_number", "birth_name", "usage_name", "given_names", "birth_date", "email", "status")
    used = [name for name in (*order, "division", "ine") if any(row["values"].get(name) for row in roster.rows)]
    return used + (["distance"] if any(row["values"].get("distance") is True for row in roster.rows) else [])


@pages.acts("/etablissement/imports/<oid:roster_id>", Action.CONFIRM_IMPORT, back=show)
def confirm(by: Actor, at: datetime, roster_id: ObjectId) -> str:
    require(by, Action.CONFIRM_IMPORT, find(RosterImport, roster_id))
    lines = [int(line) for line in request.form.getlist("homonym_lines") if line.isdecimal() and len(line) < 7]
    lines = Confirmation().load({"homonym_lines": lines[:500]})["homonym_lines"]
    ticked = [*request.form.getlist("agreed"), *request.form.getlist("zeros")]
    agreed = [code for code in ticked if code in roster_import.ANSWERS]
    before = find_unchanged(RosterImport, roster_id)
    known = set(before.enrolled)
    roster = roster_import.confirm(by, before, lines, at, agreed)
    fresh = [candidacy for candidacy in roster.enrolled if candidacy not in known]
    words = [many(len(fresh), "candidat inscrit", "candidats inscrits") + "."] if fresh else []
    if fresh:
        words.append(invitations_words(Candidacy.objects(pk__in=fresh).scalar("person")))
    if roster.waiting:
        words.append(many(roster.waiting, "ligne attend d'être corrigée.", "lignes attendent d'être corrigées."))
    flash(" ".join(words) or "C'est enregistré.", "ok")
    return url_for("office_imports.show", roster_id=roster_id)


@pages.acts("/etablissement/imports/<oid:roster_id>/lignes", Action.CONFIRM_IMPORT, back=show)
def correct(by: Actor, at: datetime, roster_id: ObjectId) -> str:
    require(by, Action.CONFIRM_IMPORT, find(RosterImport, roster_id))
    line = _line_of_form()
    typed = {name: request.form[name].strip()[:254] for name in COLUMNS if name in request.form}
    roster = roster_lines.correct_line(by, find_unchanged(RosterImport, roster_id), line, typed, at)
    wrong = any(row["errors"] for row in roster.rows if row["line"] == line)
    flash(f"Ligne {line} : il reste à corriger." if wrong else f"Ligne {line} corrigée.", "warn" if wrong else "ok")
    return url_for("office_imports.show", roster_id=roster_id, ligne=line if wrong else None)


@pages.acts("/etablissement/imports/<oid:roster_id>/lignes/de-cote", Action.CONFIRM_IMPORT, back=show)
def set_aside(by: Actor, at: datetime, roster_id: ObjectId) -> str:
    require(by, Action.CONFIRM_IMPORT, find(RosterImport, roster_id))
    line = _line_of_form()
    roster_lines.set_aside(by, find_unchanged(RosterImport, roster_id), line, at)
    flash(f"Ligne {line} laissée de côté.", "ok")
    return url_for("office_imports.show", roster_id=roster_id)


def _line_of_form() -> int:
    line = request.form.get("line", "")
    return int(line) if line.isdecimal() and len(line) < 8 else -1


@pages.acts("/etablissement/imports/<oid:roster_id>/annulation", Action.UNDO_IMPORT, back=show)
def undo(by: Actor, at: datetime, roster_id: ObjectId) -> str:
    require(by, Action.UNDO_IMPORT, find(RosterImport, roster_id))
    roster_undo.undo(by, find_unchanged(RosterImport, roster_id), read_form(Reason)["reason"], at)
    flash("L'import est annulé : ses candidats ne sont plus inscrits.", "ok")
    return url_for("office_imports.show", roster_id=roster_id)
