"""The rows of a grid as its form shows them: as stored, as typed, or both where they clash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, request

from portfolio.documents import Grid
from portfolio.errors import Stale
from portfolio.sheet.wording import KINDS
from portfolio.sheet.workspace import Desk
from web.forms import kept_of

FIELDS = ("degrees", "observations")


@dataclass(frozen=True)
class Line:
    """One row as the form shows it. stored: {field: what was saved meanwhile by somebody else, where it differs}."""

    code: str
    wording: str
    section: str
    degree: str
    observation: str
    stored: dict[str, str]
    before: dict[str, str]
    evidence: int


def lines(seen_now: Desk, grid: Grid) -> list[Line]:
    """The rows of the circular. After a refusal, or once its author has signed in again: as typed where this person
    changed something, else as stored.
    """
    official, counts = seen_now.referential, seen_now.evidence.counts() if seen_now.evidence else {}
    form = f"grid-{grid.id}"
    refused = "refusal" in g and request.form.get("_form") == form
    kept = {name: values[-1] for name, values in kept_of(form).items() if values}
    typed = request.form if refused else kept or None
    return [_line(seen_now, official, grid, code, typed, counts.get(code, 0)) for code in seen_now.circular.grid.rows]


def _line(seen_now: Desk, official: Any, grid: Grid, code: str, typed: Any, evidence: int) -> Line:
    before = {name: getattr(grid, name).get(code, "") for name in FIELDS}
    shown, stored = dict(before), {}
    for name in FIELDS if typed is not None else ():
        mine, read = (plain(typed.get(f"{prefix}{name}.{code}", "")) for prefix in ("", "before."))
        if mine != read:
            shown[name] = mine
            overtaken = before[name] != read or isinstance(g.get("refusal"), Stale)
            if overtaken and before[name] != mine:
                stored[name] = before[name]
    kind = "competence" if code in official.competences else "criterion"
    return Line(
        code=code,
        wording=official.wording(code),
        section=KINDS[kind],
        degree=shown["degrees"],
        observation=shown["observations"],
        stored=stored,
        before=before,
        evidence=evidence,
    )


def plain(value: str) -> str:
    return value.replace("\r\n", "\n").strip()
