"""What is stored, one file per aggregate. No rule lives here.

Every aggregate carries `revision`: `journal.commit` guards on the revision that was read and adds one.
References are plain ObjectIds: nothing is fetched behind the reader's back. `school`, `academy`, `session`
and `candidacy` are repeated on what hangs below a candidacy, so that one clause of POLICY is one index look-up.
"""

from portfolio.documents.account_changes import AccountChange
from portfolio.documents.anchors import Anchor, AnchoredHeads
from portfolio.documents.attestations import Attestation, RealityEvaluation
from portfolio.documents.candidacies import Candidacy, Placement, RosterImport
from portfolio.documents.commissions import Assessment, Commission, Grid, Result, Sheet
from portfolio.documents.eliminations import EliminationSlip
from portfolio.documents.feedback import Feedback
from portfolio.documents.links import AskedWay, PaperScan, SignOffLink
from portfolio.documents.log import Attempt, Chain, DigestedObject, Draft, Link, OutboxRow, RequestKey, Unsent
from portfolio.documents.people import Grant, Invitation, Person, SignIn
from portfolio.documents.places import Academy, Company, Jury, School
from portfolio.documents.portfolios import (
    Activity,
    Check,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    Portfolio,
    Submission,
)

KINDS = {
    kind.__name__: kind
    for kind in (
        Academy,
        AccountChange,
        Activity,
        Assessment,
        Attestation,
        Candidacy,
        Check,
        Commission,
        Company,
        EliminationSlip,
        Evidence,
        EvidenceFile,
        Feedback,
        Grid,
        Invitation,
        Jury,
        PaperScan,
        Person,
        Placement,
        Portfolio,
        RealityEvaluation,
        Result,
        RosterImport,
        School,
        Sheet,
        SignIn,
        Submission,
    )
}

__all__ = [
    "Academy",
    "AccountChange",
    "Activity",
    "Anchor",
    "AnchoredHeads",
    "AskedWay",
    "Assessment",
    "Attempt",
    "Attestation",
    "Candidacy",
    "Chain",
    "Check",
    "Commission",
    "Company",
    "DigestedObject",
    "Draft",
    "EliminationSlip",
    "Evidence",
    "EvidenceFile",
    "EvidenceVersion",
    "Feedback",
    "Grant",
    "Grid",
    "Invitation",
    "Jury",
    "KINDS",
    "Link",
    "OutboxRow",
    "PaperScan",
    "Person",
    "Placement",
    "Portfolio",
    "RealityEvaluation",
    "RequestKey",
    "Result",
    "RosterImport",
    "School",
    "Sheet",
    "SignIn",
    "SignOffLink",
    "Submission",
    "Unsent",
]
