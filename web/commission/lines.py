"""The rows of a grid as its form shows them: as stored, as typed, or both where they clash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g, request

from portfolio.documents import Grid
from portfolio.errors import Stale
from portfolio.rules.texts.referential import Referential
from portfolio.sheet.papers.wording import KINDS
from portfolio.sheet.workspace import Desk
from web.forms import draft_of

FIELDS = ("degrees", "observations")


@dataclass(frozen=True)
class GridLine:
    """One row as the form shows it. stored: {field: what was saved meanwhile by somebody else, where it differs}."""

    code: str
    wording: str
    section: str
    degree: str
    observation: str
    stored: dict[str, str]
    before: dict[str, str]
    evidence: int


def lines(workspace: Desk, grid: Grid) -> list[GridLine]:
    """Returns the rows of the circular, in its order, as stored in this grid. After a refusal, or once its author has
    signed in again: as typed where this person changed something.
    """
    counts = workspace.evidence.counts() if workspace.evidence else {}
    form = f"grid-{grid.id}"
    refused = "refusal" in g and request.form.get("_form") == form
    kept = {name: values[-1] for name, values in draft_of(form).items() if values}
    typed = request.form if refused else kept
    rows, referential = workspace.circular.grid.rows, workspace.referential
    return [_line(referential, grid, code, typed, counts.get(code, 0)) for code in rows]


def _line(referential: Referential, grid: Grid, code: str, typed: Mapping[str, str], evidence: int) -> GridLine:
    before = {name: getattr(grid, name).get(code, "") for name in FIELDS}
    displayed, stored = dict(before), {}
    for name in FIELDS:
        mine, read = (plain(typed.get(f"{prefix}{name}.{code}", "")) for prefix in ("", "before."))
        if mine != read:
            displayed[name] = mine
            overtaken = before[name] != read or isinstance(g.get("refusal"), Stale)
            if overtaken and before[name] != mine:
                stored[name] = before[name]
    kind = "competence" if code in referential.competences else "criterion"
    return GridLine(
        code=code,
        wording=referential.wording(code),
        section=KINDS[kind],
        degree=displayed["degrees"],
        observation=displayed["observations"],
        stored=stored,
        before=before,
        evidence=evidence,
    )


def plain(value: str) -> str:
    return value.replace("\r\n", "\n").strip()
