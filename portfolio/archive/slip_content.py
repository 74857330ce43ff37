"""What the papers of an elimination hold, before it is put into words."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Visa(TypedDict):
    """on: an ISO day. by: in words."""

    reference: str
    on: str
    by: str


class EliminatedLine(TypedDict):
    """number: of the candidate. on: an ISO day. digest: of the last submission, None without any."""

    number: str
    on: str
    digest: str | None


class SlipContent(TypedDict):
    """The data attached to a slip, without a name. candidates: numbers. exams: the one of the slip, in full. Days are
    ISO; octets: in bytes.
    """

    schema: str
    fictional: bool
    number: str
    session: str
    rule: str
    circular: str
    first_day: str
    last_day: str
    files: int
    octets: int
    school: dict[str, str]
    academy: str
    exams: list[str]
    category: str
    drawn_up_on: str
    candidates: list[str]


class SharedFiles(TypedDict):
    """How many files were not eliminated, since a later session of their candidate has them; absent without any."""

    shared_files: NotRequired[int]


class CertificateContent(SlipContent, SharedFiles):
    """files, octets: of what was eliminated. spared: numbers of the candidates whose portfolio was kept."""

    visa: Visa
    done_on: str
    eliminated: list[EliminatedLine]
    spared: list[str]
