"""Evaluation sheets: drawn up, signed, voided, transmitted, read on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields

from api.http.downloads import attached
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Mark, Reason, Secret, ThingOut, one_of, represents, text
from api.http.session import reader
from portfolio.documents import Assessment, School, Sheet
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.sheet import draw_up, forms, remarks, transmit

routes = Routes("sheets", __name__, description="Fiches d'évaluation : établies, signées, transmises au jury")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATES = ("draft", "proposed", "transmitted", "final", "voided")


class NewSignature(Schema):
    digest = text(64, minimum=64, required=True, metadata={"description": "empreinte SHA-256 du contenu affiché"})
    password = Secret()
    confirmed = fields.Boolean(metadata={"description": "« non évalué » et « aucun élément retenu » sont voulus"})


class WholeSession(Schema):
    session = text(5, required=True)
    exam = text(
        60,
        load_default=None,
        metadata={"description": "code de l'épreuve ; inutile si l'établissement n'a de fiches que d'une"},
    )


class SignatureOut(Schema):
    """A signature. digest: None for a reader who may not know the proposed mark, which trying forty-one marks would
    tell.
    """

    person = Id(required=True)
    name = fields.String(required=True)
    quality = fields.String(required=True)
    digest = fields.String(required=True, allow_none=True)
    at = Instant(required=True)


Accessor = Callable[[object, str, object], object]


def _reads_the_proposal(sheet: object) -> bool:
    return may(reader(), Action.READ_PROPOSAL, sheet)


class _Withheld(fields.Field[Any]):
    """A field that is None for a reader who may not know the proposed mark."""

    def serialize(self, attr: str, obj: object, accessor: Accessor | None = None, **kwargs: object) -> object:
        return super().serialize(attr, obj, accessor, **kwargs) if _reads_the_proposal(obj) else None


class ProposedMark(_Withheld, Mark):
    pass


class SignedDigest(_Withheld, fields.String):
    pass


class SheetSignatures(fields.List[object]):
    """The signatures, without what they signed for a reader who may not know the proposed mark."""

    def serialize(self, attr: str, obj: object, accessor: Accessor | None = None, **kwargs: object) -> object:
        signatures = super().serialize(attr, obj, accessor, **kwargs)
        if _reads_the_proposal(obj):
            return signatures
        return [{**signature, "digest": None} for signature in signatures]


@represents(Sheet)
class SheetOut(ThingOut):
    number = fields.String(required=True)
    session = fields.String(required=True)
    rehearsal = fields.Function(lambda sheet: is_rehearsal(sheet.session), metadata={"type": "boolean"}, required=True)
    candidacy = Id(required=True)
    commission = Id(required=True)
    school = Id(required=True)
    state = fields.String(required=True)
    digest = SignedDigest(
        required=True,
        allow_none=True,
        metadata={"description": "empreinte SHA-256 du contenu figé, que l'on signe ; null où la note est masquée"},
    )
    proposed_mark = ProposedMark(allow_none=True)
    outcome = fields.String(allow_none=True)
    signatures = SheetSignatures(fields.Nested(SignatureOut), required=True)
    created_at = Instant(required=True)
    transmitted_at = Instant(allow_none=True)
    voided_at = Instant(allow_none=True)
    voided_reason = fields.String(allow_none=True)
    released_at = Instant(allow_none=True)
    unmasked = fields.Function(
        lambda sheet: bool(sheet.unmasked),
        required=True,
        metadata={"type": "boolean", "description": "une décision donne la note proposée au candidat"},
    )


class RemarkOut(Schema):
    code = one_of(
        "identity_corrected",
        "alike_members",
        "tutor_named",
        "tutor_replaced",
        "tutor_name_corrected",
        "tutor_address_corrected",
        "same_device",
        required=True,
    )
    sentence = fields.String(required=True)


class RemarksOut(Schema):
    items = fields.List(fields.Nested(RemarkOut), required=True)


class TransmittedOut(Schema):
    transmitted = fields.List(fields.String(), required=True, metadata={"description": "numéros des fiches"})


class SheetQuery(PageQuery):
    session = text(5)
    school = Id()
    candidacy = Id()
    commission = Id()
    state = one_of(*STATES)


@routes.creates(
    "/commissions/<oid:commission_id>/sheet",
    Action.DRAW_UP,
    SheetOut,
    title="Établit la fiche d'évaluation : son contenu est figé et numéroté.",
)
def draw_up_sheet(by: Actor, at: datetime, commission_id: ObjectId) -> Sheet:
    return draw_up.draw_up(by, find(Assessment, commission_id), at)


@routes.reads(
    "/sheets", Action.READ_SHEET, page_of(SheetOut), query=SheetQuery, title="Liste les fiches que l'on peut voir."
)
def list_sheets(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("session", "school", "candidacy", "commission", "state") if name in asked}
    return page(Sheet, {"$and": [scope(by, Action.READ_SHEET, Sheet), filters]}, asked)


@routes.reads("/sheets/<oid:sheet_id>", Action.READ_SHEET, SheetOut, title="Montre une fiche et ses signatures.")
def show_sheet(by: Actor, at: datetime, sheet_id: ObjectId) -> Sheet:
    sheet = find(Sheet, sheet_id)
    require(by, Action.READ_SHEET, sheet)
    return sheet


@routes.reads(
    "/sheets/<oid:sheet_id>/remarks",
    Action.READ_REMARKS,
    RemarksOut,
    title="Montre ce qui est à savoir avant de transmettre : tuteur changé, même appareil.",
)
def show_remarks(by: Actor, at: datetime, sheet_id: ObjectId) -> dict[str, Any]:
    return {"items": remarks.of_sheet(by, find(Sheet, sheet_id))}


@routes.files("/sheets/<oid:sheet_id>.pdf", Action.READ_SHEET, "application/pdf", title="Télécharge la fiche en PDF.")
def sheet_pdf(by: Actor, at: datetime, sheet_id: ObjectId) -> Response:
    sheet = find(Sheet, sheet_id)
    return attached(forms.pdf(by, sheet), "application/pdf", f"fiche-{sheet.number}.pdf")


@routes.files("/sheets/<oid:sheet_id>.xlsx", Action.READ_SHEET, XLSX, title="Télécharge la fiche en XLSX.")
def sheet_xlsx(by: Actor, at: datetime, sheet_id: ObjectId) -> Response:
    sheet = find(Sheet, sheet_id)
    return attached(forms.xlsx(by, sheet), XLSX, f"fiche-{sheet.number}.xlsx")


@routes.files(
    "/sheets/<oid:sheet_id>.json",
    Action.READ_SHEET,
    "application/json",
    title="Télécharge les octets mêmes dont l'empreinte est signée ; au candidat, une copie où la note est masquée.",
)
def sheet_json(by: Actor, at: datetime, sheet_id: ObjectId) -> Response:
    """Returns the very bytes whose digest is signed, or the masked copy of `canonical_json`. Raises NotFound,
    Forbidden.
    """
    sheet = find(Sheet, sheet_id)
    return attached(forms.canonical_json(by, sheet), "application/json", f"fiche-{sheet.number}.json")


@routes.acts(
    "/sheets/<oid:sheet_id>/sign",
    Action.SIGN_SHEET,
    SheetOut,
    takes=NewSignature,
    title="Signe la fiche affichée, en confirmant son mot de passe.",
)
def sign(by: Actor, at: datetime, expected: int, sheet_id: ObjectId, values: dict[str, Any]) -> Sheet:
    sheet, confirmed = find(Sheet, sheet_id, expected), values.get("confirmed", False)
    return draw_up.sign(by, sheet, values["digest"], values["password"], at, confirmed=confirmed)


@routes.acts(
    "/sheets/<oid:sheet_id>/void", Action.VOID_SHEET, SheetOut, takes=Reason, title="Annule une fiche, avec un motif."
)
def void(by: Actor, at: datetime, expected: int, sheet_id: ObjectId, values: dict[str, Any]) -> Sheet:
    return draw_up.void(by, find(Sheet, sheet_id, expected), values["reason"], at)


@routes.acts("/sheets/<oid:sheet_id>/transmit", Action.TRANSMIT, SheetOut, title="Transmet une fiche signée au jury.")
def transmit_sheet(by: Actor, at: datetime, expected: int, sheet_id: ObjectId) -> Sheet:
    return transmit.transmit(by, find(Sheet, sheet_id, expected), at)


@routes.asks(
    "/schools/<oid:school_id>/transmit",
    Action.TRANSMIT_SCHOOL,
    TransmittedOut,
    takes=WholeSession,
    title="Transmet toutes les fiches signées d'une épreuve ; recommencer transmet celles qui restent.",
)
def transmit_school(by: Actor, at: datetime, school_id: ObjectId, values: dict[str, Any]) -> dict[str, Any]:
    """Transmits every signed sheet of the school, exam and session, and returns {transmitted: their numbers}. Repeating
    it transmits those that are left. values: of WholeSession. Raises NotFound, Forbidden; Invalid on `exam`.
    """
    sent = transmit.transmit_all(by, find(School, school_id), values["session"], at, values["exam"])
    return {"transmitted": [sheet.number for sheet in sent]}
