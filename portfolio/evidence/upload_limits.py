"""What one candidate may take of the object store, and how fast: refused in words before any byte.

What the store holds is what counts, as it lists it: also parts that it keeps beside those that replaced them, files on
their way, and refused or removed files until their bytes are deleted. A declaration counts for what is still to come.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from mongoengine import Q

from portfolio.documents import Candidacy, Evidence, EvidenceFile
from portfolio.errors import NotNow, TooLarge, TooMany
from portfolio.rules.circular import circular
from portfolio.store.connections import current, storage
from portfolio.store.journal import portfolio_chain
from portfolio.store.objects.bucket import UploadGone
from portfolio.store.objects.listings import Held

MB = 1_000_000
MOST_FILES_OF_PIECE = 20
MOST_PENDING = 20
MOST_AN_HOUR = 200
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIMES_THE_ROOM = 2  # what is in the portfolio, and as much again of what left it and is kept for a month
TIMES_A_FILE = 2  # what an hour relays for somebody whose network refuses the store
SPARE_SENDINGS = 8  # of parts whose answer was lost, besides one more of each
SENT_TOO_MUCH = "sent_too_much"


class FileTooLarge(TooLarge):
    code = "file_too_large"
    detail = "Ce fichier dépasse la taille permise ({limit_mb} Mo). Compressez-le ou découpez-le, puis recommencez."


class TooManyFiles(NotNow):
    code = "too_many_files"
    detail = "Une preuve compte au plus {limit} fichiers : créez une autre preuve, ou retirez un fichier."


class NoRoom(NotNow):
    code = "no_room"
    detail = (
        "Ce fichier ne tient plus dans le portfolio : il reste {left_mb} Mo sur {limit_mb}. Compressez-le, ou retirez "
        "d'abord un fichier dont vous n'avez plus besoin."
    )


class KeptTakesRoom(NotNow):
    code = "kept_takes_room"
    detail = (
        "Les fichiers retirés restent gardés un temps : avec eux et les fichiers refusés, ce portfolio occupe "
        "{held_mb} Mo, sur {limit_mb} au plus. Retirez les fichiers refusés ; si cela ne suffit pas, prévenez "
        "l'établissement."
    )


class TooManyPending(NotNow):
    code = "too_many_pending"
    detail = (
        "{limit} envois sont déjà en cours ou interrompus, le maximum : terminez-les, ou retirez ceux que vous ne "
        "voulez plus, puis recommencez."
    )


class PendingTooLarge(NotNow):
    code = "pending_too_large"
    detail = (
        "Avec ce fichier, les envois en cours dépasseraient {limit_mb} Mo : terminez-les, ou retirez ceux que vous ne "
        "voulez plus, puis recommencez."
    )


class TooManyUploads(TooMany):
    code = "too_many_uploads"
    detail = (
        "{limit} envois ont été commencés en une heure, le maximum. Rien n'est perdu : vous pourrez en commencer un "
        "autre dans {wait}."
    )


class RelaySpent(TooMany):
    code = "relay_spent"
    detail = (
        "Le service ne peut plus relayer ce fichier pour l'instant : {limit_mb} Mo l'ont été en une heure, le maximum. "
        "Réessayez dans {wait}, ou envoyez-le depuis un autre réseau."
    )


class SentTooOften(NotNow):
    code = "sent_too_often"
    detail = (
        "Les parties de ce fichier ont été envoyées trop de fois. Retirez-le, puis recommencez depuis une meilleure "
        "connexion."
    )


# --- the parts of a file ----------------------------------------------------------------------------


def part_count(file: EvidenceFile) -> int:
    return -(-int(file.declared_size) // int(file.part_size))


def part_bytes(file: EvidenceFile, number: int) -> int:
    """The exact size of part `number` (from 1): every part but the last is full."""
    return min(int(file.part_size), int(file.declared_size) - (number - 1) * int(file.part_size))


def refuse_sent_too_often(file: EvidenceFile, held: Held) -> None:
    """Before one more part is put. Raises SentTooOften."""
    if held.sendings >= part_count(file) + _spare(file):
        raise SentTooOften()


def is_overfull(file: EvidenceFile, held: Held) -> bool:
    """Parts longer than announced, where a store does not hold to the length that was signed; or sent again and again,
    where it keeps each sending."""
    spare = _spare(file)
    return (
        any(part.size > part_bytes(file, number) for number, part in held.parts.items())
        or held.sendings > part_count(file) + spare
        or held.size > file.declared_size + spare * part_bytes(file, 1)
    )


def overfull_bytes(file: EvidenceFile) -> int | None:
    """What the store holds of an upload that is overfull; None of any other."""
    try:
        held = storage().held(file.key, file.upload_id)
    except UploadGone:
        return None
    return held.size if is_overfull(file, held) else None


def _spare(file: EvidenceFile) -> int:
    return part_count(file) + SPARE_SENDINGS


# --- one more file ----------------------------------------------------------------------------------


def refuse_beyond(piece: Evidence, others: Collection[EvidenceFile], size: int, at: datetime) -> None:
    """others: the files of the piece. Raises every refusal above but the last two.

    Holds against other files that begin at the same moment, since each `touches` the portfolio.
    """
    _refuse_too_large(piece, size)
    if len(others) >= MOST_FILES_OF_PIECE:
        raise TooManyFiles(limit=MOST_FILES_OF_PIECE)
    files = EvidenceFile.objects(candidacy=piece.candidacy)
    _refuse_too_fast(files, at)
    sending = list(files.filter(state="pending", removed_at=None))
    _refuse_pending(sending, size, at)
    held = {file.id: _held_bytes(file, at) for file in sending}
    _refuse_without_room(piece, sending, held, size)
    _refuse_kept(files, sum(held.values()), size)


def _refuse_too_large(piece: Evidence, size: int) -> None:
    pin = Candidacy.objects.get(pk=piece.candidacy).circular
    rules = circular(pin.id, pin.version, pin.sha256).portfolio
    limit = min(current().settings.max_file_bytes, rules.max_file_bytes)
    if size > limit:
        raise FileTooLarge(limit_mb=limit // MB)


def _refuse_too_fast(files: Any, at: datetime) -> None:
    begun = list(
        files.filter(created_at__gt=at - HOUR).order_by("-created_at").limit(MOST_AN_HOUR).scalar("created_at")
    )
    if len(begun) == MOST_AN_HOUR:
        raise TooManyUploads(limit=MOST_AN_HOUR, retry_after=_until(begun[-1] + HOUR, at))


def _until(then: datetime, at: datetime) -> int:
    return max(1, int((then - at).total_seconds()))


def _refuse_pending(sending: list[EvidenceFile], size: int, at: datetime) -> None:
    live = [file for file in sending if file.expires_at > at]
    if len(live) >= MOST_PENDING:
        raise TooManyPending(limit=MOST_PENDING)
    limit = current().settings.max_pending_bytes
    if sum(file.declared_size for file in live) + size > limit:
        raise PendingTooLarge(limit_mb=limit // MB)


def _held_bytes(file: EvidenceFile, at: datetime) -> int:
    """Of a file on its way: what it takes or is about to take. Nothing more comes for one that is past its time."""
    try:
        held = storage().held(file.key, file.upload_id).size
    except UploadGone:
        held = storage().head(file.key) or 0
    return max(held, int(file.declared_size)) if file.expires_at > at else held


def _refuse_without_room(piece: Evidence, sending: list[EvidenceFile], held: dict[Any, int], size: int) -> None:
    limit = current().settings.max_portfolio_bytes
    here = set(Evidence.objects(candidacy=piece.candidacy, withdrawn_at=None).scalar("id"))
    verified = EvidenceFile.objects(evidence__in=list(here), removed_at=None, state="verified").sum("size")
    left = int(limit - verified - sum(held[file.id] for file in sending if file.evidence in here))
    if size > left:
        raise NoRoom(left_mb=max(left, 0) // MB, limit_mb=limit // MB)


def _refuse_kept(files: Any, on_their_way: int, size: int) -> None:
    """Whoever sends and removes, again and again, has room as long as what was removed is not deleted. A refused file
    that is removed is deleted at once, a verified one as the reconciler decides."""
    limit = TIMES_THE_ROOM * current().settings.max_portfolio_bytes
    stored = files.filter(Q(state="verified") | Q(state="quarantined", removed_at=None), discarded_at=None)
    held = int(stored.sum("size")) + on_their_way
    if held + size > limit:
        raise KeptTakesRoom(held_mb=held // MB, limit_mb=limit // MB)


# --- by which way -----------------------------------------------------------------------------------


def way_of(piece: Evidence, size: int, relay: bool, at: datetime) -> str:
    """« presigned » or « relayed »: the settings decide. relay: the client's network refuses the store, or it has no
    JavaScript to speak to it. Who lately filled the store through signed links is given none. Raises RelaySpent."""
    if current().settings.upload_way == "relayed":
        return "relayed"
    overfull = EvidenceFile.objects(candidacy=piece.candidacy, reason_code=SENT_TOO_MUCH, verified_at__gt=at - DAY)
    if not relay and overfull.first() is None:
        return "presigned"
    refuse_relay(piece, size, at)
    return "relayed"


def refuse_relay(thing: Any, size: int, at: datetime) -> None:
    """Where files go straight to the store, relaying is for the few who cannot. Raises RelaySpent."""
    limit = TIMES_A_FILE * current().settings.max_file_bytes
    since = _relayed_since(thing, at - HOUR)
    spent = EvidenceFile.objects(pk__in=list(since)).sum("declared_size")
    if spent + size > limit:
        raise RelaySpent(limit_mb=limit // MB, retry_after=_until(min(since.values(), default=at) + HOUR, at))


def _relayed_since(thing: Any, since: datetime) -> dict[Any, datetime]:
    """{file: when it began to be relayed}, by the links: one begun long ago may be switched today."""
    switched = {"chain": portfolio_chain(thing), "name": "upload_relayed", "at": {"$gt": since}}
    found = {ObjectId(link["subject"]["id"]): link["at"] for link in current().database.events.find(switched)}
    begun = EvidenceFile.objects(candidacy=thing.candidacy, way="relayed", created_at__gt=since)
    return dict(begun.scalar("id", "created_at")) | found
