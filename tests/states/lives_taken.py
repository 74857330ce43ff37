"""A piece that is taken into another session: what it was there, and that it is so still, named so."""

from __future__ import annotations

from dataclasses import dataclass

from bson import ObjectId

from portfolio.documents import Attestation, Evidence, EvidenceFile
from portfolio.documents.attestations import ANSWERS
from portfolio.store.connections import current


@dataclass(frozen=True)
class AsItWas:
    """files: (key, SHA-256) of the verified ones. answers: {id of one that covered it: (seat, state, session)}."""

    of: ObjectId
    session: str
    files: frozenset[tuple[str, str]]
    answers: dict[ObjectId, tuple[str, str, str]]


def as_it_was(piece: Evidence) -> AsItWas:
    given = Attestation.objects(activity=piece.activity, state__in=ANSWERS) if piece.activity else []
    covering = [answer for answer in given if piece.id in {shown.evidence for shown in answer.pieces}]
    return AsItWas(
        piece.id,
        piece.session,
        _files(piece),
        {one.id: (one.seat, one.state, one.reused.session if one.reused else one.session) for one in covering},
    )


def _files(piece: Evidence) -> frozenset[tuple[str, str]]:
    kept = EvidenceFile.objects(evidence=piece.id, state="verified", removed_at=None, discarded_at=None)
    return frozenset((file.key, file.sha256) for file in kept)


def keeps_its_file_and_sign_offs(taken: dict[ObjectId, AsItWas]) -> None:
    """taken: {piece of the new session: what it was in the earlier one}."""
    for piece in Evidence.objects(pk__in=list(taken)):
        was = taken[piece.id]
        assert (piece.reused.of, piece.reused.session) == (was.of, was.session), "where it was taken from is not said"
        assert _files(piece) == was.files, "it lost a file"
        here = Attestation.objects(candidacy=piece.candidacy, reused__of__in=list(was.answers))
        kept = {one.reused.of: one for one in here if piece.id in {shown.evidence for shown in one.pieces}}
        said = {key: (one.seat, one.state, one.reused.session) for key, one in kept.items()}
        assert said == was.answers, "an answer on it was lost, or is not named of its session"


def is_in_the_store(taken: dict[ObjectId, AsItWas]) -> None:
    storage = current().storage
    for key in {key for was in taken.values() for key, _ in was.files}:
        assert storage.head(key) is not None, "the bytes are gone"
