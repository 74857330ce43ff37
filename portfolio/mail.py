"""Mail: composed from ids at the moment of sending, over SMTP, or as .eml files where no server is set."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any
from urllib.parse import unquote, urlsplit

from config.settings import LOOPBACK
from portfolio.accounts import invitation_token
from portfolio.connections import current
from portfolio.documents import Invitation, Person

TIMEOUT_S = 20

INVITATION = """\
Bonjour {name},

Un compte vous est ouvert sur le portfolio E5 du BTS Assurance ({site}).

Pour choisir votre mot de passe et entrer, ouvrez ce lien :

{link}

Il sert une fois et expire le {until}. S'il a expiré, demandez une nouvelle invitation à votre établissement.
Si vous n'attendiez pas ce message, ignorez-le : rien ne se passera.
"""


def send_invitation(row: dict[str, Any]) -> None:
    """The mail of one invitation; nothing where it no longer opens. Raises OSError: try again later."""
    invitation = Invitation.objects.get(pk=row["payload"]["invitation"])
    if invitation.used_at is not None or invitation.expires_at <= row["due_at"]:
        return
    person = Person.objects.get(pk=invitation.person)
    site = current().settings.public_url
    message = _message(row, person, "Votre accès au portfolio E5 : choisissez votre mot de passe")
    link = f"{site}/invitation/{invitation_token(invitation)}"
    until = f"{invitation.expires_at:%d/%m/%Y}"
    message.set_content(INVITATION.format(name=person.name, site=site, link=link, until=until))
    deliver(message, person.email)


def _message(row: dict[str, Any], person: Person, subject: str) -> EmailMessage:
    """The Message-ID follows from the row, so that a second copy is recognised as one (RFC 5322, 3.6.4).

    A person's name stays out of the headers: one with a comma would be read as another address.
    """
    settings = current().settings
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr(("Portfolio E5", settings.mail_from))
    message["To"] = person.email
    message["Subject"] = subject
    message["Date"] = format_datetime(row["due_at"])
    message["Message-ID"] = f"<{row['_id']}@{settings.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def deliver(message: EmailMessage, recipient: str) -> None:
    """Raises OSError (smtplib's errors are) when it did not leave."""
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


def _over_smtp(url: str, message: EmailMessage, recipient: str) -> None:
    address = urlsplit(url)
    host, context = address.hostname or "", ssl.create_default_context()
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, address.port or 465, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, address.port or 587, timeout=TIMEOUT_S)
    with server:
        server.ehlo()
        if address.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
        elif address.scheme == "smtp" and address.username and host not in LOOPBACK:
            raise smtplib.SMTPNotSupportedError("STARTTLS is not offered: the password would travel in clear")
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message, from_addr=current().settings.mail_from, to_addrs=[recipient])
