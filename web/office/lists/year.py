"""A school's year from its own files: what all of them would write is shown, corrected on the page, then written.

Nothing else is kept: the page sends the files again inside its form, with what was corrected.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request

from api.enrolment.year_lists import AGREED, FIELDS, model_list
from api.http.routing import find
from portfolio.counting import many
from portfolio.documents import School
from portfolio.documents.candidacies import STATUSES
from portfolio.enrolment.entry_codes import making, signatories
from portfolio.enrolment.lists.columns import title_key
from portfolio.enrolment.period_lists.matching import CANDIDACY
from portfolio.enrolment.year_lists.sheets import KINDS, MOST_BYTES, MOST_FILES, NOT_READ, ListOf, SentFile
from portfolio.enrolment.year_lists.year import YearForm, YearLists, YearSheet, add_year, read_year
from portfolio.errors import Invalid, Refusal
from portfolio.identifiers import session_in_preparation
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.office.first_page import exam_choices, framed, selection_of
from web.office.labels import YEAR_ADDED, YEAR_DIFFERS, YEAR_FIELDS, YEAR_KINDS, YEAR_STATES, YEAR_TO_ADD
from web.office.lists.written import STATES as WRITTEN_STATES
from web.office.lists.written import earlier
from web.pages import Pages

pages = Pages("office_year", __name__, "office")

_CELL = re.compile(r"cell\.([0-9]{1,3})\.([0-9]{1,6})\.([a-z_]+)")
_KIND = re.compile(r"kind\.([0-9]{1,3})(?:\.([a-z]+))?")  # with what its titles say, which is no answer
_COLUMN = re.compile(r"column\.([a-z]+)\.(.+)")
_DIFFERENCE = re.compile(r"([0-9]{1,3})\.([0-9]{1,6})\.([a-z_]+)")
_LINE = re.compile(r"([0-9]{1,3})\.([0-9]{1,6})")
LEFT = "left"  # a column that somebody says not to read
SHOWN_WRONG = 20  # lines to correct that a sheet shows at once


@pages.shows("/etablissement/<oid:school_id>/annee", Action.ENROL)
def new(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Shows where to send the files; after a refusal, the lists as they stood."""
    year = None
    if request.form.get("list"):
        try:
            year = read_year(by, find(School, school_id), _sent(), at)
        except Refusal:
            year = None  # the page says what was refused, and asks for the files
    return _drawn(by, at, school_id, year)


