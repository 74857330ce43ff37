"""The evaluation sheet as it is signed: its own words, its signatures, its papers; signed and voided here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.http.routing import find
from api.http.schemas import Reason
from api.sheet.sheets import NewSignature
from portfolio.documents import Assessment, Candidacy, Person, Sheet
from portfolio.documents.fields import by_id
from portfolio.jury.decisions import decisions_on
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.sheet import draw_up, forms, remarks
from portfolio.sheet.papers.wording import put_in_words
from portfolio.sheet.questions import questions
from portfolio.sheet.workspace import desk
from portfolio.store.together import read_several
from web.commission.labels import SHEETS
from web.commission.queue import frame
from web.forms import read_form
from web.layout import page
from web.pages import Pages, find_unchanged

pages = Pages("sheet", __name__, of_a_commission=True)


@pages.shows("/fiches/<oid:sheet_id>", Action.READ_SHEET)
def sheet(by: Actor, at: datetime, sheet_id: ObjectId) -> Response:
    sheet = find(Sheet, sheet_id)
    content = forms.content(by, sheet)
    read_several((Candidacy, [sheet.candidacy]), (Assessment, [sheet.commission]), (Person, sheet.members))
    words = put_in_words(content, forms.signatures(sheet), forms.banner(sheet), forms.communicated(by, sheet))
    signed = any(signature.person == by.id for signature in sheet.signatures)
    return page(
        "commission/sheet.html",
        sheet=sheet,
        wording=words,
        provisional=content["circular"]["provisional"],
        zone=content["academy"]["time_zone"],
        state=SHEETS[sheet.state],
        may_sign=sheet.state == "draft" and not signed and may(by, Action.SIGN_SHEET, sheet),
        questions=questions(content),
        may_void=sheet.state != "voided" and may(by, Action.VOID_SHEET, sheet),
        signed=signed,
        remarks=remarks.of_sheet(by, sheet) if may(by, Action.READ_REMARKS, sheet) else [],
        corrected=remarks.told_to_member(by, sheet),
        decisions=decisions_on(by, sheet) if may(by, Action.READ_DECISION, sheet) else [],
        **_bar_of(by, at, sheet),
    )


def _bar_of(by: Actor, at: datetime, sheet: Sheet) -> dict[str, Any]:
    """Returns the values that the candidate's bar shows, of `frame`, for a member; {desk: None, fictional: whether it
    is a rehearsal} for other readers, who see the sheet alone.
    """
    assessment = by_id(Assessment, [sheet.commission]).get(sheet.commission)
    if assessment is None or not may(by, Action.READ_ASSESSMENT, assessment):
        return {"desk": None, "fictional": sheet.session.endswith("R")}
    return frame(by, at, desk(by, sheet.commission, with_evidence=False), "sheet")


@pages.acts("/fiches/<oid:sheet_id>/signer", Action.SIGN_SHEET, back=sheet)
def sign(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    sheet = find(Sheet, sheet_id)
    require(by, Action.SIGN_SHEET, sheet)
    values = read_form(NewSignature, "digest", "password")
    # The digest says what was displayed, better than a revision: that the other member signs meanwhile changes nothing.
    confirmed = "confirmed" in request.form
    signed = draw_up.sign(by, sheet, values["digest"], values["password"], at, confirmed=confirmed)
    last = signed.state == "proposed"
    flash(
        "La fiche est signée par les deux membres." if last else "Vous avez signé. L'autre membre signe à son tour.",
        "ok",
    )
    return url_for("sheet.sheet", sheet_id=sheet_id)


@pages.acts("/fiches/<oid:sheet_id>/annuler", Action.VOID_SHEET, back=sheet)
def void(by: Actor, at: datetime, sheet_id: ObjectId) -> str:
    sheet = find_unchanged(Sheet, sheet_id)
    require(by, Action.VOID_SHEET, sheet)
    voided = draw_up.void(by, sheet, read_form(Reason)["reason"], at)
    flash(f"La fiche n° {voided.number} est annulée.", "ok")
    return url_for("sheet.sheet", sheet_id=sheet_id) if may(by, Action.READ_SHEET, voided) else url_for("access.home")
