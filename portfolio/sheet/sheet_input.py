"""Gathers the sources of a sheet, from frozen records where they exist, and composes its plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from portfolio.commission.assess import manifest_of, submission_of
from portfolio.commission.grids import own_grids, shared_grid
from portfolio.commission.meeting import seats
from portfolio.commission.on_paper.grid_scans import last_scan
from portfolio.documents import (
    Academy,
    Assessment,
    Candidacy,
    Commission,
    Grid,
    GridScan,
    Placement,
    School,
    Submission,
)
from portfolio.enrolment.deadline import deadline_of
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of, referential_of
from portfolio.identifiers import TO_BE_NAMED, is_rehearsal
from portfolio.papers.labels import KINDS
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.referential import Referential
from portfolio.sheet import annex_input, printed_values
from portfolio.sign_offs.answering.standing import ActivitySignOffs
from portfolio.sign_offs.answering.status import against
from portfolio.store.journal import assessment_chain, head, portfolio_chain
from portfolio.submission.lateness import still_late

DIGEST_SHOWN = 16
KEYED = "saisie d'après papier, du scan {digest}, par {keyed}, relue par {read}"
KEPT_ON_PAPER = "grille remplie à la main pendant la réunion"
PLACED = ("id", "company_name", "company_city", "kind", "starts_on", "ends_on", "days", "tutor_name")


@dataclass(frozen=True)
class Sources:
    """The sources of a sheet. submission: None if the candidate never submitted. own: the grids of mode `sealed`.

    placements: plain values, from the manifest if there is one. heads: of the assessment's chain, then of the
    portfolio's, each "seq:mac". scan: of the grid, where it was filled in by hand.
    """

    candidacy: Candidacy
    school: School
    academy: Academy
    commission: Commission
    assessment: Assessment
    own: list[Grid]
    shared: Grid
    submission: Submission | None
    manifest: dict[str, Any]
    placements: list[dict[str, Any]]
    signed_off: tuple[ActivitySignOffs, ...]
    heads: tuple[str, str]
    scan: GridScan | None = None

    @property
    def circular(self) -> Circular:
        return circular_of(self.candidacy)

    @property
    def referential(self) -> Referential:
        return referential_of(self.candidacy)


def gather(assessment: Assessment) -> Sources:
    """Returns everything that the assessment's sheet is made of, as it stands. Raises Eliminated, Invalid (an academy
    never created).
    """
    candidacy = Candidacy.objects.get(pk=assessment.candidacy)
    submission = submission_of(assessment)
    manifest = manifest_of(submission) if submission else {}
    if manifest.get("late"):
        manifest = {**manifest, "late": still_late(manifest["late"], deadline_of(candidacy))}
    live = Placement.objects(candidacy=candidacy.id, cancelled_at=None).order_by("starts_on", "id")
    return Sources(
        candidacy=candidacy,
        school=School.objects.get(pk=candidacy.school),
        academy=academy_of(candidacy.academy),
        commission=Commission.objects.get(pk=assessment.id),
        assessment=assessment,
        own=own_grids(assessment),
        shared=shared_grid(assessment),
        submission=submission,
        manifest=manifest,
        placements=manifest["placements"] if manifest else [_placed(placement) for placement in live],
        signed_off=against(submission).activities if submission else (),
        heads=(head(assessment_chain(assessment)), head(portfolio_chain(assessment))),
        scan=last_scan(assessment),
    )


def _placed(placement: Placement) -> dict[str, Any]:
    return {name: getattr(placement, name) for name in PLACED}


# --- pure -----------------------------------------------------------------------------------------


def numbered(manifest: dict[str, Any]) -> dict[str, str]:
    """Returns {piece id: "P1"…} in the order of the submission: numbers do not depend on the pieces retained."""
    return {piece["id"]: f"P{number}" for number, piece in enumerate(manifest.get("pieces", []), 1)}


def mark_of(sources: Sources) -> Decimal | None:
    """Returns the proposed mark, else the mark that the circular gives to the outcome.

    The latter is 0 for a force majeure (D643-24), None for most outcomes.
    """
    mark: Decimal | None = sources.assessment.proposed_mark
    if sources.assessment.outcome and mark is None:
        return sources.circular.outcomes[sources.assessment.outcome].mark
    return mark


def compose(sources: Sources, number: str) -> printed_values.SheetInput:
    """Returns the values printed on the sheet of that number; pure but for the pinned circular and referential."""
    rules, official, assessment = sources.circular, sources.referential, sources.assessment
    mark = mark_of(sources)
    return printed_values.SheetInput(
        title=rules.sheet.title,
        number=number,
        session_code=sources.candidacy.session,
        rehearsal=is_rehearsal(sources.candidacy.session),
        exam=printed_values.PrintedExam.of(official, rules.sheet.modality),
        academy=sources.academy.name,
        time_zone=sources.academy.timezone,
        school=printed_values.SheetSchool(sources.school.uai, sources.school.name, sources.school.city),
        candidate=_candidate(sources.candidacy, rules),
        placements=tuple(_placement(placement) for placement in sources.placements),
        commission=_commission(sources, rules),
        scale=tuple(printed_values.SheetDegree.of(degree) for degree in rules.grid.scale),
        not_evaluated=printed_values.SheetDegree.of(rules.grid.not_evaluated),
        rows=tuple(_row(sources, official, code) for code in rules.grid.rows),
        reality=_reality(sources),
        evaluations=tuple(annex_input.evaluations(sources.manifest)),
        control=tuple(_control(sources)),
        spaces=rules.sheet.spaces,
        appreciation=assessment.appreciation or "",
        outcome=_outcome(assessment, rules),
        mark=None if mark is None else printed_values.SheetMark(mark, rules.mark.step, int(rules.mark.maximum)),
        portfolio=_portfolio(sources),
        chain_head=" ".join(sources.heads),
        circular=printed_values.Pinned(*rules.pin),
        document_sha256=rules.source.document_sha256,
        referential=printed_values.Pinned(official.id, official.version, official.sha256),
        template_version=rules.sheet.template_version,
        footer=rules.sheet.footer,
    )


def _candidate(candidacy: Candidacy, rules: Circular) -> printed_values.Candidate:
    return printed_values.Candidate(
        number=candidacy.candidate_number or "",
        birth_name=candidacy.birth_name,
        usage_name=candidacy.usage_name or "",
        given_names=candidacy.given_names,
        birth_date=date.fromisoformat(candidacy.birth_date),
        status=rules.sheet.statuses[candidacy.status],
    )


def _placement(placement: dict[str, Any]) -> printed_values.SheetPlacement:
    return printed_values.SheetPlacement(
        kind=KINDS.get(placement.get("kind", ""), ""),
        company=placement["company_name"],
        city=placement["company_city"],
        starts=date.fromisoformat(placement["starts_on"]),
        ends=date.fromisoformat(placement["ends_on"]),
        days=placement["days"],
        tutor=placement.get("tutor_name") or TO_BE_NAMED,
    )


def _commission(sources: Sources, rules: Circular) -> printed_values.SheetCommission:
    commission = sources.commission
    sitting, held = seats(commission), commission.meeting
    return printed_values.SheetCommission(
        members=tuple(printed_values.SheetMember(seat.name, rules.sheet.qualities[seat.quality]) for seat in sitting),
        tutor_absence=commission.tutor_absence,
        met_on=held.held_at.astimezone(ZoneInfo(sources.academy.timezone)).date() if held else None,
        place=held.place if held else "",
        mode=rules.sheet.modes[commission.mode],
        present=tuple(seat.name for seat in sitting if held and seat.person in held.present),
        note=(held.note or "") if held else "",
        way=_way(sources),
    )


def _way(sources: Sources) -> str:
    """Returns how the grid came where it was filled in by hand: from which scan, keyed and read again by whom."""
    held, scan = sources.commission.meeting, sources.scan
    if held is None or not held.on_paper:
        return ""
    if scan is None or scan.read is None:
        return KEPT_ON_PAPER
    return KEYED.format(digest=scan.sha256[:DIGEST_SHOWN], keyed=scan.keyed_name, read=scan.read_name)


def _row(sources: Sources, official: Referential, code: str) -> printed_values.SheetRow:
    kind = printed_values.kind_of_row(official, code)
    if sources.assessment.outcome:
        return printed_values.SheetRow(code, kind, official.wording(code), None, "", ())
    return printed_values.SheetRow(
        code=code,
        kind=kind,
        wording=official.wording(code),
        degree=sources.shared.degrees.get(code),
        observation=sources.shared.observations.get(code, ""),
        evidence=tuple(number for number, piece in _retained(sources) if code in proves(piece)),
    )


def proves(piece: dict[str, Any]) -> set[str]:
    """Returns the codes of the competences and criteria claimed for a piece of the manifest."""
    return {*(claim["competence"] for claim in piece["competences"]), *piece["criteria"]}


def _retained(sources: Sources) -> list[tuple[str, dict[str, Any]]]:
    """Returns the pieces retained, each as (its number "P1", its part of the manifest)."""
    numbers = numbered(sources.manifest)
    kept = sources.assessment.retained
    return [(numbers[piece["id"]], piece) for piece in sources.manifest.get("pieces", []) if kept.get(piece["id"])]


def _reality(sources: Sources) -> tuple[str, ...]:
    """Returns how activities were signed off; where nothing was submitted, how the portfolio came."""
    if not sources.manifest and not sources.assessment.outcome:
        return (annex_input.ON_PAPER,)
    return tuple(annex_input.sign_off_lines(sources.signed_off))


def _control(sources: Sources) -> Iterable[tuple[str, str]]:
    retained = len(_retained(sources))
    return annex_input.control(sources.manifest, sources.placements, retained, sources.academy.timezone)


def _outcome(assessment: Assessment, rules: Circular) -> printed_values.SheetOutcome | None:
    if not assessment.outcome:
        return None
    outcome = rules.outcomes[assessment.outcome]
    return printed_values.SheetOutcome(outcome.code, outcome.label, assessment.outcome_reference or "")


def _portfolio(sources: Sources) -> printed_values.SheetPortfolio:
    if sources.submission is None:
        return printed_values.SheetPortfolio(0, "", ())
    late = sources.manifest.get("late", {})
    pieces = tuple(
        printed_values.SheetPiece(
            number=number,
            title=piece["title"],
            revision=piece["revision"],
            digest=piece["digest"][:DIGEST_SHOWN],
            nature=annex_input.NATURES[piece["nature"]],
            situation=annex_input.SITUATIONS.get(piece.get("situation") or "", ""),
            late_since=late.get(piece["id"]),
        )
        for number, piece in _retained(sources)
    )
    return printed_values.SheetPortfolio(sources.submission.number, sources.submission.digest, pieces)
