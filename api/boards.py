"""What people look at: calendar, how far a school is, mark lists, a portfolio's archive, history and proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from api.doors import Doors, find
from api.portfolios import SubmissionSummary
from api.sheets import SignatureOut
from api.wire import Id, Instant, text
from portfolio.audit import proof
from portfolio.commission import calendar
from portfolio.documents import Jury, Portfolio, School
from portfolio.identifiers import is_rehearsal
from portfolio.jury import reconcile_marks
from portfolio.jury import sheets as jury_sheets
from portfolio.jury.mark_list import MarkListRow, mark_list_csv
from portfolio.policy.permissions import Action
from portfolio.policy.relations import Actor
from portfolio.store import history
from portfolio.submission import export as portfolio_export

doors = Doors("boards", __name__, description="Calendrier, avancement, bordereaux, archive, historique, preuve")


class SessionQuery(Schema):
    session = text(5, required=True, metadata={"description": "2027, ou 2027R pour une répétition"})


class MeetingDayOut(Schema):
    day = fields.String(required=True, metadata={"description": "AAAA-MM-JJ, dans le fuseau de l'académie"})
    academy = fields.String(required=True)
    school = Id(required=True)
    school_name = fields.String(required=True)
    city = fields.String(required=True)
    commissions = fields.Integer(required=True)
    with_tutor = fields.Integer(required=True, metadata={"description": "dont siégeant avec le tuteur"})
    first_at = Instant(required=True)
    last_at = Instant(required=True)


class CalendarOut(Schema):
    items = fields.List(fields.Nested(MeetingDayOut), required=True)


class PortfolioLineOut(Schema):
    candidacy = Id(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    submissions = fields.Integer(required=True)
    submitted_at = Instant(allow_none=True, required=True)
    placements = fields.Integer(required=True)
    reality_missing = fields.Integer(
        required=True, metadata={"description": "périodes dont la réalité n'est pas encore évaluée"}
    )
    convened = fields.Boolean(required=True)


class SchoolConformityOut(Schema):
    school = Id(required=True)
    session = fields.String(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    lines = fields.List(fields.Nested(PortfolioLineOut), required=True)


class ActOut(Schema):
    seq = fields.Integer(required=True)
    at = Instant(required=True)
    name = fields.String(required=True)
    sentence = fields.String(required=True)
    about = fields.String(allow_none=True, required=True)


class HistoryQuery(Schema):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class HistoryOut(Schema):
    items = fields.List(fields.Nested(ActOut), required=True)
    next = fields.Integer(allow_none=True, required=True)


class SealedActOut(Schema):
    chain = fields.String(required=True, metadata={"description": "portfolio, assessment, jury"})
    seq = fields.Integer(required=True)
    at = Instant(required=True)
    name = fields.String(required=True)
    sentence = fields.String(required=True)
    mac = fields.String(required=True)


class SealedSheetOut(Schema):
    id = Id(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True)
    digest = fields.String(required=True)
    signatures = fields.List(fields.Nested(SignatureOut), required=True)


class ProofOut(Schema):
    checked_at = Instant(required=True)
    faults = fields.List(fields.String(), required=True, metadata={"description": "vide : tout est intact"})
    ends = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "dernier maillon de chaque chaîne, à comparer aux ancrages gardés hors de la base"},
    )
    acts = fields.List(fields.Nested(SealedActOut), required=True)
    submissions = fields.List(fields.Nested(SubmissionSummary), required=True)
    sheets = fields.List(fields.Nested(SealedSheetOut), required=True)


class KeyedMarks(Schema):
    session = text(5, required=True)
    keyed = text(
        reconcile_marks.MAX_CHARACTERS,
        required=True,
        metadata={"description": "ce qui a été saisi : une ligne par candidat, numéro puis note, séparés par ; ou tab"},
    )


class KeyedDifferenceOut(Schema):
    kind = fields.String(required=True, metadata={"description": ", ".join(reconcile_marks.KINDS)})
    candidate_number = fields.String(required=True)
    name = fields.String(required=True)
    expected = fields.String(required=True)
    keyed = fields.String(required=True)
    lines = fields.List(fields.Integer(), required=True)


class KeyedMarksOut(Schema):
    expected = fields.Integer(required=True)
    keyed = fields.Integer(required=True)
    equal = fields.Integer(required=True)
    differences = fields.List(fields.Nested(KeyedDifferenceOut), required=True)


@doors.reads("/calendar", Action.READ_CALENDAR, CalendarOut, query=SessionQuery)
def show_calendar(by: Actor, at: Any, asked: dict[str, Any]) -> dict[str, Any]:
    return {"items": calendar.calendar(by, asked["session"])}


@doors.reads("/schools/<oid:school_id>/conformity", Action.READ_CALENDAR, SchoolConformityOut, query=SessionQuery)
def show_school_conformity(by: Actor, at: Any, school_id: Any, asked: dict[str, Any]) -> calendar.SchoolConformity:
    return calendar.school_conformity(by, find(School, school_id), asked["session"])


@doors.files("/schools/<oid:school_id>/mark-list.csv", Action.LIST_MARK, "text/csv", query=SessionQuery)
def school_mark_list(by: Actor, at: Any, school_id: Any, asked: dict[str, Any]) -> Response:
    """The school's proposed marks, to key into the national system."""
    school = find(School, school_id)
    return _mark_list(jury_sheets.school_mark_rows(by, school, asked["session"]), asked["session"], school.uai)


