"""Tells the history of one piece: its acts in sentences, and what changed from each kept version to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portfolio.documents import Evidence, EvidenceFile, EvidenceVersion, Portfolio
from portfolio.documents.fields import read
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.connections import current
from portfolio.store.digests import files_of, piece_content
from portfolio.store.history import Act, acts
from portfolio.store.journal import portfolio_chain


@dataclass(frozen=True)
class Version:
    """A version that was ready, before an edit. changed: parts of its content that the next one changed."""

    revision: int
    title: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class PieceHistory:
    """The history of one piece. acts: latest first, its files' included. versions: latest first, without today's."""

    acts: tuple[Act, ...]
    versions: tuple[Version, ...]


def piece_history(by: Actor, piece: Evidence) -> PieceHistory:
    """Returns the acts on a piece and its files, latest first, and its earlier versions. Raises NotFound, Forbidden if
    `by` may not read the portfolio's history.
    """
    require(by, Action.READ_HISTORY, read(Portfolio, piece.candidacy))
    files = EvidenceFile.objects(evidence=piece.id).scalar("id")
    about = [str(subject_id) for subject_id in (piece.id, *files)]
    links = current().database.events.find({"chain": portfolio_chain(piece), "subject.id": {"$in": about}})
    kept = list(EvidenceVersion.objects(evidence=piece.id).order_by("revision"))
    contents = [(version.revision, version.content) for version in kept]
    today = piece_content(piece, files_of([piece])[piece.id])
    return PieceHistory(acts(piece, list(links.sort("seq", -1))), changes([*contents, (piece.revision, today)]))


def changes(contents: list[tuple[int, dict[str, Any]]]) -> tuple[Version, ...]:
    """Returns the versions, latest first, without today's; () if it never changed. Pure. contents: (revision, content),
    oldest to today's.
    """
    versions = []
    for (revision, before), (_, after) in zip(contents, contents[1:], strict=False):
        changed = tuple(name for name in after if before.get(name) != after[name])
        versions.append(Version(revision, before["title"], changed))
    return tuple(reversed(versions))
