"""Holds what a circular sets, as frozen values: a method uses the fields of its own value only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from portfolio.rules.marks import parse_mark


class VersionPin(NamedTuple):
    """A version of a data file and the digest of its bytes: `referential(*pin)` opens exactly that one."""

    id: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Source:
    """The source. document_sha256: digest of the circular's annex this file was reconciled with; None if it was not.

    compared_by, compared_on: who declared that the grid was compared with it row by row, and when; then only.
    """

    title: str
    pilot_academy: str | None
    reference: str | None
    document_sha256: str | None
    compared_by: str | None = None
    compared_on: date | None = None

    @property
    def was_read(self) -> bool:
        """Returns whether a published circular stands behind the values."""
        return self.document_sha256 is not None


@dataclass(frozen=True)
class PieceCount:
    count: int
    severity: str


@dataclass(frozen=True)
class Requirement:
    """A check to pass. text: the rule, in French. at_least: 0 if the check does not count."""

    code: str
    severity: str
    text: str
    at_least: int


@dataclass(frozen=True)
class PortfolioRules:
    """Limits of a portfolio. deadline: wall time, to be read in each academy's zone (`deadline_utc`)."""

    deadline: datetime
    form: str
    min_pieces: PieceCount
    max_pieces: PieceCount
    max_file_bytes: int
    checks: tuple[Requirement, ...]


@dataclass(frozen=True)
class Statement:
    """The exact text that a person attests. A changed text is another version."""

    id: str
    version: str
    text: str


@dataclass(frozen=True)
class SignOff:
    """One sign-off. missing: what its absence does to the submission, `block` or `warn`."""

    missing: str
    text: str
    statement: Statement


@dataclass(frozen=True)
class Attestations:
    tutor: SignOff
    teacher: SignOff


@dataclass(frozen=True)
class CommissionRules:
    """Modes and days. opens_on, closes_on: first and last day on which a commission may meet. binds: see `Circular`."""

    modes_allowed: tuple[str, ...]
    default_mode: str
    opens_on: date
    closes_on: date
    binds: bool

    def expects(self, day: date) -> bool:
        """Returns whether the window holds this day."""
        return self.opens_on <= day <= self.closes_on


@dataclass(frozen=True)
class Degree:
    """A degree of the scale. key: the digit that sets it from the keyboard."""

    code: str
    label: str
    key: str


@dataclass(frozen=True)
class GridTerms:
    """The grid. rows: codes of competences, criteria or both. scale: from the lowest degree to the highest.

    observation_required_below: code of the scale, or None if no degree needs an observation. binds: see `Circular`.
    """

    rows: tuple[str, ...]
    scale: tuple[Degree, ...]
    not_evaluated: Degree
    observation_required_below: str | None
    binds: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """Returns every code that a row accepts: those of the scale, then « non évalué »."""
        return (*(degree.code for degree in self.scale), self.not_evaluated.code)

    def needs_observation(self, code: str) -> bool:
        """Returns True if an observation is asked of the degree; « non évalué » never asks for one. Only a grid that
        `binds` refuses to do without. Raises ValueError if unknown.
        """
        rank = self.codes.index(code)
        if self.observation_required_below is None or code == self.not_evaluated.code:
            return False
        return rank < self.codes.index(self.observation_required_below)


@dataclass(frozen=True)
class MarkRule:
    """The scale of marks. binds: see `Circular`."""

    minimum: Decimal
    maximum: Decimal
    step: Decimal
    comment_required_below: Decimal | None
    binds: bool

    def read(self, typed: str | Decimal) -> Decimal:
        """Returns a mark of the scale, as `marks.parse_mark` does. Raises Malformed."""
        return parse_mark(typed, self.step, self.maximum)

    def needs_comment(self, mark: Decimal) -> bool:
        """Returns True if a comment is asked on this mark. Only a rule that `binds` refuses to do without."""
        return self.comment_required_below is not None and mark < self.comment_required_below


@dataclass(frozen=True)
class Outcome:
    """An outcome without appraisal. mark: the mark that the text gives in that case, or None.

    to_confirm: the label or its effect was not read in a circular.
    """

    code: str
    label: str
    mark: Decimal | None
    explanation: str
    needs_reference: bool
    to_confirm: bool

    @property
    def sets_the_mark(self) -> bool:
        """Returns whether a text says what mark goes with it, if any; otherwise the commission may propose one."""
        return self.mark is not None or not self.to_confirm

    @property
    def demands_reference(self) -> bool:
        """Returns whether a reference is required: where a text gives the mark (force majeure « dûment établie »,
        D643-24), or the circular was read. Otherwise it is asked for.
        """
        return self.needs_reference and self.sets_the_mark


@dataclass(frozen=True)
class SheetTexts:
    """Wordings of the sheet, code → French label.

    qualities: of the members; modes: of the commission; statuses: of the candidate. spaces: what the model leaves room
    for, written by hand (visa, stamp, jury number); () where it is not known.
    """

    template_version: str
    title: str
    footer: str
    modality: str
    qualities: Mapping[str, str]
    modes: Mapping[str, str]
    statuses: Mapping[str, str]
    spaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeepingTerms:
    months_after_publication: int
    until_next_session_published: bool
    text: str


@dataclass(frozen=True, eq=False)
class Circular:
    """A circular. id: the year of the exam. sha256: of the bytes of the file. outcomes: by code.

    Its values bind once it was reconciled with the published one. Until then nobody has read them in a text: they ask,
    warn and are recorded, and refuse nothing.
    """

    id: str
    version: str
    sha256: str
    effective_from: date
    source: Source
    referential: VersionPin
    portfolio: PortfolioRules
    attestations: Attestations
    commission: CommissionRules
    grid: GridTerms
    mark: MarkRule
    outcomes: Mapping[str, Outcome]
    sheet: SheetTexts
    retention: KeepingTerms

    @property
    def provisional(self) -> bool:
        """Returns True if not reconciled with the published annex: the sheet then says « modèle provisoire »."""
        return not self.source.was_read

    @property
    def pin(self) -> VersionPin:
        """Returns what a candidacy keeps of this circular: id, version and digest of its file."""
        return VersionPin(self.id, self.version, self.sha256)
