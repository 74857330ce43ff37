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

from portfolio.documents import Attestation, Person, SignOffLink
from portfolio.documents.attestations import ANSWERS, SignOffState
from portfolio.identity.bounces import is_soft
from portfolio.store.connections import current


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
    """Returns the delivery of every request of a candidacy, oldest first, in five queries; [] if nothing was
    requested.
    """
    requests = list(Attestation.objects(candidacy=candidacy_id, requested_by__ne=None).order_by("id"))
    mails = _mails({request.id for request in requests})
    opened = _opened([row["_id"] for row in mails])
    people = {request.person for request in requests if request.person is not None}
    planned = _planned(people)
    unreached = {"$or": [{"address_failed_at": {"$ne": None}}, {"email": None}]}
    failing = {person.id: person for person in Person.objects(__raw__={"_id": {"$in": list(people)}, **unreached})}
    return [
        _delivery(request, mails, opened, planned.get(request.person), failing.get(request.person))
        for request in requests
    ]


def _mails(requests: set[ObjectId]) -> list[dict[str, Any]]:
    """Returns the outbox rows that carried any of these requests, in the order in which they were done."""
    rows = current().database.outbox.find({"requests": {"$in": list(requests)}, "done_at": {"$ne": None}})
    return list(rows.sort("done_at", 1))


def _opened(rows: list[ObjectId]) -> dict[ObjectId, datetime]:
    """Returns {outbox row id: when the link of its mail was first opened}."""
    links = SignOffLink.objects(row__in=rows, opened_at__ne=None).only("row", "opened_at").order_by("-opened_at")
    return {link.row: link.opened_at for link in links}


def _planned(people: set[ObjectId]) -> dict[ObjectId, datetime]:
    """Returns {person id: when their next mail that requests sign-offs is due}."""
    kinds = ["sign_offs", "sign_off_reminder", "teacher_sign_offs"]
    query = {"payload.person": {"$in": list(people)}, "done_at": None, "kind": {"$in": kinds}}
    rows = current().database.outbox.find(query, {"payload.person": 1, "due_at": 1}).sort("due_at", -1)
    return {row["payload"]["person"]: row["due_at"] for row in rows}


def _delivery(
    request: Attestation,
    mails: list[dict[str, Any]],
    opened: dict[ObjectId, datetime],
    planned: datetime | None,
    failing: Person | None,
) -> Delivery:
    about = [row for row in mails if request.id in row["requests"]]
    left = [row for row in about if row["outcome"] in ("sent", "refused")]
    last = left[-1] if left else {}
    back, status, late = last.get("bounced_at"), last.get("bounce_status"), last.get("delayed_at")
    if back is not None and is_soft(str(status)):
        back, status, late = None, None, back
    if back is None and failing is not None and request.state == SignOffState.REQUESTED:
        back, status = failing.address_failed_at, failing.address_failure
    openings = [opened[row["_id"]] for row in about if row["_id"] in opened]
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