@doors.asks("/schools/<oid:school_id>/mark-list/compare", Action.RECONCILE_MARKS, KeyedMarksOut, takes=KeyedMarks)
def compare_marks(by: Actor, at: Any, school_id: Any, values: dict[str, Any]) -> reconcile_marks.Comparison:
    """What was keyed, line by line, against the list. Repeating it compares, and records that it was done, again."""
    return reconcile_marks.reconcile(by, find(School, school_id), values["session"], values["keyed"], at)


@doors.files("/juries/<oid:jury_id>/mark-list.csv", Action.LIST_SHEETS, "text/csv")
def jury_mark_list(by: Actor, at: Any, jury_id: Any) -> Response:
    """The academy's proposed marks, to key into the national system."""
    jury = find(Jury, jury_id)
    return _mark_list(jury_sheets.jury_mark_rows(by, jury), jury.session, f"academie-{jury.academy}")


@doors.files("/portfolios/<oid:portfolio_id>/export.zip", Action.EXPORT_PORTFOLIO, "application/zip", recorded=True)
def export_portfolio(by: Actor, at: Any, portfolio_id: Any) -> Response:
    """The whole portfolio, with the program that verifies it offline. That it was taken is recorded."""
    export = portfolio_export.export(by, find(Portfolio, portfolio_id), at)
    return _download(export.chunks, "application/zip", export.name)


@doors.reads("/portfolios/<oid:portfolio_id>/history", Action.READ_HISTORY, HistoryOut, query=HistoryQuery)
def show_history(by: Actor, at: Any, portfolio_id: Any, asked: dict[str, Any]) -> history.Page:
    return history.history(by, find(Portfolio, portfolio_id), asked["after"], asked["limit"])


@doors.reads("/portfolios/<oid:portfolio_id>/proof", Action.READ_PROOF, ProofOut)
def show_proof(by: Actor, at: Any, portfolio_id: Any) -> proof.Proof:
    """Every act on one candidate, its seals checked now. Neither titles nor marks."""
    return proof.proof(by, find(Portfolio, portfolio_id), at)


def _mark_list(rows: list[MarkListRow], session: str, of: str) -> Response:
    fictional = "FICTIF-" if is_rehearsal(session) else ""
    return _download([mark_list_csv(rows)], "text/csv", f"{fictional}bordereau-{session}-{of}.csv")


def _download(chunks: Iterable[bytes], media_type: str, name: str) -> Response:
    answer = Response(chunks, mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
