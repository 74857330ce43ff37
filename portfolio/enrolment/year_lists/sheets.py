"""Finds the sheets of the files that a school sends together, and what each is a list of, by its titles."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portfolio.enrolment.lists.columns import FULL_NAME, ListKind, title_key
from portfolio.enrolment.lists.header import Layout, layout_of
from portfolio.enrolment.lists.reading import MAX_ROWS
from portfolio.enrolment.period_lists.columns import PERIODS
from portfolio.enrolment.rosters.roster_columns import CANDIDATES
from portfolio.enrolment.year_lists.companies import COMPANIES
from portfolio.enrolment.year_lists.teacher_columns import TEACHERS
from portfolio.enrolment.year_lists.tutor_columns import OF_CANDIDATES, TUTORS, titles_of_tutors
from portfolio.files.tables.any_table import read_tables
from portfolio.files.tables.sheet import TableFile, TableSheet
from portfolio.identifiers import Malformed

MOST_FILES = 12
MOST_BYTES = 300_000  # of all files together: a page sends them again inside its form
_OF_WORKBOOKS = ("[Content_Types].xml", "mimetype", "content.xml")
_NO_LIST = ("__MACOSX/", ".")


class ListOf(StrEnum):
    """What a sheet is a list of."""

    CANDIDATES = "candidates"
    TEACHERS = "teachers"
    COMPANIES = "companies"
    PERIODS = "periods"
    TUTORS = "tutors"


KINDS: Mapping[ListOf, ListKind] = {
    ListOf.CANDIDATES: CANDIDATES,
    ListOf.TEACHERS: TEACHERS,
    ListOf.COMPANIES: COMPANIES,
    ListOf.PERIODS: PERIODS,
    ListOf.TUTORS: TUTORS,
}
_OF_ONE_TUTOR = ("candidate", "candidate_number", "tutor_given_names", "tutor_email", "tutor_function")
NOT_READ = "left"  # what somebody says of a sheet that is no list
Titles = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class SentFile:
    """A file as it was sent. name: as it was called, "" for what was pasted."""

    name: str
    data: bytes


@dataclass(frozen=True)
class FoundSheet:
    """A sheet of what was sent. number: its place among all of them, from 0. kind: what it is a list of, None where its
    titles do not say, or somebody said that it is none (`left`). fault: why its file cannot be read.
    """

    number: int
    file: str
    sha256: str
    table: TableFile | None
    kind: ListOf | None = None
    left: bool = False
    fault: str = ""

    @property
    def name(self) -> str:
        """Returns what people call it: the file, and the sheet where the file has several."""
        sheet = self.table.sheets[0].name if self.table else ""
        return " – ".join(filter(None, (self.file, sheet)))


def found_sheets(
    files: Sequence[SentFile], answers: Mapping[int, str], titles: Titles, reader: str
) -> list[FoundSheet]:
    """Returns the sheets of all files, in their order; a ZIP stands for the files in it. answers: number of a sheet ->
    its kind, or NOT_READ. titles: kind -> what somebody said of columns. reader: who waits. Raises TooManyViews,
    ListsBusy.
    """
    sheets: list[FoundSheet] = []
    for file in files:
        for name, data, fault in _unpacked(file):
            sha256 = hashlib.sha256(data).hexdigest()
            try:
                table = None if fault else read_tables(data, _is_title, MAX_ROWS + 50, reader)
            except Malformed as refusal:
                table, fault = None, refusal.message
            if table is None:
                sheets.append(FoundSheet(len(sheets), name, sha256, None, fault=fault))
                continue
            sheets += _sheets_of(table, name, sha256, len(sheets), answers, titles)
    return sheets


def _sheets_of(
    table: TableFile, name: str, sha256: str, first: int, answers: Mapping[int, str], titles: Titles
) -> Iterator[FoundSheet]:
    """Yields the sheets of a file that hold something: of XML, whose elements are many, those that are lists."""
    alone = [
        TableFile(table.kind, [sheet], table.encoding, table.delimiter, table.had_bom)
        for sheet in table.sheets
        if sheet.records
    ]
    known = [(table, kind_of(table.sheets[0], titles)) for table in alone]
    if table.kind == "xml" and any(kind for _, kind in known):
        known = [(table, kind) for table, kind in known if kind]
    for number, (listed, kind) in enumerate(known, first):
        answer = answers.get(number)
        chosen = ListOf(answer) if answer in set(ListOf) else kind
        yield FoundSheet(number, name, sha256, listed, None if answer == NOT_READ else chosen, left=answer == NOT_READ)


def _unpacked(file: SentFile) -> Iterator[tuple[str, bytes, str]]:
    """Yields (name, bytes, fault) of a file, or of those in a ZIP; a workbook is a ZIP too, and is yielded whole."""
    if not file.data.startswith(b"PK\x03\x04"):
        yield file.name, file.data, ""
        return
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and not _is_beside(info.filename)]
            if {info.filename for info in members} & set(_OF_WORKBOOKS):
                yield file.name, file.data, ""
                return
            if len(members) > MOST_FILES:
                yield file.name, b"", f"Cette archive a plus de {MOST_FILES} fichiers : n'y mettez que les listes."
                return
            for member in members:
                yield _member(archive, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        yield file.name, b"", "Cette archive ne s'ouvre pas : envoyez les fichiers un par un, sans mot de passe."


def _is_beside(name: str) -> bool:
    """Returns True for what systems add to a ZIP."""
    return name.startswith(_NO_LIST) or name.rpartition("/")[2].startswith(".")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[str, bytes, str]:
    """Returns (name, bytes, fault) of a file of a ZIP, read no further than a list may be."""
    name = member.filename.rpartition("/")[2]
    with archive.open(member) as opened:
        data = opened.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        return name, b"", "Ce fichier est trop gros pour une liste : vérifiez-le."
    return name, data, ""


def _is_title(cell: str) -> bool:
    key = title_key(cell)
    return any(key in kind.titles for kind in KINDS.values())


def kind_of(sheet: TableSheet, titles: Titles) -> ListOf | None:
    """Returns what a sheet is a list of, by its titles; None where they do not say."""
    fields = {kind: _fields(sheet, KINDS[kind], titles.get(kind, {})) for kind in ListOf}
    periods, candidates = fields[ListOf.PERIODS], fields[ListOf.CANDIDATES]
    teachers, companies = fields[ListOf.TEACHERS], fields[ListOf.COMPANIES]
    if {"starts_on", "ends_on"} <= periods and periods & {"company", "siret"}:
        return ListOf.PERIODS
    named, theirs = _tutor_fields(sheet, titles)
    if named & {"company", "siret"} and named & set(_OF_ONE_TUTOR) and not candidates & {"status", "ine"}:
        return ListOf.TUTORS
    of_staff = _is_of_staff(sheet)
    if "birth_date" in candidates and candidates & {"birth_name", FULL_NAME} and not of_staff:
        return ListOf.CANDIDATES
    telling = teachers & {"subjects", "follows", "teaches_profession"} or of_staff
    if telling and teachers & {"family_name", FULL_NAME}:
        return ListOf.TEACHERS
    if named & set(OF_CANDIDATES) or (theirs & {"company", "siret"} and "tutor_given_names" in theirs):
        return ListOf.TUTORS
    if "company" in companies and companies & {"siret", "city"}:
        return ListOf.COMPANIES
    return None


def _tutor_fields(sheet: TableSheet, titles: Titles) -> tuple[set[str], set[str]]:
    """Returns the fields of a sheet read as a list of tutors, where a title names a tutor; then, where « Nom » and
    « Prénom » are the tutor's own. Each is empty where no tutor is named so.
    """
    given = titles.get(ListOf.TUTORS, {})
    named, theirs = _fields(sheet, TUTORS, given), _fields(sheet, TUTORS, titles_of_tutors(sheet, given))
    return (named, set()) if "tutor" in named else (set(), theirs if "tutor" in theirs else set())


def _fields(sheet: TableSheet, kind: ListKind, titles: Mapping[str, str]) -> set[str]:
    layout = _layout(sheet, kind, titles)
    return set(filter(None, layout.fields)) if layout else set()


def _layout(sheet: TableSheet, kind: ListKind, titles: Mapping[str, str]) -> Layout | None:
    try:
        return layout_of([sheet], kind, titles)
    except Malformed:
        return None


def _is_of_staff(sheet: TableSheet) -> bool:
    """Returns whether a title is one that lists of the staff alone have, as STS writes it."""
    foreign = {title_key(title) for title in CANDIDATES.foreign}
    return any(title_key(cell) in foreign for record in sheet.records[:1] for cell in record.cells)
