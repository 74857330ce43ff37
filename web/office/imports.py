"""Enrolling a class from a file: a preview of what it would write, confirmed all or none, undone while unused."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.enrolment.roster_import import Confirmation, NewRoster
from api.http.routing import find
from api.http.schemas import Reason
from portfolio.counting import many
from portfolio.documents import Candidacy, RosterImport, School
from portfolio.enrolment.rosters import roster_import, roster_undo
from portfolio.errors import Invalid
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
RECOGNISED = {
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
    usual = selection.session or str(at.year + (at.month >= 9))
    return framed(
        "import_new.html",
        selection,
        "candidates",
        earlier=list(earlier),
        states=STATES,
        usual=usual,
        exams=exam_choices(selection.school),
    )


@pages.acts("/etablissement/<oid:school_id>/imports", Action.ENROL, back=new)
def preview(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    session = request.form.get("session", "").strip()
    data, exam = _list_of_form(), request.form.get("exam") or None
    defaults = NewRoster(only=("status", "division")).load(
        {name: value for name in ("status", "division") if (value := request.form.get(name, "").strip())}
    )
    roster = made_once(by, lambda: roster_import.preview(by, school, session, data, at, exam, defaults))
    return url_for("office_imports.show", roster_id=roster.id)


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
    in_error = [row for row in roster.rows if row["errors"]]
    still_open = roster.state == "previewed" and roster.expires_at > at
    return framed(
        "import.html",
        selection_of(by, roster.school, at),
        "candidates",
        session=roster.session,
        roster=roster,
        state=STATES[roster.state],
        in_error=in_error,
        with_homonyms=[row for row in roster.rows if row["homonyms"]],
        confirmable=still_open and bool(roster.rows) and not in_error and not roster.file_errors,
        over=roster.state == "previewed" and not still_open,
        columns=_columns(roster),
        questions=roster_import.questions(roster),
        recognised=[(words, roster.columns[name]) for name, words in RECOGNISED.items() if name in roster.columns],
        addressless=sum(not row["values"].get("email") for row in roster.rows),
        unnumbered=sum(not row["values"].get("candidate_number") for row in roster.rows),
    )


def _columns(roster: RosterImport) -> list[str]:
    """Returns the names of the columns that some line fills in, in the order of a form."""
    order = ("candidate_number", "birth_name", "usage_name", "given_names", "birth_date", "email", "status")
    used = [name for name in (*order, "division", "ine") if any(row["values"].get(name) for row in roster.rows)]
    return used + (["distance"] if any(row["values"].get("distance") for row in roster.rows) else [])


@pages.acts("/etablissement/imports/<oid:roster_id>", Action.CONFIRM_IMPORT, back=show)
def confirm(by: Actor, at: datetime, roster_id: ObjectId) -> str:
    require(by, Action.CONFIRM_IMPORT, find(RosterImport, roster_id))
    lines = [int(line) for line in request.form.getlist("homonym_lines") if line.isdecimal() and len(line) < 7]
    said = Confirmation().load({"homonym_lines": lines[:500], "agreed": request.form.getlist("agreed")[:10]})
    roster = find_unchanged(RosterImport, roster_id)
    roster = roster_import.confirm(by, roster, said["homonym_lines"], at, said["agreed"])
    people = Candidacy.objects(pk__in=roster.enrolled).scalar("person")
    enrolled = many(len(roster.enrolled), "candidat inscrit", "candidats inscrits")
    flash(f"{enrolled}. {invitations_words(people)}", "ok")
    return url_for("office_imports.show", roster_id=roster_id)


@pages.acts("/etablissement/imports/<oid:roster_id>/annulation", Action.UNDO_IMPORT, back=show)
def undo(by: Actor, at: datetime, roster_id: ObjectId) -> str:
    require(by, Action.UNDO_IMPORT, find(RosterImport, roster_id))
    roster_undo.undo(by, find_unchanged(RosterImport, roster_id), read_form(Reason)["reason"], at)
    flash("L'import est annulé : ses candidats ne sont plus inscrits.", "ok")
    return url_for("office_imports.show", roster_id=roster_id)