@pages.shows("/etablissement/<oid:school_id>/annee/modele.xlsx", Action.ENROL)
def model(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Sends the workbook to fill in of a kind of list, that of candidates where none is named."""
    asked = request.args.get("liste", "")
    return model_list(by, at, school_id, {"kind": asked if asked in set(ListOf) else ListOf.CANDIDATES})


@pages.acts("/etablissement/<oid:school_id>/annee", Action.ENROL, back=new)
def read(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Shows what the files would write; writes nothing."""
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    return _drawn(by, at, school_id, read_year(by, school, _sent(), at))


@pages.acts("/etablissement/<oid:school_id>/annee/ajout", Action.ENROL, back=new)
def add(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    """Writes the lines that are right, and shows the lists as they stand then: sent again, they write nothing twice."""
    school = find(School, school_id)
    require(by, Action.ENROL, school)
    year = add_year(by, school, _sent(), at)
    wrong = len(year.of("wrong"))
    words = [_counted(year, ("added", "corrected"), YEAR_ADDED)]
    words += [many(wrong, "ligne attend d'être corrigée.", "lignes attendent d'être corrigées.")] if wrong else []
    flash(" ".join(filter(None, words)) or "Rien n'était à écrire.", "warn" if wrong else "ok")
    return _drawn(by, at, school_id, year)


def _counted(year: YearLists, states: tuple[str, ...], words: dict[ListOf, tuple[str, str]]) -> str:
    """Returns how many lines of each kind are in these states, in words; "" for none."""
    counts = [(kind, sum(len(sheet.of(*states)) for sheet in year.of_kind(kind))) for kind in ListOf]
    parts = [many(count, *words[kind]) for kind, count in counts if count]
    return ", ".join(parts) + "." if parts else ""


def _drawn(by: Actor, at: datetime, school_id: ObjectId, year: YearLists | None) -> Response:
    selection = selection_of(by, school_id, at)
    sheets = year.sheets if year else []
    return framed(
        "year_lists.html",
        selection,
        "candidates",
        year=year,
        usual=selection.session or session_in_preparation(at),
        exams=exam_choices(selection.school),
        sent=[(file.name, base64.b64encode(file.data).decode()) for file in _files()] if year else [],
        kept=list(_kept(sheets)),
        said=[(kind, key, name or LEFT) for kind, keys in _titles().items() for key, name in keys.items()],
        unknown={sheet.source.number: _unknown(sheet) for sheet in sheets},
        kinds=YEAR_KINDS,
        fields=YEAR_FIELDS,
        of_kind={kind: [(name, column.title) for name, column in KINDS[kind].columns.items()] for kind in ListOf},
        differs=YEAR_DIFFERS,
        states=YEAR_STATES,
        to_add=_counted(year, ("ready",), YEAR_TO_ADD).removesuffix(".") if year else "",
        invited=_to_invite(sheets),
        amendable=list(_amendable(sheets)),
        without=_without_address(by, selection.school, year, at) if year and year.written else {},
        statusless=any("status" in line.row.errors for sheet in sheets for line in sheet.of("wrong")),
        defaults=_defaults(),
        asked=set(_kinds()),
        most=SHOWN_WRONG,
        left=LEFT,
        not_read=NOT_READ,
        earlier=[] if year else earlier(by, selection.school),
        written_states=WRITTEN_STATES,
    )


def _kept(sheets: list[YearSheet]) -> Iterator[tuple[str, str]]:
    """Yields (name, cell) of what was corrected and is right: what is still wrong is in a field of its own."""
    in_fields = {
        (sheet.source.number, line.row.line): line.row.errors for sheet in sheets for line in sheet.of("wrong")
    }
    for sheet, lines in _cells().items():
        for line, cells in lines.items():
            for name, cell in cells.items():
                if name not in in_fields.get((sheet, line), {}) and name != "teaches_profession":
                    yield f"cell.{sheet}.{line}.{name}", cell


def _unknown(sheet: YearSheet) -> list[tuple[str, str]]:
    """Returns (key, title) of the columns that are not read, and that nobody said not to read."""
    known = _titles().get(sheet.source.kind or "", {})
    keyed = ((title_key(title), title) for title in sheet.read.unknown_columns if "(sans titre)" not in title)
    return [(key, title) for key, title in keyed if key and key not in known]


def _amendable(sheets: list[YearSheet]) -> Iterator[tuple[str, str]]:
    """Yields (sheet, line and field; in words) of each difference that the office may choose to correct."""
    for sheet in sheets:
        for line in sheet.lines:
            for name in getattr(line, "amendable", ()):
                before, listed = line.differs[name]
                where = f"{_called(sheet, sheets)}, ligne {line.row.line}, {YEAR_DIFFERS[name]}"
                words = f"{where} : {listed}, au lieu de {before or 'rien'}"
                yield f"{sheet.source.number}.{line.row.line}.{name}", words


def _called(sheet: YearSheet, sheets: list[YearSheet]) -> str:
    """Returns what a sheet contains, and what it is called where another one contains the same."""
    kind = YEAR_KINDS[sheet.source.kind] if sheet.source.kind else ""
    alone = sum(other.source.kind == sheet.source.kind for other in sheets) == 1
    return kind if alone else f"{kind} ({sheet.source.name})"


def _without_address(by: Actor, school: School, year: YearLists, at: datetime) -> dict[str, int]:
    """Returns how many candidates, and how many others, of those who have not come yet have no address."""
    others = [
        *signatories.awaited_teachers(by, school, at),
        *signatories.awaited_tutors(by, school, year.session, at),
    ]
    return {"candidates": len(making.awaited(by, school, year.session, at)), "others": len(others)}


def _to_invite(sheets: list[YearSheet]) -> list[tuple[str, str, bool]]:
    """Returns (sheet and line, name, whether of professional teaching) of the teachers who would be invited."""
    return [
        (
            f"{sheet.source.number}.{line.row.line}",
            f"{line.row.values.get('given_names', '')} {line.row.values.get('family_name', '')}"
            + (f" – {line.row.values['subjects']}" if line.row.values.get("subjects") else ""),
            line.row.values.get("teaches_profession") is True,
        )
        for sheet in sheets
        if sheet.source.kind == ListOf.TEACHERS
        for line in sheet.of("ready")
        if not getattr(line, "teaches", False)
    ]


# --- what the form says ---------------------------------------------------------------------------


def _sent() -> YearForm:
    """Returns what the form says. Raises Invalid on `files` where there is none, or too much."""
    files = _files()
    if not files:
        raise Invalid({"files": ["Choisissez au moins un fichier."]})
    if len(files) > MOST_FILES or sum(len(file.data) for file in files) > MOST_BYTES:
        raise Invalid(
            {"files": [f"Envoyez au plus {MOST_FILES} fichiers, de 300 Ko ensemble : des listes n'en pèsent pas plus."]}
        )
    homonyms: dict[int, list[int]] = {}
    for sheet, line in _lines("homonym"):
        homonyms.setdefault(sheet, []).append(line)
    ticked = [*request.form.getlist("agreed"), *request.form.getlist("zeros")]
    return YearForm(
        session=request.form.get("session", "").strip(),
        files=files,
        exam=request.form.get("exam") or None,
        kinds=_kinds(),
        titles=_titles(),
        cells=_cells(),
        defaults=_defaults(),
        agreed=[code for code in ticked if code in AGREED],
        homonyms=homonyms,
        amend=_amended(),
    )


def _amended() -> dict[int, dict[int, list[str]]]:
    """Returns sheet -> line -> fields that differ and that were ticked to be as the list says."""
    amend: dict[int, dict[int, list[str]]] = {}
    for ticked in request.form.getlist("amend")[:1000]:
        match = _DIFFERENCE.fullmatch(ticked)
        if match:
            amend.setdefault(int(match[1]), {}).setdefault(int(match[2]), []).append(match[3])
    return amend


def _kinds() -> dict[int, str]:
    """Returns number of a sheet -> what the form says that it is."""
    answers = ((_KIND.fullmatch(name), kind) for name, kind in request.form.items())
    known = (*ListOf, NOT_READ)
    return {int(match[1]): kind for match, kind in answers if match and kind in known and kind != match[2]}


def _defaults() -> dict[str, str]:
    """Returns the status and the class of those of whom no list says it."""
    status, division = request.form.get("status", ""), request.form.get("division", "").strip()[:50]
    answers = {"status": status if status in STATUSES else "", "division": division}
    return {name: word for name, word in answers.items() if word}


def _files() -> list[SentFile]:
    """Returns the files that the page sends again, then those that are chosen; an empty one is none."""
    files: list[SentFile] = []
    for name, encoded in zip(request.form.getlist("called"), request.form.getlist("list"), strict=False):
        try:
            files.append(SentFile(name[:200], base64.b64decode(encoded, validate=True)))
        except ValueError:
            continue
    for chosen in request.files.getlist("files"):
        chosen.seek(0)
        data = chosen.read(MOST_BYTES + 1)
        if data.strip():
            files.append(SentFile((chosen.filename or "")[:200], data))
    return files[: MOST_FILES + 1]


def _titles() -> dict[str, dict[str, str]]:
    """Returns kind -> {key of a title: field, "" for one not to read} of the columns that the form says."""
    titles: dict[str, dict[str, str]] = {}
    for name, field in request.form.items():
        match = _COLUMN.fullmatch(name)
        if match and match[1] in set(ListOf) and field in (LEFT, *KINDS[ListOf(match[1])].columns):
            titles.setdefault(match[1], {})[title_key(match[2])] = "" if field == LEFT else field
    return titles


def _cells() -> dict[int, dict[int, dict[str, str]]]:
    """Returns sheet -> line -> {field: cell} of what was corrected on the page."""
    cells: dict[int, dict[int, dict[str, str]]] = {}
    for name, typed in request.form.items():
        match = _CELL.fullmatch(name)
        if match and match[3] in FIELDS and (match[3] != CANDIDACY or typed):
            of_line = cells.setdefault(int(match[1]), {}).setdefault(int(match[2]), {})
            of_line[match[3]] = typed.strip()[:500]
    professional = set(_lines("professional"))
    for sheet, line in _lines("invited"):
        answer = "oui" if (sheet, line) in professional else "non"
        cells.setdefault(sheet, {}).setdefault(line, {})["teaches_profession"] = answer
    return cells


def _lines(name: str) -> list[tuple[int, int]]:
    """Returns (sheet, line) of the values of a field, « 2.14 »."""
    matches = map(_LINE.fullmatch, request.form.getlist(name)[:500])
    return [(int(match[1]), int(match[2])) for match in matches if match]
