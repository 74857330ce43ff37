"""Tells, of many candidates, which sign-offs are to be asked again, and how often mails asked for the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from bson import ObjectId

from portfolio.documents import Activity, Attestation
from portfolio.documents.attestations import ENDED, SignOffState
from portfolio.documents.rows import Row
from portfolio.rules.signatories import signatories
from portfolio.rules.terms import Nature
from portfolio.store.connections import current


def to_ask_again(lapsed: Collection[Row]) -> list[Row]:
    """Returns the last request, of these that lapsed, for each seat that stands without any request or answer, nor an
    objection since, of activities that were not withdrawn. Two queries at most.
    """
    if not lapsed:
        return []
    about = list({request["activity"] for request in lapsed})
    standing = Activity._get_collection().find({"_id": {"$in": about}, "withdrawn_at": None}, {"context": 1})
    needed = {row["_id"]: signatories(Nature.PRODUCTION, row["context"]) for row in standing}
    latest = {(request["activity"], request["seat"]): request for request in sorted(lapsed, key=_by_age)}
    others = {"activity": {"$in": about}, "state": {"$ne": SignOffState.LAPSED}}
    covered = set()
    for row in Attestation._get_collection().find(others, {"activity": 1, "seat": 1, "state": 1}):
        seat = (row["activity"], row["seat"])
        if row["state"] not in ENDED or (seat in latest and row["_id"] > latest[seat].id):
            covered.add(seat)
    return [
        request
        for (activity, seat), request in latest.items()
        if seat in needed.get(activity, ()) and (activity, seat) not in covered
    ]


def _by_age(request: Row) -> str:
    return str(request.id)


def mails_sent(requests: Iterable[ObjectId]) -> Counter[ObjectId]:
    """Returns how many mails about each request (id) left and did not come back. One query at most."""
    ids = list(requests)
    if not ids:
        return Counter()
    left = {"requests": {"$in": ids}, "outcome": "sent", "bounced_at": None}
    rows = current().database.outbox.find(left, {"requests": 1})
    return Counter(request for row in rows for request in row["requests"])
