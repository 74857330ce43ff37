"""What a tutor does once they are in: read everything that waits, answer, sign once, keep the receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, redirect, request, url_for
from flask_login import current_user
from marshmallow import Schema

from api.http.routing import ANY_SIGN_IN, PUBLIC, find
from api.http.schemas import text
from api.sign_offs.receipts import Objection, as_pdf
from portfolio.documents import Attestation, Candidacy, EvidenceFile, Placement, RealityEvaluation
from portfolio.errors import Invalid
from portfolio.evidence import drafts
from portfolio.identifiers import is_rehearsal
from portfolio.papers.channels import ANSWERS, channel_words
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.catalogue import catalogue
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import answers, receipts, record
from portfolio.sign_offs.asking import objections
from portfolio.sign_offs.asking.visits import ToSign, Visit, visit
from web.forms import read_form
from web.layout import page
from web.pages import FormExpired, Pages, find_unchanged, made_once

pages = Pages("tutor", __name__)

SIGN = "/s/signer"
IN_ONE_DRAFT = 50  # activities
PARTS = {
    "context": "Contexte",
    "aim": "But",
    "tools": "Outils",
    "own_part": "Ce que j'ai fait moi-même",
    "result": "Résultat",
    "differently": "Ce que je ferais autrement",
}


class Signature(Schema):
    signer_name = text(200, required=True)
    signer_function = text(200, allow_none=True, load_default=None)


# --- the list -------------------------------------------------------------------------------------


@pages.shows("/s", PUBLIC)
def inbox(at: datetime) -> Response:
    """Everything that waits, in one list; the receipts below. A visitor is offered a link."""
    if not current_user.is_authenticated:
        return redirect(url_for("tutor_access.ask"))  # type: ignore[return-value]
    by = current_user.actor
    found = visit(by)
    signed = receipts.acts_of(by)
    if found.nothing_waits and len(signed) == 1 and not request.args:
        return redirect(url_for("tutor.receipt", attestation_id=signed[0].id))  # type: ignore[return-value]
    return page("tutor/list.html", visit=found, said=_said(by, at), signed=signed, **_told(found))


def _told(found: Visit) -> dict[str, Any]:
    """What the templates need besides: files by id, words."""
    pieces = [piece for one in found.to_sign for piece in one.shown.pieces]
    ids = [file["id"] for piece in pieces for file in piece.content["files"]]
    return {
        "files_by_id": {str(file.id): file for file in EvidenceFile.objects(pk__in=ids)},
        "answers": ANSWERS,
        "parts": PARTS,
        "types": catalogue().types,
        "fictional": any(is_rehearsal(period.candidacy.session) for period in found.periods),
    }


@pages.acts("/s/reponses", ANY_SIGN_IN, back=inbox)
def choose(by: Actor, at: datetime) -> str:
    """Keeps what is chosen, on the server: nothing is signed yet. `do`: all, next or later."""
    found, do = visit(by), request.form.get("do", "next")
    chosen = {str(one.activity.id): _chosen(one) for one in found.to_sign}
    if do == "all":
        _refuse_unread(found)
        chosen = {key: {**one, "answer": one["answer"] or "confirmed"} for key, one in chosen.items()}
    _keep(by, chosen, at)
    if do == "later":
        flash("Vos réponses sont gardées. Rouvrez le lien du message quand vous voulez.", "ok")
        return url_for("tutor.inbox", garde=1)
    _refuse_incomplete(chosen)
    return url_for("tutor.sign")


def _chosen(one: ToSign) -> dict[str, str]:
    key = one.activity.id
    names = {"answer": f"answer-{key}", "comment": f"comment-{key}", "shown": f"shown-{key}"}
    return {name: request.form.get(field, "") for name, field in names.items()}


def _refuse_unread(found: Visit) -> None:
    """Everything may be confirmed at once only by whoever was shown everything, as it is now."""
    for one in found.to_sign:
        if request.form.get(f"shown-{one.activity.id}") != one.shown.digest:
            raise record.ShownHasChanged()


def _refuse_incomplete(chosen: dict[str, dict[str, str]]) -> None:
    errors: dict[str, list[str]] = {}
    for key, one in chosen.items():
        if one["answer"]:
            try:
                record.checked_answer(one["answer"], one["comment"])
            except Invalid as invalid:
                errors |= {f"{name}-{key}": said for name, said in invalid.errors.items()}
    if errors:
        raise Invalid(errors)
    if not any(one["answer"] for one in chosen.values()):
        raise Invalid({"all": ["Répondez pour au moins une activité, ou choisissez « Tout confirmer »."]})


# What was chosen and is not signed yet: several drafts, so that none is too long to be kept.


def _keep(by: Actor, chosen: dict[str, dict[str, str]], at: datetime) -> None:
    _forget(by, at)
    rows = [(key, [one["answer"], one["comment"], one["shown"]]) for key, one in chosen.items()]
    for start in range(0, len(rows), IN_ONE_DRAFT):
        drafts.keep(by, SIGN, f"to-sign-{start}", dict(rows[start : start + IN_ONE_DRAFT]), at)


def _said(by: Actor, at: datetime) -> dict[str, dict[str, str]]:
    """{activity: what was chosen earlier}."""
    kept = drafts.of_page(by, SIGN, at)
    names = ("answer", "comment", "shown")
    return {key: dict(zip(names, said, strict=True)) for form in kept.values() for key, said in form.items()}


def _forget(by: Actor, at: datetime) -> None:
    for form in drafts.of_page(by, SIGN, at):
        drafts.forget(by, form)


# --- the signature --------------------------------------------------------------------------------


@pages.shows("/s/signer", ANY_SIGN_IN)
def sign(by: Actor, at: datetime) -> Response:
    """What is about to be signed, by whom, and the statement in full."""
    found = visit(by)
    chosen = _to_sign(by, found, at)
    if not chosen:
        return inbox(at)
    first = chosen[0][0].request
    statements = list(dict.fromkeys(one.shown.statement.text for one, _ in chosen))
    left = len(found.to_sign) - len(chosen)
    return page(
        "tutor/sign.html",
        chosen=chosen,
        first=first,
        statements=statements,
        left=left,
        answers=ANSWERS,
        **_fiction(found),
    )


def _fiction(found: Visit) -> dict[str, Any]:
    return {"fictional": any(is_rehearsal(period.candidacy.session) for period in found.periods)}


def _to_sign(by: Actor, found: Visit, at: datetime) -> list[tuple[ToSign, dict[str, str]]]:
    """What was chosen on what is still as it was read; the rest is to be read again."""
    said = _said(by, at)
    pairs = [(one, said.get(str(one.activity.id), {})) for one in found.to_sign]
    return [(one, chosen) for one, chosen in pairs if chosen.get("answer") and chosen["shown"] == one.shown.digest]


@pages.acts("/s/signer", ANY_SIGN_IN, back=sign)
def put_signature(by: Actor, at: datetime) -> str:
    values = read_form(Signature, "signer_name", "signer_function")
    digests = request.form.getlist("shown")

    def signed() -> Attestation:
        chosen = _to_sign(by, visit(by), at)
        if [one.shown.digest for one, _ in chosen] != digests:
            raise record.ShownHasChanged()
        given = [
            record.Answer(one.activity, SignOffSeat.TUTOR, said["answer"], said["shown"], said["comment"])
            for one, said in chosen
        ]
        return answers.answer_many(by, given, values["signer_name"], values["signer_function"], at)[0]

    made = made_once(by, signed)
    _forget(by, at)
    return url_for("tutor.receipt", attestation_id=made.id)


@pages.shows("/s/recu/<oid:attestation_id>", Action.READ_ATTESTATION)
def receipt(by: Actor, at: datetime, attestation_id: ObjectId) -> Response:
    found = _receipt(by, attestation_id)
    waits = not visit(by).nothing_waits
    words = channel_words(found.content["channel"])
    return page(
        "tutor/receipt.html",
        receipt=found,
        attestation_id=attestation_id,
        words=words,
        answers=ANSWERS,
        waits=waits,
        fictional=found.content["fictional"],
    )


@pages.shows("/s/recu/<oid:attestation_id>.pdf", Action.READ_ATTESTATION)
def receipt_on_paper(by: Actor, at: datetime, attestation_id: ObjectId) -> Response:
    return as_pdf(_receipt(by, attestation_id))


def _receipt(by: Actor, attestation_id: ObjectId) -> receipts.Receipt:
    attestation = find(Attestation, attestation_id)
    require(by, Action.READ_ATTESTATION, attestation)
    return receipts.receipt(by, attestation.act)


# --- what may be said instead ---------------------------------------------------------------------


@pages.shows("/s/signaler/<oid:placement_id>", Action.CONTEST_PLACEMENT)
def object_to(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    placement = find(Placement, placement_id)
    require(by, Action.CONTEST_PLACEMENT, placement)
    candidacy = Candidacy.objects.get(pk=placement.candidacy)
    fictional = is_rehearsal(candidacy.session)
    return page("tutor/objection.html", placement=placement, candidacy=candidacy, fictional=fictional)


@pages.acts("/s/signaler/<oid:placement_id>", Action.CONTEST_PLACEMENT, back=object_to)
def put_objection(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    values = read_form(Objection, "because", "comment")
    objections.contest(
        by, find_unchanged(Placement, placement_id), values.get("because", ""), values.get("comment"), at
    )
    flash("C'est noté : le professeur est prévenu, et vous ne recevrez plus de rappel pour cette période.", "ok")
    return url_for("tutor.inbox", garde=1)


# --- the joint evaluation of reality --------------------------------------------------------------


@pages.shows("/s/realite/<oid:evaluation_id>", Action.READ_REALITY)
def evaluation(by: Actor, at: datetime, evaluation_id: ObjectId) -> Response:
    found = find(RealityEvaluation, evaluation_id)
    require(by, Action.READ_REALITY, found)
    agreed = any(one.person == by.id for one in found.concurrences)
    placement = Placement.objects.get(pk=found.placement)
    candidacy = Candidacy.objects.get(pk=found.candidacy)
    fictional = is_rehearsal(found.session)
    return page(
        "tutor/reality.html",
        evaluation=found,
        placement=placement,
        candidacy=candidacy,
        agreed=agreed,
        fictional=fictional,
    )


@pages.acts("/s/realite/<oid:evaluation_id>", Action.CONCUR_REALITY, back=evaluation)
def agree(by: Actor, at: datetime, evaluation_id: ObjectId) -> str:
    require(by, Action.CONCUR_REALITY, find(RealityEvaluation, evaluation_id))
    shown = request.form.get("digest")
    if not shown:
        raise FormExpired()
    reality.concur(by, find_unchanged(RealityEvaluation, evaluation_id), shown, at)
    flash("Votre accord est enregistré.", "ok")
    return url_for("tutor.inbox", garde=1)
