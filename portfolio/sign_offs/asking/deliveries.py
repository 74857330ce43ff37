"""Tells what became of each request to sign off (queued, sent, delayed, bounced, opened, signed), and of the mails
that announce advice to a candidate. No token, no commission.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bson import ObjectId

from portfolio.documents import Attestation, Person
from portfolio.documents.attestations import ANSWERS, SignOffState
from portfolio.documents.rows import WholeRow
from portfolio.identity.bounces import is_soft
from portfolio.store.connections import current
from portfolio.store.together import StoredRow, Wanted, together, wanted


class DeliveryState(StrEnum):
    """The furthest that a request came; `no_address`: nothing leaves, it is answered on paper; `stopped`: no longer
    pending, without an answer.
    """

    QUEUED = "queued"
    NO_ADDRESS = "no_address"
    SENT = "sent"
    BOUNCED = "bounced"
    DELAYED = "delayed"
    OPENED = "opened"
    SIGNED = "signed"
    STOPPED = "stopped"


DELIVERY_STATES = tuple(DeliveryState)


@dataclass(frozen=True)
class Delivery:
    """What became of one request.

    sent_at: of the last mail that left. bounced_at, bounce_status (RFC 3463): of that mail, or of the address if it
    failed since. delayed_at: of that mail, which is late, not lost. opened_at: the first time
    the button of one of its links was pressed. mails: how many left. next_mail_at: the next one, by today's plan.
    """

    request: Attestation
    state: DeliveryState
    queued_at: datetime
    sent_at: datetime | None
    bounced_at: datetime | None
    bounce_status: str | None
    delayed_at: datetime | None
    opened_at: datetime | None
    signed_at: datetime | None
    mails: int
    next_mail_at: datetime | None


def deliveries(candidacy_id: ObjectId) -> list[Delivery]:
    """Returns the delivery of every request of a candidacy, oldest first, in two queries; [] if nothing was
    requested.
    """
    return deliveries_of(Attestation.objects(candidacy=candidacy_id, requested_by__ne=None).order_by("id"))


def deliveries_of(attestations: Iterable[Attestation]) -> list[Delivery]:
    """Returns the delivery of every request among these answers and requests, in their order, in one query; [] without
    any.
    """
    requests = [attestation for attestation in attestations if attestation.requested_by is not None]
    if not requests:
        return []
    people = [request.person for request in requests if request.person is not None]
    mails, planned, failing = _mails([request.id for request in requests], people)
    due = {row["payload"]["person"]: row["due_at"] for row in reversed(planned)}
    unreached = {row["_id"]: WholeRow(Person, row) for row in failing}
    return [_delivery(request, mails, due.get(request.person), unreached.get(request.person)) for request in requests]


def _mails(requests: list[ObjectId], people: list[ObjectId]) -> list[list[StoredRow]]:
    """Returns the outbox rows that carried any of these requests, in the order in which they were done, each with the
    openings of the link of its mail; those that are to leave for these people, by when they are due; and the people
    whom no mail reaches.
    """
    links = {"from": "sign_off_links", "localField": "_id", "foreignField": "row", "as": "links"}
    kinds = ["sign_offs", "sign_off_reminder", "teacher_sign_offs"]
    planned = {"payload.person": {"$in": people}, "done_at": None, "kind": {"$in": kinds}}
    failing = {"_id": {"$in": people}, "$or": [{"address_failed_at": {"$ne": None}}, {"email": None}]}
    return together(
        Wanted(
            "outbox",
            {"requests": {"$in": requests}, "done_at": {"$ne": None}},
            order=("done_at",),
            stages=({"$lookup": links}, {"$addFields": {"opened": "$links.opened_at"}}, {"$unset": "links"}),
        ),
        Wanted("outbox", planned, {"payload.person": 1, "due_at": 1}, order=("due_at",)),
        wanted(Person, failing, fields=("email", "address_failed_at", "address_failure")),
    )


def _delivery(
    request: Attestation,
    mails: list[dict[str, Any]],
    planned: datetime | None,
    failing: WholeRow | None,
) -> Delivery:
    about = [row for row in mails if request.id in row["requests"]]
    left = [row for row in about if row["outcome"] in ("sent", "refused")]
    last = left[-1] if left else {}
    back, status, late = last.get("bounced_at"), last.get("bounce_status"), last.get("delayed_at")
    if back is not None and is_soft(str(status)):
        back, status, late = None, None, back
    if back is None and failing is not None and request.state == SignOffState.REQUESTED:
        back, status = failing.address_failed_at, failing.address_failure
    openings = [opening for row in about for opening in row["opened"] if opening is not None]
    signed_at = request.answered_at if request.state in ANSWERS else None
    waiting = request.state == SignOffState.REQUESTED
    # The furthest first.
    times: dict[DeliveryState, datetime | None] = {
        DeliveryState.SIGNED: signed_at,
        DeliveryState.BOUNCED: back,
        DeliveryState.OPENED: min(openings, default=None),
        DeliveryState.DELAYED: late,
        DeliveryState.SENT: last.get("done_at"),
    }
    at_first = DeliveryState.NO_ADDRESS if failing is not None and failing.email is None else DeliveryState.QUEUED
    reached = next((state for state, when in times.items() if when is not None), at_first)
    return Delivery(
        request=request,
        state=reached if waiting or signed_at else DeliveryState.STOPPED,
        queued_at=request.created_at,
        sent_at=times[DeliveryState.SENT],
        bounced_at=back,
        bounce_status=status,
        delayed_at=late,
        opened_at=times[DeliveryState.OPENED],
        signed_at=signed_at,
        mails=sum(row["outcome"] == "sent" for row in about),
        next_mail_at=planned if waiting and failing is None else None,
    )


# --- advice ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AdviceMail:
    """The last mail that announced some advice to the candidate. bounced_at: when it bounced, if it did."""

    sent_at: datetime
    bounced_at: datetime | None


def advice_mails(advice: Iterable[ObjectId]) -> dict[ObjectId, AdviceMail]:
    """Returns {feedback id: its mail} in one query; an id that no mail announced is absent."""
    left = {"advice": {"$in": list(advice)}, "outcome": {"$in": ["sent", "refused"]}}
    rows = current().database.outbox.find(left, {"advice": 1, "done_at": 1, "bounced_at": 1}).sort("done_at", 1)
    return {
        feedback_id: AdviceMail(row["done_at"], row.get("bounced_at")) for row in rows for feedback_id in row["advice"]
    }
