"""What an inspector or an office watches: when commissions meet, and how far the portfolios of a school are.

No mark, no degree, no piece. Each answer is one command, whatever the number of candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.documents import Candidacy, Commission, Portfolio, School
from portfolio.identifiers import session_code
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.validation import check_fields

EVALUATED = ("joint", "teacher_alone")


@dataclass(frozen=True)
class MeetingDay:
    """day: ISO, in the academy's zone. with_tutor: how many of the commissions sit with the candidate's tutor."""

    day: str
    academy: str
    school: str
    school_name: str
    city: str
    commissions: int
    with_tutor: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class PortfolioLine:
    """reality_missing: placements whose reality is not yet evaluated; none once the portfolio is eliminated."""

    candidacy: str
    name: str
    state: str
    submissions: int
    submitted_at: datetime | None
    placements: int
    reality_missing: int
    convened: bool


@dataclass(frozen=True)
class SchoolConformity:
    """Candidates in CCF only: the others have no portfolio here."""

    school: str
    session: str
    lines: tuple[PortfolioLine, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "portfolios": len(self.lines),
            "submitted": sum(line.state != "open" and line.submissions > 0 for line in self.lines),
            "never_submitted": sum(line.submissions == 0 for line in self.lines),
            "without_placement": sum(line.placements == 0 for line in self.lines),
            "reality_missing": sum(line.reality_missing > 0 for line in self.lines),
            "convened": sum(line.convened for line in self.lines),
        }


def calendar(by: Actor, session: str) -> list[MeetingDay]:
    """The live commissions of the schools this person may watch, by day and school. Raises Invalid."""
    checked = check_fields({"session": session}, {"session": session_code})
    seen = {"$and": [scope(by, Action.READ_CALENDAR, Commission), {**checked, "state": "convened"}]}
    found = Commission._get_collection().aggregate([{"$match": seen}, *_BY_DAY], batchSize=10_000)
    return [
        MeetingDay(**row["_id"] | {"school": str(row["_id"]["school"])}, **_plain(row, "_id", "at"), **_place(row))
        for row in found
    ]


_SITTING_TUTORS = {
    "$filter": {
        "input": "$seats",
        "cond": {
            "$and": [{"$eq": ["$$this.quality", "tutor"]}, {"$eq": [{"$ifNull": ["$$this.left_at", None]}, None]}]
        },
    }
}
_BY_DAY: list[dict[str, Any]] = [
    {"$lookup": {"from": "academies", "localField": "academy", "foreignField": "code", "as": "region"}},
    {"$set": {"zone": {"$first": "$region.timezone"}}},
    {
        "$group": {
            "_id": {
                "day": {"$dateToString": {"date": "$meets_at", "format": "%Y-%m-%d", "timezone": "$zone"}},
                "academy": "$academy",
                "school": "$school",
            },
            "commissions": {"$sum": 1},
            "with_tutor": {"$sum": {"$min": [1, {"$size": _SITTING_TUTORS}]}},
            "first_at": {"$min": "$meets_at"},
            "last_at": {"$max": "$meets_at"},
        }
    },
    {"$lookup": {"from": "schools", "localField": "_id.school", "foreignField": "_id", "as": "at"}},
    {"$sort": {"_id.day": 1, "at.name": 1, "_id.school": 1}},
]


def _plain(row: dict[str, Any], *without: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in without}


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {"school_name": row["at"][0]["name"], "city": row["at"][0]["city"]}


def school_conformity(by: Actor, school: School, session: str) -> SchoolConformity:
    """How far each portfolio is, in the order of names. Raises Invalid."""
    checked = check_fields({"session": session}, {"session": session_code})
    require(by, Action.READ_CALENDAR, Commission(school=school.id, academy=school.academy, **checked))
    seen = {"school": school.id, **checked, "ccf.form": "ccf"}
    pipeline = [{"$match": seen}, {"$sort": {"name_key": 1, "_id": 1}}, *_progress(by)]
    found = Candidacy._get_collection().aggregate(pipeline, batchSize=10_000)
    return SchoolConformity(str(school.id), checked["session"], tuple(_line(row) for row in found))


def _progress(by: Actor) -> list[dict[str, Any]]:
    return [
        _below(
            "portfolios", "_id", scope(by, Action.READ_CONFORMITY, Portfolio), "state", "submissions", "submitted_at"
        ),
        {"$match": {"portfolios": {"$ne": []}}},
        _below("placements", "candidacy", {"cancelled_at": None}),
        _below("reality_evaluations", "candidacy", {"state": {"$in": EVALUATED}}, "placement"),
        _below(
            "commissions", "candidacy", {"$and": [{"state": "convened"}, scope(by, Action.READ_CALENDAR, Commission)]}
        ),
    ]


def _below(collection: str, field: str, seen: dict[str, Any], *fields: str) -> dict[str, Any]:
    """What hangs below each candidacy in `collection`, with its id and `fields` only."""
    pipeline = [{"$match": seen}, {"$project": dict.fromkeys(("_id", *fields), 1)}]
    look_up = {"from": collection, "localField": "_id", "foreignField": field, "pipeline": pipeline, "as": collection}
    return {"$lookup": look_up}


def _line(row: dict[str, Any]) -> PortfolioLine:
    portfolio = row["portfolios"][0]
    gone = portfolio["state"] == "eliminated"
    evaluated = {one["placement"] for one in row["reality_evaluations"]}
    return PortfolioLine(
        candidacy=str(row["_id"]),
        name=f"{row['given_names']} {row.get('usage_name') or row['birth_name']}",
        state=portfolio["state"],
        submissions=portfolio["submissions"],
        submitted_at=portfolio.get("submitted_at"),
        placements=len(row["placements"]),
        reality_missing=sum(one["_id"] not in evaluated for one in row["placements"] if not gone),
        convened=bool(row["commissions"]),
    )
