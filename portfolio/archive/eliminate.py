"""Eliminates the portfolios of a slip with the visa of the archives: an explicit act, then one commit per portfolio.

The worker may be killed at any moment: it resumes with what remains. docs/decisions/0020-elimination.md decides what is
eliminated and what is kept.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.archive.without_result import counts_from
from portfolio.documents import (
    Activity,
    Attestation,
    Candidacy,
    CertificateFile,
    Commission,
    Draft,
    EliminationSlip,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    Feedback,
    PaperScan,
    Placement,
    Portfolio,
    ProposedPlacement,
    RealityEvaluation,
    Submission,
    Unpacking,
    Unsent,
)
from portfolio.documents.eliminations import SlipState
from portfolio.documents.portfolios import Elimination, FileState, PortfolioState
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Invalid, NotNow, RuleSource, Stale
from portfolio.files.previews import kept_views
from portfolio.files.shared_objects import named_elsewhere
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import SYSTEM, Actor
from portfolio.sheet.dossiers import printing
from portfolio.store.chains import Event, event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import (
    AnyChange,
    Change,
    ChangeAll,
    Errand,
    Hold,
    MovedMeanwhile,
    RemoveAll,
    commit,
    portfolio_chain,
)
from portfolio.store.outbox import DONE, ErrandOutcome

GOES = (Activity, Attestation, Evidence, Feedback, ProposedPlacement, RealityEvaluation, Submission, Unpacking)
STORED = (EvidenceFile, PaperScan, CertificateFile)
GONE_FROM_PLACEMENTS = {"missions": None, "contest_comment": None, "certificate_file": None}
NAMELESS = "fichier éliminé"


class NoVisa(NotNow):
    code = "no_visa"
    source = RuleSource.ARCHIVES
    detail = "Rien ne s'élimine sans le visa du service d'archives : enregistrez-le d'abord sur ce bordereau."


class AlreadyStarted(NotNow):
    code = "elimination_started"
    source = RuleSource.INTEGRITY
    detail = "L'élimination de ce bordereau a déjà été demandée : elle ne se demande qu'une fois."


def eliminate(by: Actor, slip: EliminationSlip, typed: str, at: datetime) -> EliminationSlip:
    """Starts the elimination of every portfolio on the slip, in the background, and returns the slip. typed: the slip's
    number, to confirm. Raises NoVisa, AlreadyStarted; Invalid on `number` if another number was typed.
    """
    require(by, Action.ELIMINATE, slip)
    if slip.state in (SlipState.UNDER_WAY, SlipState.DONE):
        raise AlreadyStarted()
    if slip.state != SlipState.APPROVED:
        raise NoVisa()
    if typed.strip() != slip.number:
        raise Invalid({"number": [f"Ce n'est pas le numéro du bordereau : tapez {slip.number}."]})
    started = {"state": SlipState.UNDER_WAY, "started_by": by.journal_name, "started_at": at}
    errands = [Errand("eliminate", {"slip": slip.id, "portfolio": line.candidacy}) for line in slip.lines]
    event = event_by(by, at, f"school:{slip.school}", EventName.ELIMINATION_STARTED, slip, {"number": slip.number})
    commit([Change(slip, started)], event, errands)
    return slip


# --- one portfolio, by the worker -----------------------------------------------------------------


def eliminate_one(row: dict[str, Any], at: datetime) -> ErrandOutcome:
    """Eliminates the portfolio of an errand (payload: slip, portfolio): its documents, then its objects, then the
    records that name them. Returns the outcome: done, or not_started if the slip is not under way. Raises Unavailable:
    the row is tried again.
    """
    slip = EliminationSlip.objects.get(pk=row["payload"]["slip"])
    if slip.state not in (SlipState.UNDER_WAY, SlipState.DONE):  # the errand is not sealed, the slip is: it decides
        return ErrandOutcome("not_started")
    portfolio = _settle(slip, row["payload"]["portfolio"], at)
    if portfolio.state == PortfolioState.ELIMINATED:
        _erase(slip, portfolio, at)
    _conclude(slip, at)
    return DONE


def _settle(slip: EliminationSlip, portfolio_id: ObjectId, at: datetime) -> Portfolio:
    """Returns the portfolio, eliminated or, if a hold stands, its result was taken back or they are a candidate again,
    removed from the slip. Each of these acts moves a revision or is held: of two, the second sees the first.
    """
    while True:
        portfolio = Portfolio.objects.get(pk=portfolio_id)
        if portfolio.state == PortfolioState.ELIMINATED or portfolio.slip != slip.id:
            return portfolio
        candidacy = Candidacy.objects.get(pk=portfolio.candidacy)
        spared = portfolio.standing_hold is not None or counts_from(candidacy) is None
        changes = [Change(portfolio, {"slip": None})] if spared else _elimination(slip, portfolio, candidacy, at)
        data = {"number": slip.number, "digest": portfolio.elimination.digest if portfolio.elimination else None}
        event = Event(
            portfolio_chain(portfolio),
            EventName.PORTFOLIO_SPARED if spared else EventName.PORTFOLIO_ELIMINATED,
            slip.started_by,
            at,
            portfolio,
            data,
        )
        try:
            commit(changes, event)
        except (MovedMeanwhile, Stale):
            continue
        return portfolio


def _elimination(slip: EliminationSlip, portfolio: Portfolio, candidacy: Candidacy, at: datetime) -> list[AnyChange]:
    """Returns the changes, not yet written, that eliminate the documents of the portfolio."""
    of_candidate = {"candidacy": portfolio.candidacy}
    pieces = Evidence.objects(**of_candidate).scalar("id")
    last = Submission.objects(**of_candidate).order_by("-number").only("digest").first()
    day = f"{at.astimezone(ZoneInfo(academy_of(slip.academy).timezone)):%Y-%m-%d}"
    portfolio.elimination = Elimination(
        slip_number=slip.number, on=day, digest=last.digest if last else None, **_shared(portfolio.candidacy)
    )
    left = {
        "state": PortfolioState.ELIMINATED,
        "elimination": portfolio.elimination,
        "holds": [],
        "reopened_reason": None,
    }
    return [
        Change(portfolio, left),
        Hold(candidacy, {"revision": candidacy.revision}),  # an abandonment that is taken back spares it
        *(RemoveAll(kind, of_candidate) for kind in GOES),
        RemoveAll(EvidenceVersion, {"evidence": {"$in": list(pieces)}}),
        *(RemoveAll(kind, _drafts_about(portfolio.candidacy, list(pieces))) for kind in (Draft, Unsent)),
        ChangeAll(EvidenceFile, of_candidate, {"discarded_at": at, "name": NAMELESS, "alternative": None}),
        ChangeAll(PaperScan, of_candidate, {"discarded_at": at, "name": NAMELESS}),
        ChangeAll(CertificateFile, of_candidate, {"discarded_at": at, "name": NAMELESS}),
        ChangeAll(Placement, of_candidate, GONE_FROM_PLACEMENTS),
    ]


def _shared(candidacy_id: ObjectId) -> dict[str, int | None]:
    """Returns how many of its kept files, of which size in bytes, a later session of the candidate shares."""
    kept = EvidenceFile.objects(candidacy=candidacy_id, state=FileState.VERIFIED, discarded_at=None)
    sizes = dict(kept.scalar("key", "size"))
    shared = named_elsewhere(sizes, candidacy_id)
    return {"shared_files": len(shared) or None, "shared_octets": sum(sizes[key] for key in shared) or None}


def _drafts_about(candidacy_id: ObjectId, pieces: list[ObjectId]) -> dict[str, list[dict[str, dict[str, str]]]]:
    """Returns the MongoDB query of typed drafts whose page, form or field names a document of the portfolio or of its
    commission. pieces: ids of its pieces.
    """
    kinds = (Activity, Attestation, Commission, Feedback, Placement)
    ids = (key for kind in kinds for key in kind.objects(candidacy=candidacy_id).scalar("id"))
    about = [candidacy_id, *pieces, *ids]
    named = {"$regex": "|".join(map(str, about))}
    return {"$or": [{"form": named}, {"page": named}, {"fields.name": named}]}


def _erase(slip: EliminationSlip, portfolio: Portfolio, at: datetime) -> None:
    """Deletes stored objects, previews and parts of unfinished uploads, then their records, with one event at `at`;
    what a file of another session of the candidate shares stays with it. Can be repeated; does nothing once no record
    is left. Raises Unavailable.
    """
    of_candidate = {"candidacy": portfolio.candidacy}
    printing.erase_of_candidate(portfolio.candidacy)
    files = list(EvidenceFile.objects(candidacy=portfolio.candidacy))
    certificates = list(CertificateFile.objects(candidacy=portfolio.candidacy))
    scans = list(PaperScan.objects(candidacy=portfolio.candidacy))
    stored: list[EvidenceFile | CertificateFile | PaperScan] = [*files, *certificates, *scans]
    if not stored:
        return
    for file in files:
        if file.upload_id and file.state == FileState.PENDING:
            storage().abort(file.key, file.upload_id)
    shared = named_elsewhere((file.key for file in files), portfolio.candidacy)
    erased = [record for record in stored if record.key not in shared]
    viewed: list[EvidenceFile | CertificateFile] = [*files, *certificates]
    for file_or_certificate in viewed:
        if file_or_certificate.key not in shared:
            kept_views.erase(file_or_certificate.key)
    for record in erased:
        storage().delete(record.key)
    data = {"number": slip.number, "digests": sorted(record.sha256 for record in erased if record.sha256)}
    event = event_by(SYSTEM, at, portfolio_chain(portfolio), EventName.PORTFOLIO_FILES_ERASED, portfolio, data)
    commit([RemoveAll(kind, of_candidate) for kind in STORED], event)


# --- the whole slip -------------------------------------------------------------------------------


def _conclude(slip: EliminationSlip, at: datetime) -> None:
    """Concludes the slip after its last portfolio; of two workers at the same moment, the second does nothing."""
    of_slip = dict(Portfolio.objects(slip=slip.id).scalar("id", "elimination"))
    gone = {key: elimination for key, elimination in of_slip.items() if elimination is not None}
    erasing = any(kind.objects(candidacy__in=list(gone)).first() for kind in STORED)
    if slip.state != SlipState.UNDER_WAY or len(gone) < len(of_slip) or erasing:
        return
    for line in slip.lines:
        if line.candidacy in gone:
            elimination = gone[line.candidacy]
            line.eliminated_on, line.digest = elimination.on, elimination.digest
            line.shared_files, line.shared_octets = elimination.shared_files, elimination.shared_octets
    numbers = {"number": slip.number, "eliminated": len(gone), "spared": len(slip.lines) - len(gone)}
    event = Event(f"school:{slip.school}", EventName.ELIMINATION_DONE, slip.started_by, at, slip, numbers)
    try:
        commit([Change(slip, {"state": SlipState.DONE, "done_at": at, "lines": slip.lines})], event)
    except Stale:
        return
