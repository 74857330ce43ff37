"""The forms of a sheet that was drawn up: its content, as JSON, as PDF and as a workbook, to those who may read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from config.on_demand import on_demand
from portfolio.documents import Sheet
from portfolio.documents.commissions import SheetState
from portfolio.documents.people import Role
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.sheet import printed_values
from portfolio.sheet.content import SheetContent
from portfolio.sheet.masking.masked_content import masked
from portfolio.sheet.papers.render_pdf import render_pdf
from portfolio.store.canonical_json import canonical

if TYPE_CHECKING:
    from portfolio.sheet.papers import render_xlsx
else:
    render_xlsx = on_demand("portfolio.sheet.papers.render_xlsx")


def content(by: Actor, sheet: Sheet) -> SheetContent:
    """Returns the parsed content of the sheet; the copy without the proposed mark for a reader who may not know it.
    Raises NotFound, Forbidden.
    """
    require(by, Action.READ_SHEET, sheet)
    frozen: SheetContent = json.loads(sheet.content)
    return frozen if may(by, Action.READ_PROPOSAL, sheet) else masked(frozen)


def canonical_json(by: Actor, sheet: Sheet) -> bytes:
    """Returns the exact bytes whose SHA-256 was signed; those of the copy without the proposed mark for a reader who
    may not know it. Raises NotFound, Forbidden.
    """
    if not may(by, Action.READ_PROPOSAL, sheet):
        return canonical(content(by, sheet))
    return str(sheet.content).encode()


def pdf(by: Actor, sheet: Sheet) -> bytes:
    return render_pdf(content(by, sheet), signatures(sheet), banner(sheet), communicated(by, sheet))


def xlsx(by: Actor, sheet: Sheet) -> bytes:
    return render_xlsx.render_xlsx(content(by, sheet), signatures(sheet), banner(sheet), communicated(by, sheet))


def signatures(sheet: Sheet) -> list[printed_values.SheetSignature]:
    return [
        printed_values.SheetSignature(signature.name, signature.quality, signature.at.isoformat(), signature.digest)
        for signature in sheet.signatures
    ]


def banner(sheet: Sheet) -> str | None:
    """Returns the warning printed on each page of a draft or voided sheet; None for any other."""
    if sheet.state == SheetState.VOIDED:
        return f"ANNULÉE : {sheet.voided_reason}"
    if sheet.state == SheetState.DRAFT:
        return "BROUILLON – une seule signature" if sheet.signatures else "BROUILLON – non signé"
    return None


def communicated(by: Actor, sheet: Sheet) -> printed_values.Communicated | None:
    """Returns the communication that the footer of the candidate's own copy states instead of the signed footer, which
    forbids it; None for any other reader: what they print holds the proposal, and is not what was communicated.
    """
    if not sheet.released or sheet.candidacy not in by.values(Role.CANDIDATE, "candidacy"):
        return None
    decided = sheet.unmasking
    decision = f"décision {decided.reference}, prise en application de : {decided.law}" if decided else ""
    return printed_values.Communicated(sheet.released_at.isoformat(), sheet.release_reference, decision)
