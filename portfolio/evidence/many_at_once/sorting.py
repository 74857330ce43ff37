"""Sorts many pieces in one commit: what each is, what it is about, what it proves. What is not said of one stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NotRequired, TypedDict

from bson import ObjectId

from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile, Portfolio, Unpacking
from portfolio.documents.fields import by_id
from portfolio.documents.portfolios import EntryOutcome, PieceState, Proof
from portfolio.enrolment.pinned import referential_of
from portfolio.errors import Invalid
from portfolio.evidence.deposit import earlier_version, open_portfolio_of, touch
from portfolio.evidence.piece_fields import details_of, missing_of, wrong_codes
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.catalogue import UNSORTED, catalogue
from portfolio.store.chains import Event, event_by
from portfolio.store.digests import files_of
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, commit, portfolio_chain

MOST_AT_ONCE = 60
_OF_A_COMPANY = re.compile(r"\b(stage|stages|pfmp|entreprise|agence|alternance|cabinet)\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![A-Z0-9])C[ ._-]?(\d{1,2})(?!\d)", re.IGNORECASE)


class SortedValues(TypedDict):
    """What is said of a piece. revision: as it was seen. activity: None takes it out of its own."""

    piece: ObjectId
    revision: int
    type_code: NotRequired[str]
    situation: NotRequired[str]
    activity: NotRequired[ObjectId | None]
    competences: NotRequired[list[str]]


@dataclass(frozen=True)
class FolderWords:
    """What the name of a folder may mean, to be asked: codes of competences, and whether it names a company."""

    competences: tuple[str, ...]
    of_a_company: bool


def words_of(folder: str, competences: Iterable[str]) -> FolderWords:
    """Returns what a folder's name may mean; pure. competences: the codes that the exam evaluates."""
    named = {f"C{number}" for number in _CODE.findall(folder)}
    return FolderWords(tuple(code for code in competences if code in named), bool(_OF_A_COMPANY.search(folder)))


def unsorted_of(by: Actor, portfolio: Portfolio) -> list[tuple[str, list[Evidence]]]:
    """Returns (folder, pieces) of those whose type nobody said, for their candidate alone: by the folder of the archive
    that they came in, "" for no archive, the first to come first. Raises NotFound, Forbidden.
    """
    require(by, Action.DEPOSIT, portfolio)
    waiting = Evidence.objects(candidacy=portfolio.candidacy, type_code=UNSORTED, withdrawn_at=None).order_by("id")
    brought = Unpacking.objects(candidacy=portfolio.candidacy).only("entries")
    made = [entry for unpacking in brought for entry in unpacking.entries if entry.outcome == EntryOutcome.MADE]
    folders = {entry.piece: entry.folder for entry in made}
    grouped: dict[str, list[Evidence]] = {}
    for piece in waiting:
        grouped.setdefault(folders.get(piece.id) or "", []).append(piece)
    return list(grouped.items())


@runs_again_if_stale(as_seen=False)
def sort(by: Actor, portfolio: Portfolio, sorted_values: Sequence[SortedValues], at: datetime) -> list[Evidence]:
    """Changes up to MOST_AT_ONCE pieces, each at the revision that was seen, and returns them in their order. A piece
    gets the nature of its type. Raises PortfolioSubmitted, Eliminated; Invalid by field, `pieces.<rank>.<name>`: then
    nothing is changed. What is as it was is not counted as a change.
    """
    require(by, Action.DEPOSIT, portfolio)
    open_portfolio_of(portfolio)
    pieces = by_id(Evidence, (values["piece"] for values in sorted_values))
    wanted = {values.get("activity") for values in sorted_values}
    activities = {activity.id: activity for activity in _activities_of(portfolio) if activity.id in wanted}
    _refuse_wrong(portfolio, sorted_values, pieces, activities)
    files = files_of(pieces.values())
    changes: list[AnyChange] = [touch(portfolio)]
    events: list[Event] = []
    for values in sorted_values:
        piece = pieces[values["piece"]]
        kept, before = earlier_version(piece, files[piece.id]), piece.placement
        changed = _changed(piece, values, activities, files[piece.id])
        if not changed:
            continue
        changes += [Change(piece, changed), *kept]
        if piece.placement != before:
            changes += [Change(file, {"placement": piece.placement}) for file in files[piece.id]]
        data = {"fields": sorted(set(values) - {"piece", "revision"}), "state": changed["state"]}
        events.append(event_by(by, at, portfolio_chain(portfolio), EventName.EVIDENCE_AMENDED, piece, data))
    if events:
        commit(changes, events)
    return [pieces[values["piece"]] for values in sorted_values]


