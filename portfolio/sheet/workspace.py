"""All that lies on the table when a commission works on one candidate, read at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from portfolio.commission.assess import manifest_of, submission_of
from portfolio.documents import Assessment, Candidacy, Commission, EvidenceFile, Grid, Sheet, Submission
from portfolio.documents.commissions import Seat
from portfolio.documents.rows import Row
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import NotFound
from portfolio.evidence.deposit import rules_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.rules.catalogue import catalogue
from portfolio.rules.circular_terms import Circular
from portfolio.rules.referential import Referential
from portfolio.sheet.sheet_input import NOT_EVALUATED, REALITY, numbered, proves
from portfolio.sign_offs.answering.status import ActivitySignOffs, against
from portfolio.submission.submit import circular_of


@dataclass(frozen=True)
class ShownPiece:
    """One piece of the frozen revision. content: as in the manifest. number: "P1"…, as the sheet names it.

    proves: rows of the grid it is put forward for. files: as they were frozen, with the state they have today.
    accepted: signed off by all who must. admitted: None where the arrêté admits it by itself.
    """

    id: str
    number: str
    content: dict[str, Any]
    label: str
    proves: tuple[str, ...]
    files: tuple[Any, ...]
    accepted: bool
    admitted: bool | None
    retained: bool


@dataclass(frozen=True)
class ShownActivity:
    """content: as in the manifest; None for the pieces that belong to no activity."""

    content: dict[str, Any] | None
    signed_off: ActivitySignOffs | None
    pieces: tuple[ShownPiece, ...]

    @property
    def proves(self) -> set[str]:
        return {row for piece in self.pieces for row in piece.proves}


@dataclass(frozen=True)
class ShownPlacement:
    """evaluated: whether and how the reality of its activities was evaluated, in French. text: of the evaluation."""

    content: dict[str, Any]
    evaluated: str
    text: str


@dataclass(frozen=True)
class Evidence:
    """What is appraised. latest: number of the last revision handed in, above `number` when one awaits taking over."""

    number: int
    latest: int
    digest: str
    activities: tuple[ShownActivity, ...]
    placements: tuple[ShownPlacement, ...]

    @property
    def pieces(self) -> list[ShownPiece]:
        return [piece for activity in self.activities for piece in activity.pieces]

    def counts(self) -> dict[str, int]:
        """{row: how many pieces are put forward for it}"""
        counts: dict[str, int] = {}
        for piece in self.pieces:
            for row in piece.proves:
                counts[row] = counts.get(row, 0) + 1
        return counts


@dataclass(frozen=True)
class Desk:
    """own: the live grids that members fill in alone, in the order of the seats: one's own until both are sealed, then
    both; none when they sit together.

    sheet: the one in force. evidence: None where nothing was handed in.
    """

    commission: Commission
    assessment: Assessment
    candidacy: Candidacy
    zone: str
    own: list[Grid]
    shared: Grid
    sheet: Sheet | None
    evidence: Evidence | None

    @property
    def circular(self) -> Circular:
        return circular_of(self.candidacy)

    @property
    def referential(self) -> Referential:
        return rules_of(self.candidacy)

    @property
    def seats(self) -> list[Seat]:
        """Of those who sit, in the order of the members."""
        sitting = {seat.person: seat for seat in self.commission.seats if seat.left_at is None}
        return [sitting[person] for person in self.commission.members]

    @property
    def opened(self) -> bool:
        """The shared grid may be filled in: nothing is sealed, or both are."""
        return all(grid.opened for grid in self.own)

    def mine(self, person: ObjectId) -> Grid:
        """The grid that this member scores on: their own, or the shared one."""
        return next((grid for grid in self.own if grid.member == person), self.shared)


def desk(by: Actor, commission_id: Any, with_evidence: bool = True) -> Desk:
    """A constant number of commands. The other member's own grid is there once POLICY opens it. Raises NotFound."""
    assessment = Assessment.objects(pk=commission_id).first()
    if assessment is None:
        raise NotFound()
    require(by, Action.READ_ASSESSMENT, assessment)
    candidacy = Candidacy.objects.get(pk=assessment.candidacy)
    commission = Commission.objects.get(pk=assessment.id)
    grids = [grid for grid in Grid.objects(commission=assessment.id, live=True) if may(by, Action.READ_GRID, grid)]
    own = {grid.member: grid for grid in grids if grid.member is not None}
    return Desk(
        commission=commission,
        assessment=assessment,
        candidacy=candidacy,
        zone=academy_of(candidacy.academy).timezone,
        own=[own[member] for member in commission.members if member in own],
        shared=next(grid for grid in grids if grid.member is None),
        sheet=Sheet.objects(commission=assessment.id, live=True).first(),
        evidence=evidence(assessment, circular_of(candidacy).grid.rows) if with_evidence else None,
    )


