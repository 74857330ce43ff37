"""What became of each request to sign off: queued, sent, come back, opened, signed; and of the mails that tell a
candidate of advice. No token, no commission.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Attestation, SignOffLink
from portfolio.documents.attestations import ANSWERS
from portfolio.store.connections import current

DELIVERY_STATES = ("queued", "sent", "bounced", "opened", "signed", "stopped")


@dataclass(frozen=True)
class Delivery:
    """state: the furthest it came: queued, sent, bounced, opened, signed, or stopped (no longer asked for).

    sent_at: of the last mail that left. bounced_at, bounce_status (RFC 3463): of that mail. opened_at: the first time
    somebody pressed the button of one of its links. mails: how many left. next_mail_at: the next one, by today's plan.
    """

    request: Attestation
    state: str
    queued_at: datetime
    sent_at: datetime | None
    bounced_at: datetime | None
    bounce_status: str | None
    opened_at: datetime | None
    signed_at: datetime | None
    mails: int
    next_mail_at: datetime | None


def deliveries(candidacy_id: ObjectId) -> list[Delivery]:
    """Of every request, oldest first. Four queries, whatever their number."""
    asked = list(Attestation.objects(candidacy=candidacy_id, requested_by__ne=None).order_by("id"))
    mails = _mails({one.id for one in asked})
    opened = _opened([row["_id"] for row in mails])
    planned = _planned({one.person for one in asked})
    return [_delivery(one, mails, opened, planned.get(one.person)) for one in asked]


def _mails(requests: set[ObjectId]) -> list[dict[str, Any]]:
    """Rows that asked for any of these, in the order in which they were done."""
    rows = current().database.outbox.find({"requests": {"$in": list(requests)}, "done_at": {"$ne": None}})
    return list(rows.sort("done_at", 1))


def _opened(rows: list[ObjectId]) -> dict[ObjectId, datetime]:
    """{row of a mail: when its link was first opened}"""
    links = SignOffLink.objects(row__in=rows, opened_at__ne=None).only("row", "opened_at").order_by("-opened_at")
    return {link.row: link.opened_at for link in links}


def _planned(people: set[ObjectId]) -> dict[ObjectId, datetime]:
    """{person: when the next mail that asks something of them is due}"""
    kinds = ["sign_offs", "sign_off_reminder", "teacher_sign_offs"]
    query = {"payload.person": {"$in": list(people)}, "done_at": None, "kind": {"$in": kinds}}
    rows = current().database.outbox.find(query, {"payload.person": 1, "due_at": 1}).sort("due_at", -1)
    return {row["payload"]["person"]: row["due_at"] for row in rows}


def _delivery(
    request: Attestation, mails: list[dict[str, Any]], opened: dict[ObjectId, datetime], planned: datetime | None
) -> Delivery:
    about = [row for row in mails if request.id in row["requests"]]
    left = [row for row in about if row["outcome"] in ("sent", "refused")]
    last = left[-1] if left else {}
    back = last.get("bounced_at")
    seen = [opened[row["_id"]] for row in about if row["_id"] in opened]
    signed_at = request.answered_at if request.state in ANSWERS else None
    waiting = request.state == "requested"
    times = {"signed": signed_at, "bounced": back, "opened": min(seen, default=None), "sent": last.get("done_at")}
    reached = next((state for state, when in times.items() if when is not None), "queued")
    return Delivery(
        request=request,
        state=reached if waiting or signed_at else "stopped",
        queued_at=request.created_at,
        sent_at=times["sent"],
        bounced_at=back,
        bounce_status=last.get("bounce_status"),
        opened_at=times["opened"],
        signed_at=signed_at,
        mails=sum(row["outcome"] == "sent" for row in about),
        next_mail_at=planned if waiting else None,
    )


# --- advice ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """The last mail that told the candidate of some advice. bounced_at: it came back."""

    sent_at: datetime
    bounced_at: datetime | None


def told(advice: Iterable[ObjectId]) -> dict[ObjectId, Told]:
    """{feedback id: its mail}; an id of which no mail has told is absent. One query."""
    left = {"advice": {"$in": list(advice)}, "outcome": {"$in": ["sent", "refused"]}}
    rows = current().database.outbox.find(left, {"advice": 1, "done_at": 1, "bounced_at": 1}).sort("done_at", 1)
    return {one: Told(row["done_at"], row.get("bounced_at")) for row in rows for one in row["advice"]}
