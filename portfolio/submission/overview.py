"""A whole portfolio read with a constant number of queries, and what coverage and conformity need of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile, Placement, Portfolio, RealityEvaluation
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.evidence.deposit import rules_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.rules.circular import circular
from portfolio.rules.circular_terms import Circular
from portfolio.rules.conformity import (
    ActivityState,
    DeclaredPiece,
    Draft,
    PlacementState,
    PortfolioState,
    Report,
    conformity,
)
from portfolio.rules.coverage import Coverage, Piece, coverage
from portfolio.rules.referential import Referential
from portfolio.sign_offs.answering.status import SignOffs, attestations_of, compute, pieces_to_sign, to_sign
from portfolio.store.digests import files_of


@dataclass(frozen=True)
class Overview:
    """pieces: not withdrawn, in order of arrival. files: by piece id, removed ones left out."""

    portfolio: Portfolio
    candidacy: Candidacy
    placements: list[Placement]
    activities: list[Activity]
    pieces: list[Evidence]
    files: dict[Any, list[EvidenceFile]]
    evaluations: list[RealityEvaluation]

    @cached_property
    def sign_offs(self) -> SignOffs:
        pieces = pieces_to_sign(self.ready, self.files)
        return compute(map(to_sign, self.activities), pieces, attestations_of(self.candidacy.id))

    @property
    def circular(self) -> Circular:
        pin = self.candidacy.circular
        return circular(pin.id, pin.version, pin.sha256)

    @property
    def referential(self) -> Referential:
        return rules_of(self.candidacy)

    @property
    def ready(self) -> list[Evidence]:
        return [piece for piece in self.pieces if piece.state == "ready"]

    @property
    def drafts(self) -> list[Evidence]:
        return [piece for piece in self.pieces if piece.state == "draft"]


def overview(portfolio: Portfolio) -> Overview:
    """Six queries, whatever the number of pieces; a seventh when the sign-offs are asked for. Raises Eliminated."""
    refuse_eliminated(portfolio)
    of_candidate = {"candidacy": portfolio.candidacy}
    pieces = list(Evidence.objects(state__ne="withdrawn", **of_candidate).order_by("id"))
    return Overview(
        portfolio=portfolio,
        candidacy=Candidacy.objects.get(pk=portfolio.candidacy),
        placements=list(Placement.objects(cancelled_at=None, **of_candidate).order_by("starts_on", "id")),
        activities=list(Activity.objects(withdrawn_at=None, **of_candidate).order_by("id")),
        pieces=pieces,
        files=files_of(pieces),
        evaluations=list(RealityEvaluation.objects(**of_candidate)),
    )


def _seen(piece: Evidence, accepted: bool) -> dict[str, Any]:
    return {
        "id": str(piece.id),
        "title": piece.title,
        "type_code": piece.type_code,
        "nature": piece.nature,
        "situation": piece.situation,
        "competences": tuple(proof.competence for proof in piece.competences),
        "criteria": tuple(piece.criteria),
        "tool_families": tuple(piece.tool_families),
        "accepted": accepted,
    }


def coverage_of(seen: Overview) -> Coverage:
    accepted = seen.sign_offs.accepted_pieces
    return coverage(seen.referential, [Piece(**_seen(piece, piece.id in accepted)) for piece in seen.ready])


def conformity_of(seen: Overview) -> Report:
    return conformity(seen.circular, seen.referential, state_of(seen))


def conformity_for(by: Actor, portfolio: Portfolio) -> Report:
    """An inspector or an office, who read no piece, are told how many and where: by their rank, never by a title."""
    require(by, Action.READ_CONFORMITY, portfolio)
    seen = overview(portfolio)
    if may(by, Action.READ_COVERAGE, portfolio):
        return conformity_of(seen)
    return conformity(seen.circular, seen.referential, untitled(state_of(seen)))


def untitled(state: PortfolioState) -> PortfolioState:
    """What the candidate wrote gives way to its rank. Pure."""
    return PortfolioState(
        pieces=tuple(replace(one, title=f"preuve n° {rank}") for rank, one in enumerate(state.pieces, 1)),
        drafts=tuple(replace(one, title=f"brouillon n° {rank}") for rank, one in enumerate(state.drafts, 1)),
        activities=tuple(replace(one, title=f"activité n° {rank}") for rank, one in enumerate(state.activities, 1)),
        placements=tuple(replace(one, company=f"période n° {rank}") for rank, one in enumerate(state.placements, 1)),
    )


def state_of(seen: Overview) -> PortfolioState:
    accepted = seen.sign_offs.accepted_pieces
    evaluated = {one.placement: one.state for one in seen.evaluations}
    pieces = tuple(
        DeclaredPiece(
            **_seen(piece, piece.id in accepted),
            activity=str(piece.activity) if piece.activity else None,
            real_unanonymised=piece.situation == "reelle" and piece.anonymisation == "a_faire",
        )
        for piece in seen.ready
    )
    statuses = seen.sign_offs.statuses
    activities = tuple(
        ActivityState(str(one.id), one.title, one.context, statuses[one.id]["tutor"], statuses[one.id]["teacher"])
        for one in seen.activities
        if one.id in statuses
    )
    placements = tuple(
        PlacementState(str(one.id), one.company_name, _reality(evaluated.get(one.id))) for one in seen.placements
    )
    return PortfolioState(pieces, tuple(Draft(str(one.id), one.title) for one in seen.drafts), activities, placements)


def _reality(state: str | None) -> str:
    return state if state in ("joint", "teacher_alone") else "missing"
