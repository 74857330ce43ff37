"""The rows of a grid as its form shows them: as stored, as typed, or both where they clash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, request

from portfolio.documents import Grid
from portfolio.errors import Stale
from portfolio.read.commission_desk import Desk
from portfolio.sheet.wording import KINDS
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
    return [
        _line(seen_now, official, grid, code, typed, counts.get(code, 0), refused)
        for code in seen_now.circular.grid.rows
    ]


def _line(seen_now: Desk, official: Any, grid: Grid, code: str, typed: Any, evidence: int, refused: bool) -> Line:
    before = {name: getattr(grid, name).get(code, "") for name in FIELDS}
    shown, stored = dict(before), {}
    for name in FIELDS if typed is not None else ():
        mine = plain(typed.get(f"{name}.{code}", ""))
        if mine != plain(typed.get(f"before.{name}.{code}", "")):
            shown[name] = mine
            overtaken = isinstance(g.get("refusal"), Stale) or before[name] != plain(
                typed.get(f"before.{name}.{code}", "")
            )
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
