"""Limits how much of the object store one candidate may take, and how fast: refuses in words before any byte.

The store's own listing counts: parts kept beside those that replaced them, files on their way, and refused or removed
files until their bytes are deleted. For bytes still to come, the declared size counts.

No `Budget` (`portfolio.identity.attempts`): room is given back when files leave, and bytes are no attempts.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from bson import ObjectId
from mongoengine import Q, QuerySet

from portfolio.documents import Evidence, EvidenceFile, Portfolio
from portfolio.documents.fields import CandidacyThing
from portfolio.documents.portfolios import FileState, UploadWay
from portfolio.enrolment.pinned import circular_of_candidate
from portfolio.errors import NotNow, RuleSource, TooLarge, TooMany
from portfolio.rules.file_kinds import EmptyFile
from portfolio.store.connections import current, storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import portfolio_chain
from portfolio.store.objects.listings import Held
from portfolio.store.objects.refusals import UploadGone

MB = 1_000_000
MOST_FILES_OF_PIECE = 20
MOST_PENDING = 20
MOST_AN_HOUR = 200
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIMES_THE_ROOM = 2  # what is in the portfolio, and as much again of what left it and is kept for a month
TIMES_A_FILE = 2  # what is relayed in an hour for a candidate whose network refuses the store
SPARE_SENDINGS = 8  # of parts whose answer was lost, besides one more of each
SENT_TOO_MUCH = "sent_too_much"


class FileTooLarge(TooLarge):
    code = "file_too_large"
    source = RuleSource.LIMIT
    detail = "Ce fichier dépasse la taille permise ({limit_mb} Mo). Compressez-le ou découpez-le, puis recommencez."


class TooManyFiles(NotNow):
    code = "too_many_files"
    source = RuleSource.LIMIT
    detail = "Une preuve compte au plus {limit} fichiers : créez une autre preuve, ou retirez un fichier."


class NoRoom(NotNow):
    code = "no_room"
    source = RuleSource.LIMIT
    detail = (
        "Ce fichier ne tient plus dans le portfolio : il reste {left_mb} Mo sur {limit_mb}. Compressez-le, ou retirez "
        "d'abord un fichier dont vous n'avez plus besoin."
    )


class TooMuchToReuse(NotNow):
    code = "too_much_to_reuse"
    source = RuleSource.LIMIT
    detail = (
        "Les fichiers de ces preuves ne tiennent pas dans le portfolio : ils font {size_mb} Mo, il en reste {left_mb} "
        "sur {limit_mb}. Choisissez-en moins, ou retirez d'abord un fichier dont vous n'avez plus besoin."
    )


class KeptTakesRoom(NotNow):
    code = "kept_takes_room"
    source = RuleSource.LIMIT
    detail = (
        "Les fichiers retirés restent gardés un temps : avec eux et les fichiers refusés, ce portfolio occupe "
        "{held_mb} Mo, sur {limit_mb} au plus. Retirez les fichiers refusés ; si cela ne suffit pas, prévenez "
        "l'établissement."
    )


class TooManyPending(NotNow):
    code = "too_many_pending"
    source = RuleSource.LIMIT
    detail = (
        "{limit} envois sont déjà en cours ou interrompus, le maximum : terminez-les, ou retirez ceux que vous ne "
        "voulez plus, puis recommencez."
    )


class PendingTooLarge(NotNow):
    code = "pending_too_large"
    source = RuleSource.LIMIT
    detail = (
        "Avec ce fichier, les envois en cours dépasseraient {limit_mb} Mo : terminez-les, ou retirez ceux que vous ne "
        "voulez plus, puis recommencez."
    )


class TooManyUploads(TooMany):
    code = "too_many_uploads"
    source = RuleSource.LIMIT
    detail = (
        "{limit} envois ont été commencés en une heure, le maximum. Rien n'est perdu : vous pourrez en commencer un "
        "autre dans {wait}."
    )


class RelaySpent(TooMany):
    code = "relay_spent"
    source = RuleSource.LIMIT
    detail = (
        "Le service ne peut plus relayer ce fichier pour l'instant : {limit_mb} Mo l'ont été en une heure, le maximum. "
        "Réessayez dans {wait}, ou envoyez-le depuis un autre réseau."
    )


class SentTooOften(NotNow):
    code = "sent_too_often"
    source = RuleSource.LIMIT
    detail = (
        "Les parties de ce fichier ont été envoyées trop de fois. Retirez-le, puis recommencez depuis une meilleure "
        "connexion."
    )


# --- the parts of a file ----------------------------------------------------------------------------


def part_count(file: EvidenceFile) -> int:
    """Returns the number of parts of the announced file, the last one included."""
    return -(-int(file.declared_size) // int(file.part_size))


def part_bytes(file: EvidenceFile, number: int) -> int:
    """Returns the exact size in bytes of part `number` (from 1): every part but the last is full."""
    return min(int(file.part_size), int(file.declared_size) - (number - 1) * int(file.part_size))


def refuse_sent_too_often(file: EvidenceFile, held: Held) -> None:
    """Raises SentTooOften if the store already holds too many sendings for one more part."""
    if held.sendings >= part_count(file) + _spare(file):
        raise SentTooOften()


def is_overfull(file: EvidenceFile, held: Held) -> bool:
    """Returns True if an upload holds too much: its parts are longer than announced (if a store does not enforce the
    signed length), or were sent again and again (if it keeps each sending).
    """
    spare = _spare(file)
    return (
        any(part.size > part_bytes(file, number) for number, part in held.parts.items())
        or held.sendings > part_count(file) + spare
        or held.size > file.declared_size + spare * part_bytes(file, 1)
    )


def overfull_bytes(file: EvidenceFile) -> int | None:
    """Returns the bytes that the store holds of an overfull upload; None for any other, and for one that ended. Raises
    Unavailable if the store does not answer.
    """
    try:
        held = storage().held(file.key, file.upload_id)
    except UploadGone:
        return None
    return held.size if is_overfull(file, held) else None


def _spare(file: EvidenceFile) -> int:
    return part_count(file) + SPARE_SENDINGS


# --- one more file ----------------------------------------------------------------------------------


def refuse_beyond(piece: Evidence, others: Collection[EvidenceFile], size: int, at: datetime) -> None:
    """Refuses one more file that would pass a limit. others: the files of the piece. size: in bytes. Raises EmptyFile,
    FileTooLarge, TooManyFiles, TooManyUploads, TooManyPending, PendingTooLarge, NoRoom, KeptTakesRoom, Unavailable (the
    store). Concurrent uploads cannot pass a limit together: each `touch`es the portfolio.
    """
    if not size:
        raise EmptyFile
    _refuse_too_large(piece, size)
    if len(others) >= MOST_FILES_OF_PIECE:
        raise TooManyFiles(limit=MOST_FILES_OF_PIECE)
    files = EvidenceFile.objects(candidacy=piece.candidacy)
    _refuse_too_fast(files.filter(reused=None), at)
    sending = list(files.filter(state=FileState.PENDING, removed_at=None))
    _refuse_pending(sending, size, at)
    held = {file.id: _held_bytes(file, at) for file in sending}
    _refuse_without_room(piece, sending, held, size)
    _refuse_kept(files, sum(held.values()), size)


def refuse_without_room_for(portfolio: Portfolio, size: int) -> None:
    """Raises TooMuchToReuse if files that were verified in an earlier session, of this size in bytes together, pass the
    room of the portfolio: they count as any other, though their bytes are stored once. What is on its way counts as
    announced. Three queries.
    """
    limit = current().settings.max_portfolio_bytes
    here, verified = _verified_here(portfolio.candidacy)
    sending = EvidenceFile.objects(evidence__in=list(here), removed_at=None, state=FileState.PENDING)
    left = max(int(limit - verified - sending.sum("declared_size")), 0)
    if size > left:
        raise TooMuchToReuse(size_mb=-(-size // MB), left_mb=left // MB, limit_mb=limit // MB)


def _refuse_too_large(piece: Evidence, size: int) -> None:
    limit = min(current().settings.max_file_bytes, circular_of_candidate(piece).portfolio.max_file_bytes)
    if size > limit:
        raise FileTooLarge(limit_mb=limit // MB)


def _refuse_too_fast(files: QuerySet[EvidenceFile], at: datetime) -> None:
    begun = list(
        files.filter(created_at__gt=at - HOUR).order_by("-created_at").limit(MOST_AN_HOUR).scalar("created_at")
    )
    if len(begun) == MOST_AN_HOUR:
        raise TooManyUploads(limit=MOST_AN_HOUR, retry_after=_until(begun[-1] + HOUR, at))


def _until(then: datetime, at: datetime) -> int:
    """Returns the seconds left, at least one."""
    return max(1, int((then - at).total_seconds()))


def _refuse_pending(sending: list[EvidenceFile], size: int, at: datetime) -> None:
    live = [file for file in sending if file.expires_at > at]
    if len(live) >= MOST_PENDING:
        raise TooManyPending(limit=MOST_PENDING)
    limit = current().settings.max_pending_bytes
    if sum(file.declared_size for file in live) + size > limit:
        raise PendingTooLarge(limit_mb=limit // MB)


def _held_bytes(file: EvidenceFile, at: datetime) -> int:
    """Returns the bytes that a pending file takes or is about to take; only what is held if its time is over. Raises
    Unavailable if the store does not answer.
    """
    try:
        held = storage().held(file.key, file.upload_id).size
    except UploadGone:
        held = storage().head(file.key) or 0
    return max(held, int(file.declared_size)) if file.expires_at > at else held


def _refuse_without_room(piece: Evidence, sending: list[EvidenceFile], held: dict[ObjectId, int], size: int) -> None:
    limit = current().settings.max_portfolio_bytes
    here, verified = _verified_here(piece.candidacy)
    left = int(limit - verified - sum(held[file.id] for file in sending if file.evidence in here))
    if size > left:
        raise NoRoom(left_mb=max(left, 0) // MB, limit_mb=limit // MB)


def _verified_here(candidacy: ObjectId) -> tuple[set[ObjectId], int]:
    """Returns the ids of the pieces that stand, and the bytes of their verified files together. Two queries."""
    here = set(Evidence.objects(candidacy=candidacy, withdrawn_at=None).scalar("id"))
    verified = EvidenceFile.objects(evidence__in=list(here), removed_at=None, state=FileState.VERIFIED)
    return here, int(verified.sum("size"))


def _refuse_kept(files: QuerySet[EvidenceFile], on_their_way: int, size: int) -> None:
    """Raises KeptTakesRoom if `size` more bytes pass the room. on_their_way: bytes of pending files. Removed files
    count until their bytes are deleted, so that sending and removing again and again takes no unlimited room. A refused
    file that is removed is deleted at once, a verified one when the reconciler decides.
    """
    limit = TIMES_THE_ROOM * current().settings.max_portfolio_bytes
    stored = files.filter(
        Q(state=FileState.VERIFIED) | Q(state=FileState.QUARANTINED, removed_at=None), discarded_at=None
    )
    held = int(stored.sum("size")) + on_their_way
    if held + size > limit:
        raise KeptTakesRoom(held_mb=held // MB, limit_mb=limit // MB)


# --- the way that parts take ------------------------------------------------------------------------


def way_of(piece: Evidence, size: int, relay: bool, at: datetime) -> UploadWay:
    """Returns the way that the parts of a file take, as the settings decide. size: in bytes. relay: the client's
    network refuses the store, or it has no JavaScript to reach it. A candidate who overfilled the store through signed
    links within a DAY gets none. Raises RelaySpent if this candidate relayed too much within an HOUR.
    """
    if current().settings.upload_way == UploadWay.RELAYED:
        return UploadWay.RELAYED
    overfull = EvidenceFile.objects(candidacy=piece.candidacy, reason_code=SENT_TOO_MUCH, verified_at__gt=at - DAY)
    if not relay and overfull.first() is None:
        return UploadWay.PRESIGNED
    refuse_relay(piece, size, at)
    return UploadWay.RELAYED


def refuse_relay(thing: CandidacyThing, size: int, at: datetime) -> None:
    """Raises RelaySpent if `size` more bytes pass what this candidate may relay within an HOUR. Where files go straight
    to the store, relaying is for the few clients that cannot reach it.
    """
    limit = TIMES_A_FILE * current().settings.max_file_bytes
    since = _relayed_since(thing, at - HOUR)
    spent = EvidenceFile.objects(pk__in=list(since)).sum("declared_size")
    if spent + size > limit:
        raise RelaySpent(limit_mb=limit // MB, retry_after=_until(min(since.values(), default=at) + HOUR, at))


def _relayed_since(thing: CandidacyThing, since: datetime) -> dict[ObjectId, datetime]:
    """Returns {file id: when its relaying began}; the events tell of a file begun long ago and switched since."""
    switched = {"chain": portfolio_chain(thing), "name": EventName.UPLOAD_RELAYED, "at": {"$gt": since}}
    switches = {ObjectId(link["subject"]["id"]): link["at"] for link in current().database.events.find(switched)}
    begun = EvidenceFile.objects(candidacy=thing.candidacy, way=UploadWay.RELAYED, created_at__gt=since, reused=None)
    return dict(begun.scalar("id", "created_at")) | switches
