"""Submission: a frozen numbered revision of the whole portfolio; reopening; the office's late submission."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portfolio.documents import Activity, Attestation, Candidacy, Commission, Portfolio, Submission
from portfolio.documents.fields import place_of
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Invalid, NotNow
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.circular import circular, deadline_utc
from portfolio.rules.circular_terms import Circular
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import event_by
from portfolio.store.digests import activity_content, digest, piece_content, shown_digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Insert, commit, head, portfolio_chain
from portfolio.submission.overview import Overview, conformity_of, overview

MANIFEST = "portfolio-e5/manifest/1"
TITLES_SAID = 5
MOST_BYTES = 12_000_000  # of a manifest: MongoDB keeps no document above 16 MB


class DeadlinePassed(NotNow):
    code = "deadline_passed"
    detail = "La date limite de remise ({deadline}) est passée. Adressez-vous au secrétariat de votre établissement."


class DeadlineOpen(NotNow):
    code = "deadline_open"
    detail = "La date limite ({deadline}) n'est pas passée : le candidat remet lui-même son portfolio."


class AlreadySubmitted(NotNow):
    code = "already_submitted"
    detail = "Ce portfolio est déjà remis (remise n° {number}). Demandez à votre enseignant de le rouvrir si besoin."


class NotSubmitted(NotNow):
    code = "not_submitted"
    detail = "Ce portfolio n'est pas remis : il est encore ouvert."


class NotConform(NotNow):
    code = "not_conform"
    detail = "Le portfolio ne peut pas encore être remis : {reasons}"


class DraftsLeft(NotNow):
    code = "drafts_left"
    detail = (
        "Brouillons qui ne seraient pas remis : {titles}. "
        "Terminez ce qui manque, ou confirmez la remise sans les brouillons."
    )


class TooLong(NotNow):
    code = "portfolio_too_long"
    detail = "Les textes de ce portfolio sont trop longs pour être remis ensemble : raccourcissez-les ou retirez-en."


class CommissionAtWork(NotNow):
    code = "commission_at_work"
    detail = "Une commission est convoquée pour ce candidat : annulez la convocation avant de rouvrir le portfolio."


def deadline_of(candidacy: Candidacy) -> datetime:
    """UTC. The circular's wall time in the academy's zone, or the latest of the notified adaptations."""
    return deadline_in(candidacy, academy_of(candidacy.academy).timezone)


def deadline_in(candidacy: Any, zone: str) -> datetime:
    """candidacy: or a row of one. zone: of its academy."""
    notified = [adaptation.deadline for adaptation in candidacy.adaptations or () if adaptation.deadline]
    return deadline_utc(circular_of(candidacy), zone, max(notified) if notified else None)


def circular_of(candidacy: Candidacy) -> Circular:
    pin = candidacy.circular
    return circular(pin.id, pin.version, pin.sha256)


def _in_words(moment: datetime, candidacy: Candidacy) -> str:
    local = moment.astimezone(ZoneInfo(academy_of(candidacy.academy).timezone))
    return f"{local:%d/%m/%Y à %H h %M}"


def submit(by: Actor, portfolio: Portfolio, without_drafts: bool, at: datetime) -> Portfolio:
    """Freezes the portfolio as the candidate saw it.

    Raises DeadlinePassed, NotConform, DraftsLeft, TooLong, AlreadySubmitted.
    """
    require(by, Action.SUBMIT, portfolio)
    _refuse_submitted(portfolio)
    candidacy = Candidacy.objects.get(pk=portfolio.candidacy)
    deadline = deadline_of(candidacy)
    if at > deadline:
        raise DeadlinePassed(deadline=_in_words(deadline, candidacy))
    return _freeze(by, portfolio, None, without_drafts, at)


def submit_late(by: Actor, portfolio: Portfolio, reason: str, at: datetime) -> Portfolio:
    """After the deadline the office may submit the last state, with a reason; drafts stay out."""
    require(by, Action.SUBMIT_LATE, portfolio)
    _refuse_submitted(portfolio)
    candidacy = Candidacy.objects.get(pk=portfolio.candidacy)
    deadline = deadline_of(candidacy)
    if at <= deadline:
        raise DeadlineOpen(deadline=_in_words(deadline, candidacy))
    return _freeze(by, portfolio, said(reason), True, at)


def said(reason: str) -> str:
    """A reason, without the blanks around it. Raises Invalid where nothing is left."""
    if not reason.strip():
        raise Invalid({"reason": ["Dites pourquoi : le motif est conservé."]})
    return reason.strip()


def _refuse_submitted(portfolio: Portfolio) -> None:
    """Before the deadline is looked at: whoever submitted in time and asks again must not read that it is too late."""
    refuse_eliminated(portfolio)
    if portfolio.state != "open":
        raise AlreadySubmitted(number=portfolio.submissions)


def _quoted(titles: list[str]) -> str:
    listed = ", ".join(f"« {title} »" for title in titles[:TITLES_SAID])
    return f"{listed} et {len(titles) - TITLES_SAID} de plus" if len(titles) > TITLES_SAID else listed


def _freeze(by: Actor, portfolio: Portfolio, late_reason: str | None, without_drafts: bool, at: datetime) -> Portfolio:
    seen = overview(portfolio)
    report = conformity_of(seen)
    if report.blocking:
        failing = [check.text for check in report.checks if check.severity == "block" and not check.passed]
        raise NotConform(reasons=" ".join(failing))
    if seen.drafts and not without_drafts:
        raise DraftsLeft(titles=_quoted([piece.title for piece in seen.drafts]))
    number = portfolio.submissions + 1
    content = manifest(seen, number, at)
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
    frozen = Change(portfolio, {"state": "submitted", "submissions": number, "submitted_at": at})
    data = {"number": number, "digest": submission.digest, "late": late_reason is not None}
    event = event_by(by, at, portfolio_chain(portfolio), EventName.PORTFOLIO_SUBMITTED, portfolio, data)
    commit([frozen, Insert(submission)], event)
    return portfolio


def manifest(seen: Overview, number: int, at: datetime) -> dict[str, Any]:
    """What is frozen: pure. Every piece with its digests, every activity, placement, sign-off and evaluation."""
    pins = {name: getattr(seen.candidacy, name) for name in ("circular", "referential")}
    placed = ("company_name", "company_city", "kind", "starts_on", "ends_on", "days", "tutor_name")
    return {
        "schema": MANIFEST,
        "candidacy": str(seen.candidacy.id),
        "number": number,
        "at": at.astimezone(UTC).isoformat(),
        **{name: {"id": pin.id, "version": pin.version, "sha256": pin.sha256} for name, pin in pins.items()},
        "activities": [_frozen_activity(one) for one in seen.activities],
        "pieces": [_frozen_piece(piece, seen.files[piece.id]) for piece in seen.ready],
        "placements": [{"id": str(one.id), **{name: getattr(one, name) for name in placed}} for one in seen.placements],
        "attestations": [_frozen_attestation(one) for one in seen.sign_offs.attestations],
        "reality": [
            {
                "id": str(one.id),
                "placement": str(one.placement),
                "state": one.state,
                "text": one.text,
                "digest": one.digest,
            }
            for one in seen.evaluations
        ],
        "left_out": [str(piece.id) for piece in seen.drafts],
    }


def _frozen_activity(activity: Activity) -> dict[str, Any]:
    content = activity_content(activity)
    return {"id": str(activity.id), "revision": activity.revision, "digest": digest(content), **content}


def _frozen_attestation(one: Attestation) -> dict[str, Any]:
    answered_at = one.answered_at.isoformat() if one.answered_at else None
    said = {"seat": one.seat, "state": one.state, "answered_at": answered_at}
    return {"id": str(one.id), "activity": str(one.activity), **said}


def _frozen_piece(piece: Any, files: Any) -> dict[str, Any]:
    content = piece_content(piece, files)
    digests = {"digest": digest(content), "shown_digest": shown_digest(piece, files)}
    return {"id": str(piece.id), "revision": piece.revision, **digests, **content}


def reopen(by: Actor, portfolio: Portfolio, reason: str, at: datetime) -> Portfolio:
    """Open again, with a reason; the frozen revision and its number stay. Not while a commission is convened."""
    require(by, Action.REOPEN, portfolio)
    refuse_eliminated(portfolio)
    if portfolio.state != "submitted":
        raise NotSubmitted()
    if Commission.objects(candidacy=portfolio.candidacy, state="convened").first():
        raise CommissionAtWork()
    changed = {"state": "open", "reopened_reason": said(reason)}
    data = {"number": portfolio.submissions}
    event = event_by(by, at, portfolio_chain(portfolio), EventName.PORTFOLIO_REOPENED, portfolio, data)
    commit([Change(portfolio, changed)], event)
    return portfolio
