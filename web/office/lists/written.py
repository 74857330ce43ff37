"""What lists wrote, line by line, with why each line stays once they are undone."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.http.routing import find
from api.http.schemas import Reason
from portfolio.counting import many
from portfolio.documents import ListImport, School
from portfolio.documents.places import WrittenKind
from portfolio.enrolment.undoing import list_undo
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office.first_page import framed, selection_of
from web.pages import Pages, find_unchanged

pages = Pages("office_written_lists", __name__, "office")

LISTED = 20
STATES = {"written": ("Enregistré", "ok"), "undone": ("Annulé", "plain")}
KINDS = {
    WrittenKind.CANDIDATE: "Candidats inscrits",
    WrittenKind.CANDIDATE_CORRECTED: "Candidats complétés ou corrigés",
    WrittenKind.TEACHER: "Professeurs invités",
    WrittenKind.TEACHER_CORRECTED: "Adresses de professeurs corrigées",
    WrittenKind.FOLLOWERS: "Qui suit qui",
    WrittenKind.COMPANY: "Entreprises ajoutées",
    WrittenKind.COMPANY_CORRECTED: "Entreprises corrigées",
    WrittenKind.PERIOD: "Périodes ajoutées, avec leurs tuteurs",
    WrittenKind.PERIOD_CORRECTED: "Périodes corrigées",
    WrittenKind.TUTOR: "Tuteurs désignés, complétés ou corrigés",
}


def earlier(by: Actor, school: School) -> list[ListImport]:
    """Returns the last lists that wrote something in a school, the newest first, without their lines."""
    mine = {"$and": [scope(by, Action.READ_LIST_IMPORT, ListImport), {"school": school.id}]}
    return list(ListImport.objects(__raw__=mine).exclude("rows").order_by("-id")[:LISTED])


@pages.shows("/etablissement/listes/<oid:list_id>", Action.READ_LIST_IMPORT)
def show(by: Actor, at: datetime, list_id: ObjectId) -> Response:
    written = find(ListImport, list_id)
    require(by, Action.READ_LIST_IMPORT, written)
    by_kind = {kind: [row for row in written.rows if row.kind == kind] for kind in WrittenKind}
    return framed(
        "written_list.html",
        selection_of(by, written.school, at),
        "candidates",
        written=written,
        state=STATES[written.state],
        by_kind=[(KINDS[kind], rows) for kind, rows in by_kind.items() if rows],
        kept=[row for row in written.rows if row.kept],
        told=[row.label for row in written.rows if row.letter_left],
    )


@pages.acts("/etablissement/listes/<oid:list_id>/annulation", Action.UNDO_LIST_IMPORT, back=show)
def undo(by: Actor, at: datetime, list_id: ObjectId) -> str:
    require(by, Action.UNDO_LIST_IMPORT, find(ListImport, list_id))
    written = list_undo.undo(by, find_unchanged(ListImport, list_id), read_form(Reason)["reason"], at)
    kept = sum(1 for row in written.rows if row.kept)
    words = [many(len(written.rows) - kept, "ligne annulée", "lignes annulées") + "."]
    words += [f"{many(kept, 'ligne reste', 'lignes restent')}, qui ont servi depuis."] if kept else []
    flash(" ".join(words), "warn" if kept else "ok")
    return url_for("office_written_lists.show", list_id=list_id)