def _activities_of(portfolio: Portfolio) -> list[Activity]:
    return list(Activity.objects(candidacy=portfolio.candidacy, withdrawn_at=None))


def _refuse_wrong(
    portfolio: Portfolio,
    sorted_values: Sequence[SortedValues],
    pieces: Mapping[ObjectId, Evidence],
    activities: Mapping[ObjectId, Activity],
) -> None:
    rules, types = referential_of(Candidacy.objects.get(pk=portfolio.candidacy)), catalogue(portfolio.exam).types
    errors: dict[str, list[str]] = {}
    for rank, values in enumerate(sorted_values):
        piece, path = pieces.get(values["piece"]), f"pieces.{rank}"
        if piece is None or piece.candidacy != portfolio.candidacy or piece.withdrawn_at or piece.entered_by:
            errors[f"{path}.piece"] = ["Cette preuve n'est pas de celles que vous triez, ou elle a été retirée."]
        elif piece.revision != values["revision"]:
            errors[f"{path}.revision"] = ["Cette preuve a changé entre-temps : relisez-la, puis triez-la."]
        if values.get("type_code", UNSORTED) not in types:
            errors[f"{path}.type_code"] = ["Ce type de preuve n'existe pas. Choisissez-en un dans la liste."]
        if values.get("activity") is not None and values["activity"] not in activities:
            errors[f"{path}.activity"] = ["Cette activité n'existe pas dans ce portfolio, ou elle a été retirée."]
        for axis, sentences in wrong_codes(rules, {"competences": values.get("competences", [])}).items():
            errors[f"{path}.{axis}"] = sentences
    if len(pieces) < len(sorted_values) and not errors:
        errors["pieces"] = ["La même preuve est triée deux fois."]
    if errors:
        raise Invalid(errors)


def _changed(
    piece: Evidence, values: SortedValues, activities: Mapping[ObjectId, Activity], files: list[EvidenceFile]
) -> dict[str, object]:
    """Sets what is said on the piece, in memory; returns {field: value} of what differs, its state included;
    {} if nothing does.
    """
    changed: dict[str, object] = {}
    if "type_code" in values:
        code = values["type_code"]
        changed["type_code"], changed["details"] = code, details_of(piece, code, None)
        if piece.type_code == UNSORTED:
            changed["nature"] = catalogue(piece.exam).evidence_type(code).nature
    if "situation" in values:
        changed["situation"] = values["situation"]
    if "activity" in values:
        activity = activities[values["activity"]] if values["activity"] is not None else None
        changed["activity"] = activity.id if activity else None
        changed["placement"] = activity.placement if activity else None
        if activity is not None and not piece.context:
            changed["context"] = activity.context
    if "competences" in values:
        claimed = {proof.competence: proof for proof in piece.competences}
        changed["competences"] = [claimed.get(code, Proof(competence=code)) for code in values["competences"]]
    changed = {name: value for name, value in changed.items() if getattr(piece, name) != value}
    for name, value in changed.items():
        setattr(piece, name, value)
    if changed:
        changed["state"] = PieceState.DRAFT if missing_of(piece, files) else PieceState.READY
    return changed
