"""The states a commission, its grids and its sheets may go through replayed and compared."""

from __future__ import annotations

import hashlib
from typing import Any

from bson import ObjectId

from portfolio.documents import Assessment, Commission, Grid, Jury, Result, Sheet
from portfolio.jury import jury
from portfolio.store.digests import digest
from tests.races.crowd import links_of

Link = dict[str, Any]
AFTER = {"draft": "proposed", "proposed": "transmitted", "transmitted": "final"}


class CommissionPath:
    """Each method is named after an event and asserts that it was possible where the chain tells it."""

    def __init__(self, confirmed: set[str], commissions: dict[str, str]) -> None:
        """confirmed: sheets that the jury decided all at once; its chain has no order with this one.

        commissions: {grid or sheet: commission}.
        """
        self.confirmed, self.commissions = confirmed, commissions
        self.live: str | None = None  # the commission convened
        self.cancelled: set[str] = set()
        self.sheet: str | None = None  # the one that stands
        self.sheets: dict[str, str] = {}
        self.signed_by: dict[str, list[str]] = {}
        self.numbers: list[str] = []
        self.contents: dict[str, str] = {}  # of grids, as last filled in
        self.closed: set[str] = set()  # grids sealed
        self.decided: dict[str, Any] | None = None  # what the chain sealed of the jury's last decision

    def commission_convened(self, link: Link) -> None:
        assert self.live is None, "two commissions at once"
        self.live = link["subject"]["id"]
        assert len(set(link["data"]["members"])) == 2

    def commission_moved(self, link: Link) -> None:
        assert (self.live, self.sheet) == (link["subject"]["id"], None)

    def meeting_recorded(self, link: Link) -> None:
        self._members_write(link)
        assert len(set(link["data"]["present"])) == 2

    def member_replaced(self, link: Link) -> None:
        self.commission_moved(link)
        assert link["data"]["left"] != link["data"]["arrived"]

    def commission_cancelled(self, link: Link) -> None:
        self.commission_moved(link)
        self.cancelled.add(link["subject"]["id"])
        self.live = None

    def _members_write(self, link: Link) -> None:
        """Whoever was let in before their commission was cancelled may still write: nobody will read it."""
        about = link["subject"]["id"]
        commission = self.commissions.get(about, about)
        assert commission in self.cancelled or (commission, None) == (self.live, self.sheet), link["name"]

    def grid_filled(self, link: Link) -> None:
        self._members_write(link)
        assert link["subject"]["id"] not in self.closed, "a sealed grid moved"
        self.contents[link["subject"]["id"]] = link["data"]["content"]

    def grid_sealed(self, link: Link) -> None:
        self._members_write(link)
        assert link["subject"]["id"] not in self.closed
        self.closed.add(link["subject"]["id"])

    def submission_taken_over(self, link: Link) -> None:
        self._members_write(link)
        theirs = {grid for grid in self.closed if self.commissions[grid] == link["subject"]["id"]}
        self.closed -= theirs  # sealed grids go back to their authors

    piece_admitted = piece_retained = assessment_appraised = _members_write

    def sheet_drawn_up(self, link: Link) -> None:
        assert self.sheet is None, "two sheets at once"
        self.sheet = link["subject"]["id"]
        assert self.commissions[self.sheet] == self.live, "a sheet of a commission that was cancelled"
        assert self.sheet not in self.sheets
        self.sheets[self.sheet], self.signed_by[self.sheet] = "draft", []
        self.numbers.append(link["data"]["number"])

    def _moves(self, link: Link, before: str) -> None:
        assert link["subject"]["id"] == self.sheet
        assert self.sheets[self.sheet] == before
        self.sheets[self.sheet] = AFTER[before]

    def sheet_signed(self, link: Link) -> None:
        assert self.sheets[link["subject"]["id"]] == "draft"
        signed = self.signed_by[link["subject"]["id"]]
        assert link["by"] not in signed, "signed twice by the same person"
        signed.append(link["by"])
        if len(signed) == 2:
            self._moves(link, "draft")
        assert link["data"]["state"] == self.sheets[link["subject"]["id"]]

    def sheet_transmitted(self, link: Link) -> None:
        self._moves(link, "proposed")

    def final_mark_set(self, link: Link) -> None:
        assert self.sheet and link["data"]["sheet"] == self.sheet
        assert self.sheets[self.sheet] in ("transmitted", "final")
        self.sheets[self.sheet], self.decided = "final", link["data"]

    def sheet_voided(self, link: Link) -> None:
        assert link["subject"]["id"] == self.sheet
        assert link["data"]["from"] in self.may_be(self.sheet)
        self.sheets[self.sheet], self.sheet = "voided", None

    def sheet_released(self, link: Link) -> None:
        assert "final" in self.may_be(link["subject"]["id"])

    def final_mark_corrected(self, link: Link) -> None:
        assert self.sheet and "final" in self.may_be(self.sheet)
        self.decided = link["data"]

    def may_be(self, sheet: str) -> set[str]:
        state = self.sheets[sheet]
        return {state, "final"} if state == "transmitted" and sheet in self.confirmed else {state}