def evidence(assessment: Assessment, rows: tuple[str, ...]) -> Evidence | None:
    """The frozen revision that is appraised, with the sign-offs as they count today. Five commands."""
    submission = submission_of(assessment)
    if submission is None:
        return None
    manifest, signed = manifest_of(submission), against(submission)
    numbers, files = numbered(manifest), _files(submission)
    pieces = [
        _piece(one, numbers[one["id"]], files, rows, assessment, ObjectId(one["id"]) in signed.accepted_pieces)
        for one in manifest["pieces"]
    ]
    return Evidence(
        number=submission.number,
        latest=_latest(assessment.candidacy),
        digest=submission.digest,
        activities=tuple(_activities(manifest, pieces, signed.activities)),
        placements=tuple(_placements(manifest)),
    )


def _latest(candidacy: Any) -> int:
    rows = Submission._get_collection().find({"candidacy": candidacy}, {"number": 1}).sort("number", -1).limit(1)
    number: int = next(iter(rows))["number"]
    return number


def _files(submission: Submission) -> dict[str, dict[str, Any]]:
    rows = EvidenceFile._get_collection().find({"candidacy": submission.candidacy})
    return {str(row["_id"]): row for row in rows}


def _piece(
    one: dict[str, Any],
    number: str,
    files: dict[str, dict[str, Any]],
    rows: tuple[str, ...],
    assessment: Assessment,
    accepted: bool,
) -> ShownPiece:
    types = catalogue().types
    claimed = proves(one)
    return ShownPiece(
        id=one["id"],
        number=number,
        content=one,
        label=types[one["type_code"]].label if one["type_code"] in types else one["type_code"],
        proves=tuple(row for row in rows if row in claimed),
        files=tuple(
            Row(EvidenceFile, files[file["id"]] | {"name": file["name"], "alternative": file["alternative"]})
            for file in one["files"]
        ),
        accepted=accepted,
        admitted=bool(assessment.admitted.get(one["id"])) if one["nature"] == "autre" else None,
        retained=bool(assessment.retained.get(one["id"])),
    )


def _activities(
    manifest: dict[str, Any], pieces: list[ShownPiece], signed: tuple[ActivitySignOffs, ...]
) -> list[ShownActivity]:
    offs = {str(one.id): one for one in signed}
    shown = [
        ShownActivity(one, offs[one["id"]], tuple(p for p in pieces if p.content["activity"] == one["id"]))
        for one in manifest["activities"]
    ]
    loose = tuple(piece for piece in pieces if not piece.content["activity"])
    return [one for one in shown if one.pieces] + ([ShownActivity(None, None, loose)] if loose else [])


def _placements(manifest: dict[str, Any]) -> list[ShownPlacement]:
    """« Une évaluation de la réalité des activités et missions » (arrêté), as it was frozen with the portfolio."""
    written = {one["placement"]: one for one in manifest["reality"]}
    return [
        ShownPlacement(
            content=one,
            evaluated=REALITY.get(written.get(one["id"], {}).get("state", ""), NOT_EVALUATED),
            text=written.get(one["id"], {}).get("text") or "",
        )
        for one in manifest["placements"]
    ]
