"""Reads the file of a circular strictly: what is misspelt, or beyond the law, is refused by file, line and field."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

from portfolio.identifiers import exam_year
from portfolio.rules.terms import CandidateStatus, GridMode, MemberQuality, Severity
from portfolio.rules.texts.circular_terms import (
    Attestations,
    Circular,
    CommissionRules,
    KeepingTerms,
    PieceCount,
    PortfolioRules,
    Requirement,
    SheetTexts,
    SignOff,
    Source,
    Statement,
    VersionPin,
)
from portfolio.rules.texts.data_files import DataFile, Field, name_and_version, parse
from portfolio.rules.texts.judging_reader import distinct, read_grid, read_mark, read_outcomes
from portfolio.rules.texts.referential import Referential, UnknownReferential, referential

SEVERITIES = tuple(Severity)
MODES = tuple(GridMode)
QUALITIES = tuple(MemberQuality)
STATUSES = tuple(CandidateStatus)
# The checks that `conformity.py` knows, and whether each one counts to a number (`at_least`).
CHECKS = {
    "competences_declared": True,
    "criteria_declared": True,
    "tools_used": False,
    "real_activity": True,
    "reality_evaluated": False,
    "not_quiz_alone": False,
    "real_pieces_anonymised": False,
    "no_draft": False,
}
MOST_PIECES = 10_000
MOST_BYTES = 2**40
MOST_MONTHS = 1200
SESSION = re.compile(r"(20\d\d)R?", re.ASCII)


def read_circular(path: Path) -> Circular:
    """Returns what `parse_circular` makes of a file. Raises InvalidDataFile, OSError where it cannot be read."""
    return parse_circular(DataFile(path.name, path.read_bytes()))


def parse_circular(file: DataFile) -> Circular:
    """Returns the circular of a YAML file. Raises InvalidDataFile, which names the file, the line and the field."""
    root, digest = parse(file)
    root.only(*(name for name in Circular.__dataclass_fields__ if name != "sha256"))
    identifier, version = name_and_version(root)
    if not SESSION.fullmatch(identifier):
        raise root["id"].wrong("la session est attendue : l'année de l'examen, suivie de R pour une répétition")
    pin, rules = _referential(root["referential"])
    source = _source(root["source"])
    binds = source.was_read
    years = _Years.of(identifier)
    mark = read_mark(root["mark"], binds)
    return Circular(
        id=identifier,
        version=version,
        sha256=digest,
        effective_from=years.training(root["effective_from"]),
        source=source,
        referential=pin,
        portfolio=_portfolio(root["portfolio"], years),
        attestations=_attestations(root["attestations"]),
        commission=_commission(root["commission"], years, binds),
        grid=read_grid(root["grid"], rules, binds),
        mark=mark,
        outcomes=read_outcomes(root["outcomes"], mark),
        sheet=_sheet(root["sheet"]),
        retention=_retention(root["retention"]),
    )


class _Years(NamedTuple):
    """The years that the days of a session lie in. Pure."""

    session: int

    @classmethod
    def of(cls, identifier: str) -> _Years:
        return cls(exam_year(identifier))

    def exam(self, field: Field, day: date) -> date:
        """Returns a day of the exam: of the year of the session, or of the one before. Raises InvalidDataFile."""
        if not self.session - 1 <= day.year <= self.session:
            raise field.wrong(f"ce jour est attendu en {self.session - 1} ou en {self.session}")
        return day

    def training(self, field: Field) -> date:
        """Returns a day of the two years that prepare the session. Raises InvalidDataFile."""
        day = field.day()
        if not self.session - 3 <= day.year <= self.session:
            raise field.wrong(f"ce jour est attendu de {self.session - 3} à {self.session}")
        return day


def _source(field: Field) -> Source:
    field.only("title", "pilot_academy", "reference", "document_sha256", "compared_by", "compared_on")
    academy, reference, document = (field.get(k) for k in ("pilot_academy", "reference", "document_sha256"))
    compared_by, compared_on = field.get("compared_by"), field.get("compared_on")
    digest = document.digest() if document else None
    if len({part is None for part in (document, compared_by, compared_on)}) > 1:
        raise field.wrong(
            "« document_sha256 », « compared_by » et « compared_on » vont ensemble : une grille est celle de la "
            "circulaire quand quelqu'un, ce jour-là, l'a comparée avec son annexe, ligne par ligne"
        )
    return Source(
        title=field["title"].text(),
        pilot_academy=academy.text() if academy else None,
        reference=reference.text() if reference else None,
        document_sha256=digest,
        compared_by=compared_by.text() if compared_by else None,
        compared_on=compared_on.day() if compared_on else None,
    )


def _referential(field: Field) -> tuple[VersionPin, Referential]:
    field.only("id", "version", "sha256")
    pin = VersionPin(field["id"].text(), field["version"].text(), field["sha256"].digest())
    try:
        return pin, referential(*pin)
    except UnknownReferential:
        raise field.wrong("cette version n'est pas installée, ou son fichier n'a pas cette empreinte") from None


def _portfolio(field: Field, years: _Years) -> PortfolioRules:
    field.only("deadline", "form", "min_pieces", "max_pieces", "max_file_bytes", "checks")
    fewest, most = _piece_count(field["min_pieces"]), _piece_count(field["max_pieces"])
    if most.count < fewest.count:
        raise field["max_pieces"].wrong("moins que min_pieces")
    years.exam(field["deadline"], field["deadline"].wall_time().date())
    return PortfolioRules(
        deadline=field["deadline"].wall_time(),
        form=field["form"].text(),
        min_pieces=fewest,
        max_pieces=most,
        max_file_bytes=field["max_file_bytes"].integer(1, MOST_BYTES),
        checks=_requirements(field["checks"]),
    )


def _piece_count(field: Field) -> PieceCount:
    field.only("count", "severity")
    return PieceCount(field["count"].integer(0, MOST_PIECES), field["severity"].choice(*SEVERITIES))


def _requirements(field: Field) -> tuple[Requirement, ...]:
    requirements = []
    for check in field.elements():
        check.only("code", "severity", "text", "at_least")
        code = check["code"].choice(*CHECKS)
        if CHECKS[code] != ("at_least" in check.value):
            raise check.wrong(f"« at_least » {'manque à' if CHECKS[code] else 'ne sert pas à'} {code}")
        at_least = check["at_least"].integer(1, MOST_PIECES) if CHECKS[code] else 0
        requirements.append(Requirement(code, check["severity"].choice(*SEVERITIES), check["text"].text(), at_least))
    distinct(field, [requirement.code for requirement in requirements])
    return tuple(requirements)


def _attestations(field: Field) -> Attestations:
    field.only("tutor", "teacher")
    return Attestations(_sign_off(field["tutor"]), _sign_off(field["teacher"]))


def _sign_off(field: Field) -> SignOff:
    field.only("missing", "text", "statement")
    words = field["statement"]
    words.only("id", "version", "text")
    statement = Statement(words["id"].text(), words["version"].text(), words["text"].text())
    return SignOff(field["missing"].choice(*SEVERITIES), field["text"].text(), statement)


def _commission(field: Field, years: _Years, binds: bool) -> CommissionRules:
    field.only("modes_allowed", "default_mode", "calendar")
    field["calendar"].only("from", "to")
    opens, closes = (years.exam(field["calendar"][end], field["calendar"][end].day()) for end in ("from", "to"))
    if closes < opens:
        raise field["calendar"]["to"].wrong("avant « from »")
    modes = field["modes_allowed"].choices(*MODES)
    return CommissionRules(modes, field["default_mode"].choice(*modes), opens, closes, binds)


def _sheet(field: Field) -> SheetTexts:
    field.only(*SheetTexts.__dataclass_fields__)
    for name, codes in (("qualities", QUALITIES), ("modes", MODES), ("statuses", STATUSES)):
        field[name].only(*codes)
        for code in codes:
            field[name][code].text()
    spaces = field.get("spaces")
    return SheetTexts(
        template_version=field["template_version"].text(),
        title=field["title"].text(),
        footer=field["footer"].text(),
        modality=field["modality"].text(),
        qualities=field["qualities"].wordings(),
        modes=field["modes"].wordings(),
        statuses=field["statuses"].wordings(),
        spaces=spaces.texts() if spaces else (),
    )


def _retention(field: Field) -> KeepingTerms:
    field.only(*KeepingTerms.__dataclass_fields__)
    return KeepingTerms(
        months_after_publication=field["months_after_publication"].integer(1, MOST_MONTHS),
        until_next_session_published=field["until_next_session_published"].boolean(),
        text=field["text"].text(),
    )
