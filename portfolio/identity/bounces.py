"""Records mails that came back: from a delivery status notification (RFC 3464), from the words of mail servers that
send none, or from the mail provider.

A permanent failure (class 5, RFC 3463) stops mails to that address, and notifies those who can correct it. A soft one
(class 4, a full mailbox, the provider's own word) is a delay: a mail that came back for it leaves again the next day;
after a week of nothing but delays, those who manage the address are told.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

import flufl.bounce
import structlog
from bson import ObjectId
from pymongo.errors import PyMongoError

from portfolio.documents import Candidacy, Person
from portfolio.documents.fields import instant
from portfolio.documents.people import PersonState, Role
from portfolio.errors import Unavailable
from portfolio.store.chains import Event
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, commit
from portfolio.store.outbox import ErrandRow, note_returned

log = structlog.get_logger()
# It logs whole tracebacks of what it then raises.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")  # not inside an IPv4 address
GIVEN_UP = re.compile(r"\(#(4\.[0-7]\.\d{1,3})\)")
LONGEST_BOUNCE = 1024 * 1024
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


def read_notification(data: bytes, at: datetime) -> str:
    """Reads one message of the mailbox of bounces. Returns bounced, delayed, unknown (not a mail of this service) or
    other.

    Raises only when an engine is down: a message that cannot be read is other, and may not stop those behind it.
    """
    try:
        return _read(data, at)
    except (PyMongoError, Unavailable):
        raise
    except Exception as failure:  # the message may be hostile, and the libraries that read it raise anything
        log.warning("return_not_read", kind=type(failure).__name__)
        return "other"


def _read(data: bytes, at: datetime) -> str:
    message = message_from_bytes(data[:LONGEST_BOUNCE], policy=policy.default)
    assert isinstance(message, EmailMessage)
    report = _status_of(message)
    if report is None:
        return _read_words(message, at)
    row = _returned(message)
    if row is None:
        return "unknown"
    status, still_tried = report
    return note(row, status, at, still_tried=still_tried)


def _read_words(message: EmailMessage, at: datetime) -> str:
    """Reads a return of a mail server that does not write RFC 3464 (qmail, Exim, Exchange, providers), records it with
    `note`, and returns as `read_notification`. Anybody may write such words: they count only for a mail of ours that
    they name, and for the address it went to.
    """
    if message["From"] is None:
        message["From"] = "<>"  # a detector of the library reads it without looking
    passing, final = flufl.bounce.all_failures(message)
    failed = {digest for address in passing | final for digest in address_digests(_address(address))}
    if not failed:
        return "other"
    words = _text_of(message)
    row = _returned(message) or row_of(words)
    if row is None:
        return "unknown"
    if row.get("address") not in failed:
        return "other"
    match, unknown = STATUS.search(words), UNKNOWN_STATUS if final else UNKNOWN_DELAY
    # Numbers of versions look like a status: it counts if its class is that of the words around it. qmail gives up
    # after a week of delays in the words of a failure, and writes (#4.4.1).
    status = match[1] if match and match[1][0] == unknown[0] else unknown
    if final and (given_up := GIVEN_UP.search(words)):
        status = given_up[1]
    return note(row, status, at, still_tried=not final)


def _address(address: bytes) -> str:
    return address.decode(errors="replace").strip().lower()


def _text_of(message: Message) -> str:
    parts = [part.get_payload(decode=True) for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join(part.decode(errors="replace") for part in parts if isinstance(part, bytes))


def read_maildir(folder: Path, at: datetime) -> Iterator[str]:
    """Reads each new message of a Maildir once, marks it as read, and yields what `read_notification` says of it. Two
    workers may share the folder. Raises OSError where it cannot be read.
    """
    for path in sorted((folder / "new").glob("*")):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # another worker was first
        yield read_notification(data, at)
        with suppress(FileNotFoundError):
            path.replace(folder / "cur" / f"{path.name}:2,S")


def _status_of(message: Message) -> tuple[str, bool] | None:
    """Returns (RFC 3463 status, whether the mail server goes on trying) of the first failed recipient, else of the
    first one; None if the message is no delivery report.
    """
    recipients: list[tuple[str, str]] = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            fields: Any = part.get_payload()
            groups = fields if isinstance(fields, list) else []
            recipients += [(str(part["Action"] or ""), str(part["Status"] or "")) for part in groups if part["Action"]]
    if not recipients:
        return None
    action, status = next((pair for pair in recipients if pair[0].strip().lower() == "failed"), recipients[0])
    match = STATUS.search(status)
    failed = action.strip().lower() == "failed"
    return match[1] if match else (UNKNOWN_STATUS if failed else UNKNOWN_DELAY), not failed


def _returned(message: Message) -> ErrandRow | None:
    """Returns the outbox row of the mail that came back, by the Message-ID of the enclosed copy, else by In-Reply-To;
    None if it is no mail of ours.
    """
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            row = row_of(str(_held(part)["Message-ID"] or ""))
            if row is not None:
                return row
    return row_of(f"{message['In-Reply-To']} {message['References']}")


def _held(part: Message) -> Message:
    """Returns the enclosed message of a part, or a message made of its headers alone."""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        enclosed: Message = payload[0]
        return enclosed
    headers: Any = part.get_payload(decode=True)
    return message_from_bytes(headers or b"")


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
