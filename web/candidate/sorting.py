"""All the pieces that nobody sorted yet, on one page: by folder, then one by one where a piece differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from portfolio.counting import many
from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile
from portfolio.documents.fields import read
from portfolio.enrolment import pinned
from portfolio.errors import Invalid
from portfolio.evidence.many_at_once import sorting
from portfolio.evidence.many_at_once.sorting import MOST_AT_ONCE, FolderWords, SortedValues
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.rules.texts.catalogue import UNSORTED, catalogue
from portfolio.store.digests import files_of
from web.candidate import first_page
from web.candidate.piece import types_for
from web.pages import Pages

pages = Pages("candidate_sorting", __name__, "candidate")

MOST_CLAIMED = 11


@dataclass(frozen=True)
class SortedFolder:
    """A folder of the page. rank: in the names of its fields. pieces: (piece, its files, its types, likely ones first).

    words: what its name may mean.
    """

    rank: int
    name: str
    words: FolderWords
    pieces: list[tuple[Evidence, list[EvidenceFile], list[tuple[str, str]]]]


@pages.shows("/portfolio/<oid:portfolio_id>/tri", Action.DEPOSIT)
def show(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = first_page.own_portfolio(by, portfolio_id)
    waiting = sorting.unsorted_of(by, portfolio)
    rules = pinned.referential_of(read(Candidacy, portfolio.candidacy))
    activities = Activity.objects(candidacy=portfolio.candidacy, withdrawn_at=None).order_by("id")
    total = sum(len(pieces) for _, pieces in waiting)
    return first_page.portfolio_page(
        "sorting.html",
        portfolio,
        portfolio=portfolio,
        folders=_folders(waiting, tuple(rules.competences)),
        total=total,
        most=MOST_AT_ONCE,
        types=_choices(portfolio.exam, []),
        activities=[(activity.id, activity.title) for activity in activities],
        rules=rules,
    )


def _choices(exam: str, files: list[EvidenceFile]) -> list[tuple[str, str]]:
    return [(code, label) for code, label in types_for(catalogue(exam).types, files) if code != UNSORTED]


def _folders(waiting: list[tuple[str, list[Evidence]]], competences: tuple[str, ...]) -> list[SortedFolder]:
    """Returns the folders of the first MOST_AT_ONCE pieces."""
    files = files_of([piece for _, pieces in waiting for piece in pieces])
    folders, left = [], MOST_AT_ONCE
    for rank, (name, pieces) in enumerate(waiting):
        lines = [(piece, files[piece.id], _choices(piece.exam, files[piece.id])) for piece in pieces[:left]]
        left -= len(lines)
        if lines:
            folders.append(SortedFolder(rank, name, sorting.words_of(name, competences), lines))
    return folders


@pages.acts("/portfolio/<oid:portfolio_id>/tri", Action.DEPOSIT, back=show)
def sort(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    """Sorts the pieces of which something is said, each by itself or by its folder, and returns where to go. Raises
    Invalid at the fields of this form, and what `sorting.sort` raises.
    """
    portfolio = first_page.own_portfolio(by, portfolio_id)
    given = [values for piece in request.form.getlist("piece")[:MOST_AT_ONCE] if (values := _values_of(piece))]
    if not given:
        raise Invalid({"pieces": ["Choisissez au moins un type, une activité ou une compétence."]})
    try:
        pieces = sorting.sort(by, portfolio, given, at)
    except Invalid as refusal:
        raise Invalid({_field(path, given): lines for path, lines in refusal.errors.items()}) from refusal
    left = sum(len(waiting) for _, waiting in sorting.unsorted_of(by, portfolio))
    done = many(len(pieces), "preuve est triée", "preuves sont triées")
    flash(f"{done}. {many(left, 'preuve reste', 'preuves restent')} à trier." if left else f"{done}.", "ok")
    return url_for("candidate_sorting.show" if left else "candidate_pieces.show", portfolio_id=portfolio_id)


def _values_of(piece: str) -> SortedValues | None:
    """Returns what the form says of a piece, by itself or else by its folder; None if it says nothing. Raises Invalid
    if the form is broken.
    """
    form, folder = request.form, request.form.get(f"folder-{piece}", "")
    revision = form.get(f"revision-{piece}", "")
    if not ObjectId.is_valid(piece) or not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        raise Invalid({"pieces": ["Cette page est incomplète : rechargez-la, puis recommencez."]})
    values: SortedValues = {"piece": ObjectId(piece), "revision": int(revision)}
    if type_code := _of(piece, folder, "type"):
        values["type_code"] = type_code
    if situation := _of(piece, folder, "situation"):
        values["situation"] = situation
    if (activity := _of(piece, folder, "activity")) and ObjectId.is_valid(activity):
        values["activity"] = ObjectId(activity)
    claimed = form.getlist(f"competences-{piece}") or form.getlist(f"competences-{folder}")
    if claimed:
        values["competences"] = list(dict.fromkeys(claimed))[:MOST_CLAIMED]
    return values if len(values) > len(("piece", "revision")) else None


def _of(piece: str, folder: str, name: str) -> str:
    return request.form.get(f"{name}-{piece}") or request.form.get(f"{name}-{folder}") or ""


def _field(path: str, given: list[SortedValues]) -> str:
    """Returns the field of this form that stands for a path: `pieces.1.activity` is that of the piece of rank 1."""
    parts = path.split(".")
    if len(parts) != 3:
        return path
    name = {"type_code": "type", "piece": "type", "revision": "type"}.get(parts[2], parts[2])
    return f"{name}-{given[int(parts[1])]['piece']}"
