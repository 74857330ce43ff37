"""What a sheet is made of: read once, from what is frozen wherever something is frozen, then laid out as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from portfolio.commission.assess import manifest_of, submission_of
from portfolio.commission.grids import own_grids, shared_grid
from portfolio.documents import (
    Academy,
    Assessment,
    Candidacy,
    Commission,
    Grid,
    Placement,
    School,
    Submission,
)
from portfolio.enrolment.institutions import academy_of
from portfolio.evidence.deposit import rules_of
from portfolio.identifiers import is_rehearsal
from portfolio.papers.channels import BRIEFLY
from portfolio.rules.circular_terms import Circular
from portfolio.rules.referential import Referential
from portfolio.sheet import build
from portfolio.sign_offs.answering.status import ActivitySignOffs, against
from portfolio.store.journal import assessment_chain, head, portfolio_chain
from portfolio.submission.submit import circular_of

DIGEST_SHOWN = 16
PLACED = ("id", "company_name", "company_city", "starts_on", "ends_on", "days", "tutor_name")
REALITY = {
    "joint": "réalité des activités évaluée conjointement par les enseignants et le tuteur.",
    "teacher_alone": "réalité des activités évaluée par les enseignants.",
}
NOT_EVALUATED = "réalité des activités non évaluée conjointement."
SEATS = {"tutor": "le tuteur", "teacher": "un professeur"}
STATUSES = {
    "confirmed": "confirmées",
    "partly": "confirmées en partie",
    "refused": "non confirmées",
    "not_known": "sans avis",
    "waived": "confirmation levée avec un motif",
    "requested": "sans réponse",
    "missing": "sans réponse",
    "stale": "modifiées depuis leur confirmation",
}


@dataclass(frozen=True)
class Sources:
    """submission None: nothing was ever handed in. own: the members' grids when each scored alone first.

    placements: plain values, from the manifest when there is one. heads: of the assessment's chain, then of the
    portfolio's, each "seq:mac".
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

    @property
    def circular(self) -> Circular:
        return circular_of(self.candidacy)

    @property
    def referential(self) -> Referential:
        return rules_of(self.candidacy)


def gather(assessment: Assessment) -> Sources:
    candidacy = Candidacy.objects.get(pk=assessment.candidacy)
    submission = submission_of(assessment)
    manifest = manifest_of(submission) if submission else {}
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
        placements=manifest["placements"] if manifest else [{n: getattr(one, n) for n in PLACED} for one in live],
        signed_off=against(submission).activities if submission else (),
        heads=(head(assessment_chain(assessment)), head(portfolio_chain(assessment))),
    )


# --- pure -----------------------------------------------------------------------------------------


def numbered(manifest: dict[str, Any]) -> dict[str, str]:
    """{piece id: "P1"…} in the order of the submission: a piece keeps its number whatever is retained."""
    return {piece["id"]: f"P{number}" for number, piece in enumerate(manifest.get("pieces", []), 1)}


def mark_of(sources: Sources) -> Decimal | None:
    """The proposal, or what the circular gives to the outcome: 0 for a force majeure (D643-24), most often nothing."""
    if sources.assessment.outcome:
        return sources.circular.outcomes[sources.assessment.outcome].mark
    mark: Decimal | None = sources.assessment.proposed_mark
    return mark


def compose(sources: Sources, number: str) -> build.SheetInput:
    rules, official, assessment = sources.circular, sources.referential, sources.assessment
    mark = mark_of(sources)
    return build.SheetInput(
        title=rules.sheet.title,
        number=number,
        session_code=sources.candidacy.session,
        rehearsal=is_rehearsal(sources.candidacy.session),
        exam=_exam(official, rules.sheet.modality),
        academy=sources.academy.name,
        time_zone=sources.academy.timezone,
        school=build.School(sources.school.uai, sources.school.name, sources.school.city),
        candidate=_candidate(sources.candidacy, rules),
        placements=tuple(_placement(one) for one in sources.placements),
        commission=_commission(sources, rules),
        scale=tuple(build.Degree(one.code, one.label) for one in rules.grid.scale),
        not_evaluated=build.Degree(rules.grid.not_evaluated.code, rules.grid.not_evaluated.label),
        rows=tuple(_row(sources, official, code) for code in rules.grid.rows),
        reality=(*_evaluations(sources), *_sign_offs(sources.signed_off)),
        appreciation=assessment.appreciation or "",
        outcome=_outcome(assessment, rules),
        mark=None if mark is None else build.Mark(mark, rules.mark.step, int(rules.mark.maximum)),
        portfolio=_portfolio(sources),
        chain_head=" ".join(sources.heads),
        circular=build.Pinned(*rules.pin),
        document_sha256=rules.source.document_sha256,
        referential=build.Pinned(official.id, official.version, official.sha256),
        template_version=rules.sheet.template_version,
        footer=rules.sheet.footer,
    )


