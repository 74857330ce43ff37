"""Records mails that came back, as `returns.notifications` read them or as the mail provider tells.

A permanent failure (class 5, RFC 3463) stops mails to that address, and notifies those who can correct it. A soft one
(class 4, a full mailbox, the provider's own word) is a delay: a mail that came back for it leaves again the next day;
after a week of nothing but delays, those who manage the address are told.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.documents import Candidacy, Person
from portfolio.documents.fields import instant
from portfolio.documents.people import PersonState, Role
from portfolio.store.chains import Event
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, commit
from portfolio.store.outbox import ErrandRow, note_returned

STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")  # not inside an IPv4 address
UNKNOWN_STATUS, UNKNOWN_DELAY = "5.0.0", "4.0.0"
MAILBOX_FULL = "5.2.2"
AGAIN_AFTER = timedelta(days=1)
SETTLED_AFTER = timedelta(days=1)  # a younger mail may still be under way: it says nothing of the address
TOLD_AFTER = timedelta(days=7)
LOOKED_AT = 100  # latest mails to one address


def address_digest(email: str) -> str:
    """Returns the HMAC-SHA-256 of an address under the newest key, in hex: the database alone does not allow to test
    addresses against it.
    """
    return address_digests(email)[0]


def address_digests(email: str | None) -> list[str]:
    """Returns one `address_digest` per key, newest first; [] without an address."""
    if email is None:
        return []
    return [hmac.new(key, email.encode(), hashlib.sha256).hexdigest() for key in current().keys_for("address")]


def message_id(row_id: ObjectId) -> str:
    """Returns the Message-ID, with its angle brackets, of the mail of this outbox row."""
    return f"<{row_id}@{_domain()}>"


def _domain() -> str:
    return current().settings.mail_from.rpartition("@")[2]


def row_of(text: str) -> ErrandRow | None:
    """Returns the outbox row whose Message-ID is in the text, or None."""
    match = re.search(rf"([0-9a-f]{{24}})@{re.escape(_domain())}(?![\w.-])", text, re.IGNORECASE)
    row: ErrandRow | None = current().database.outbox.find_one({"_id": ObjectId(match[1])}) if match else None
    return row


def status_in(code: int, words: bytes | str) -> str:
    """Returns the enhanced status (RFC 3463, "5.1.1") in the answer of a server, else the class of its code ("5.0.0").
    code: of SMTP.
    """
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    match = STATUS.search(text)
    return match[1] if match else f"{code // 100}.0.0"


def note(row: ErrandRow, status: str, at: datetime, *, still_tried: bool = False) -> str:
    """Records the status (RFC 3463) of a mail and returns bounced, delayed, or other (neither class 4 nor 5). Recording
    it again changes nothing. still_tried: the mail server goes on trying this mail; otherwise a soft failure makes it
    leave again later.
    """
    if not status.startswith(("4", "5")):
        return "other"
    person = Person.objects(pk=row.get("person")).first()
    if person is not None and row.get("address") not in address_digests(person.email):
        person = None  # an address that they left since
    if is_soft(status):
        _note_soft(row, person, status, at, still_tried=still_tried)
        return "delayed"
    if person is not None and is_about_the_address(status):
        note_failed(person, status, at)
    came_back = {"bounced_at": instant(at), "bounce_status": status}
    current().database.outbox.update_one({"_id": row["_id"], "bounced_at": None}, {"$set": came_back})
    return "bounced"


def is_soft(status: str) -> bool:
    """Returns True for a status (RFC 3463) that may pass: class 4, or a full mailbox."""
    return status.startswith("4") or status == MAILBOX_FULL


def is_about_the_address(status: str) -> bool:
    """Returns True if this status (RFC 3463) says that the address is dead. Not for 5.7: a policy refused the mail,
    which concerns our own server.
    """
    return status.startswith("5") and not status.startswith("5.7.") and not is_soft(status)


def _note_soft(row: ErrandRow, person: Person | None, status: str, at: datetime, *, still_tried: bool) -> None:
    late = {"delayed_at": instant(at), "delay_status": status}
    current().database.outbox.update_one({"_id": row["_id"], "delayed_at": None}, {"$set": late})
    if person is not None:
        tell_after_a_week(person, status, at)
    if still_tried:
        return
    leaves_again = person is not None and person.address_failed_at is None and person.address_delayed_at is None
    again = Errand(row["kind"], row["payload"], f"again:{row['_id']}", at + AGAIN_AFTER) if leaves_again else None
    note_returned(row, {"bounced_at": instant(at), "bounce_status": status}, at, again)


def note_put_off(row: ErrandRow, person: Person, status: str, at: datetime) -> None:
    """Records, with its outbox row, that the mail server did not take a mail now, which will be tried again; tells the
    managers after a week. status: RFC 3463.
    """
    late = {"delayed_at": instant(at), "delay_status": status, "person": person.id}
    late["address"] = address_digest(person.email)
    current().database.outbox.update_one({"_id": row["_id"], "delayed_at": None}, {"$set": late})
    tell_after_a_week(person, status, at)


def tell_after_a_week(person: Person, status: str, at: datetime) -> None:
    """Mails those who manage the address, once, if for a week no mail to it is known to have passed without delay.
    status: RFC 3463, for the record.
    """
    since = _delayed_since(person, at)
    if person.no_mail_because or person.address_delayed_at or since is None or since > at - TOLD_AFTER:
        return
    delayed = Change(person, {"address_delayed_at": at}, any_revision=True)
    event = Event(f"person:{person.id}", EventName.ADDRESS_DELAYED, "system", at, person, {"status": status})
    commit([delayed], event, _mails_to_managers(person))


def _delayed_since(person: Person, at: datetime) -> datetime | None:
    """Returns the first delay of the latest mails to the address, as far back as each was delayed; None without any."""
    query = {"person": person.id, "address": {"$in": address_digests(person.email)}}
    since: datetime | None = None
    for row in current().database.outbox.find(query).sort("_id", -1).limit(LOOKED_AT):
        if row.get("delayed_at") is not None:
            since = row["delayed_at"]
        elif row.get("outcome") == "sent" and row["done_at"] <= at - SETTLED_AFTER:
            break
    return since


def note_failed(person: Person, status: str, at: datetime) -> None:
    """Stops mails to the person until the address is corrected, and tells who can correct it; nothing if already
    stopped. status: RFC 3463; the caller has checked that it is about the address.
    """
    if person.address_failed_at is not None:
        return
    failed = Change(person, {"address_failed_at": at, "address_failure": status}, any_revision=True)
    event = Event(f"person:{person.id}", EventName.ADDRESS_FAILED, "system", at, person, {"status": status})
    commit([failed], event, _mails_to_managers(person))


def _mails_to_managers(person: Person) -> list[Errand]:
    """Returns one mail to each person who can correct the address: the teachers who follow a candidate that this person
    tutors; for anybody else, the offices that know them. [] if there are none.
    """
    tutored = [grant.candidacy for grant in person.live_grants if grant.role == Role.TUTOR]
    followed = {
        follower: candidacy.id
        for candidacy in Candidacy.objects(pk__in=tutored).only("followers")
        for follower in candidacy.followers
        if follower != person.id
    }
    if followed:
        return [
            _mail_about(person, teacher, {"candidacy": candidacy}) for teacher, candidacy in sorted(followed.items())
        ]
    grant = {"role": Role.OFFICE, "school": {"$in": list(person.schools)}, "revoked_at": None}
    offices = Person.objects(__raw__={"grants": {"$elemMatch": grant}, "state": PersonState.ACTIVE}).order_by("id")
    return [_mail_about(person, reader.id, {}) for reader in offices.only("id") if reader.id != person.id]


def _mail_about(person: Person, reader: ObjectId, about: dict[str, ObjectId]) -> Errand:
    payload = {"person": person.id, "reader": reader, **about}
    return Errand("address_failed", payload, f"address_failed:{person.id}:{reader}")
