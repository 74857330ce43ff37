"""Records mails that came back, from a delivery status notification (RFC 3464) or from the mail provider.

A permanent failure (class 5, RFC 3463) stops mails to that address, and notifies the teachers who can correct it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

from bson import ObjectId

from portfolio.documents import Candidacy, Person
from portfolio.documents.fields import instant
from portfolio.documents.people import Role
from portfolio.store.chains import Event
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, commit
from portfolio.store.outbox import Row

STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
LONGEST_BOUNCE = 1024 * 1024
UNKNOWN_STATUS = "5.0.0"


def address_digest(email: str) -> str:
    """Returns a keyed digest: the database alone does not allow to test addresses against it."""
    return address_digests(email)[0]


def address_digests(email: str) -> list[str]:
    """Returns one digest per key, newest first."""
    return [hmac.new(key, email.encode(), hashlib.sha256).hexdigest() for key in current().keys_for("address")]


def message_id(row_id: ObjectId) -> str:
    """Returns the Message-ID of the mail of this outbox row."""
    return f"<{row_id}@{_domain()}>"


def _domain() -> str:
    return current().settings.mail_from.rpartition("@")[2]


def row_of(text: str) -> Row | None:
    """Returns the outbox row whose Message-ID is in the text, or None."""
    match = re.search(rf"([0-9a-f]{{24}})@{re.escape(_domain())}(?![\w.-])", text, re.IGNORECASE)
    row: Row | None = current().database.outbox.find_one({"_id": ObjectId(match[1])}) if match else None
    return row


def status_in(code: int, words: bytes | str) -> str:
    """Returns the enhanced status in the answer of a server (RFC 3463), else the class of its code."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    match = STATUS.search(text)
    return match[1] if match else f"{code // 100}.0.0"


def read_notification(data: bytes, at: datetime) -> str:
    """Reads one message of the mailbox of bounces. Returns bounced, delayed, unknown (not a mail of ours) or other."""
    message = message_from_bytes(data[:LONGEST_BOUNCE], policy=policy.default)
    assert isinstance(message, EmailMessage)
    status = _status_of(message)
    if status is None:
        return "other"
    row = _returned(message)
    if row is None:
        return "unknown"
    return note(row, status, at)


def read_maildir(folder: Path, at: datetime) -> Iterator[str]:
    """Reads each new message once, marks it as read, and yields its kind. Two workers may share the folder."""
    for path in sorted((folder / "new").glob("*")):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # another worker was first
        yield read_notification(data, at)
        with suppress(FileNotFoundError):
            path.replace(folder / "cur" / f"{path.name}:2,S")


def _status_of(message: Message) -> str | None:
    """Returns the status of the first failed recipient, else of the first one; None if it is not such a report."""
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
    return match[1] if match else (UNKNOWN_STATUS if failed else "4.0.0")


def _returned(message: Message) -> Row | None:
    """Returns the row of the mail that came back, by the Message-ID of the enclosed copy, else by In-Reply-To."""
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            row = row_of(str(_held(part)["Message-ID"] or ""))
            if row is not None:
                return row
    return row_of(f"{message['In-Reply-To']} {message['References']}")


def _held(part: Message) -> Message:
    """Returns the enclosed message, or its headers."""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        enclosed: Message = payload[0]
        return enclosed
    headers: Any = part.get_payload(decode=True)
    return message_from_bytes(headers or b"")


def note(row: Row, status: str, at: datetime) -> str:
    """Records the status of a mail and returns bounced or delayed. Recording it again changes nothing.

    Only class 5 is final: the mail server retries a delayed mail.
    """
    if not status.startswith("5"):
        return "delayed"
    person = Person.objects(pk=row.get("person")).first()
    if person is not None and row.get("address") in address_digests(person.email) and is_about_the_address(status):
        note_failed(person, status, at)
    came_back = {"bounced_at": instant(at), "bounce_status": status}
    current().database.outbox.update_one({"_id": row["_id"], "bounced_at": None}, {"$set": came_back})
    return "bounced"


def is_about_the_address(status: str) -> bool:
    """Returns False for 5.7: a policy refused the mail, which concerns our own server rather than the address."""
    return status.startswith("5") and not status.startswith("5.7.")


def note_failed(person: Person, status: str, at: datetime) -> None:
    """Stops mails to the address of the person until it is corrected."""
    if person.address_failed_at is not None:
        return
    failed = Change(person, {"address_failed_at": at, "address_failure": status}, any_revision=True)
    event = Event(f"person:{person.id}", EventName.ADDRESS_FAILED, "system", at, person, {"status": status})
    commit([failed], event, _mails_to_followers(person))


def _mails_to_followers(person: Person) -> list[Errand]:
    """Returns one mail to each teacher who follows a candidate that this person tutors."""
    tutored = [grant.candidacy for grant in person.live_grants if grant.role == Role.TUTOR]
    followed = {
        follower: candidacy.id
        for candidacy in Candidacy.objects(pk__in=tutored).only("followers")
        for follower in candidacy.followers
        if follower != person.id
    }
    return [
        Errand(
            "address_failed",
            {"person": person.id, "teacher": teacher, "candidacy": candidacy},
            f"address_failed:{person.id}:{teacher}",
        )
        for teacher, candidacy in sorted(followed.items())
    ]