def _exam(official: Referential, modality: str) -> build.Exam:
    return build.Exam(official.diploma, official.exam, official.unit, official.title, official.coefficient, modality)


def _candidate(candidacy: Candidacy, rules: Circular) -> build.Candidate:
    return build.Candidate(
        number=candidacy.candidate_number,
        birth_name=candidacy.birth_name,
        usage_name=candidacy.usage_name or "",
        given_names=candidacy.given_names,
        birth_date=date.fromisoformat(candidacy.birth_date),
        status=rules.sheet.statuses[candidacy.status],
    )


def _placement(one: dict[str, Any]) -> build.Placement:
    return build.Placement(
        company=one["company_name"],
        city=one["company_city"],
        starts=date.fromisoformat(one["starts_on"]),
        ends=date.fromisoformat(one["ends_on"]),
        days=one["days"],
        tutor=one["tutor_name"],
    )


def _commission(sources: Sources, rules: Circular) -> build.Commission:
    commission = sources.commission
    sitting = {seat.person: seat for seat in commission.seats if seat.left_at is None}
    seats = [sitting[person] for person in commission.members]
    return build.Commission(
        members=tuple(build.Member(seat.name, rules.sheet.qualities[seat.quality]) for seat in seats),
        tutor_absence=commission.tutor_absence,
        met_on=commission.meets_at.astimezone(ZoneInfo(sources.academy.timezone)).date(),
        place=commission.place,
        mode=rules.sheet.modes[commission.mode],
    )


def _row(sources: Sources, official: Referential, code: str) -> build.Row:
    kind: Literal["competence", "criterion"] = "competence" if code in official.competences else "criterion"
    if sources.assessment.outcome:
        return build.Row(code, kind, official.wording(code), None, "", ())
    return build.Row(
        code=code,
        kind=kind,
        wording=official.wording(code),
        degree=sources.shared.degrees.get(code),
        observation=sources.shared.observations.get(code, ""),
        evidence=tuple(number for number, piece in _retained(sources) if code in proves(piece)),
    )


def proves(piece: dict[str, Any]) -> set[str]:
    """Codes of the competences and criteria that a piece of the manifest is put forward for."""
    return {*(claim["competence"] for claim in piece["competences"]), *piece["criteria"]}


def _retained(sources: Sources) -> list[tuple[str, dict[str, Any]]]:
    numbers = numbered(sources.manifest)
    kept = sources.assessment.retained
    return [(numbers[one["id"]], one) for one in sources.manifest.get("pieces", []) if kept.get(one["id"])]


def _evaluations(sources: Sources) -> Iterable[str]:
    """« Une évaluation de la réalité des activités et missions », as it was frozen with the portfolio."""
    states = {one["placement"]: one["state"] for one in sources.manifest.get("reality", [])}
    for one in sources.placements if sources.manifest else ():
        yield f"{one['company_name']} : {REALITY.get(states.get(one['id'], ''), NOT_EVALUATED)}"


def _sign_offs(activities: Iterable[ActivitySignOffs]) -> Iterable[str]:
    """How many activities each signatory confirmed, of those that need it; later answers on the same content count."""
    activities = list(activities)
    for seat, words in SEATS.items():
        statuses = [getattr(activity, seat).status for activity in activities]
        counts = Counter(STATUSES[status] for status in statuses if status != "not_needed")
        if counts:
            told = ", ".join(f"{label} : {count}" for label, count in counts.items())
            yield f"Activités à confirmer par {words} – {told}."
        ways = Counter(BRIEFLY[way] for way in _ways(activities, seat))
        if ways:
            told = ", ".join(f"{label} : {count}" for label, count in ways.items())
            yield f"Comment {words} a répondu – {told}."


def _ways(activities: Iterable[ActivitySignOffs], seat: str) -> Iterable[str]:
    """By which way each answer that counts came: recorded and printed, never judged."""
    for activity in activities:
        answer, stale = getattr(activity, seat).attestation, getattr(activity, seat).stale
        if answer is not None and not stale and answer.state != "waived":
            yield answer.channel or "signed_in"


def _outcome(assessment: Assessment, rules: Circular) -> build.Outcome | None:
    if not assessment.outcome:
        return None
    found = rules.outcomes[assessment.outcome]
    return build.Outcome(found.code, found.label, assessment.outcome_reference or "")


def _portfolio(sources: Sources) -> build.Portfolio:
    if sources.submission is None:
        return build.Portfolio(0, "", ())
    pieces = tuple(
        build.Piece(number, piece["title"], piece["revision"], piece["digest"][:DIGEST_SHOWN])
        for number, piece in _retained(sources)
    )
    return build.Portfolio(sources.submission.number, sources.submission.digest, pieces)
