"""Builds the content of a fiche d'évaluation, which the two members sign byte for byte.

Pure. The shape is the union of the fields of sister grids (NDRC, SIO, CIEL) because the
model of the national circular for E5 is not public; rows, scale, mark step and texts come from the circular.
The INE has no field here: it never leaves the school's own records.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from portfolio.rules.marks import to_wire
from portfolio.sheet.content import (
    CandidateContent,
    CommissionContent,
    DegreeContent,
    EvaluationContent,
    ExamContent,
    GridContent,
    MarkContent,
    OutcomeContent,
    PieceContent,
    PinnedContent,
    PlacementContent,
    PortfolioContent,
    RowContent,
    SheetContent,
)
from portfolio.sheet.printed_values import (
    Candidate,
    Pinned,
    PrintedExam,
    SheetCommission,
    SheetDegree,
    SheetEvaluation,
    SheetInput,
    SheetMark,
    SheetOutcome,
    SheetPiece,
    SheetPlacement,
    SheetPortfolio,
    SheetRow,
)

SCHEMA = "portfolio-e5/sheet/2"
LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def build(sheet: SheetInput) -> SheetContent:
    """Returns the content that is digested, signed and frozen.
    It holds strings, integers, booleans, lists, dicts, and None for what does not exist; dates are ISO 8601, marks
    strings with a dot and two decimals. Texts are NFC with `\\n` line ends and without control characters,
    so that PDF, XLSX and JSON can all carry them unchanged. Raises ValueError if a degree is off the scale.
    """
    return {
        "schema": SCHEMA,
        "title": _text(sheet.title),
        "number": _text(sheet.number),
        "session": {"code": _text(sheet.session_code), "rehearsal": sheet.rehearsal},
        "exam": _exam(sheet.exam),
        "academy": {"name": _text(sheet.academy), "time_zone": _text(sheet.time_zone)},
        "school": {
            "uai": _text(sheet.school.uai),
            "name": _text(sheet.school.name),
            "city": _text(sheet.school.city),
        },
        "candidate": _candidate(sheet.candidate),
        "placements": [_placement(placement) for placement in sheet.placements],
        "commission": _commission(sheet.commission),
        "grid": _grid(sheet),
        "reality": _texts(sheet.reality),
        "evaluations": [_evaluation(evaluation) for evaluation in sheet.evaluations],
        "control": [{"label": _text(label), "value": _text(value)} for label, value in sheet.control],
        "spaces": _texts(sheet.spaces),
        "appreciation": _text(sheet.appreciation),
        "outcome": _outcome(sheet.outcome),
        "mark": _mark(sheet.mark),
        "portfolio": _portfolio(sheet.portfolio),
        "chain_head": _text(sheet.chain_head),
        "circular": {
            **_pinned(sheet.circular),
            "document_sha256": _optional(sheet.document_sha256),
            "provisional": sheet.document_sha256 is None,
        },
        "referential": _pinned(sheet.referential),
        "template_version": _text(sheet.template_version),
        "footer": _text(sheet.footer),
    }


def _exam(exam: PrintedExam) -> ExamContent:
    return {
        "diploma": _text(exam.diploma),
        "exam": _text(exam.exam),
        "unit": _text(exam.unit),
        "title": _text(exam.title),
        "coefficient": exam.coefficient,
        "modality": _text(exam.modality),
    }


def _candidate(candidate: Candidate) -> CandidateContent:
    return {
        "number": _text(candidate.number),
        "birth_name": _text(candidate.birth_name),
        "usage_name": _text(candidate.usage_name),
        "given_names": _text(candidate.given_names),
        "birth_date": candidate.birth_date.isoformat(),
        "status": _text(candidate.status),
    }


def _evaluation(evaluation: SheetEvaluation) -> EvaluationContent:
    return {
        "about": _text(evaluation.about),
        "evaluated": _text(evaluation.evaluated),
        "text": _text(evaluation.text),
    }


def _placement(placement: SheetPlacement) -> PlacementContent:
    return {
        "kind": _text(placement.kind),
        "company": _text(placement.company),
        "city": _text(placement.city),
        "starts": placement.starts.isoformat(),
        "ends": placement.ends.isoformat(),
        "days": placement.days,
        "tutor": _text(placement.tutor),
    }


def _commission(commission: SheetCommission) -> CommissionContent:
    return {
        "members": [{"name": _text(m.name), "quality": _text(m.quality)} for m in commission.members],
        "tutor_absence": _optional(commission.tutor_absence),
        "met_on": None if commission.met_on is None else commission.met_on.isoformat(),
        "place": _text(commission.place),
        "present": _texts(commission.present),
        "note": _text(commission.note),
        "way": _text(commission.way),
        "mode": _text(commission.mode),
    }


def _grid(sheet: SheetInput) -> GridContent:
    degrees = {degree.code: _degree(degree) for degree in (*sheet.scale, sheet.not_evaluated)}
    unknown = sorted({row.degree for row in sheet.rows if row.degree is not None} - degrees.keys())
    if unknown:
        raise ValueError(f"degrees outside the scale of the sheet: {unknown}")
    return {
        "scale": [_degree(degree) for degree in sheet.scale],
        "not_evaluated": _degree(sheet.not_evaluated),
        "rows": [_row(row, degrees) for row in sheet.rows],
    }


def _degree(degree: SheetDegree) -> DegreeContent:
    return {"code": _text(degree.code), "label": _text(degree.label)}


def _row(row: SheetRow, degrees: dict[str, DegreeContent]) -> RowContent:
    return {
        "code": _text(row.code),
        "kind": row.kind,
        "wording": _text(row.wording),
        "degree": None if row.degree is None else degrees[row.degree],
        "observation": _text(row.observation),
        "evidence": _texts(row.evidence),
    }


def _outcome(outcome: SheetOutcome | None) -> OutcomeContent | None:
    if outcome is None:
        return None
    return {"code": _text(outcome.code), "label": _text(outcome.label), "reference": _text(outcome.reference)}


def _mark(mark: SheetMark | None) -> MarkContent | None:
    if mark is None:
        return None
    return {"proposed": to_wire(mark.proposed), "step": to_wire(mark.step), "out_of": mark.out_of}


def _portfolio(portfolio: SheetPortfolio) -> PortfolioContent:
    return {
        "revision": portfolio.revision,
        "manifest_sha256": _text(portfolio.manifest_sha256),
        "pieces": [_piece(piece) for piece in portfolio.pieces],
    }


def _piece(piece: SheetPiece) -> PieceContent:
    content: PieceContent = {
        "number": _text(piece.number),
        "title": _text(piece.title),
        "revision": piece.revision,
        "digest": _text(piece.digest),
        "nature": _text(piece.nature),
        "situation": _text(piece.situation),
    }
    if piece.late_since is not None:
        content["late_since"] = _text(piece.late_since)
    return content


def _pinned(pinned: Pinned) -> PinnedContent:
    return {"id": _text(pinned.id), "version": _text(pinned.version), "sha256": _text(pinned.sha256)}


def _texts(values: Iterable[str]) -> list[str]:
    return [_text(value) for value in values]


def _optional(value: str | None) -> str | None:
    return None if value is None else _text(value)


def _text(value: str) -> str:
    lines = LINE_END.sub("\n", value)
    return unicodedata.normalize("NFC", "".join(_carried(char) for char in lines))


def _carried(char: str) -> str:
    """Returns the character, or U+FFFD for a control character other than line feed and tab, a lone surrogate or a
    noncharacter, which XML and UTF-8 refuse.
    """
    if char in "\n\t":
        return char
    if unicodedata.category(char) in ("Cc", "Cs") or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF:
        return "\N{REPLACEMENT CHARACTER}"
    return char
