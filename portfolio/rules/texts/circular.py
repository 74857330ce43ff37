"""Reads the circular of a session: what the arrêté leaves to it each year, frozen in memory, never guessed in code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portfolio.errors import Invalid, NotFound, RuleSource
from portfolio.identifiers import Malformed, is_rehearsal
from portfolio.rules.marks import HUNDREDTH, parse_mark
from portfolio.rules.terms import CandidateStatus, GridMode, MemberQuality, Severity
from portfolio.rules.texts.circular_terms import (
    Attestations,
    Circular,
    CommissionRules,
    Degree,
    GridTerms,
    KeepingTerms,
    MarkRule,
    Outcome,
    PieceCount,
    PortfolioRules,
    Requirement,
    SheetTexts,
    SignOff,
    Source,
    Statement,
    VersionPin,
)
from portfolio.rules.texts.data_files import CONFIG, Field, InvalidDataFile, name_and_version, read
from portfolio.rules.texts.referential import Referential, UnknownReferential, referential

FOLDER = CONFIG / "circulars"
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
_SESSION = re.compile(r"(20\d\d)R?", re.ASCII)


class UnknownCircular(NotFound):
    code = "unknown_circular"
    source = RuleSource.LIMIT
    detail = (
        "Aucune circulaire utilisable n'est installée pour « {session} », ou son fichier a été modifié. "
        "Prévenez l'administrateur du service."
    )


def circular(id: str, version: str, sha256: str | None = None) -> Circular:
    """Returns the installed circular of this session (`2027`) and version (`1`). sha256: hex digest that a candidacy is
    pinned to; an edited file then counts as not installed. Raises UnknownCircular where none is.
    """
    installed = circulars().get((id, version))
    if installed is None or sha256 not in (None, installed.sha256):
        raise UnknownCircular(session=f"{id} version {version}")
    return installed


def circular_for(session: str, on: date | None = None) -> Circular:
    """Returns the installed version that `latest` chooses for this session. on: only versions in force that day. Raises
    UnknownCircular where there is none.
    """
    return latest(circulars().values(), session, on)


def latest(installed: Iterable[Circular], session: str, on: date | None = None) -> Circular:
    """Returns the latest version for the session; a rehearsal (`2027R`) without one of its own uses its year's.

    on: leaves out versions that take effect after that day. Raises UnknownCircular.
    """
    usable = [version for version in installed if on is None or version.effective_from <= on]
    year = _SESSION.fullmatch(session)
    for sought in (session, year[1]) if year else ():
        if versions := [version for version in usable if version.id == sought]:
            return max(versions, key=lambda version: (version.effective_from, int(version.version)))
    raise UnknownCircular(session=session)


def deadline_utc(circular: Circular, academy_timezone: str, adaptation: datetime | None = None) -> datetime:
    """Returns the last instant at which this candidate may submit, in UTC.

    academy_timezone: IANA name. adaptation: the deadline of a notified adaptation, aware, or as wall time in the
    academy; it never shortens the common one. A wall time that the clocks skip or repeat gives the later
    instant. Raises Invalid on `timezone`.
    """
    try:
        zone = ZoneInfo(academy_timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid({"timezone": [f"Le fuseau horaire « {academy_timezone} » est inconnu."]}) from None
    common = _latest_reading(circular.portfolio.deadline, zone)
    if adaptation is None:
        return common
    adapted = _latest_reading(adaptation, zone) if adaptation.tzinfo is None else adaptation.astimezone(UTC)
    return max(common, adapted)


def _latest_reading(wall: datetime, zone: ZoneInfo) -> datetime:
    """Returns the wall time as an instant in UTC; the later of the two where the clocks repeat or skip it."""
    return max(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def circulars() -> Mapping[tuple[str, str], Circular]:
    """Returns every installed circular by (id, version), read and checked once. Raises InvalidDataFile."""
    return _installed_in(*_folders)


_folders: tuple[Path, ...] = (FOLDER,)


def install_rehearsals(folder: Path | None) -> None:
    """Adds a folder from which circulars of rehearsal sessions are read; None removes it."""
    global _folders
    _folders = (FOLDER, folder) if folder else (FOLDER,)


@cache
def _installed_in(shipped: Path, rehearsals: Path | None = None) -> Mapping[tuple[str, str], Circular]:
    """Returns the circulars of both folders by (id, version). Raises InvalidDataFile where a file is wrong, where the
    second folder holds another thing than a rehearsal's, or a version that exists already.
    """
    installed = [read_circular(path) for path in sorted(shipped.glob("*.yaml"))]
    for path in sorted(rehearsals.glob("*.yaml")) if rehearsals else ():
        rehearsal = read_circular(path)
        if not is_rehearsal(rehearsal.id):
            raise InvalidDataFile(path.name, "id", "here, only a rehearsal's: the year followed by R")
        if any((rehearsal.id, rehearsal.version) == (other.id, other.version) for other in installed):
            raise InvalidDataFile(path.name, "version", "another file has it already")
        installed.append(rehearsal)
    return MappingProxyType({(circular.id, circular.version): circular for circular in installed})


def read_circular(path: Path) -> Circular:
    """Returns the circular of a YAML file. Raises InvalidDataFile, which names the file and the field."""
    root, digest = read(path)
    root.only(*(name for name in Circular.__dataclass_fields__ if name != "sha256"))
    identifier, version = name_and_version(root)
    if not _SESSION.fullmatch(identifier):
        raise root["id"].wrong("the session is needed: the year of the exam, followed by R for a rehearsal")
    pin, rules = _referential(root["referential"])
    source = _source(root["source"])
    binds = source.was_read
    mark = _mark(root["mark"], binds)
    return Circular(
        id=identifier,
        version=version,
        sha256=digest,
        effective_from=root["effective_from"].day(),
        source=source,
        referential=pin,
        portfolio=_portfolio(root["portfolio"]),
        attestations=_attestations(root["attestations"]),
        commission=_commission(root["commission"], binds),
        grid=_grid(root["grid"], rules, binds),
        mark=mark,
        outcomes=_outcomes(root["outcomes"], mark),
        sheet=_sheet(root["sheet"]),
        retention=_retention(root["retention"]),
    )


def _source(field: Field) -> Source:
    field.only("title", "pilot_academy", "reference", "document_sha256")
    academy, reference, document = (field.get(k) for k in ("pilot_academy", "reference", "document_sha256"))
    return Source(
        title=field["title"].text(),
        pilot_academy=academy.text() if academy else None,
        reference=reference.text() if reference else None,
        document_sha256=document.digest() if document else None,
    )


def _referential(field: Field) -> tuple[VersionPin, Referential]:
    field.only("id", "version", "sha256")
    pin = VersionPin(field["id"].text(), field["version"].text(), field["sha256"].digest())
    try:
        return pin, referential(*pin)
    except UnknownReferential:
        raise field.wrong("this version is not installed, or its file is not the one with this SHA-256") from None


def _portfolio(field: Field) -> PortfolioRules:
    field.only("deadline", "form", "min_pieces", "max_pieces", "max_file_bytes", "checks")
    fewest, most = _piece_count(field["min_pieces"]), _piece_count(field["max_pieces"])
    if most.count < fewest.count:
        raise field["max_pieces"].wrong("fewer than min_pieces")
    return PortfolioRules(
        deadline=field["deadline"].wall_time(),
        form=field["form"].text(),
        min_pieces=fewest,
        max_pieces=most,
        max_file_bytes=field["max_file_bytes"].integer(minimum=1),
        checks=_requirements(field["checks"]),
    )


def _piece_count(field: Field) -> PieceCount:
    field.only("count", "severity")
    return PieceCount(field["count"].integer(), field["severity"].choice(*SEVERITIES))


def _requirements(field: Field) -> tuple[Requirement, ...]:
    requirements = []
    for check in field.elements():
        check.only("code", "severity", "text", "at_least")
        code = check["code"].choice(*CHECKS)
        if CHECKS[code] != ("at_least" in check.value):
            raise check.wrong(f"`at_least` is {'needed' if CHECKS[code] else 'not used'} by {code}")
        at_least = check["at_least"].integer(minimum=1) if CHECKS[code] else 0
        requirements.append(Requirement(code, check["severity"].choice(*SEVERITIES), check["text"].text(), at_least))
    _distinct(field, [requirement.code for requirement in requirements])
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


def _commission(field: Field, binds: bool) -> CommissionRules:
    field.only("modes_allowed", "default_mode", "calendar")
    field["calendar"].only("from", "to")
    opens, closes = field["calendar"]["from"].day(), field["calendar"]["to"].day()
    if closes < opens:
        raise field["calendar"]["to"].wrong("before `from`")
    modes = field["modes_allowed"].choices(*MODES)
    return CommissionRules(modes, field["default_mode"].choice(*modes), opens, closes, binds)


def _grid(field: Field, rules: Referential, binds: bool) -> GridTerms:
    field.only("rows", "scale", "not_evaluated", "observation_required_below")
    rows = field["rows"].choices(*rules.competences, *rules.criteria)
    scale = tuple(_degree(degree) for degree in field["scale"].elements())
    not_evaluated = _degree(field["not_evaluated"])
    if not rows or len(scale) < 2:
        raise field.wrong("at least one row and two degrees are needed")
    _distinct(field["scale"], [degree.code for degree in (*scale, not_evaluated)])
    _distinct(field["scale"], [degree.key for degree in (*scale, not_evaluated)])
    below = field.get("observation_required_below")
    asked = below.choice(*(degree.code for degree in scale)) if below else None
    return GridTerms(rows, scale, not_evaluated, asked, binds)


def _degree(field: Field) -> Degree:
    field.only("code", "label", "key")
    return Degree(field["code"].text(), field["label"].text(), field["key"].choice(*"0123456789"))


def _mark(field: Field, binds: bool) -> MarkRule:
    field.only("minimum", "maximum", "step", "comment_required_below")
    lowest, highest, step = (field[name].decimal() for name in ("minimum", "maximum", "step"))
    if lowest != 0:
        raise field["minimum"].wrong('marks are counted from "0"')
    if highest <= 0:
        raise field["maximum"].wrong("not above the minimum")
    if step <= 0 or step % HUNDREDTH or highest % step:
        raise field["step"].wrong("a number of hundredths that divides the scale is needed")
    comment = field.get("comment_required_below")
    return MarkRule(lowest, highest, step, comment.decimal() if comment else None, binds)


def _outcomes(field: Field, rule: MarkRule) -> Mapping[str, Outcome]:
    outcomes = []
    for element in field.elements():
        element.only(*Outcome.__dataclass_fields__)
        outcomes.append(
            Outcome(
                code=element["code"].text(),
                label=element["label"].text(),
                mark=_outcome_mark(element.get("mark"), rule),
                explanation=element["explanation"].text(),
                needs_reference=element["needs_reference"].boolean(),
                to_confirm=element["to_confirm"].boolean(),
            )
        )
    _distinct(field, [outcome.code for outcome in outcomes])
    return MappingProxyType({outcome.code: outcome for outcome in outcomes})


def _outcome_mark(field: Field | None, rule: MarkRule) -> Decimal | None:
    if field is None:
        return None
    try:
        return parse_mark(field.text(), rule.step, rule.maximum)
    except Malformed:
        raise field.wrong("not a mark of the scale") from None


def _sheet(field: Field) -> SheetTexts:
    field.only(*SheetTexts.__dataclass_fields__)
    for name, codes in (("qualities", QUALITIES), ("modes", MODES), ("statuses", STATUSES)):
        field[name].only(*codes)
        for code in codes:
            field[name][code].text()
    return SheetTexts(
        template_version=field["template_version"].text(),
        title=field["title"].text(),
        footer=field["footer"].text(),
        modality=field["modality"].text(),
        qualities=field["qualities"].wordings(),
        modes=field["modes"].wordings(),
        statuses=field["statuses"].wordings(),
    )


def _retention(field: Field) -> KeepingTerms:
    field.only(*KeepingTerms.__dataclass_fields__)
    return KeepingTerms(
        months_after_publication=field["months_after_publication"].integer(minimum=1),
        until_next_session_published=field["until_next_session_published"].boolean(),
        text=field["text"].text(),
    )


def _distinct(field: Field, codes: list[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise field.wrong(f"{code} is written twice")
