"""The jury at work: list, statistics, final marks, publication, release of a sheet; and what a candidate is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields

from api.enrolment.institutions import JuryOut
from api.http.admission import SIGNED_IN
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Mark, represents, text
from portfolio.documents import Candidacy, Jury, Result, Sheet
from portfolio.jury import decisions, jury, releases, statistics
from portfolio.jury import sheets as jury_sheets
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

routes = Routes("results", __name__, description="Jury, notes définitives, résultats")


class JurySheetOut(Schema):
    """A transmitted sheet with its candidate, and what the jury decided. id, revision: the sheet's."""

    id = Id(required=True)
    revision = fields.Integer(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True)
    candidacy = Id(required=True)
    candidate_number = fields.String(required=True)
    name = fields.String(required=True)
    school = Id(required=True)
    school_name = fields.String(required=True)
    transmitted_at = Instant(required=True)
    proposed_mark = Mark(allow_none=True, required=True)
    outcome = fields.String(allow_none=True, required=True)
    stage = fields.String(allow_none=True, metadata={"description": "durée de stage réduite, dont le jury est informé"})
    final_mark = Mark(allow_none=True, required=True)
    label = fields.String(allow_none=True, required=True)
    reason = fields.String(allow_none=True, required=True)
    published = fields.Boolean(required=True)
    reserved = fields.Boolean(required=True)
    released = fields.Boolean(required=True)
    unmasked = fields.Boolean(
        required=True, metadata={"description": "une décision donne la note proposée au candidat"}
    )


class SpreadOut(Schema):
    count = fields.Integer(required=True)
    mean = Mark(required=True)
    lowest = Mark(required=True)
    first_quartile = Mark(required=True)
    median = Mark(required=True)
    third_quartile = Mark(required=True)
    highest = Mark(required=True)


class HarmonisedOut(Schema):
    count = fields.Integer(required=True)
    proposed = Mark(required=True)
    final = Mark(required=True)


class GroupOut(Schema):
    key = fields.String(required=True)
    label = fields.String(required=True)
    sheets = fields.Integer(required=True)
    proposed = fields.Nested(SpreadOut, allow_none=True, required=True)
    final = fields.Nested(SpreadOut, allow_none=True, required=True)
    harmonised = fields.Nested(
        HarmonisedOut,
        allow_none=True,
        required=True,
        metadata={"description": "moyennes des mêmes fiches, avant et après décision"},
    )
    distribution = fields.List(
        fields.Tuple((Mark(), fields.Integer())),
        required=True,
        metadata={"description": "[note proposée, nombre de candidats], de la plus basse à la plus haute"},
    )
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    departs = fields.String(
        allow_none=True,
        required=True,
        metadata={"description": "above, below : cinq notes au moins, de médiane hors de la moitié centrale des notes"},
    )


class StatisticsOut(Schema):
    everyone = fields.Nested(GroupOut, required=True)
    schools = fields.List(fields.Nested(GroupOut), required=True)
    commissions = fields.List(fields.Nested(GroupOut), required=True)
    decided = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    published = fields.Integer(required=True)


class FinalMark(Schema):
    mark = text(20, allow_none=True, load_default=None, metadata={"description": 'exacte, en texte : "12,5"'})
    reason = text(2000, minimum=3, allow_none=True, load_default=None)


class Corrected(Schema):
    mark = text(20, required=True)
    reason = text(2000, minimum=3, required=True)


class NewPublication(Schema):
    leaving_out = text(
        2000, minimum=3, allow_none=True, load_default=None, metadata={"description": "pourquoi publier sans certaines"}
    )


class Release(Schema):
    request_reference = text(100, required=True, metadata={"description": "de la demande du candidat"})


class NewUnmasking(Schema):
    law = text(
        200, minimum=5, required=True, metadata={"description": "le texte de loi sur lequel la décision se fonde"}
    )
    reference = text(100, required=True, metadata={"description": "de la décision"})


class MarkDecisionOut(Schema):
    mark = Mark(allow_none=True, required=True)
    label = fields.String(allow_none=True, required=True)
    by = fields.String(required=True, metadata={"description": "qui l'a prise"})
    at = Instant(required=True)
    reason = fields.String(allow_none=True, required=True)


class MarkDecisionsOut(Schema):
    items = fields.List(fields.Nested(MarkDecisionOut), required=True)


class PublishedOut(Schema):
    """What a candidate is told: nothing of the proposal, of its reasons, nor of how often the jury changed its mind
    before it published. corrected_at: of the last correction since.
    """

    session = fields.String(required=True)
    final_mark = Mark(allow_none=True, required=True)
    label = fields.String(allow_none=True, required=True)
    published_at = Instant(required=True)
    corrected_at = Instant(allow_none=True, required=True)


@represents(Result)
class ResultOut(PublishedOut):
    candidacy = Id(required=True)
    school = Id(required=True)
    academy = fields.String(required=True)
    published = fields.Boolean(required=True)
    published_at = Instant(allow_none=True, required=True)


# --- the jury at work -----------------------------------------------------------------------------


