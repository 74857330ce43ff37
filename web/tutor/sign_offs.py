"""What a tutor does once they are in: read everything that waits, answer, sign once, keep the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from bson import ObjectId
from flask import Response, flash, redirect, request, url_for
from flask_login import current_user
from marshmallow import Schema

from api.evidence.deadlines import know_deadlines
from api.http.admission import ANY_SIGN_IN, PUBLIC
from api.http.routing import find
from api.http.schemas import text
from api.sign_offs.receipts import as_pdf
from portfolio.documents import Attestation, Candidacy, EvidenceFile, Placement
from portfolio.documents.fields import by_id
from portfolio.documents.people import Role
from portfolio.errors import Invalid
from portfolio.identifiers import is_rehearsal
from portfolio.papers.channels import ANSWERS, channel_words
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.rules.texts.catalogue import EvidenceType, catalogue
from portfolio.sign_offs.answering import answers, receipts, record
from portfolio.sign_offs.asking.visits import ToSign, Visit, visit
from portfolio.store.together import read_several
from web import resumed_forms
from web.forms import read_form
from web.layout import page
from web.pages import Pages, made_once
from web.tutor.answer_drafts import TypedAnswer, earlier_answers, keep_answers

pages = Pages("tutor", __name__)

PARTS = {
    "context": "Contexte",
    "aim": "But",
    "tools": "Outils",
    "own_part": "Ce que j'ai fait moi-même",
    "result": "Résultat",
    "differently": "Ce que je ferais autrement",
}


class ListValues(TypedDict):
    """files_by_id: of the pieces to read. answers: words by code. parts: of a description, words by name. types_of: of
    evidence, by exam, then by code.
    """

    files_by_id: dict[str, EvidenceFile]
    answers: dict[str, str]
    parts: dict[str, str]
    types_of: Mapping[str, Mapping[str, EvidenceType]]
    fictional: bool


class SignerForm(Schema):
    signer_name = text(200, required=True)
    signer_function = text(200, allow_none=True, load_default=None)


# --- the list -------------------------------------------------------------------------------------


@pages.shows("/s", PUBLIC)
def inbox(at: datetime) -> Response:
    """Shows everything that waits, the receipts below; redirects to the receipt if it is alone and nothing waits.
    Redirects a visitor to the page that offers a link.
    """
    if not current_user.is_authenticated:
        resumed_forms.tell_visit_over()
        return redirect(url_for("tutor_access.ask"))  # type: ignore[return-value]
    by = current_user.actor
    current_visit = visit(by)
    signed = receipts.acts_of(by)
    if current_visit.nothing_waits and len(signed) == 1 and not request.args:
        return redirect(url_for("tutor.receipt", attestation_id=signed[0].id))  # type: ignore[return-value]
    return page(
        "tutor/list.html",
        visit=current_visit,
        earlier_answers=earlier_answers(by, at),
        signed=signed,
        own_periods=_own_periods(by),
        **_list_values(current_visit),
    )


def _own_periods(by: Actor) -> list[tuple[Placement, str]]:
    """Returns the periods of this tutor that stand, each with the name of its candidate, by date; one query."""
    live = by.values(Role.TUTOR, "placement")
    known, candidates = read_several((Placement, live), (Candidacy, by.values(Role.TUTOR, "candidacy")))
    standing = (period for period in known.values() if period.cancelled_at is None)
    periods = sorted(standing, key=lambda period: (period.starts_on, period.id))
    return [(period, candidates[period.candidacy].display_name) for period in periods]


def _list_values(current_visit: Visit) -> ListValues:
    """Returns what the list needs besides the visit: files by id, French words, types."""
    pieces = [piece for pending in current_visit.to_sign for piece in pending.shown.pieces]
    exams = {pending.activity.exam for pending in current_visit.to_sign}
    ids = [file["id"] for piece in pieces for file in piece.content["files"]]
    know_deadlines(period.candidacy for period in current_visit.periods)
    return {
        "files_by_id": {str(key): file for key, file in by_id(EvidenceFile, map(ObjectId, ids)).items()},
        "answers": ANSWERS,
        "parts": PARTS,
        "types_of": {exam: catalogue(exam).types for exam in exams},
        "fictional": _is_fictional(current_visit),
    }


@pages.acts("/s/reponses", ANY_SIGN_IN, back=inbox)
def choose(by: Actor, at: datetime) -> str:
    """Keeps what is chosen, on the server, and returns where to go: nothing is signed yet. `do`: all, next or later. «
    Tout confirmer » answers for what the page showed; what changed since is read again before it is signed. Raises
    Invalid if nothing is answered, DraftTooBig, TooManyDrafts.
    """
    current_visit, do = visit(by), request.form.get("do", "next")
    chosen = {str(pending.activity.id): _typed_answer(pending) for pending in current_visit.to_sign}
    if do == "all":
        chosen = {key: typed for key, typed in chosen.items() if typed["digest"]}
        for typed in chosen.values():
            typed["answer"] = typed["answer"] or "confirmed"
    keep_answers(by, chosen, at)
    if do == "later":
        flash("Vos réponses sont gardées. Pour les finir, rouvrez le lien du message.", "ok")
        return url_for("tutor.inbox", garde=1)
    _refuse_incomplete(chosen)
    return url_for("tutor.sign")


def _typed_answer(pending: ToSign) -> TypedAnswer:
    key = pending.activity.id
    return {
        "answer": request.form.get(f"answer-{key}", ""),
        "comment": request.form.get(f"comment-{key}", ""),
        "digest": request.form.get(f"shown-{key}", ""),
    }


def _refuse_incomplete(chosen: dict[str, TypedAnswer]) -> None:
    errors: dict[str, list[str]] = {}
    for key, typed in chosen.items():
        if typed["answer"]:
            try:
                record.checked_answer(typed["answer"], typed["comment"])
            except Invalid as invalid:
                errors |= {f"{name}-{key}": messages for name, messages in invalid.errors.items()}
    if errors:
        raise Invalid(errors)
    if not any(typed["answer"] for typed in chosen.values()):
        raise Invalid({"all": ["Répondez pour au moins une activité, ou choisissez « Tout confirmer »."]})


# --- the signature --------------------------------------------------------------------------------


@pages.shows("/s/signer", ANY_SIGN_IN)
def sign(by: Actor, at: datetime) -> Response:
    """Shows what is about to be signed, by whom, and the statement in full; the list where nothing is chosen."""
    current_visit = visit(by)
    chosen = _answers_to_sign(by, current_visit, at)
    if not chosen:
        return inbox(at)
    first = chosen[0][0].request
    statements = list(dict.fromkeys(pending.shown.statement.text for pending, _ in chosen))
    changed = _changed(current_visit, earlier_answers(by, at))
    unanswered = len(current_visit.to_sign) - len(chosen) - len(changed)
    return page(
        "tutor/sign.html",
        chosen=chosen,
        changed=changed,
        first=first,
        statements=statements,
        unanswered=unanswered,
        answers=ANSWERS,
        fictional=_is_fictional(current_visit),
    )


def _is_fictional(current_visit: Visit) -> bool:
    return any(is_rehearsal(period.candidacy.session) for period in current_visit.periods)


def _answers_to_sign(by: Actor, current_visit: Visit, at: datetime) -> list[tuple[ToSign, TypedAnswer]]:
    """Returns what was chosen on what is still as it was read, with it; the rest is to be read again."""
    earlier = earlier_answers(by, at)
    pairs = [(pending, earlier.get(str(pending.activity.id))) for pending in current_visit.to_sign]
    return [
        (pending, typed)
        for pending, typed in pairs
        if typed is not None and typed["answer"] and typed["digest"] == pending.shown.digest
    ]


def _changed(current_visit: Visit, earlier: dict[str, TypedAnswer]) -> list[ToSign]:
    """Returns what was answered, and has changed since it was read; [] if nothing has. earlier: as of
    `earlier_answers`.
    """
    pairs = [(pending, earlier.get(str(pending.activity.id))) for pending in current_visit.to_sign]
    return [
        pending
        for pending, typed in pairs
        if typed is not None and typed["answer"] and typed["digest"] != pending.shown.digest
    ]


@pages.acts("/s/signer", ANY_SIGN_IN, back=sign)
def put_signature(by: Actor, at: datetime) -> str:
    values = read_form(SignerForm, "signer_name", "signer_function")
    digests = request.form.getlist("shown")

    def signed() -> Attestation:
        given = [
            record.Answer(pending.activity, SignOffSeat.TUTOR, typed["answer"], typed["digest"], typed["comment"])
            for pending, typed in _answers_to_sign(by, visit(by), at)
            if typed["digest"] in digests
        ]
        if not given:
            raise record.ShownHasChanged()
        return answers.answer_unchanged(by, given, values["signer_name"], values["signer_function"], at)[0]

    made = made_once(by, signed)
    _keep_unsigned(by, made, at)
    return url_for("tutor.receipt", attestation_id=made.id)


def _keep_unsigned(by: Actor, made: Attestation, at: datetime) -> None:
    """Forgets the answers that were signed with `made`, and says on the next page which of the others are to be read
    again.
    """
    signed = {str(attestation.activity) for attestation in Attestation.objects(act=made.act)}
    rest = {key: typed for key, typed in earlier_answers(by, at).items() if key not in signed}
    keep_answers(by, {key: typed for key, typed in rest.items() if typed["answer"] or typed["comment"]}, at)
    changed = _changed(visit(by), rest)
    if changed:
        titles = " et ".join(f"« {pending.shown.activity['title']} »" for pending in changed)
        flash(f"{titles} : changement depuis votre lecture. Rien n'y est signé : relisez, puis répondez.", "wait")


@pages.shows("/s/recu/<oid:attestation_id>", Action.READ_ATTESTATION)
def receipt(by: Actor, at: datetime, attestation_id: ObjectId) -> Response:
    own_receipt = _receipt(by, attestation_id)
    waits = not visit(by).nothing_waits
    words = channel_words(own_receipt.content["channel"])
    return page(
        "tutor/receipt.html",
        receipt=own_receipt,
        attestation_id=attestation_id,
        words=words,
        answers=ANSWERS,
        waits=waits,
        fictional=own_receipt.content["fictional"],
    )


@pages.shows("/s/recu/<oid:attestation_id>.pdf", Action.READ_ATTESTATION)
def receipt_on_paper(by: Actor, at: datetime, attestation_id: ObjectId) -> Response:
    return as_pdf(_receipt(by, attestation_id))


def _receipt(by: Actor, attestation_id: ObjectId) -> receipts.Receipt:
    attestation = find(Attestation, attestation_id)
    require(by, Action.READ_ATTESTATION, attestation)
    return receipts.receipt(by, attestation.act)
