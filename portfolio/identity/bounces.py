"""Mails that come back: read from a delivery status notification (RFC 3464), or told by the mail provider.

What has failed for good (class 5, RFC 3463) stops the mails to that address, and tells the teachers who can correct it.
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
from portfolio.store.chains import Event
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, commit
from portfolio.store.outbox import Row

STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
LONGEST_BOUNCE = 1024 * 1024
UNKNOWN_STATUS = "5.0.0"


def address_digest(email: str) -> str:
    """Keyed: whoever reads the database alone cannot try addresses against it."""
    return address_digests(email)[0]


def address_digests(email: str) -> list[str]:
    """One by key, newest first."""
    return [hmac.new(key, email.encode(), hashlib.sha256).hexdigest() for key in current().keys_for("address")]


def message_id(row_id: ObjectId) -> str:
    return f"<{row_id}@{_domain()}>"


def _domain() -> str:
    return current().settings.mail_from.rpartition("@")[2]


def row_of(text: str) -> Row | None:
    """The mail whose Message-ID is in the text."""
    found = re.search(rf"([0-9a-f]{{24}})@{re.escape(_domain())}(?![\w.-])", text, re.IGNORECASE)
    row: Row | None = current().database.outbox.find_one({"_id": ObjectId(found[1])}) if found else None
    return row


def status_in(code: int, words: bytes | str) -> str:
    """The enhanced status of a server's answer (RFC 3463), or what its code comes to."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    found = STATUS.search(text)
    return found[1] if found else f"{code // 100}.0.0"


def read_notification(data: bytes, at: datetime) -> str:
    """One message from the mailbox of bounces. What it was: bounced, delayed, unknown (no mail of ours), other."""
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
    """Reads every new message once, and leaves it among those seen. Two workers may share the folder."""
    for path in sorted((folder / "new").glob("*")):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue  # another worker was first
        yield read_notification(data, at)
        with suppress(FileNotFoundError):
            path.replace(folder / "cur" / f"{path.name}:2,S")


def _status_of(message: Message) -> str | None:
    """Of the first recipient that failed, else of the first one told about; None for anything but such a report."""
    told: list[tuple[str, str]] = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            fields: Any = part.get_payload()
            groups = fields if isinstance(fields, list) else []
            told += [(str(one["Action"] or ""), str(one["Status"] or "")) for one in groups if one["Action"]]
    if not told:
        return None
    action, status = next((one for one in told if one[0].strip().lower() == "failed"), told[0])
    found = STATUS.search(status)
    failed = action.strip().lower() == "failed"
    return found[1] if found else (UNKNOWN_STATUS if failed else "4.0.0")


def _returned(message: Message) -> Row | None:
    """The mail that came back, by the Message-ID of the copy it holds; or by what it says it answers to."""
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            row = row_of(str(_held(part)["Message-ID"] or ""))
            if row is not None:
                return row
    return row_of(f"{message['In-Reply-To']} {message['References']}")


def _held(part: Any) -> Any:
    """A whole message, or its headers alone."""
    payload = part.get_payload()
    return payload[0] if isinstance(payload, list) else message_from_bytes(part.get_payload(decode=True) or b"")


def note(row: Row, status: str, at: datetime) -> str:
    """Once or many times: the same. Class 5 only is final; a delay is the mail server's to try again."""
    if not status.startswith("5"):
        return "delayed"
    person = Person.objects(pk=row.get("person")).first()
    if person is not None and row.get("address") in address_digests(person.email) and is_about_the_address(status):
        note_failed(person, status, at)
    came_back = {"bounced_at": instant(at), "bounce_status": status}
    current().database.outbox.update_one({"_id": row["_id"], "bounced_at": None}, {"$set": came_back})
    return "bounced"


def is_about_the_address(status: str) -> bool:
    """5.7: the mail was refused by a policy, which says nothing of the address, and may say much of our own server."""
    return status.startswith("5") and not status.startswith("5.7.")


def note_failed(person: Person, status: str, at: datetime) -> None:
    """Nothing is sent to this address until somebody corrects it."""
    if person.address_failed_at is not None:
        return
    failed = Change(person, {"address_failed_at": at, "address_failure": status}, any_revision=True)
    event = Event(f"person:{person.id}", EventName.ADDRESS_FAILED, "system", at, person, {"status": status})
    commit([failed], event, _told(person))


def _told(person: Person) -> list[Errand]:
    """One mail to each teacher who follows a candidate that this person tutors."""
    tutored = [grant.candidacy for grant in person.live_grants if grant.role == "tutor"]
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
