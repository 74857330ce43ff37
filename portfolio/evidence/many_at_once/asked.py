"""An archive that its owner sent is refused as a file, and unpacked where they ask for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.documents import EvidenceFile, Portfolio, Unpacking
from portfolio.documents.fields import place_of
from portfolio.documents.portfolios import FileState
from portfolio.errors import NotFound, NotNow, RuleSource
from portfolio.evidence.deposit import open_portfolio_of, touch
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.files.archives import MARK
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.file_kinds import ArchiveRefused
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import Errand, Insert, commit, portfolio_chain
from portfolio.store.outbox import UNPACK

GIVEN_UP = timedelta(days=1)  # after which an archive that does not end keeps nothing else waiting
KEPT = timedelta(days=60)  # of what became of each file: as long as what is typed and not sent


class NothingToUnpack(NotNow):
    code = "nothing_to_unpack"
    source = RuleSource.LIMIT
    detail = "Ce fichier ne se déballe pas : seules les archives ZIP le font. Refaites-en une, ou déposez ses fichiers."


@runs_again_if_stale(as_seen=False)
def ask(by: Actor, file: EvidenceFile, at: datetime) -> Unpacking:
    """Asks the worker to unpack an archive that was sent, and returns what will say what became of its files; asking
    again returns the same. Raises NothingToUnpack, PortfolioSubmitted, Eliminated; ObjectGone, Unavailable (the store).
    """
    require(by, Action.UPLOAD, file)
    earlier: Unpacking | None = Unpacking.objects(file=file.id).first()
    if earlier is not None:
        return earlier
    portfolio = open_portfolio_of(file)
    refused = file.state == FileState.QUARANTINED and file.reason_code == ArchiveRefused.code
    if not refused or file.removed_at is not None or storage().read_range(file.key, 0, len(MARK)) != MARK:
        raise NothingToUnpack()
    last = Unpacking.objects(candidacy=file.candidacy).order_by("-number").first()
    unpacking = Unpacking(
        id=new_id(),
        created_at=at,
        **place_of(file),
        person=by.id,
        file=file.id,
        name=file.name,
        number=last.number + 1 if last else 1,
        expires_at=at + KEPT,
    )
    event = event_by(by, at, portfolio_chain(file), EventName.UNPACKING_ASKED, file)
    commit([touch(portfolio), Insert(unpacking)], event, [Errand(UNPACK, {"unpacking": unpacking.id})])
    return unpacking


def unpacking_of(by: Actor, unpacking_id: ObjectId) -> Unpacking:
    """Returns what became of an archive, for its candidate alone. Raises NotFound, Forbidden."""
    unpacking: Unpacking | None = Unpacking.objects(pk=unpacking_id).first()
    if unpacking is None:
        raise NotFound()
    require(by, Action.DEPOSIT, Portfolio.objects.get(pk=unpacking.candidacy))
    return unpacking


def unpackings_of(by: Actor, portfolio: Portfolio) -> list[Unpacking]:
    """Returns the archives of a portfolio that were asked to be unpacked, the last one first, for its candidate alone.
    Raises NotFound, Forbidden.
    """
    require(by, Action.DEPOSIT, portfolio)
    return list(Unpacking.objects(candidacy=portfolio.candidacy).order_by("-number"))


def still_arriving(candidacy: ObjectId, at: datetime) -> list[Unpacking]:
    """Returns the archives of a candidacy (its id) of which files are still to come, by name and number, the
    first one first.
    """
    waits = Unpacking.objects(candidacy=candidacy, done_at=None, created_at__gt=at - GIVEN_UP)
    return list(waits.only("name", "number").order_by("number"))
