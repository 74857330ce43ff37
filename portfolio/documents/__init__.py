"""Declares what is stored, one file per aggregate. No rule is decided here.

Every aggregate has a `revision`: `journal.commit` guards on the revision that was read and adds one.
References are plain ObjectIds: reading a field never runs a query. Documents below a candidacy repeat `school`,
`academy`, `session` and `candidacy`, so that one clause of POLICY is one index look-up.
"""

from portfolio.documents.account_changes import AccountChange
from portfolio.documents.anchors import Anchor, AnchoredHeads
from portfolio.documents.attestations import Attestation, RealityEvaluation
from portfolio.documents.candidacies import Candidacy, Placement, ProposedPlacement, RosterImport, Transfer
from portfolio.documents.commissions import (
    Assessment,
    Commission,
    Grid,
    OfficeOutcome,
    PrintedDossier,
    Reserve,
    Result,
    Sheet,
)
from portfolio.documents.eliminations import EliminationSlip
from portfolio.documents.feedback import Feedback
from portfolio.documents.links import AskedWay, GridScan, PaperScan, SignOffLink
from portfolio.documents.log import Attempt, Chain, DigestedObject, Draft, Link, OutboxRow, RequestKey, Turn, Unsent
from portfolio.documents.made_circulars import CircularAnnex, MadeCircular
from portfolio.documents.people import Grant, Invitation, Person, SignIn
from portfolio.documents.places import Academy, Company, Jury, ListImport, School
from portfolio.documents.portfolios import (
    Activity,
    CertificateFile,
    Check,
    Evidence,
    EvidenceFile,
    EvidenceVersion,
    Portfolio,
    Submission,
    Unpacking,
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
        CertificateFile,
        Check,
        Commission,
        Company,
        EliminationSlip,
        Evidence,
        EvidenceFile,
        Feedback,
        Grid,
        GridScan,
        Invitation,
        Jury,
        ListImport,
        OfficeOutcome,
        MadeCircular,
        PaperScan,
        Person,
        Placement,
        Portfolio,
        ProposedPlacement,
        RealityEvaluation,
        Reserve,
        Result,
        RosterImport,
        School,
        Sheet,
        SignIn,
        Submission,
        Transfer,
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
    "CertificateFile",
    "Chain",
    "Check",
    "CircularAnnex",
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
    "GridScan",
    "Invitation",
    "Jury",
    "KINDS",
    "Link",
    "ListImport",
    "OfficeOutcome",
    "MadeCircular",
    "OutboxRow",
    "PaperScan",
    "Person",
    "Placement",
    "Portfolio",
    "PrintedDossier",
    "ProposedPlacement",
    "RealityEvaluation",
    "RequestKey",
    "Reserve",
    "Result",
    "RosterImport",
    "School",
    "Sheet",
    "SignIn",
    "SignOffLink",
    "Submission",
    "Transfer",
    "Turn",
    "Unpacking",
    "Unsent",
]
