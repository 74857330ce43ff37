"""One piece: what it is, its files, what it proves, what it still lacks, what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.evidence.feedback import NewAcknowledgement
from api.evidence.pieces import EvidenceChange, LinkIn
from api.http.routing import find
from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile, Feedback, Portfolio
from portfolio.documents.fields import read
from portfolio.documents.portfolios import PieceState
from portfolio.enrolment import pinned
from portfolio.errors import Invalid, NotFound
from portfolio.evidence import deposit, feedback
from portfolio.evidence.feedback_pages import of_pieces
from portfolio.evidence.piece_fields import missing_of, readable
from portfolio.evidence.piece_history import piece_history
from portfolio.files.recognition.names import extension
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.catalogue import EvidenceType, catalogue
from portfolio.rules.texts.type_question import Detail
from portfolio.store.digests import files_of
from web.candidate import first_page
from web.forms import read_form, typed
from web.pages import Pages, find_unchanged

pages = Pages("candidate_piece", __name__, "candidate")

TEXT = (
    *("title", "type_code", "nature", "situation", "context", "activity", "produced_on", "collective", "description"),
    *("permission", "anonymisation", "assistance_used", "assistance_how", "details", "confirmed"),
)


@dataclass(frozen=True)
class Question:
    """What the type of a piece asks. name: of the field of the form. value: as it is stored."""

    name: str
    detail: Detail
    value: str | bool | None


def own_piece(by: Actor, evidence_id: ObjectId) -> Evidence:
    """Returns the piece of this id, for its candidate alone. Raises NotFound, Forbidden."""
    evidence: Evidence = find(Evidence, evidence_id)
    require(by, Action.AMEND_EVIDENCE, evidence)
    return evidence


@pages.shows("/portfolio/preuve/<oid:evidence_id>", Action.AMEND_EVIDENCE)
def piece(by: Actor, at: datetime, evidence_id: ObjectId) -> Response:
    evidence = own_piece(by, evidence_id)
    portfolio = read(Portfolio, evidence.candidacy)
    files = files_of([evidence])[evidence.id]
    activities = list(Activity.objects(candidacy=evidence.candidacy, withdrawn_at=None).order_by("id"))
    rules = pinned.referential_of(read(Candidacy, evidence.candidacy))
    types = catalogue(evidence.exam).types
    chosen = types.get(typed(f"piece-{evidence.id}", "type_code", evidence.type_code)) or types[evidence.type_code]
    return first_page.portfolio_page(
        "piece.html",
        evidence,
        piece=evidence,
        portfolio=portfolio,
        files=files,
        missing=missing_of(evidence, files),
        unreadable=not readable(evidence, files),
        activities=[(activity.id, activity.title) for activity in activities],
        rules=rules,
        types=types_for(types, files),
        kind=chosen,
        questions=_questions(evidence, chosen),
        feedback=of_pieces(by, [evidence.id]).get(evidence.id, []),
        changeable=portfolio.state == "open" and evidence.withdrawn_at is None,
    )


def types_for(types: Mapping[str, EvidenceType], files: list[EvidenceFile]) -> list[tuple[str, str]]:
    """Returns (code, French words) of all types, those that usually come as one of these files first."""
    endings = {extension(file.name) for file in files} | {file.kind for file in files}
    return [(kind.code, kind.label) for kind in sorted(types.values(), key=lambda kind: not endings & set(kind.files))]


def _questions(evidence: Evidence, kind: EvidenceType) -> list[Question]:
    """Returns one question for each that this type asks, in its order, with what was answered (None if nothing was); []
    if it asks none.
    """
    return [Question(f"details.{name}", detail, evidence.details.get(name)) for name, detail in kind.details.items()]


@pages.acts("/portfolio/preuve/<oid:evidence_id>", Action.AMEND_EVIDENCE, back=piece)
def amend(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    evidence = find_unchanged(Evidence, evidence_id)
    values = read_form(EvidenceChange, *TEXT)
    if "assistance_used" not in request.form:
        values.pop("assistance_used", None)  # not answered is not « non »
    kind = catalogue(evidence.exam).types.get(values.get("type_code", evidence.type_code))
    if kind is not None:  # the form was drawn for the type before
        values["details"] = {name: answer for name, answer in values.get("details", {}).items() if name in kind.details}
    changed = deposit.amend_piece(by, evidence, values, at)
    flash(f"Enregistré. {_stands(changed)}", "ok")
    return url_for("candidate_piece.piece", evidence_id=evidence_id)


def _stands(piece: Evidence) -> str:
    """Returns whether the piece is complete, or whether it is handed in all the same, as a French sentence."""
    if piece.state == PieceState.READY:
        return "La preuve est complète."
    if readable(piece, files_of([piece])[piece.id]):
        return "La preuve sera remise telle quelle ; complétez-la si vous le pouvez."
    return "Ajoutez un fichier, un lien ou un texte : sans rien à lire, elle n'est pas remise."


@pages.acts("/portfolio/preuve/<oid:evidence_id>/retirer", Action.AMEND_EVIDENCE, back=piece)
def withdraw(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    evidence = deposit.withdraw_piece(by, find_unchanged(Evidence, evidence_id), at)
    flash(f"« {evidence.title} » est retirée de votre portfolio.", "ok")
    return url_for("candidate_pieces.show", portfolio_id=evidence.candidacy)


@pages.acts("/portfolio/preuve/<oid:evidence_id>/liens", Action.AMEND_EVIDENCE, back=piece)
def add_link(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    evidence = find_unchanged(Evidence, evidence_id)
    if not request.form.get("url", "").strip():
        raise Invalid({"url": ["Collez l'adresse complète, qui commence par https://."]})
    link = read_form(LinkIn, "url", "label", "captured_on")
    confirmed = "confirmed" in request.form
    deposit.amend_piece(by, evidence, {"links": [*_links(evidence), link], "confirmed": confirmed}, at)
    flash("Le lien est ajouté.", "ok")
    return url_for("candidate_piece.piece", evidence_id=evidence_id)


@pages.acts("/portfolio/preuve/<oid:evidence_id>/liens/<int:number>/retirer", Action.AMEND_EVIDENCE, back=piece)
def remove_link(by: Actor, at: datetime, evidence_id: ObjectId, number: int) -> str:
    evidence = find_unchanged(Evidence, evidence_id)
    if not 1 <= number <= len(evidence.links):
        raise NotFound()
    left = [link for place, link in enumerate(_links(evidence), 1) if place != number]
    deposit.amend_piece(by, evidence, {"links": left}, at)
    flash("Le lien est retiré.", "ok")
    return url_for("candidate_piece.piece", evidence_id=evidence_id)


def _links(evidence: Evidence) -> list[dict[str, Any]]:
    return [{"url": link.url, "label": link.label, "captured_on": link.captured_on} for link in evidence.links]


# --- what it proves -------------------------------------------------------------------------------


@pages.shows("/portfolio/preuve/<oid:evidence_id>/competences", Action.AMEND_EVIDENCE)
def mapping(by: Actor, at: datetime, evidence_id: ObjectId) -> Response:
    evidence = own_piece(by, evidence_id)
    portfolio = read(Portfolio, evidence.candidacy)
    kind = catalogue(evidence.exam).types[evidence.type_code]
    claimed = {proof.competence: proof.justification or "" for proof in evidence.competences}
    tools = list(evidence.tool_families) or ([] if claimed else list(kind.tools))
    return first_page.portfolio_page(
        "mapping.html",
        evidence,
        piece=evidence,
        rules=pinned.referential_of(read(Candidacy, evidence.candidacy)),
        kind=kind,
        claimed=claimed,
        tools=tools,
        advice=catalogue(evidence.exam).advice,
        changeable=portfolio.state == "open" and evidence.withdrawn_at is None,
    )


@pages.acts("/portfolio/preuve/<oid:evidence_id>/competences", Action.AMEND_EVIDENCE, back=mapping)
def map_piece(by: Actor, at: datetime, evidence_id: ObjectId) -> str:
    evidence = find_unchanged(Evidence, evidence_id)
    claimed = [
        {"competence": code, "justification": request.form.get(f"why.{code}", "").strip() or None}
        for code in request.form.getlist("claimed")
    ]
    lists = {name: request.form.getlist(name) for name in ("criteria", "tool_families")}
    values = read_form(EvidenceChange, "competences", *lists, competences=claimed, **lists)
    changed = deposit.amend_piece(by, evidence, values, at)
    flash(f"Compétences enregistrées. {_stands(changed)}", "ok")
    return url_for("candidate_piece.piece", evidence_id=evidence_id)


# --- what it was, what was said of it -------------------------------------------------------------


@pages.shows("/portfolio/preuve/<oid:evidence_id>/versions", Action.AMEND_EVIDENCE)
def versions(by: Actor, at: datetime, evidence_id: ObjectId) -> Response:
    evidence = own_piece(by, evidence_id)
    return first_page.portfolio_page("versions.html", evidence, piece=evidence, history=piece_history(by, evidence))


def piece_of_feedback(by: Actor, at: datetime, feedback_id: ObjectId) -> Response:
    return piece(by, at, find(Feedback, feedback_id).evidence)


@pages.acts("/portfolio/conseil/<oid:feedback_id>", Action.ACKNOWLEDGE_FEEDBACK, back=piece_of_feedback)
def acknowledge(by: Actor, at: datetime, feedback_id: ObjectId) -> str:
    advice = find_unchanged(Feedback, feedback_id)
    feedback.acknowledge(by, advice, read_form(NewAcknowledgement)["reply"], at)
    flash("Votre professeur verra que vous avez lu son conseil.", "ok")
    return url_for("candidate_piece.piece", evidence_id=advice.evidence) + "#conseils"