@routes.reads(
    "/juries/<oid:jury_id>/sheets",
    Action.LIST_SHEETS,
    page_of(JurySheetOut),
    query=PageQuery,
    title="Liste les fiches transmises au jury, dans l'ordre des noms.",
)
def list_sheets(by: Actor, at: datetime, jury_id: ObjectId, asked: dict[str, Any]) -> dict[str, Any]:
    """Returns a page {items, next} of the sheets transmitted to the jury, in the order of names. asked: of PageQuery.
    Raises NotFound, Forbidden; Invalid on `after`.
    """
    candidacies = page(Candidacy, jury_sheets.candidates(by, find(Jury, jury_id)), asked, ("name_key", "_id"))
    return candidacies | {"items": jury_sheets.lines(by, candidacies["items"])}


@routes.reads(
    "/juries/<oid:jury_id>/statistics", Action.READ_STATISTICS, StatisticsOut, title="Montre les statistiques du jury."
)
def show_statistics(by: Actor, at: datetime, jury_id: ObjectId) -> statistics.Statistics:
    return statistics.of_jury(by, find(Jury, jury_id))


@routes.acts(
    "/sheets/<oid:sheet_id>/final-mark",
    Action.SET_FINAL_MARK,
    JurySheetOut,
    takes=FinalMark,
    title="Arrête la note définitive d'une fiche.",
)
def set_final_mark(
    by: Actor, at: datetime, expected: int, sheet_id: ObjectId, values: dict[str, Any]
) -> jury_sheets.JuryLine:
    sheet = find(Sheet, sheet_id, expected)
    jury.set_final_mark(by, sheet, values["mark"], values["reason"], at)
    return jury_sheets.line(by, sheet)


@routes.acts(
    "/juries/<oid:jury_id>/confirm-proposals",
    Action.CONFIRM_PROPOSALS,
    JuryOut,
    title="Arrête toutes les propositions qui ne sont pas encore décidées.",
)
def confirm_proposals(by: Actor, at: datetime, expected: int, jury_id: ObjectId) -> Jury:
    return jury.confirm_proposals(by, find(Jury, jury_id, expected), at)


@routes.acts(
    "/juries/<oid:jury_id>/publish",
    Action.PUBLISH,
    JuryOut,
    takes=NewPublication,
    title="Publie les résultats décidés.",
)
def publish(by: Actor, at: datetime, expected: int, jury_id: ObjectId, values: dict[str, Any]) -> Jury:
    return jury.publish(by, find(Jury, jury_id, expected), values["leaving_out"], at)


@routes.acts(
    "/sheets/<oid:sheet_id>/release",
    Action.RELEASE_SHEET,
    JurySheetOut,
    takes=Release,
    title="Communique une fiche au candidat qui la demande, après la publication ; la note proposée y est masquée.",
)
def release(by: Actor, at: datetime, expected: int, sheet_id: ObjectId, values: dict[str, Any]) -> jury_sheets.JuryLine:
    sheet = releases.release_sheet(by, find(Sheet, sheet_id, expected), values["request_reference"], at)
    return jury_sheets.line(by, sheet)


@routes.acts(
    "/sheets/<oid:sheet_id>/unmask",
    Action.UNMASK_PROPOSAL,
    JurySheetOut,
    takes=NewUnmasking,
    title="Donne la note proposée au candidat, par une décision qui cite sa loi.",
)
def unmask(by: Actor, at: datetime, expected: int, sheet_id: ObjectId, values: dict[str, str]) -> jury_sheets.JuryLine:
    sheet = releases.unmask_proposal(by, find(Sheet, sheet_id, expected), values["law"], values["reference"], at)
    return jury_sheets.line(by, sheet)


@routes.acts(
    "/sheets/<oid:sheet_id>/correct-final-mark",
    Action.CORRECT_FINAL_MARK,
    JurySheetOut,
    takes=Corrected,
    title="Rectifie une erreur matérielle dans une note publiée.",
)
def correct(by: Actor, at: datetime, expected: int, sheet_id: ObjectId, values: dict[str, Any]) -> jury_sheets.JuryLine:
    sheet = find(Sheet, sheet_id, expected)
    jury.correct(by, sheet, values["mark"], values["reason"], at)
    return jury_sheets.line(by, sheet)


@routes.reads(
    "/sheets/<oid:sheet_id>/decisions",
    Action.READ_DECISION,
    MarkDecisionsOut,
    title="Montre à ceux qui l'ont signée ce que le jury a décidé de la note : qui, quand, pourquoi.",
)
def show_decisions(by: Actor, at: datetime, sheet_id: ObjectId) -> dict[str, list[decisions.MarkDecision]]:
    return {"items": decisions.decisions_on(by, find(Sheet, sheet_id))}


# --- results --------------------------------------------------------------------------------------


@routes.reads(
    "/results", Action.READ_RESULT, page_of(ResultOut), query=PageQuery, title="Liste les résultats que l'on peut voir."
)
def list_results(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    return page(Result, scope(by, Action.READ_RESULT, Result), asked)


@routes.reads(
    "/my/results", SIGNED_IN, page_of(PublishedOut), query=PageQuery, title="Liste ses propres résultats publiés."
)
def list_my_results(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    mine = {"candidacy": {"$in": by.values("candidate", "candidacy")}, "published": True}
    return page(Result, {"$and": [scope(by, Action.READ_RESULT, Result), mine]}, asked)
