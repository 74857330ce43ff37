"""Submits a portfolio as a frozen numbered revision, by its candidate or by the office; reopens it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import (
    Activity,
    Attestation,
    Candidacy,
    Evidence,
    EvidenceFile,
    Portfolio,
    Submission,
)
from portfolio.documents.candidacies import there_in_ccf
from portfolio.documents.fields import place_of
from portfolio.documents.portfolios import PortfolioState
from portfolio.enrolment.deadline import deadline_binds, deadline_of
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.moves.abandonment import refuse_outside_ccf
from portfolio.errors import NotNow, RuleSource
from portfolio.evidence.many_at_once.asked import still_arriving
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.conformity_report import quoted_few
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import event_by
from portfolio.store.digests import activity_content, digest, piece_content, shown_digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Hold, Insert, commit, head, portfolio_chain
from portfolio.submission.lateness import LatePiece, late_in, without_pieces
from portfolio.submission.overview import Overview, conformity_of, overview
from portfolio.validation import checked_reason

MANIFEST = "portfolio-e5/manifest/1"
NOT_LATE: Mapping[str, object] = MappingProxyType({})
MOST_BYTES = 12_000_000  # of a manifest: MongoDB keeps no document above 16 MB


class DeadlinePassed(NotNow):
    code = "deadline_passed"
    source = RuleSource.CIRCULAR
    detail = "La date limite de remise ({deadline}) est passée. Adressez-vous au secrétariat de votre établissement."


class AlreadySubmitted(NotNow):
    code = "already_submitted"
    source = RuleSource.INTEGRITY
    detail = "Ce portfolio est déjà remis (remise n° {number}). Demandez à votre enseignant de le rouvrir si besoin."


class NotSubmitted(NotNow):
    code = "not_submitted"
    source = RuleSource.INTEGRITY
    detail = "Ce portfolio n'est pas remis : il est encore ouvert."


class NotConform(NotNow):
    code = "not_conform"
    source = RuleSource.CIRCULAR
    detail = "Le portfolio ne peut pas encore être remis : {reasons}"


class DraftsLeft(NotNow):
    code = "drafts_left"
    source = RuleSource.INTEGRITY
    detail = (
        "Rien à lire, donc rien à remettre, dans : {titles}. "
        "Ajoutez un fichier, un lien ou un texte, ou confirmez la remise sans."
    )


class ArchivesArrive(NotNow):
    code = "archives_arrive"
    source = RuleSource.INTEGRITY
    detail = (
        "Se déballe encore : {names}. Ses fichiers qui ne sont pas encore des preuves ne seraient pas remis. "
        "Attendez la fin, que dit la page de l'archive, ou confirmez la remise sans."
    )


class TooLong(NotNow):
    code = "portfolio_too_long"
    source = RuleSource.LIMIT
    detail = "Les textes de ce portfolio sont trop longs pour être remis ensemble : raccourcissez-les ou retirez-en."


def closed_acts(portfolio: Portfolio, at: datetime) -> frozenset[Action]:
    """Returns the acts of submission that the state or the deadline refuses at this moment: they are not offered."""
    if portfolio.state != PortfolioState.OPEN:
        return frozenset({Action.SUBMIT, Action.SUBMIT_LATE})
    candidacy = Candidacy.objects.get(pk=portfolio.candidacy)
    return frozenset({Action.SUBMIT}) if closes(candidacy, deadline_of(candidacy), at) else frozenset()


def closes(candidacy: Candidacy, deadline: datetime, at: datetime) -> bool:
    """Returns True if the candidacy's deadline keeps the candidate from handing in at this moment; a provisional one
    never does.
    """
    return at > deadline and deadline_binds(candidacy)


def _in_words(moment: datetime, candidacy: Candidacy) -> str:
    local = moment.astimezone(ZoneInfo(academy_of(candidacy.academy).timezone))
    return f"{local:%d/%m/%Y à %H h %M}"


def submit(by: Actor, portfolio: Portfolio, without_drafts: bool, at: datetime) -> Portfolio:
    """Freezes the portfolio as the candidate saw it, by the deadline; after one that is provisional, says what is late.
    without_drafts: True to leave out pieces with nothing to read, and files of an archive that still arrive. Raises
    DeadlinePassed, NotConform, DraftsLeft, ArchivesArrive (there are some, and without_drafts is False), TooLong,
    AlreadySubmitted, Eliminated.
    """
    require(by, Action.SUBMIT, portfolio)
    _refuse_submitted(portfolio)
    candidacy = Candidacy.objects.get(pk=portfolio.candidacy)
    deadline = deadline_of(candidacy)
    if closes(candidacy, deadline, at):
        raise DeadlinePassed(deadline=_in_words(deadline, candidacy))
    if not without_drafts and (arriving := still_arriving(portfolio.candidacy, at)):
        raise ArchivesArrive(names=quoted_few([unpacking.name for unpacking in arriving]))
    whole = overview(portfolio)
    late = late_in(whole, deadline)
    return _freeze(by, portfolio, whole, None, without_drafts, at, _lateness(whole, late, ()) if late else NOT_LATE)


def submit_late(
    by: Actor, portfolio: Portfolio, reason: str, at: datetime, left_aside: Collection[ObjectId] = ()
) -> Portfolio:
    """Submits the last state by the office, with a reason, on time or not; what has nothing to read is left out.
    left_aside: pieces deposited after the deadline that the office leaves out; all are submitted by default. The frozen
    revision keeps which are late and which were left aside. Raises NotConform, TooLong, AlreadySubmitted, Eliminated;
    Invalid if the reason is empty, or if a piece left aside is not late.
    """
    require(by, Action.SUBMIT_LATE, portfolio)
    _refuse_submitted(portfolio)
    whole = overview(portfolio)
    late = late_in(whole, deadline_of(whole.candidacy))
    kept = without_pieces(whole, late, left_aside)
    return _freeze(by, portfolio, kept, checked_reason(reason), True, at, _lateness(whole, late, left_aside))


def _lateness(whole: Overview, late: list[LatePiece], left_aside: Collection[ObjectId]) -> dict[str, object]:
    """Returns what the manifest says of late pieces: {late: {id: since}, left_aside: [{id, title, since}]}."""
    since = {piece.id: piece.since.isoformat() for piece in late}
    titles = {piece.id: piece.title for piece in whole.handed_in}
    return {
        "late": {str(piece.id): since[piece.id] for piece in late if piece.id not in left_aside},
        "left_aside": [
            {"id": str(piece.id), "title": titles[piece.id], "since": since[piece.id]}
            for piece in late
            if piece.id in left_aside
        ],
    }


def _refuse_submitted(portfolio: Portfolio) -> None:
    """Raises AlreadySubmitted if the portfolio is submitted, Eliminated, OneSitting, Abandoned."""
    # Called before the deadline is checked: a candidate who submitted in time and retries must not read « too late ».
    refuse_eliminated(portfolio)
    refuse_outside_ccf(portfolio.candidacy)
    if portfolio.state != PortfolioState.OPEN:
        raise AlreadySubmitted(number=portfolio.submissions)


def _freeze(
    by: Actor,
    portfolio: Portfolio,
    whole: Overview,
    late_reason: str | None,
    without_drafts: bool,
    at: datetime,
    lateness: Mapping[str, object] = NOT_LATE,
) -> Portfolio:
    """Checks and writes the revision. late_reason: of the office, None from the candidate. lateness: see `_lateness`.

    Raises NotConform, DraftsLeft, TooLong.
    """
    report = conformity_of(whole)
    if report.blocking:
        failing = [check.text for check in report.checks if check.severity == "block" and not check.passed]
        raise NotConform(reasons=" ".join(failing))
    if whole.unreadable and not without_drafts:
        raise DraftsLeft(titles=quoted_few([piece.title for piece in whole.unreadable]))
    number = portfolio.submissions + 1
    content = {**manifest(whole, number, at), **lateness}
    frozen_content = canonical(content)
    if len(frozen_content) > MOST_BYTES:
        raise TooLong()
    submission = Submission(
        id=new_id(),
        created_at=at,
        **place_of(portfolio),
        number=number,
        content=frozen_content.decode(),
        digest=digest(content),
        submitted_by=by.journal_name,
        late_reason=late_reason,
        chain_head=head(portfolio_chain(portfolio)),
    )
    frozen = Change(portfolio, {"state": PortfolioState.SUBMITTED, "submissions": number, "submitted_at": at})
    data = {"number": number, "digest": submission.digest, "late": late_reason is not None}
    event = event_by(by, at, portfolio_chain(portfolio), EventName.PORTFOLIO_SUBMITTED, portfolio, data)
    # Its form or its school may change at this moment, or its candidate give up.
    in_ccf = Hold(whole.candidacy, there_in_ccf(portfolio))
    commit([frozen, Insert(submission), in_ccf], event, [Errand("acknowledgement", {"submission": submission.id})])
    return portfolio


def manifest(whole: Overview, number: int, at: datetime) -> dict[str, Any]:
    """Returns what is frozen; pure. Every activity, placement, sign-off, evaluation; every piece that can be read, with
    its digests; missing: {piece id: what it lacks, in French}; reused, where any is: {piece id: the earlier session of
    which it was taken}.
    """
    pins = {name: getattr(whole.candidacy, name) for name in ("circular", "referential")}
    placed = ("company_name", "company_city", "kind", "starts_on", "ends_on", "days", "tutor_name")
    reused = {str(piece.id): piece.reused.session for piece in whole.handed_in if piece.reused}
    return {
        "schema": MANIFEST,
        "candidacy": str(whole.candidacy.id),
        "number": number,
        "at": at.astimezone(UTC).isoformat(),
        **{name: {"id": pin.id, "version": pin.version, "sha256": pin.sha256} for name, pin in pins.items()},
        "activities": [_frozen_activity(activity) for activity in whole.activities],
        "pieces": [_frozen_piece(piece, whole.files[piece.id]) for piece in whole.handed_in],
        "placements": [
            {"id": str(placement.id), **{name: getattr(placement, name) for name in placed}}
            for placement in whole.placements
        ],
        "attestations": [_frozen_attestation(attestation) for attestation in whole.sign_offs.attestations],
        "reality": [
            {
                "id": str(evaluation.id),
                "placement": str(evaluation.placement) if evaluation.placement else None,
                "state": evaluation.state,
                "text": evaluation.text,
                "digest": evaluation.digest,
            }
            for evaluation in whole.evaluations
        ],
        "missing": {str(piece.id): lacks for piece in whole.handed_in if (lacks := whole.missing(piece))},
        "left_out": [str(piece.id) for piece in whole.unreadable],
        **({"reused": reused} if reused else {}),
    }


def _frozen_activity(activity: Activity) -> dict[str, Any]:
    content = activity_content(activity)
    return {"id": str(activity.id), "revision": activity.revision, "digest": digest(content), **content}


def _frozen_attestation(attestation: Attestation) -> dict[str, str | None]:
    return {
        "id": str(attestation.id),
        "activity": str(attestation.activity),
        "seat": attestation.seat,
        "state": attestation.state,
        "answered_at": attestation.answered_at.isoformat() if attestation.answered_at else None,
    }


def _frozen_piece(piece: Evidence, files: list[EvidenceFile]) -> dict[str, Any]:
    content = piece_content(piece, files)
    digests = {"digest": digest(content), "shown_digest": shown_digest(piece, files)}
    return {"id": str(piece.id), "revision": piece.revision, **digests, **content}


def reopen(by: Actor, portfolio: Portfolio, reason: str, at: datetime) -> Portfolio:
    """Reopens the portfolio, with a reason, and returns it; the frozen revision and its number stay.

    A commission that is convened goes on with that revision, until it takes over a later one. Raises NotSubmitted,
    Eliminated; Invalid if the reason is empty.
    """
    require(by, Action.REOPEN, portfolio)
    refuse_eliminated(portfolio)
    if portfolio.state != PortfolioState.SUBMITTED:
        raise NotSubmitted()
    changed = {"state": PortfolioState.OPEN, "reopened_reason": checked_reason(reason)}
    data = {"number": portfolio.submissions}
    event = event_by(by, at, portfolio_chain(portfolio), EventName.PORTFOLIO_REOPENED, portfolio, data)
    commit([Change(portfolio, changed)], event)
    return portfolio
