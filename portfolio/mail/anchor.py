"""Sends the day's anchor to its keeper: one line without personal data."""

from __future__ import annotations

from datetime import datetime

from portfolio.audit.anchors import root_kept
from portfolio.documents import Anchor
from portfolio.mail.delivery.mailer import addressed, deliver
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow

WORDS = """Gardez ce message : il permettra de prouver que rien n'a été retiré ni refait dans la base depuis ce jour.

{line}

Pour vérifier : python commands.py verify --anchors FICHIER, où FICHIER contient la ligne ci-dessus.
"""


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the anchor to ANCHORS_MAIL, and returns `sent`, or `no_address` without that setting. payload: day. Raises
    OSError if it must be tried again.
    """
    settings, anchor = current().settings, Anchor.objects.get(pk=row["payload"]["day"])
    if not settings.anchors_mail:
        return ErrandOutcome("no_address")
    message = addressed(row, settings.anchors_mail, f"Ancrage du journal, {anchor.id}")
    message.set_content(WORDS.format(line=root_kept(anchor).line), cte="quoted-printable")
    if anchor.timestamp:
        message.add_attachment(anchor.timestamp, "application", "timestamp-reply", filename=f"ancrage-{anchor.id}.tsr")
    deliver(message, settings.anchors_mail)
    return ErrandOutcome("sent")
