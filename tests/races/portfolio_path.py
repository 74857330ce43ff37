"""The states a portfolio may go through replayed from its chain, and compared with what is stored."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Attestation, Evidence, EvidenceFile, Portfolio, Submission
from portfolio.evidence.piece_fields import missing_of, readable
from portfolio.store.digests import files_of
from tests.races.crowd import links_of

Link = dict[str, Any]


class PortfolioPath:
    """Each method is named after an event and asserts that it was possible where the chain tells it."""

    def __init__(self) -> None:
        self.state = "open"
        self.submissions = 0
        self.revision = 1
        self.activities: dict[str, bool] = {}  # withdrawn?
        self.pieces: dict[str, str] = {}
        self.files: dict[str, str] = {}
        self.asked: set[str] = set()
        self.answered: set[str] = set()
        self.frozen: dict[int, str] = {}

    def _content_moves(self) -> None:
        assert self.state == "open", "the content of a frozen portfolio moved"
        self.revision += 1

    def placement_added(self, _: Link) -> None:
        pass

    def activity_added(self, link: Link) -> None:
        self._content_moves()
        self.activities[link["subject"]["id"]] = False

    def activity_amended(self, link: Link) -> None:
        self._content_moves()
        assert not self.activities[link["subject"]["id"]]

    def activity_withdrawn(self, link: Link) -> None:
        self.activity_amended(link)
        self.activities[link["subject"]["id"]] = True

    def evidence_added(self, link: Link) -> None:
        self._content_moves()
        self.pieces[link["subject"]["id"]] = "in"

    def evidence_amended(self, link: Link) -> None:
        self._content_moves()
        assert self.pieces[link["subject"]["id"]] == "in"

    def evidence_withdrawn(self, link: Link) -> None:
        self.evidence_amended(link)
        self.pieces[link["subject"]["id"]] = "withdrawn"

    def upload_begun(self, link: Link) -> None:
        self._content_moves()
        self.files[link["subject"]["id"]] = "pending"

    def upload_relayed(self, link: Link) -> None:
        self._content_moves()

    def file_verified(self, link: Link) -> None:
        self._content_moves()
        assert self.files[link["subject"]["id"]] == "pending"
        self.files[link["subject"]["id"]] = link["data"]["state"]

    file_quarantined = file_verified

    def file_removed(self, link: Link) -> None:
        self._content_moves()
        assert self.files[link["subject"]["id"]] != "removed"
        self.files[link["subject"]["id"]] = "removed"

    def portfolio_submitted(self, link: Link) -> None:
        self._content_moves()
        self.state, self.submissions = "submitted", self.submissions + 1
        assert link["data"]["number"] == self.submissions
        self.frozen[self.submissions] = link["data"]["digest"]

    def portfolio_reopened(self, link: Link) -> None:
        assert self.state == "submitted"
        assert link["data"]["number"] == self.submissions
        self.state = "open"
        self.revision += 1

    def sign_off_requested(self, link: Link) -> None:
        assert not self.activities[link["data"]["activity"]]
        self.asked.add(link["subject"]["id"])

    def sign_off_answered(self, link: Link) -> None:
        assert not self.activities[link["data"]["activity"]]
        assert link["subject"]["id"] not in self.answered
        self.answered.add(link["subject"]["id"])

    tutor_waived = sign_off_answered


def walk(candidacy: ObjectId) -> PortfolioPath:
    path = PortfolioPath()
    for link in links_of(f"portfolio:{candidacy}"):
        getattr(path, link["name"])(link)
    return path


def holds(candidacy: ObjectId) -> PortfolioPath:
    """Asserts that what is stored is where the chain leads, and that every state follows from what is there."""
    path, portfolio = walk(candidacy), Portfolio.objects.get(pk=candidacy)
    assert (portfolio.state, portfolio.submissions) == (path.state, path.submissions)
    assert portfolio.revision == path.revision, "a change of content that the portfolio did not count"
    activities = {str(one.id): one.withdrawn_at is not None for one in Activity.objects(candidacy=candidacy)}
    assert activities == path.activities
    _pieces_hold(candidacy, path, activities)
    _submissions_hold(candidacy, path)
    _sign_offs_hold(candidacy, path)
    return path


def _pieces_hold(candidacy: ObjectId, path: PortfolioPath, withdrawn: dict[str, bool]) -> None:
    pieces = list(Evidence.objects(candidacy=candidacy))
    assert {str(one.id) for one in pieces} == set(path.pieces)
    files = files_of(pieces)
    for piece in pieces:
        assert (piece.state == "withdrawn") == (path.pieces[str(piece.id)] == "withdrawn")
        if piece.state != "withdrawn":
            assert (piece.state == "ready") == (not missing_of(piece, files[piece.id])), piece.id
            assert piece.activity is None or not withdrawn[str(piece.activity)], "a piece in a withdrawn activity"
    stored = {}
    for file in EvidenceFile.objects(candidacy=candidacy):
        stored[str(file.id)] = "removed" if file.removed_at else file.state
        assert (file.state == "pending") == (file.sha256 is None), "a digest without a verdict"
    assert stored == path.files


def _submissions_hold(candidacy: ObjectId, path: PortfolioPath) -> None:
    frozen = {one.number: one for one in Submission.objects(candidacy=candidacy)}
    assert {number: one.digest for number, one in frozen.items()} == path.frozen
    for number, one in frozen.items():
        assert hashlib.sha256(one.content.encode()).hexdigest() == one.digest
        content = json.loads(one.content)
        assert content["number"] == number
        assert {piece["activity"] for piece in content["pieces"]} <= {
            None,
            *(activity["id"] for activity in content["activities"]),
        }
    if path.state == "submitted":
        latest = json.loads(frozen[path.submissions].content)
        pieces = list(Evidence.objects(candidacy=candidacy, state__ne="withdrawn"))
        files = files_of(pieces)
        assert {piece["id"] for piece in latest["pieces"]} == {
            str(piece.id) for piece in pieces if readable(piece, files[piece.id])
        }


def _sign_offs_hold(candidacy: ObjectId, path: PortfolioPath) -> None:
    waiting = Attestation.objects(candidacy=candidacy, state="requested")
    asked = [(one.activity, one.person) for one in waiting]
    assert len(asked) == len(set(asked)), "the same person is asked twice"
    assert {str(one.id) for one in waiting} == path.asked - path.answered
    answered = Attestation.objects(candidacy=candidacy, state__ne="requested")
    assert {str(one.id) for one in answered} == path.answered
    for one in answered:
        assert one.answered_at is not None
        assert one.state == "waived" or (one.shown_digest and one.activity_digest and one.statement)
