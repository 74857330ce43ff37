"""Overviews for inspectors and offices: the dates of commissions, and the progress of a school's portfolios.

They show no mark, no degree and no piece. Each is one query, for any number of candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portfolio.documents import Candidacy, Commission, Portfolio, School
from portfolio.documents.attestations import RealityState
from portfolio.documents.candidacies import IN_CCF
from portfolio.documents.commissions import CommissionState
from portfolio.documents.people import Role
from portfolio.documents.places import by_city
from portfolio.documents.portfolios import PortfolioState
from portfolio.identifiers import full_name, session_code
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.terms import MemberQuality
from portfolio.rules.texts.exam import exams
from portfolio.validation import check_fields

EVALUATED = (RealityState.JOINT, RealityState.TEACHER_ALONE)


@dataclass(frozen=True)
class MeetingDay:
    """The commissions of one exam (its code), in one school, on one day.

    day: ISO, in the academy's zone. with_tutor: the number of commissions on which the candidate's tutor sits.
    """

    day: str
    academy: str
    exam: str
    school: str
    school_name: str
    city: str
    commissions: int
    with_tutor: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class PortfolioLine:
    """The progress of one portfolio.

    exam: its code. circular: the version that the candidacy is on.
    reality_missing: the number of placements whose reality is not yet evaluated, 0 once the portfolio is eliminated.
    """

    candidacy: str
    name: str
    exam: str
    circular: str
    state: PortfolioState
    submissions: int
    submitted_at: datetime | None
    placements: int
    reality_missing: int
    convened: bool


@dataclass(frozen=True)
class SchoolConformity:
    """The portfolios of a school's candidates in CCF; other candidates have no portfolio here."""

    school: str
    session: str
    lines: tuple[PortfolioLine, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Returns {what is counted: number of portfolios}: portfolios, submitted, never_submitted, without_placement,
        reality_missing, convened.
        """
        return {
            "portfolios": len(self.lines),
            "submitted": sum(line.state != PortfolioState.OPEN and line.submissions > 0 for line in self.lines),
            "never_submitted": sum(line.submissions == 0 for line in self.lines),
            "without_placement": sum(line.placements == 0 for line in self.lines),
            "reality_missing": sum(line.reality_missing > 0 for line in self.lines),
            "convened": sum(line.convened for line in self.lines),
        }


def calendar(by: Actor, session: str) -> list[MeetingDay]:
    """Returns the convened commissions of the exams and schools this person may watch, by day, school and exam; [] if
    there are none. Raises Invalid if `session` is not the code of a session.
    """
    checked = check_fields({"session": session}, {"session": session_code})
    convened = {"$and": [scope(by, Action.READ_CALENDAR, Commission), {**checked, "state": CommissionState.CONVENED}]}
    rows = Commission._get_collection().aggregate([{"$match": convened}, *_BY_DAY], batchSize=10_000)
    return [
        MeetingDay(**row["_id"] | {"school": str(row["_id"]["school"])}, **_plain(row, "_id", "at"), **_place(row))
        for row in rows
    ]


_SITTING_TUTORS = {
    "$filter": {
        "input": "$seats",
        "cond": {
            "$and": [
                {"$eq": ["$$this.quality", MemberQuality.TUTOR]},
                {"$eq": [{"$ifNull": ["$$this.left_at", None]}, None]},
            ]
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
                "exam": "$exam",
                "school": "$school",
            },
            "commissions": {"$sum": 1},
            "with_tutor": {"$sum": {"$min": [1, {"$size": _SITTING_TUTORS}]}},
            "first_at": {"$min": "$meets_at"},
            "last_at": {"$max": "$meets_at"},
        }
    },
    {"$lookup": {"from": "schools", "localField": "_id.school", "foreignField": "_id", "as": "at"}},
    {"$sort": {"_id.day": 1, "at.name": 1, "_id.school": 1, "_id.exam": 1}},
]


def _plain(row: dict[str, Any], *without: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in without}


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {"school_name": row["at"][0]["name"], "city": row["at"][0]["city"]}


def watched_schools(by: Actor, session: str) -> list[School]:
    """Returns the schools where this inspector has something to watch, by city and name: of their academies, those that
    offer an exam that they inspect in the session, and those that have candidates of it; [] for others.
    """
    own = [grant for grant in by.grants if grant.role == Role.INSPECTOR and grant.session == session]
    watched = [{name: grant[name] for name in ("academy", "exam", "session")} for grant in own]
    if not watched:
        return []
    enrolled = set(Candidacy._get_collection().distinct("school", {"$or": watched}))
    exams_of = {(of["academy"], of["exam"]) for of in watched}
    there = sorted(School.objects(academy__in={of["academy"] for of in watched}), key=by_city)
    return [
        school
        for school in there
        if school.id in enrolled or exams_of & {(school.academy, exam) for exam in school.exams}
    ]


def school_conformity(by: Actor, school: School, session: str) -> SchoolConformity:
    """Returns the progress of each portfolio of the school, of the exams that this person may watch, in the order of
    names. Raises NotFound, Forbidden; Invalid if `session` is not the code of a session.
    """
    checked = check_fields({"session": session}, {"session": session_code})
    place = {"school": school.id, "academy": school.academy, **checked}
    watched = (code for code in exams() if may(by, Action.READ_CALENDAR, Commission(exam=code, **place)))
    require(by, Action.READ_CALENDAR, Commission(exam=next(watched, next(iter(exams()))), **place))
    in_ccf = {"school": school.id, **checked, **IN_CCF}
    pipeline = [{"$match": in_ccf}, {"$sort": {"name_key": 1, "_id": 1}}, *_progress(by)]
    rows = Candidacy._get_collection().aggregate(pipeline, batchSize=10_000)
    return SchoolConformity(str(school.id), checked["session"], tuple(_line(row) for row in rows))


def _progress(by: Actor) -> list[dict[str, Any]]:
    return [
        _below(
            "portfolios", "_id", scope(by, Action.READ_CONFORMITY, Portfolio), "state", "submissions", "submitted_at"
        ),
        {"$match": {"portfolios": {"$ne": []}}},
        _below("placements", "candidacy", {"cancelled_at": None}),
        _below("reality_evaluations", "candidacy", {"state": {"$in": EVALUATED}}, "placement"),
        _below(
            "commissions",
            "candidacy",
            {"$and": [{"state": CommissionState.CONVENED}, scope(by, Action.READ_CALENDAR, Commission)]},
        ),
    ]


def _below(collection: str, field: str, matching: dict[str, Any], *fields: str) -> dict[str, Any]:
    """Returns the $lookup step that joins to each candidacy its documents of `collection` that match, with their id and
    `fields` only.
    """
    pipeline = [{"$match": matching}, {"$project": dict.fromkeys(("_id", *fields), 1)}]
    look_up = {"from": collection, "localField": "_id", "foreignField": field, "pipeline": pipeline, "as": collection}
    return {"$lookup": look_up}


def _line(row: dict[str, Any]) -> PortfolioLine:
    portfolio = row["portfolios"][0]
    gone = portfolio["state"] == PortfolioState.ELIMINATED
    evaluated = {evaluation["placement"] for evaluation in row["reality_evaluations"]}
    return PortfolioLine(
        candidacy=str(row["_id"]),
        name=full_name(row["given_names"], row.get("usage_name") or row["birth_name"]),
        exam=row["exam"],
        circular=row["circular"]["version"],
        state=portfolio["state"],
        submissions=portfolio["submissions"],
        submitted_at=portfolio.get("submitted_at"),
        placements=len(row["placements"]),
        reality_missing=sum(placement["_id"] not in evaluated for placement in row["placements"] if not gone),
        convened=bool(row["commissions"]),
    )
