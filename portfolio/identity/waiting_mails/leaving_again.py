"""Says which mails leave again once an address works: those that came back, and those that no address let leave."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Person
from portfolio.documents.fields import instant
from portfolio.identity.bounces import address_digests
from portfolio.identity.waiting_mails.asking_mail import request_mail
from portfolio.rules.terms import SignOffSeat
from portfolio.store.connections import current
from portfolio.store.journal import Errand

# {kind of a mail that asks for sign-offs: who is asked}: one mail lists all that waits.
ASKING = {"sign_offs": SignOffSeat.TUTOR, "teacher_sign_offs": SignOffSeat.TEACHER}
REMINDER = "sign_off_reminder"
WITHHELD = ("address_failed", "no_address")
# Each says when and where the commission meets, and with whom; a later one that these stay as they were.
CONVOKES = ("convened", "moved", "joined")
# What takes back something that was never written either.
TAKES_BACK = {
    "abandonment": ("taken_back",),
    "convocation": ("left", "cancelled"),
    "transfer": ("declined", "withdrawn"),
}
WAYS_IN = ("invitation", "sign_in_code", "sign_off_link")  # whoever has just come in needs none


def mails_that_leave_again(person: Person, since: datetime, at: datetime) -> list[Errand]:
    """Returns an errand for each mail that came back or was withheld since; each says what is so when it leaves.

    The latest reminder replaces the others and the first request: it lists all that waits, even what was asked already.
    Of the letters about a commission the one that says most replaces the others: where and when it meets now.
    """
    withheld = {"outcome": {"$in": WITHHELD}, "done_at": {"$gte": instant(since)}}
    came_back = {"bounced_at": {"$gte": instant(since)}, "address": {"$in": address_digests(person.email)}}
    query = {"person": person.id, "done_at": {"$ne": None}, "$or": [withheld, came_back]}
    errands: dict[str, Errand] = {}
    for row in current().database.outbox.find(query).sort("_id", 1):
        errand = Errand(row["kind"], row["payload"], f"again:{row['_id']}")
        if row["kind"] in ASKING:
            errand = request_mail(person.id, ASKING[row["kind"]], at)
        topic = REMINDER if row["kind"] == REMINDER else _said_once(errand)
        if topic not in errands or topic == REMINDER or _says_more(errand, errands[topic]):
            errands[topic] = errand
    if REMINDER in errands:
        return [errand for errand in errands.values() if errand.kind != "sign_offs"]
    return list(errands.values())


def _said_once(errand: Errand) -> str:
    """Returns what is the same of two mails of which one is enough."""
    if errand.kind == "convocation" and errand.payload["what"] in CONVOKES:
        return f"convocation {errand.payload['commission']}"
    return f"{errand.kind} {errand.payload}"


def _says_more(errand: Errand, than: Errand) -> bool:
    """Returns whether, of two mails of which one is enough, it is this one: an earlier one of CONVOKES."""
    what, other = errand.payload.get("what"), than.payload.get("what")
    return what in CONVOKES and other in CONVOKES and CONVOKES.index(what) < CONVOKES.index(other)


def mails_to_first_address(person: Person, at: datetime) -> list[Errand]:
    """Returns an errand for each mail that was withheld from somebody who had no address, now that they have one. What
    takes back something that they never read does not leave; what is over, each mail finds out when it leaves.
    """
    return [
        errand
        for errand in mails_that_leave_again(person, person.created_at, at)
        if errand.kind not in WAYS_IN and errand.payload.get("what") not in TAKES_BACK.get(errand.kind, ())
    ]
