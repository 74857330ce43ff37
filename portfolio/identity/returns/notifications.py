"""Reads a mail that came back: a notification of its delivery (RFC 3464), or the words of servers that send none."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from pymongo.errors import PyMongoError

from config.on_demand import on_demand
from portfolio.errors import Unavailable
from portfolio.identity.bounces import STATUS, UNKNOWN_DELAY, UNKNOWN_STATUS, address_digests, note, row_of
from portfolio.store.outbox import ErrandRow

if TYPE_CHECKING:
    from flufl import bounce
else:
    bounce = on_demand("flufl.bounce")

log = structlog.get_logger()
# It logs whole tracebacks of what it then raises.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

GIVEN_UP = re.compile(r"\(#(4\.[0-7]\.\d{1,3})\)")
LONGEST_BOUNCE = 1024 * 1024
_LONGEST_READ = 256 * 1024  # what stands behind is of the mail that came back


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
    # With this policy fields are read as they are written: to parse one of 100,000 quotation marks takes a minute.
    message = message_from_bytes(data[:_LONGEST_READ], policy=policy.compat32)
    report = _status_of(message)
    if report is None:
        return _read_words(message, at)
    row = _returned(message)
    if row is None:
        return "unknown"
    status, still_tried = report
    return note(row, status, at, still_tried=still_tried)


def _read_words(message: Message, at: datetime) -> str:
    """Reads a return of a mail server that does not write RFC 3464 (qmail, Exim, Exchange, providers), records it with
    `note`, and returns as `read_notification`. Anybody may write such words: they count only for a mail of ours that
    they name, and for the address it went to.
    """
    if message["From"] is None:
        message["From"] = "<>"  # a detector of the library reads it without looking
    passing, final = bounce.all_failures(message)
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
