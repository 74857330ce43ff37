"""Writes a mail that came back."""

from __future__ import annotations

from email.message import EmailMessage

# Written after RFC 3464, appendix E: as Postfix and Exchange send them.
REPORT = """\
From: MAILER-DAEMON@mx.assureur.fr
To: retours@localhost
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.assureur.fr.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.assureur.fr
Arrival-Date: Tue, 12 Jan 2027 10:03:00 +0100

Final-Recipient: rfc822; tuteur@assureur.fr
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--cut
Content-Type: {returned}

{original}
--cut--
"""


def report(asked: EmailMessage, action: str = "failed", status: str = "5.1.1", whole: bool = True) -> bytes:
    original = asked.as_string() if whole else f"Message-ID: {asked['Message-ID']}\nSubject: Pour action\n"
    returned = "message/rfc822" if whole else "text/rfc822-headers"
    return REPORT.format(action=action, status=status, returned=returned, original=original).encode()
