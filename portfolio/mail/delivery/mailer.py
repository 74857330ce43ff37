"""Sends mails over SMTP, or writes .eml files if no server is configured."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import unquote, urlsplit

from config.transport import LOOPBACK
from portfolio.documents import Person
from portfolio.identity import bounces
from portfolio.mail.delivery.letter import CalendarEvent, Letter
from portfolio.store.connections import current
from portfolio.store.journal import Errand
from portfolio.store.outbox import ErrandOutcome, ErrandRow

TIMEOUT_S = 20


def post(
    row: ErrandRow,
    person: Person,
    letter: Letter,
    at: datetime,
    then: Errand | None = None,
    *,
    though_suspended: bool = False,
    **facts: Any,
) -> ErrandOutcome:
    """Sends the row's letter to a person, and returns the outcome: sent, refused (the address fails for good, and is
    marked so), suspended, no_address or address_failed (nothing was sent). facts: kept with the row. then: the errand
    that follows once it is sent. though_suspended: a suspended person who has an address receives it, too. Raises
    OSError (smtplib's errors are) if it must be tried again.
    """
    kept_from = person.no_mail_because
    if kept_from is not None and not (though_suspended and kept_from == "suspended" and person.email is not None):
        return ErrandOutcome(kept_from, facts | {"person": person.id})
    message = _message(row, person, letter)
    facts |= {"person": person.id, "address": bounces.address_digest(person.email)}
    try:
        deliver(message, person.email)
    except smtplib.SMTPRecipientsRefused as refused:
        status = bounces.status_in(*refused.recipients[person.email])
        if bounces.is_soft(status):
            bounces.note_put_off(row, person, status, at)
        if not bounces.is_about_the_address(status):
            raise
        if Person.objects(pk=person.id, email=person.email):  # not an address that they left since
            bounces.note_failed(person, status, at)
        return ErrandOutcome("refused", facts | {"bounced_at": at, "bounce_status": status})
    return ErrandOutcome("sent", facts | {"delayed_at": None, "delay_status": None}, then)


def addressed(row: ErrandRow, recipient: str, subject: str) -> EmailMessage:
    """Returns a row's mail with its headers. The Message-ID derives from the row, which identifies copies (RFC 5322,
    3.6.4).

    Headers hold no person's name: one with a comma would be read as another address. Auto-Submitted (RFC 3834) stops
    automatic answers; X-Auto-Response-Suppress stops those of programs that ignore it.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr(("Portfolio E5", current().settings.mail_from))
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(row["due_at"])
    message["Message-ID"] = bounces.message_id(row["_id"])
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    return message


def _message(row: ErrandRow, person: Person, letter: Letter) -> EmailMessage:
    message = addressed(row, person.email, letter.subject)
    if letter.reply_to:
        message["Reply-To"] = ", ".join(letter.reply_to)
    message.set_content(letter.as_text(), cte="quoted-printable")
    message.add_alternative(letter.as_html(), subtype="html", cte="quoted-printable")
    if letter.event is not None:
        _add_event(message, letter.event)
    for attached in letter.attached:
        main, sub = attached.media_type.split("/")
        message.add_attachment(attached.data, main, sub, filename=attached.name)
    message["Content-Language"] = "fr"  # last: each content that is set takes such headers away
    return message


def _add_event(message: EmailMessage, event: CalendarEvent) -> None:
    """Adds the event twice: as the last alternative, which calendars read, and as a file for programs that do not."""
    words, method = event.data.decode(), {"method": event.method}
    message.add_alternative(words, subtype="calendar", cte="base64", params=method)
    message.add_attachment(event.data, "application", "ics", filename="commission.ics")


def deliver(message: EmailMessage, recipient: str) -> None:
    """Sends a message by SMTP_URL, or writes it to MAIL_DIR without that. Raises OSError (smtplib's errors are) if it
    was not sent.
    """
    settings = current().settings
    if settings.smtp_url:
        _over_smtp(settings.smtp_url, message, recipient)
        return
    assert settings.mail_dir is not None
    settings.mail_dir.mkdir(parents=True, exist_ok=True)
    name = message["Message-ID"].strip("<>").partition("@")[0]
    partial = settings.mail_dir / f"{name}.partial"
    partial.write_bytes(message.as_bytes())
    partial.rename(settings.mail_dir / f"{name}.eml")


def _trusted() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if current().settings.smtp_ca_file:
        context.load_verify_locations(current().settings.smtp_ca_file)
    return context


def _over_smtp(url: str, message: EmailMessage, recipient: str) -> None:
    address = urlsplit(url)
    host, settings = address.hostname or "", current().settings
    ours = urlsplit(settings.public_url).hostname  # otherwise smtplib asks the name servers, for each mail
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, address.port or 465, ours, timeout=TIMEOUT_S, context=_trusted())
    else:
        server = smtplib.SMTP(host, address.port or 587, ours, timeout=TIMEOUT_S)
    with server:
        server.ehlo()
        if address.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=_trusted())
        elif address.scheme == "smtp" and host not in LOOPBACK:
            raise smtplib.SMTPNotSupportedError("STARTTLS is not offered: links and codes would travel in clear")
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message, from_addr=settings.bounce_address, to_addrs=[recipient])
