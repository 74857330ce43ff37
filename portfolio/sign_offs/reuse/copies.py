"""Makes the rows of a new session that stand for those of an earlier one. Pure: nothing is written here.

A file has a row of its own and shares the object of the first: no byte is copied. An answer is bound anew to what it
covered: where the content had changed since, the digest of before stays, so that what was stale stays stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from portfolio.documents import Activity, Attestation, Evidence, EvidenceFile, Portfolio
from portfolio.documents.attestations import ShownPiece, SignOffState
from portfolio.documents.fields import Reused, instant, place_of
from portfolio.documents.portfolios import FileState
from portfolio.ids import new_id
from portfolio.sign_offs.answering.record import sealed
from portfolio.store.digests import activity_content, digest, shown_digest

# What was said, by whom and when. How they had signed in, from where, on which paper, stays with the first row.
SAID = (
    *("seat", "person", "signer_name", "signer_function", "channel", "relayed_by", "activity_title"),
    *("shown_digest", "statement_id", "statement_version", "statement", "comment", "answered_at", "given_in"),
)
Copied = TypeVar("Copied", Activity, Evidence, EvidenceFile)


@dataclass(frozen=True)
class TakenPiece:
    """A piece that is taken. before, files_before: as the earlier session has it; after, files: the new rows."""

    before: Evidence
    files_before: tuple[EvidenceFile, ...]
    after: Evidence
    files: tuple[EvidenceFile, ...]


@dataclass(frozen=True)
class TakenActivity:
    """An activity of which pieces are taken. after: the new row, or the one that stands for it already. is_new: whether
    it is to be inserted.
    """

    before: Activity
    after: Activity
    is_new: bool
    pieces: list[TakenPiece] = field(default_factory=list)


def activity_anew(activity: Activity, portfolio: Portfolio, at: datetime) -> Activity:
    """Returns the row of this portfolio for an activity. It names no period: those of another session are not its."""
    return _anew(activity, portfolio, at, placement=None)


def piece_anew(
    piece: Evidence, activity: Activity | None, known: Iterable[str], portfolio: Portfolio, at: datetime
) -> Evidence:
    """Returns the row of this portfolio for a piece. activity: of this portfolio. known: codes of competences of its
    referential: a claim of another one is left out, and the piece then lacks it.
    """
    codes = set(known)
    return _anew(
        piece,
        portfolio,
        at,
        activity=activity.id if activity else None,
        placement=activity.placement if activity else None,
        competences=[proof for proof in piece.competences if proof.competence in codes],
    )


def files_anew(
    files: Iterable[EvidenceFile], piece: Evidence, portfolio: Portfolio, at: datetime
) -> tuple[EvidenceFile, ...]:
    """Returns the rows of a taken piece for its verified files, in their order: each shares the object of the first."""
    into = {"evidence": piece.id, "placement": piece.placement, "upload_id": None}
    made = tuple(_anew(file, portfolio, at, **into) for file in files)
    for file in made:
        file.state = FileState.VERIFIED
    return made


def _anew(thing: Copied, portfolio: Portfolio, at: datetime, **changed: object) -> Copied:
    made: Copied = type(thing)._from_son(thing.to_mongo())
    place = place_of(portfolio) | {"id": new_id(), "revision": 1, "held": None, "created_at": at}
    place["reused"] = Reused(of=thing.id, session=thing.session)
    for name, value in (place | changed).items():
        setattr(made, name, value)
    return made


# --- answers --------------------------------------------------------------------------------------


def answer_anew(
    answer: Attestation, taken: TakenActivity, pieces: list[ShownPiece], portfolio: Portfolio, at: datetime
) -> Attestation:
    """Returns the row of this portfolio for an answer of an earlier session, about these pieces (see `covered`). It is
    said to be of the session in which it was given, however often it was taken.
    """
    first = answer.reused.session if answer.reused else answer.session
    return Attestation(
        id=new_id(),
        created_at=at,
        **place_of(portfolio),
        **{name: getattr(answer, name) for name in SAID},
        state=SignOffState(answer.state),
        activity=taken.after.id,
        activity_digest=_bound(
            answer.activity_digest,
            digest(activity_content(taken.before)),
            # As it was taken: the one here may have been amended since.
            digest(activity_content(activity_anew(taken.before, portfolio, at))),
        ),
        pieces=pieces,
        reused=Reused(of=answer.id, session=first),
    )


def covered(answer: Attestation, pieces: Iterable[TakenPiece]) -> list[ShownPiece]:
    """Returns what the answer covered of these taken pieces, each bound to its new row."""
    known = {piece.evidence: piece for piece in answer.pieces}
    return [_shown_anew(known[piece.before.id], piece) for piece in pieces if piece.before.id in known]


def _shown_anew(covering: ShownPiece, piece: TakenPiece) -> ShownPiece:
    was, now = shown_digest(piece.before, piece.files_before), shown_digest(piece.after, piece.files)
    return ShownPiece(
        evidence=piece.after.id,
        revision=piece.after.revision,
        digest=_bound(covering.digest, was, now),
        title=covering.title,
        late_since=covering.late_since,
    )


def _bound(answered: str | None, before: str, after: str) -> str | None:
    return after if answered == before else answered


def sealed_anew(answer: Attestation) -> dict[str, object]:
    """Returns what the chain keeps of a taken answer, JSON-ready: what it keeps of any, and who gave it, when and in
    which session, since the author of the link is the candidate who took it.
    """
    giver = {"said_by": str(answer.relayed_by or answer.person), "said_at": instant(answer.answered_at).isoformat()}
    giver |= {"session": answer.reused.session, "of": str(answer.reused.of)}
    return {"activity": str(answer.activity), **sealed(answer.to_mongo()), **giver}
