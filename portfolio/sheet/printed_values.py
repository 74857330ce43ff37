"""Declares everything that is printed on a sheet, as plain values that `build` turns into its content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from portfolio.rules.texts.circular_terms import Degree
from portfolio.rules.texts.referential import Referential


@dataclass(frozen=True)
class PrintedExam:
    diploma: str
    exam: str
    unit: str
    title: str
    coefficient: int
    modality: str

    @classmethod
    def of(cls, official: Referential, modality: str) -> PrintedExam:
        """Returns the exam of a referential. modality: the circular's words for it."""
        terms = (official.diploma, official.exam, official.unit, official.title, official.coefficient)
        return cls(*terms, modality)


@dataclass(frozen=True)
class SheetSchool:
    uai: str
    name: str
    city: str


@dataclass(frozen=True)
class Candidate:
    """`number` is the candidate number as text (leading zeros), "" before it is given; `status` is a label (étudiant,
    apprenti…).
    """

    number: str
    birth_name: str
    usage_name: str
    given_names: str
    birth_date: date
    status: str


@dataclass(frozen=True)
class SheetPlacement:
    """A période de formation en milieu professionnel, or an apprentice's company. `days`: the number of days worked."""

    kind: str
    company: str
    city: str
    starts: date
    ends: date
    days: int
    tutor: str


@dataclass(frozen=True)
class SheetEvaluation:
    """The evaluation of reality of one placement, or of class and ateliers. Sentences and texts in French."""

    about: str
    evaluated: str
    text: str


@dataclass(frozen=True)
class SheetMember:
    """`quality` is a label: professeur chargé du suivi, tuteur, second professeur."""

    name: str
    quality: str


@dataclass(frozen=True)
class SheetCommission:
    """`tutor_absence` is the recorded reason when a second professor sits, else None. `mode`: a label.

    `met_on`: None without a meeting, and then no place, `present` (names) nor `note`. `way`: how the grid was
    written, "" on the service itself.
    """

    members: tuple[SheetMember, ...]
    tutor_absence: str | None
    met_on: date | None
    place: str
    mode: str
    present: tuple[str, ...] = ()
    note: str = ""
    way: str = ""


@dataclass(frozen=True)
class SheetDegree:
    code: str
    label: str

    @classmethod
    def of(cls, degree: Degree) -> SheetDegree:
        return cls(degree.code, degree.label)


RowKind = Literal["competence", "criterion"]


def kind_of_row(official: Referential, code: str) -> RowKind:
    return "competence" if code in official.competences else "criterion"


@dataclass(frozen=True)
class SheetRow:
    """`degree` is a code of the scale or of « non évalué », None while nothing is entered.

    `evidence`: numbers of the pieces retained for this row (P1…).
    """

    code: str
    kind: RowKind
    wording: str
    degree: str | None
    observation: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class SheetOutcome:
    """The reason why nothing is appraised (no portfolio, absence, mark kept…): a label of the circular, a reference."""

    code: str
    label: str
    reference: str = ""


@dataclass(frozen=True)
class SheetMark:
    """The mark that the commission proposes, or the mark that the circular gives to an outcome.

    `step` is the circular's; it only sets how the value is displayed.
    """

    proposed: Decimal
    step: Decimal
    out_of: int = 20


@dataclass(frozen=True)
class SheetPiece:
    """A piece retained by the commission. `digest` is the beginning of the SHA-256 of its manifest.

    `nature`, `situation`: French labels. `late_since`: RFC 3339 with its offset, of a piece deposited after the
    deadline.
    """

    number: str
    title: str
    revision: int
    digest: str
    nature: str
    situation: str
    late_since: str | None = None


@dataclass(frozen=True)
class SheetPortfolio:
    revision: int
    manifest_sha256: str
    pieces: tuple[SheetPiece, ...]


@dataclass(frozen=True)
class Pinned:
    """A data file of the configuration, with the version and the digest that were used."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True)
class SheetInput:
    """Everything printed on a sheet, as plain values.

    `time_zone` is the academy's (IANA name), for the dates of signatures. `document_sha256` is the digest of the
    circular's own annex; None if the model was not reconciled with it, which the sheet then states.
    `title`, `modality`, labels, `spaces` and `footer` are the circular's. `control`: (label, value) of each line.
    """

    title: str
    number: str
    session_code: str
    rehearsal: bool
    exam: PrintedExam
    academy: str
    time_zone: str
    school: SheetSchool
    candidate: Candidate
    placements: tuple[SheetPlacement, ...]
    commission: SheetCommission
    scale: tuple[SheetDegree, ...]
    not_evaluated: SheetDegree
    rows: tuple[SheetRow, ...]
    reality: tuple[str, ...]
    evaluations: tuple[SheetEvaluation, ...]
    control: tuple[tuple[str, str], ...]
    spaces: tuple[str, ...]
    appreciation: str
    outcome: SheetOutcome | None
    mark: SheetMark | None
    portfolio: SheetPortfolio
    chain_head: str
    circular: Pinned
    document_sha256: str | None
    referential: Pinned
    template_version: str
    footer: str


@dataclass(frozen=True)
class SheetSignature:
    """A member's signature. `digest`: of the content displayed. `at`: RFC 3339 with its offset."""

    name: str
    quality: str
    at: str
    digest: str


@dataclass(frozen=True)
class Communicated:
    """The communication of a sheet to its candidate, on request after publication (CRPA, L. 311-6).

    `at`: RFC 3339 with its offset. `reference`: of the request. `decision`: in words, the one that gives the proposed
    mark too, "" without one. It is no part of the content: on the candidate's copy, it replaces the footer that was
    signed.
    """

    at: str
    reference: str
    decision: str = ""
