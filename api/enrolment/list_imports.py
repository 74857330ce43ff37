"""What lists of a school wrote, candidates alone apart: shown line by line, undone while nothing was done with it."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, one_of, represents
from portfolio.documents import ListImport
from portfolio.documents.places import ListImportState, WrittenKind
from portfolio.enrolment.undoing import list_undo
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor

routes = Routes("list_imports", __name__, description="Ce que des listes ont enregistré, et son annulation")


class WrittenRowOut(Schema):
    kind = one_of(*WrittenKind, required=True)
    thing = Id(required=True, metadata={"description": "candidature, personne, entreprise ou période"})
    label = fields.String(required=True)
    kept = fields.String(
        allow_none=True, metadata={"description": "une fois la liste annulée : pourquoi cette ligne ne l'est pas"}
    )
    letter_left = fields.Boolean(
        metadata={"description": "une fois la liste annulée : l'invitation était déjà partie, son lien ne sert plus"}
    )


@represents(ListImport)
class ListImportOut(ThingOut):
    school = Id(required=True)
    session = fields.String(required=True)
    state = one_of(*ListImportState, required=True)
    rosters = fields.List(Id(), required=True, metadata={"description": "les imports de candidats faits avec"})
    rows = fields.List(fields.Nested(WrittenRowOut), required=True)
    undone_reason = fields.String(allow_none=True)
    created_at = Instant(required=True)


@routes.reads(
    "/list-imports",
    Action.READ_LIST_IMPORT,
    page_of(ListImportOut),
    query=PageQuery,
    title="Liste ce que les listes de l'établissement ont enregistré, envoi par envoi.",
)
def list_list_imports(by: Actor, at: datetime, asked: dict[str, object]) -> dict[str, object]:
    return page(ListImport, scope(by, Action.READ_LIST_IMPORT, ListImport), asked)


@routes.reads(
    "/list-imports/<oid:list_id>",
    Action.READ_LIST_IMPORT,
    ListImportOut,
    title="Montre ce que des listes ont enregistré, ligne par ligne.",
)
def show(by: Actor, at: datetime, list_id: ObjectId) -> ListImport:
    written = find(ListImport, list_id)
    require(by, Action.READ_LIST_IMPORT, written)
    return written


@routes.acts(
    "/list-imports/<oid:list_id>/undo",
    Action.UNDO_LIST_IMPORT,
    ListImportOut,
    takes=Reason,
    title="Annule ce que des listes ont enregistré ; ce qui a servi depuis reste, et la réponse dit pourquoi.",
)
def undo(by: Actor, at: datetime, expected: int, list_id: ObjectId, values: dict[str, str]) -> ListImport:
    """Undoes what lists wrote and was not used since, and returns it. expected: revision seen. Raises Stale and what
    `list_undo.undo` raises.
    """
    return list_undo.undo(by, find(ListImport, list_id, expected), values["reason"], at)