def confirmed_at_once() -> list[dict[str, Any]]:
    at_once = [link for one in Jury.objects for link in links_of(f"jury:{one.id}")]
    return [one for link in at_once if link["name"] == "proposals_confirmed" for one in link["data"]["decided"]]


def walk(candidacy: ObjectId) -> CommissionPath:
    decided = confirmed_at_once()
    made = [*Grid.objects(candidacy=candidacy), *Sheet.objects(candidacy=candidacy)]
    commissions = {str(one.id): str(one.commission) for one in made}
    path = CommissionPath({one["sheet"] for one in decided}, commissions)
    for link in links_of(f"assessment:{candidacy}"):
        getattr(path, link["name"])(link)
    return path


def holds(candidacy: ObjectId) -> CommissionPath:
    """Asserts that what is stored is where the chain leads."""
    path = walk(candidacy)
    commissions = list(Commission.objects(candidacy=candidacy))
    assert {str(one.id) for one in commissions if one.state == "convened"} == ({path.live} if path.live else set())
    assert {str(one.id) for one in commissions if one.state == "cancelled"} == path.cancelled
    _sheets_hold(candidacy, path)
    for commission in commissions:
        _members_hold(commission, path)
    _result_holds(candidacy, path)
    return path


def _sheets_hold(candidacy: ObjectId, path: CommissionPath) -> None:
    sheets = list(Sheet.objects(candidacy=candidacy))
    assert {str(one.id) for one in sheets} == set(path.sheets)
    assert [int(number.rpartition("-")[2]) for number in path.numbers] == list(range(1, len(sheets) + 1))
    for sheet in sheets:
        assert sheet.state in path.may_be(str(sheet.id))
        assert hashlib.sha256(sheet.content.encode()).hexdigest() == sheet.digest
        assert sheet.live == (str(sheet.id) == path.sheet) == (sheet.state != "voided")
        assert not sheet.live or str(sheet.commission) == path.live
        assert [str(one.person) for one in sheet.signatures] == path.signed_by[str(sheet.id)]
        assert {one.digest for one in sheet.signatures} <= {sheet.digest}
        assert (len(sheet.signatures) == 2) or sheet.state in ("draft", "voided")


def _members_hold(commission: Commission, path: CommissionPath) -> None:
    assessment = Assessment.objects.get(pk=commission.id)
    standing = Sheet.objects(commission=commission.id, live=True).count()
    assert (assessment.state == "drawn_up") == (standing == 1)
    assert assessment.members == commission.members and len(set(commission.members)) == 2
    assert sorted(seat.person for seat in commission.seats if seat.left_at is None) == sorted(commission.members)
    grids = list(Grid.objects(commission=commission.id, live=True))
    own = [grid for grid in grids if grid.member]
    assert len(grids) - len(own) == 1
    assert {grid.member for grid in own} == (set(commission.members) if commission.mode == "sealed" else set())
    for grid in own:
        assert (grid.sealed_at is not None) == (str(grid.id) in path.closed)
        assert grid.opened == all(one.sealed_at for one in own)
        if str(grid.id) in path.contents:
            assert digest({"degrees": grid.degrees, "observations": grid.observations}) == path.contents[str(grid.id)]


def _result_holds(candidacy: ObjectId, path: CommissionPath) -> None:
    result = Result.objects(candidacy=candidacy).first()
    final = Sheet.objects(candidacy=candidacy, state="final").first()
    if final is not None:
        assert result is not None and result.sheet == final.id
    if result is not None and not result.corrections:  # a correction is sealed with a reason of its own
        assert jury.sealed(result) in (path.decided, *confirmed_at_once())
    if result is not None and result.published:
        assert final is not None, "a published mark whose sheet was voided"
