"""Mails that came back, as servers write them (RFC 3464, qmail, Exim), of a service that is not this one."""

from __future__ import annotations

from email.message import EmailMessage, Message

_SENT = "From: service@a.example\nTo: tuteur@b.example\nMessage-ID: <1.2@a.example>\nSubject: Attestation\n\nBonjour\n"
_QMAIL = """From: MAILER-DAEMON@b.example
To: service@a.example
Subject: failure notice

Hi. This is the qmail-send program at b.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<tuteur@b.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 User unknown

--- Below this line is a copy of the message.

"""
_EXIM = """From: Mail Delivery System <Mailer-Daemon@b.example>
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: tuteur@b.example
Message-ID: <3@b.example>

This message was created automatically by mail delivery software.

  tuteur@b.example
    SMTP error from remote mail server after RCPT TO: 550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

"""


def report() -> bytes:
    """Returns a notification of RFC 3464, with the mail that came back in it."""
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = "MAILER-DAEMON@b.example", "service@a.example", "Undelivered"
    whole.set_type("multipart/report")
    whole.set_param("report-type", "delivery-status")
    words, status, returned = EmailMessage(), Message(), Message()
    words.set_content("La remise a échoué.")
    server, recipient = Message(), Message()
    server["Reporting-MTA"] = "dns; b.example"
    recipient["Final-Recipient"], recipient["Action"] = "rfc822; tuteur@b.example", "failed"
    recipient["Status"] = "5.1.1"
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([server, recipient])
    returned["Content-Type"] = "text/rfc822-headers"
    returned.set_payload(_SENT.partition("\n\n")[0])
    whole.set_payload([words, status, returned])
    return whole.as_bytes()


MAILS = (report(), (_QMAIL + _SENT).encode(), (_EXIM + _SENT).encode())
