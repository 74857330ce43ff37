"""The portfolio that a commission appraises: frozen submission, sign-offs received since, coverage of competences."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from portfolio.commission.assess import manifest_of, submission_of
from portfolio.documents import Assessment, Candidacy, Submission
from portfolio.documents.fields import read
from portfolio.enrolment.pinned import referential_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.coverage import Coverage, CoveragePiece, coverage
from portfolio.sheet.sheet_input import numbered
from portfolio.sign_offs.answering.standing import ActivitySeat, ActivitySignOffs, SignOffs
from portfolio.sign_offs.answering.status import against


def appraised_portfolio(by: Actor, assessment: Assessment) -> dict[str, Any]:
    """Returns the submission appraised, in JSON's types: number, digest, manifest, numbers ({piece id: "P1"…}, the
    names used in the sheet), admitted and retained ({piece id: bool}), sign_offs, coverage; latest: number of the last
    submission, above `number` if the commission has not taken it over. Without a submission, number and latest alone,
    both None. Raises NotFound, Forbidden, Eliminated.
    """
    require(by, Action.READ_ASSESSMENT, assessment)
    submission = submission_of(assessment)
    if submission is None:
        return {"number": None, "latest": None}
    manifest = manifest_of(submission)
    signed = against(submission)
    (latest,) = Submission.objects(candidacy=assessment.candidacy).order_by("-number").limit(1).scalar("number")
    return {
        "number": submission.number,
        "latest": latest,
        "digest": submission.digest,
        "manifest": manifest,
        "numbers": numbered(manifest),
        "admitted": dict(assessment.admitted),
        "retained": dict(assessment.retained),
        "sign_offs": [_sign_offs(activity) for activity in signed.activities],
        "coverage": _coverage(assessment, manifest, signed).as_dict(),
    }


def _sign_offs(activity: ActivitySignOffs) -> dict[str, object]:
    seats = {"tutor": _seat(activity.tutor), "teacher": _seat(activity.teacher)}
    return {"activity": str(activity.id), "title": activity.title, **seats}


def _seat(seat: ActivitySeat) -> dict[str, object]:
    """Returns the answer that counts for a seat, JSON-ready: status, comment (what « en partie » leaves out),
    signer_name, channel, answered_at (ISO), changes (French sentences); without an answer, status and changes alone are
    not None.
    """
    answer = seat.attestation
    return {
        "status": seat.status,
        "comment": answer.comment if answer else None,
        "signer_name": answer.signer_name if answer else None,
        "channel": answer.channel if answer else None,
        "answered_at": answer.answered_at.isoformat() if answer and answer.answered_at else None,
        "changes": list(seat.changes),
    }


def _coverage(assessment: Assessment, manifest: dict[str, Any], signed: SignOffs) -> Coverage:
    pieces = [
        CoveragePiece(
            id=piece["id"],
            title=piece["title"],
            type_code=piece["type_code"],
            nature=piece["nature"],
            situation=piece["situation"],
            competences=tuple(claim["competence"] for claim in piece["competences"]),
            criteria=tuple(piece["criteria"]),
            tool_families=tuple(piece["tool_families"]),
            accepted=ObjectId(piece["id"]) in signed.accepted_pieces,
            retained=bool(assessment.retained.get(piece["id"])),
        )
        for piece in manifest["pieces"]
    ]
    return coverage(referential_of(read(Candidacy, assessment.candidacy)), pieces)
