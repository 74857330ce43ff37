"""Reads a whole portfolio with a constant number of queries, for coverage and conformity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bson import ObjectId

from portfolio.documents import (
    Academy,
    Activity,
    Attestation,
    Candidacy,
    Evidence,
    EvidenceFile,
    Placement,
    Portfolio,
    RealityEvaluation,
)
from portfolio.documents.attestations import RealityState
from portfolio.documents.fields import keep
from portfolio.documents.portfolios import Anonymisation, PieceState
from portfolio.documents.rows import Row
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.enrolment.pinned import circular_of, referential_of
from portfolio.evidence.piece_fields import missing_of, readable
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.rules.checked_portfolio import ActivityState, CheckedPortfolio, DeclaredPiece, DraftPiece, PlacementState
from portfolio.rules.conformity import conformity
from portfolio.rules.conformity_report import Report
from portfolio.rules.coverage import Coverage, CoveragePiece, coverage
from portfolio.rules.terms import SignOffSeat, Situation, WorkContext
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.referential import Referential
from portfolio.sign_offs.answering.standing import SignOffs
from portfolio.sign_offs.answering.status import compute, pieces_to_sign, to_sign
from portfolio.store.together import documents, to_read, together, wanted

# What is read of a file by whoever looks at a whole portfolio: there may be six thousand of them.
FILE_FIELDS = ("evidence", "name", "alternative", "key", "state", "size", "sha256", "kind", "media_type", "created_at")


@dataclass(frozen=True)
class Overview:
    """A whole portfolio. pieces: not withdrawn, in order of arrival. files: by piece id, removed ones left out, with
    the fields of a file that FILE_FIELDS names.

    Each piece is either `handed_in`, since something of it can be read, or `unreadable`.
    """

    portfolio: Portfolio
    candidacy: Candidacy
    placements: list[Placement]
    activities: list[Activity]
    pieces: list[Evidence]
    files: dict[ObjectId, list[EvidenceFile]]
    evaluations: list[RealityEvaluation]
    attestations: list[Attestation]

    @cached_property
    def sign_offs(self) -> SignOffs:
        return compute(map(to_sign, self.activities), pieces_to_sign(self.pieces, self.files), self.attestations)

    @property
    def circular(self) -> Circular:
        return circular_of(self.candidacy)

    @property
    def referential(self) -> Referential:
        return referential_of(self.candidacy)

    @cached_property
    def handed_in(self) -> list[Evidence]:
        """Returns what a submission takes: complete or not, all that can be read."""
        return [piece for piece in self.pieces if readable(piece, self.files[piece.id])]

    @cached_property
    def unreadable(self) -> list[Evidence]:
        return [piece for piece in self.pieces if not readable(piece, self.files[piece.id])]

    def missing(self, piece: Evidence) -> list[str]:
        """Returns what a piece still lacks, in French."""
        return missing_of(piece, self.files[piece.id])


def overview(portfolio: Portfolio) -> Overview:
    """Returns the portfolio as it stands, without withdrawn pieces, in one query, whatever it holds. Raises Eliminated.

    All but the candidacy are rows, to read: building six thousand files, or three hundred pieces of nine competences
    each, takes longer than all the rest of a page.
    """
    refuse_eliminated(portfolio)
    theirs = {"candidacy": portfolio.candidacy}
    candidacies, placements, activities, pieces, files, evaluations, answers, academies = together(
        wanted(Candidacy, {"_id": portfolio.candidacy}),
        wanted(Placement, {**theirs, "cancelled_at": None}, "starts_on", "_id"),
        wanted(Activity, {**theirs, "withdrawn_at": None}),
        wanted(Evidence, {**theirs, "state": {"$ne": PieceState.WITHDRAWN}}),
        wanted(EvidenceFile, {**theirs, "removed_at": None}, fields=FILE_FIELDS),
        wanted(RealityEvaluation, theirs),
        wanted(Attestation, theirs),
        wanted(Academy, {"code": portfolio.academy}),
    )
    for academy in documents(Academy, academies):
        keep(academy, academy.code)
    of_pieces: dict[ObjectId, list[Any]] = {piece["_id"]: [] for piece in pieces}
    for file in files:
        if file["evidence"] in of_pieces:
            of_pieces[file["evidence"]].append(Row(EvidenceFile, file))
    return Overview(
        portfolio=portfolio,
        candidacy=keep(documents(Candidacy, candidacies)[0]),
        placements=to_read(Placement, placements),
        activities=to_read(Activity, activities),
        pieces=to_read(Evidence, pieces),
        files=of_pieces,
        evaluations=to_read(RealityEvaluation, evaluations),
        attestations=to_read(Attestation, answers),
    )


def _facts_of(piece: Evidence, accepted: bool) -> dict[str, Any]:
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


def coverage_of(whole: Overview) -> Coverage:
    """Returns the coverage of the referential by the pieces that can be read."""
    accepted = whole.sign_offs.accepted_pieces
    return coverage(
        whole.referential, [CoveragePiece(**_facts_of(piece, piece.id in accepted)) for piece in whole.handed_in]
    )


def conformity_of(whole: Overview) -> Report:
    """Returns the circular's checks on the whole portfolio.
    A failed check is in the report; nothing is raised for it.
    """
    return conformity(whole.circular, whole.referential, state_of(whole))


def conformity_for(by: Actor, portfolio: Portfolio) -> Report:
    """Returns the circular's checks; an inspector or an office, who may read no piece, gets ranks instead of titles.
    Raises NotFound, Forbidden, Eliminated.
    """
    require(by, Action.READ_CONFORMITY, portfolio)
    whole = overview(portfolio)
    if may(by, Action.READ_COVERAGE, portfolio):
        return conformity_of(whole)
    return conformity(whole.circular, whole.referential, untitled(state_of(whole)))


def untitled(state: CheckedPortfolio) -> CheckedPortfolio:
    """Returns the state with ranks instead of the candidate's own words (titles, companies); pure."""
    return CheckedPortfolio(
        pieces=tuple(replace(piece, title=f"preuve n° {rank}") for rank, piece in enumerate(state.pieces, 1)),
        drafts=tuple(replace(draft, title=f"preuve n° {rank}") for rank, draft in enumerate(state.drafts, 1)),
        activities=tuple(
            replace(activity, title=f"activité n° {rank}") for rank, activity in enumerate(state.activities, 1)
        ),
        placements=tuple(
            replace(placement, company=f"période n° {rank}") for rank, placement in enumerate(state.placements, 1)
        ),
        class_reality=state.class_reality,
    )


