"""What must be so of sheets, and of who follows whom while a teacher is replaced."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from portfolio.boards.office_board import office_board
from portfolio.documents import Candidacy, Person, School, Sheet
from portfolio.documents.places import TeacherReplacement
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor

ONWARDS = {
    "draft": ("draft", "proposed", "transmitted", "voided"),
    "proposed": ("proposed", "transmitted", "voided"),
    "transmitted": ("transmitted", "voided"),
    "voided": ("voided",),
}


@dataclass
class AsDrawnUp:
    """state: the furthest that was seen."""

    number: str
    content: str
    members: tuple[ObjectId, ...]
    state: str


def as_drawn_up(sheet: Sheet) -> AsDrawnUp:
    return AsDrawnUp(sheet.number, sheet.content, tuple(sheet.members), sheet.state)


def sheets_are_as_drawn_up(drawn: dict[ObjectId, AsDrawnUp]) -> None:
    """Names that are corrected, members who are replaced, candidates who leave: what was frozen stays."""
    assert Sheet.objects.count() == len(drawn), "a sheet was lost, or nobody drew it up"
    assert len({was.number for was in drawn.values()}) == len(drawn), "a number served twice"
    for sheet in Sheet.objects:
        was = drawn[sheet.id]
        assert (sheet.number, sheet.content, tuple(sheet.members)) == (was.number, was.content, was.members)
        assert hashlib.sha256(sheet.content.encode()).hexdigest() == sheet.digest
        assert sheet.state in ONWARDS[was.state], f"{was.state}, then {sheet.state}"
        was.state = sheet.state


def at_most_one_sheet_lives_and_its_candidate_reads_none(candidacy: Candidacy, at: datetime) -> None:
    sheets = list(Sheet.objects(candidacy=candidacy.id))
    assert sum(bool(sheet.live) for sheet in sheets) <= 1
    by = Actor(Person.objects.get(pk=candidacy.person), at=at)
    assert not [sheet for sheet in sheets if may(by, Action.READ_SHEET, sheet)], "its candidate reads it"


def the_office_is_told_of_each_signed_sheet(school: School, office: Person, at: datetime) -> None:
    """Of who gave up too: what two members signed is to be sent."""
    by = Actor(Person.objects.get(pk=office.id), at=at)
    for session in Candidacy.objects(school=school.id).distinct("session"):
        owed = office_board(by, School.objects.get(pk=school.id), at, session).owed
        signed = Sheet.objects(school=school.id, session=session, live=True, state="proposed").scalar("id")
        assert {item.thing for item in owed if item.what == "transmit"} == set(signed)


# --- while a teacher is replaced --------------------------------------------------------------------


def followed() -> dict[ObjectId, set[ObjectId]]:
    return {candidacy.id: set(candidacy.followers) for candidacy in Candidacy.objects}


def nobody_is_left_alone(before: dict[ObjectId, set[ObjectId]]) -> None:
    """Who was followed before a replacement began or ended is followed after it."""
    for key, followers in followed().items():
        assert bool(followers) == bool(before[key]), "a replacement leaves somebody alone"


def the_substitute_follows(replacement: TeacherReplacement) -> None:
    for candidacy in Candidacy.objects(pk__in=replacement.taken):
        assert replacement.substitute in candidacy.followers and replacement.absent not in candidacy.followers
    assert Candidacy.objects(followers=replacement.absent, pk__in=replacement.taken).count() == 0


def each_replacement_kept_its_days(today: str) -> None:
    """Once what was due by today has been done."""
    for school in School.objects:
        for one in school.replacements:
            assert one.began_at is not None or one.ended_at is not None or one.starts_on > today, "it never began"
            assert one.ended_at is not None or one.ends_on is None or one.ends_on >= today, "it never ended"
