"""Reads at once what a commission needs to work on one candidate: grids, sheet, pieces, sign-offs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.commission.assess import manifest_of, submission_of
from portfolio.commission.meeting import seats
from portfolio.documents import (
    Academy,
    Assessment,
    Attestation,
    Candidacy,
    Commission,
    Evidence,
    EvidenceFile,
    Grid,
    Sheet,
)
from portfolio.documents.commissions import Seat
from portfolio.documents.fields import by_id, keep
from portfolio.documents.rows import Row
from portfolio.enrolment.deadline import stored_deadlines
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import circular_of, referential_of
from portfolio.errors import NotFound
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import Nature
from portfolio.rules.texts.catalogue import catalogue
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.referential import Referential
from portfolio.sheet.annex_input import NOT_EVALUATED, REALITY
from portfolio.sheet.sheet_input import numbered, proves
from portfolio.sheet.shown_submission import AppraisedPiece, AppraisedSubmission, ShownActivity, ShownPlacement
from portfolio.sign_offs.answering.standing import ActivitySignOffs
from portfolio.sign_offs.answering.status import counted_against
from portfolio.store.together import Wanted, documents, to_read, together, wanted
from portfolio.submission.lateness import still_late


@dataclass(frozen=True)
class Desk:
    """What a member works with. own: the live grids that members fill in alone, in the order of the seats.

    own holds the reader's grid until both are sealed, then both; none in mode `together`. sheet: the one in force.
    evidence: None without a submission.
    """

    commission: Commission
    assessment: Assessment
    candidacy: Candidacy
    zone: str
    own: list[Grid]
    shared: Grid
    sheet: Sheet | None
    evidence: AppraisedSubmission | None

    @property
    def circular(self) -> Circular:
        return circular_of(self.candidacy)

    @property
    def referential(self) -> Referential:
        return referential_of(self.candidacy)

    @property
    def adaptations(self) -> list[str]:
        """Returns the effects that were notified, never their ground: they apply to the CCF (ESRS2234137C)."""
        return [adaptation.effect for adaptation in self.candidacy.adaptations]

    @property
    def seats(self) -> list[Seat]:
        """Returns the seats still held, in the order of the members."""
        return seats(self.commission)

    @property
    def opened(self) -> bool:
        """Returns True if the shared grid may be filled in: no grid is filled in alone, or both are sealed."""
        return all(grid.opened for grid in self.own)

    def mine(self, person: ObjectId) -> Grid:
        """Returns the grid that this member fills in: their own, or the shared one."""
        return next((grid for grid in self.own if grid.member == person), self.shared)


def desk(by: Actor, commission_id: ObjectId, with_evidence: bool = True) -> Desk:
    """Returns the desk of a commission (id), in a constant number of queries. It holds the other member's own grid only
    if POLICY allows reading it. with_evidence: False leaves the submission out. Raises NotFound, Forbidden,
    UnknownCircular; with evidence, Eliminated.
    """
    assessment = by_id(Assessment, [commission_id]).get(commission_id)
    if assessment is None:
        raise NotFound()
    require(by, Action.READ_ASSESSMENT, assessment)
    live = {"commission": assessment.id, "live": True}
    candidacies, commissions, all_grids, sheets, academies = together(
        wanted(Candidacy, {"_id": assessment.candidacy}),
        wanted(Commission, {"_id": assessment.id}),
        wanted(Grid, live),
        wanted(Sheet, live),
        wanted(Academy, {"code": assessment.academy}),
    )
    for academy in documents(Academy, academies):
        keep(academy, academy.code)
    candidacy, commission = keep(documents(Candidacy, candidacies)[0]), documents(Commission, commissions)[0]
    grids = [grid for grid in documents(Grid, all_grids) if may(by, Action.READ_GRID, grid)]
    own = {grid.member: grid for grid in grids if grid.member is not None}
    return Desk(
        commission=commission,
        assessment=assessment,
        candidacy=candidacy,
        zone=academy_of(candidacy.academy).timezone,
        own=[own[member] for member in commission.members if member in own],
        shared=next(grid for grid in grids if grid.member is None),
        sheet=next(iter(documents(Sheet, sheets)), None),
        evidence=evidence(assessment, circular_of(candidacy).grid.rows) if with_evidence else None,
    )


def evidence(assessment: Assessment, rows: tuple[str, ...]) -> AppraisedSubmission | None:
    """Returns the submission appraised, with the sign-offs as they count today; None without any. rows: codes of the
    grid. Four queries at most. Raises Eliminated.
    """
    submission = submission_of(assessment)
    if submission is None:
        return None
    theirs, last = {"candidacy": submission.candidacy}, ({"$sort": {"number": -1}}, {"$limit": 1})
    entered, answers, file_rows, latest = together(
        wanted(Evidence, {**theirs, "entered_by": {"$ne": None}}, fields=("_id",)),
        wanted(Attestation, theirs),
        wanted(EvidenceFile, theirs),
        Wanted("submissions", theirs, {"number": 1}, stages=last),
    )
    manifest = manifest_of(submission)
    signed = counted_against(submission, {row["_id"] for row in entered}, to_read(Attestation, answers))
    numbers, files = numbered(manifest), {str(row["_id"]): row for row in file_rows}
    deadline = stored_deadlines([assessment.candidacy])[assessment.candidacy]
    late = {key: datetime.fromisoformat(since) for key, since in still_late(manifest.get("late", {}), deadline).items()}
    accepted = signed.accepted_pieces
    pieces = [
        replace(
            _piece(piece, numbers[piece["id"]], files, rows, assessment, ObjectId(piece["id"]) in accepted),
            late_since=late.get(piece["id"]),
            missing=tuple(manifest.get("missing", {}).get(piece["id"], ())),
            reused_from=manifest.get("reused", {}).get(piece["id"]),
        )
        for piece in manifest["pieces"]
    ]
    return AppraisedSubmission(
        number=submission.number,
        latest=latest[0]["number"],
        digest=submission.digest,
        activities=tuple(_activities(manifest, pieces, signed.activities)),
        placements=tuple(_placements(manifest)),
    )


def _piece(
    content: dict[str, Any],
    number: str,
    files: dict[str, dict[str, Any]],
    rows: tuple[str, ...],
    assessment: Assessment,
    accepted: bool,
) -> AppraisedPiece:
    types = catalogue(assessment.exam).types
    claimed = proves(content)
    return AppraisedPiece(
        id=content["id"],
        number=number,
        content=content,
        label=types[content["type_code"]].label if content["type_code"] in types else content["type_code"],
        proves=tuple(row for row in rows if row in claimed),
        files=tuple(
            Row(EvidenceFile, files[file["id"]] | {"name": file["name"], "alternative": file["alternative"]})
            for file in content["files"]
        ),
        accepted=accepted,
        admitted=bool(assessment.admitted.get(content["id"])) if content["nature"] == Nature.AUTRE else None,
        retained=bool(assessment.retained.get(content["id"])),
        late_since=None,
        reused_from=None,
        missing=(),
    )


def _activities(
    manifest: dict[str, Any], pieces: list[AppraisedPiece], signed: tuple[ActivitySignOffs, ...]
) -> list[ShownActivity]:
    sign_offs = {str(sign_off.id): sign_off for sign_off in signed}
    activities = [
        ShownActivity(
            content,
            sign_offs[content["id"]],
            tuple(piece for piece in pieces if piece.content["activity"] == content["id"]),
        )
        for content in manifest["activities"]
    ]
    loose = tuple(piece for piece in pieces if not piece.content["activity"])
    with_pieces = [activity for activity in activities if activity.pieces]
    return with_pieces + ([ShownActivity(None, None, loose)] if loose else [])


def _placements(manifest: dict[str, Any]) -> list[ShownPlacement]:
    """Returns the placements, with « une évaluation de la réalité des activités et missions » (arrêté), as frozen."""
    written = {evaluation["placement"]: evaluation for evaluation in manifest["reality"]}
    return [
        ShownPlacement(
            content=placement,
            evaluated=REALITY.get(written.get(placement["id"], {}).get("state", ""), NOT_EVALUATED),
            text=written.get(placement["id"], {}).get("text") or "",
        )
        for placement in manifest["placements"]
    ]