def state_of(whole: Overview) -> CheckedPortfolio:
    """Returns what `rules.conformity` judges of this portfolio; pure but for its sign-offs."""
    accepted = whole.sign_offs.accepted_pieces
    evaluated = {evaluation.placement: evaluation.state for evaluation in whole.evaluations}
    pieces = tuple(
        DeclaredPiece(
            **_facts_of(piece, piece.id in accepted),
            activity=str(piece.activity) if piece.activity else None,
            real_unanonymised=piece.situation == Situation.REELLE and piece.anonymisation == Anonymisation.A_FAIRE,
        )
        for piece in whole.handed_in
    )
    statuses = whole.sign_offs.statuses
    nameless = {placement.id for placement in whole.placements if placement.tutor is None}
    activities = tuple(
        ActivityState(
            id=str(activity.id),
            title=activity.title,
            context=activity.context,
            tutor=statuses[activity.id][SignOffSeat.TUTOR],
            teacher=statuses[activity.id][SignOffSeat.TEACHER],
            placed=activity.context != WorkContext.PFMP or activity.placement is not None,
            tutor_named=activity.placement not in nameless,
        )
        for activity in whole.activities
        if activity.id in statuses
    )
    placements = tuple(
        PlacementState(str(placement.id), placement.company_name, _reality(evaluated.get(placement.id)))
        for placement in whole.placements
    )
    drafts = tuple(_incomplete(whole))
    in_class = any(activity.context != WorkContext.PFMP for activity in whole.activities)
    class_reality = _reality(evaluated.get(None)) if in_class else None
    return CheckedPortfolio(pieces, drafts, activities, placements, class_reality)


def _incomplete(whole: Overview) -> Iterator[DraftPiece]:
    for piece in whole.pieces:
        missing = whole.missing(piece)
        if missing:
            yield DraftPiece(str(piece.id), piece.title, tuple(missing), readable(piece, whole.files[piece.id]))


def _reality(state: RealityState | None) -> str:
    """Returns a concluded state, else `missing`."""
    return state if state in (RealityState.JOINT, RealityState.TEACHER_ALONE) else "missing"
