"""Declares the words of a sheet, as `wording.put_in_words` gives them to what lays them out."""

from __future__ import annotations

from typing import TypedDict

from portfolio.sheet.content import DegreeContent, EvaluationContent

Fact = tuple[str, str]


class CommissionWords(TypedDict):
    """members: [name, quality] each."""

    members: list[list[str]]
    facts: list[Fact]


class RowWords(TypedDict):
    """One row of the grid. chosen: the index of the column of the degree, None without a degree.

    cells: « X » in the chosen column. beside: the observation, or a reference to `below` if it is long.
    """

    code: str
    wording: str
    chosen: int | None
    cells: list[str]
    beside: str
    below: str
    evidence: str


class SectionWords(TypedDict):
    title: str
    rows: list[RowWords]


class GridWords(TypedDict):
    columns: list[DegreeContent]
    sections: list[SectionWords]


class SignatureWords(TypedDict):
    """A box: signed, digest and warning are empty while the member has not signed."""

    name: str
    quality: str
    signed: str
    digest: str
    warning: str


class SheetWords(TypedDict):
    """placements, pieces: one list of cells each. total: of the days of all placements, "" without any. spaces: titles
    of what is written by hand. attached, data: what the file attached to the PDF, and the last worksheet, hold.
    short_digest, short_head: for footers.
    """

    title: str
    headings: dict[str, str]
    absent: dict[str, str]
    attached: str
    data: str
    name: str
    exam: dict[str, str]
    watermark: str
    notices: list[str]
    candidate: list[Fact]
    school: list[Fact]
    commission: CommissionWords
    placements: list[list[str]]
    total: str
    grid: GridWords
    reality: list[str]
    evaluations: list[EvaluationContent]
    control: list[Fact]
    spaces: list[str]
    appreciation: str
    result: dict[str, str]
    signatures: list[SignatureWords]
    pieces: list[list[str]]
    trace: list[Fact]
    running: str
    marks: list[str]
    number: str
    short_digest: str
    short_head: str
    footer: str
