"""Masks the content of a sheet: the mark, what tells it, and each sentence of a free text that may tell it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from portfolio.sheet.content import SheetContent
from portfolio.sheet.masking.sentences import HIDDEN, without_passages

# What somebody was free to write, by its path in the content.
WRITTEN = frozenset(
    {
        *("appreciation", "grid.rows[].observation", "evaluations[].text", "outcome.reference"),
        *("commission.note", "commission.place", "commission.tutor_absence"),
    }
)
# What stays as it is. A text that is neither here nor in WRITTEN is hidden whole.
LEFT = frozenset(
    {
        # of the circular, the referential and this service
        *("schema", "title", "number", "footer", "template_version", "spaces[]", "session.code", "session.rehearsal"),
        *("exam.diploma", "exam.exam", "exam.unit", "exam.title", "exam.coefficient", "exam.modality"),
        *("circular.id", "circular.version", "circular.sha256", "circular.document_sha256", "circular.provisional"),
        *("referential.id", "referential.version", "referential.sha256"),
        *("grid.scale[].code", "grid.scale[].label", "grid.not_evaluated.code", "grid.not_evaluated.label"),
        *("grid.rows[].code", "grid.rows[].kind", "grid.rows[].wording", "grid.rows[].evidence[]"),
        *("grid.rows[].degree.code", "grid.rows[].degree.label", "outcome.code", "outcome.label"),
        *("commission.mode", "commission.way", "commission.met_on", "reality[]"),
        *("evaluations[].evaluated", "control[].label", "control[].value"),
        # of the register of candidates, schools, companies and people
        *("academy.name", "academy.time_zone", "school.uai", "school.name", "school.city"),
        *("candidate.number", "candidate.birth_name", "candidate.usage_name", "candidate.given_names"),
        *("candidate.birth_date", "candidate.status"),
        *("placements[].kind", "placements[].company", "placements[].city", "placements[].tutor"),
        *("placements[].starts", "placements[].ends", "placements[].days", "evaluations[].about"),
        *("commission.members[].name", "commission.members[].quality", "commission.present[]"),
        # of the portfolio as its candidate handed it in
        *("portfolio.revision", "portfolio.manifest_sha256", "portfolio.pieces[].number", "portfolio.pieces[].title"),
        *("portfolio.pieces[].revision", "portfolio.pieces[].digest", "portfolio.pieces[].late_since"),
        *("portfolio.pieces[].nature", "portfolio.pieces[].situation"),
    }
)


def masked(content: SheetContent) -> SheetContent:
    """Returns the content without what tells the proposed mark: the mark itself, and in the texts of WRITTEN each
    sentence where a number may be one, whatever the mark. The digest that was signed tells it too, by trying forty-one
    marks: whoever words a masked content leaves it out, as the head of the commission's chain is.
    """
    hidden = cast(SheetContent, _masked(content, "", _codes(content)))
    return {**hidden, "masked": True, "mark": None, "chain_head": "masquée"}


def _codes(content: SheetContent) -> Collection[str]:
    """Returns what this sheet itself names by a letter and a number: competences, criteria, pieces, the exam."""
    rows = [row["code"] for row in content["grid"]["rows"]]
    pieces = [piece["number"] for piece in content["portfolio"]["pieces"]]
    return {*rows, *pieces, content["exam"]["exam"], content["exam"]["unit"]}


def _masked(value: object, path: str, codes: Collection[str]) -> object:
    if isinstance(value, dict):
        return {name: _masked(inner, f"{path}.{name}".lstrip("."), codes) for name, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, f"{path}[]", codes) for inner in value]
    if path in LEFT or not isinstance(value, str) or not value:
        return value
    return without_passages(value, codes) if path in WRITTEN else HIDDEN
