"""Types of the frozen JSON of a sheet, as `build.build` writes it and as papers read it."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class SessionContent(TypedDict):
    code: str
    rehearsal: bool


class ExamContent(TypedDict):
    diploma: str
    exam: str
    unit: str
    title: str
    coefficient: int
    modality: str


class AcademyContent(TypedDict):
    name: str
    time_zone: str


class SchoolContent(TypedDict):
    uai: str
    name: str
    city: str


class CandidateContent(TypedDict):
    """birth_date: ISO."""

    number: str
    birth_name: str
    usage_name: str
    given_names: str
    birth_date: str
    status: str


class PlacementContent(TypedDict):
    """kind: French, not there on earlier sheets. starts, ends: ISO days. days: the number of days worked."""

    kind: NotRequired[str]
    company: str
    city: str
    starts: str
    ends: str
    days: int
    tutor: str


class EvaluationContent(TypedDict):
    """The evaluation of the reality of activities, of one placement or of class and ateliers.

    evaluated: a French sentence on who evaluated. text: as they wrote it, "" without one.
    """

    about: str
    evaluated: str
    text: str


class ControlContent(TypedDict):
    """A line of the control page: what was looked at, and what was there. French."""

    label: str
    value: str


class MemberContent(TypedDict):
    name: str
    quality: str


class CommissionContent(TypedDict):
    """met_on: an ISO day, None without a meeting. place: where it was held. present: names; note: of the members.

    way: how the grid was written, "" on the service itself.

    Earlier sheets name the day and the place that were convened, and neither present nor note.
    """

    members: list[MemberContent]
    tutor_absence: str | None
    met_on: str | None
    place: str
    present: NotRequired[list[str]]
    note: NotRequired[str]
    way: NotRequired[str]
    mode: str


class DegreeContent(TypedDict):
    code: str
    label: str


class RowContent(TypedDict):
    code: str
    kind: Literal["competence", "criterion"]
    wording: str
    degree: DegreeContent | None
    observation: str
    evidence: list[str]


class GridContent(TypedDict):
    scale: list[DegreeContent]
    not_evaluated: DegreeContent
    rows: list[RowContent]


class OutcomeContent(TypedDict):
    code: str
    label: str
    reference: str


class MarkContent(TypedDict):
    """proposed, step: with a dot and two decimals."""

    proposed: str
    step: str
    out_of: int


class PieceContent(TypedDict):
    """late_since: RFC 3339, of a piece deposited after the deadline; not there otherwise, nor on earlier sheets.

    nature, situation (réelle or simulée, "" where it was not said): French, not there on earlier sheets.
    """

    late_since: NotRequired[str]
    nature: NotRequired[str]
    situation: NotRequired[str]
    number: str
    title: str
    revision: int
    digest: str


class PortfolioContent(TypedDict):
    revision: int
    manifest_sha256: str
    pieces: list[PieceContent]


class PinnedContent(TypedDict):
    id: str
    version: str
    sha256: str


class CircularContent(PinnedContent):
    """provisional: whether the model was not reconciled with the circular's annex (document_sha256 None)."""

    document_sha256: str | None
    provisional: bool


class SheetContent(TypedDict):
    """The content that members sign by its digest.

    spaces: what the circular's model leaves room for (visa, stamp, jury number). reality: how activities were signed
    off; on earlier sheets, which have neither evaluations nor control, how each placement was evaluated too. masked: of
    the copy without the proposed mark alone.
    """

    masked: NotRequired[bool]
    schema: str
    title: str
    number: str
    session: SessionContent
    exam: ExamContent
    academy: AcademyContent
    school: SchoolContent
    candidate: CandidateContent
    placements: list[PlacementContent]
    commission: CommissionContent
    grid: GridContent
    reality: list[str]
    evaluations: NotRequired[list[EvaluationContent]]
    control: NotRequired[list[ControlContent]]
    spaces: NotRequired[list[str]]
    appreciation: str
    outcome: OutcomeContent | None
    mark: MarkContent | None
    portfolio: PortfolioContent
    chain_head: str
    circular: CircularContent
    referential: PinnedContent
    template_version: str
    footer: str
