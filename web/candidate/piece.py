"""One piece: what it is, its files, what it proves, what it still lacks, what it was before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.evidence.feedback import NewAcknowledgement
from api.evidence.pieces import EvidenceChange, LinkIn
from api.http.routing import find
from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile, Feedback, Portfolio
from portfolio.enrolment import pinned
from portfolio.errors import Invalid, NotFound
from portfolio.evidence import deposit, feedback
from portfolio.evidence.feedback_pages import of_pieces
from portfolio.evidence.piece_history import piece_history
from portfolio.files.recognition.names import extension
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.catalogue import EvidenceType, catalogue
from portfolio.rules.file_kinds import WARNINGS
from portfolio.store.digests import files_of
from web.candidate import first_page
from web.forms import read_form, typed
from web.pages import Pages, find_unchanged

pages = Pages("candidate_piece", __name__, "candidate")

TEXT = (
    *("title", "type_code", "nature", "situation", "context", "activity", "produced_on", "collective", "description"),
    *("permission", "anonymisation", "assistance_used", "assistance_how", "details"),
)


def own(by: Actor, evidence_id: ObjectId) -> Evidence:
    """The piece, for its candidate alone."""
    found: Evidence = find(Evidence, evidence_id)
    require(by, Action.AMEND_EVIDENCE, found)
    return found


@pages.shows("/portfolio/preuve/<oid:evidence_id>", Action.AMEND_EVIDENCE)
def piece(by: Actor, at: datetime, evidence_id: ObjectId) -> Response:
    found = own(by, evidence_id)
    portfolio = Portfolio.objects.get(pk=found.candidacy)
    files = files_of([found])[found.id]
    activities = list(Activity.objects(candidacy=found.candidacy, withdrawn_at=None).order_by("id"))
    rules = pinned.referential_of(Candidacy.objects.get(pk=found.candidacy))
    types = catalogue().types
    chosen = types.get(typed(f"piece-{found.id}", "type_code", found.type_code)) or types[found.type_code]
    return first_page.framed(
        "piece.html",
        found,
        piece=found,
        portfolio=portfolio,
        files=files,
        missing=deposit.missing_of(found, files),
        activities=[(one.id, one.title) for one in activities],
        rules=rules,
        types=_types_for(files),
        kind=chosen,
        asked=_asked(found, chosen),
        feedback=of_pieces(by, [found.id]).get(found.id, []),
        warnings=WARNINGS,
        changeable=portfolio.state == "open" and found.withdrawn_at is None,
    )


def _types_for(files: list[EvidenceFile]) -> list[tuple[str, str]]:
    """(code, words), those that usually come as such a file first."""
    endings = {extension(file.name) for file in files} | {file.kind for file in files}
    known = catalogue().types.values()
    return [(one.code, one.label) for one in sorted(known, key=lambda one: not endings & set(one.files))]


def _asked(found: Evidence, kind: EvidenceType) -> list[dict[str, Any]]:
    """What this type asks, with what was answered."""
    return [
        {"name": f"details.{name}", "detail": detail, "value": found.details.get(name)}
        for name, detail in kind.details.items()
    ]


@pages.acts("/portfolio/preuve/<oid:evidence_id>", Action.AMEND_EVIDENCE, back=piece)
def amend(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    found = find_unchanged(Evidence, evidence_id)
    values = read_form(EvidenceChange, *TEXT)
    if "assistance_used" not in request.form:
        values.pop("assistance_used", None)  # not answered is not « non »
    kind = catalogue().types.get(values.get("type_code", found.type_code))
    if kind is not None:  # the form was drawn for the type before
        values["details"] = {name: said for name, said in values.get("details", {}).items() if name in kind.details}
    changed = deposit.amend_piece(by, found, values, at)
    flash("Enregistré. La preuve est prête." if changed.state == "ready" else "Enregistré, encore en brouillon.", "ok")
    return url_for("candidate_piece.piece", evidence_id=evidence_id)


@pages.acts("/portfolio/preuve/<oid:evidence_id>/retirer", Action.AMEND_EVIDENCE, back=piece)
def withdraw(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    found = deposit.withdraw_piece(by, find_unchanged(Evidence, evidence_id), at)
    flash(f"« {found.title} » est retirée de votre portfolio.", "ok")
    return url_for("candidate.pieces", portfolio_id=found.candidacy)


@pages.acts("/portfolio/preuve/<oid:evidence_id>/liens", Action.AMEND_EVIDENCE, back=piece)
def add_link(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    found = find_unchanged(Evidence, evidence_id)
    if not request.form.get("url", "").strip():
        raise Invalid({"url": ["Collez l'adresse complète, qui commence par https://."]})
    said = read_form(LinkIn, "url", "label", "captured_on")
    deposit.amend_piece(by, found, {"links": [*_links(found), said]}, at)
    flash("Le lien est ajouté.", "ok")
    return url_for("candidate_piece.piece", evidence_id=evidence_id)


@pages.acts("/portfolio/preuve/<oid:evidence_id>/liens/<int:number>/retirer", Action.AMEND_EVIDENCE, back=piece)
def remove_link(by: Actor, at: datetime, evidence_id: ObjectId, number: int) -> str:
    found = find_unchanged(Evidence, evidence_id)
    if not 1 <= number <= len(found.links):
        raise NotFound()
    left = [link for place, link in enumerate(_links(found), 1) if place != number]
    deposit.amend_piece(by, found, {"links": left}, at)
    flash("Le lien est retiré.", "ok")
    return url_for("candidate_piece.piece", evidence_id=evidence_id)


def _links(found: Evidence) -> list[dict[str, Any]]:
    return [{"url": one.url, "label": one.label, "captured_on": one.captured_on} for one in found.links]


# --- what it proves -------------------------------------------------------------------------------


@pages.shows("/portfolio/preuve/<oid:evidence_id>/competences", Action.AMEND_EVIDENCE)
def mapping(by: Actor, at: datetime, evidence_id: ObjectId) -> Response:
    found = own(by, evidence_id)
    portfolio = Portfolio.objects.get(pk=found.candidacy)
    kind = catalogue().types[found.type_code]
    claimed = {proof.competence: proof.justification or "" for proof in found.competences}
    tools = list(found.tool_families) or ([] if claimed else list(kind.tools))
    return first_page.framed(
        "mapping.html",
        found,
        piece=found,
        rules=pinned.referential_of(Candidacy.objects.get(pk=found.candidacy)),
        kind=kind,
        claimed=claimed,
        tools=tools,
        advice=catalogue().advice,
        changeable=portfolio.state == "open" and found.withdrawn_at is None,
    )


@pages.acts("/portfolio/preuve/<oid:evidence_id>/competences", Action.AMEND_EVIDENCE, back=mapping)
def map_piece(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    found = find_unchanged(Evidence, evidence_id)
    claimed = [
        {"competence": code, "justification": request.form.get(f"why.{code}", "").strip() or None}
        for code in request.form.getlist("claimed")
    ]
    lists = {name: request.form.getlist(name) for name in ("criteria", "tool_families")}
    values = read_form(EvidenceChange, "competences", *lists, competences=claimed, **lists)
    changed = deposit.amend_piece(by, found, values, at)
    flash("Enregistré. La preuve est prête." if changed.state == "ready" else "Compétences enregistrées.", "ok")
    return url_for("candidate_piece.piece", evidence_id=evidence_id)


# --- what it was, what was said of it -------------------------------------------------------------


@pages.shows("/portfolio/preuve/<oid:evidence_id>/versions", Action.AMEND_EVIDENCE)
def versions(by: Actor, at: datetime, evidence_id: ObjectId) -> Response:
    found = own(by, evidence_id)
    return first_page.framed("versions.html", found, piece=found, history=piece_history(by, found))


def commented(by: Actor, at: datetime, feedback_id: ObjectId) -> Response:
    return piece(by, at, find(Feedback, feedback_id).evidence)


@pages.acts("/portfolio/conseil/<oid:feedback_id>", Action.ACKNOWLEDGE_FEEDBACK, back=commented)
def acknowledge(by: Actor, at: datetime, feedback_id: ObjectId) -> str:
    given = find_unchanged(Feedback, feedback_id)
    feedback.acknowledge(by, given, read_form(NewAcknowledgement)["reply"], at)
    flash("Votre professeur verra que vous avez lu son conseil.", "ok")
    return url_for("candidate_piece.piece", evidence_id=given.evidence) + "#conseils"
