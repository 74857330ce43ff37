"""Sends a six-digit code, to be typed on the page where it was asked for."""

from __future__ import annotations

from datetime import datetime

from portfolio.counting import many
from portfolio.documents import AskedWay, Person
from portfolio.identity.one_time_codes import MOST_TRIES, code_of
from portfolio.mail.delivery.letter import Figures, Letter, Paragraph
from portfolio.mail.delivery.mailer import post
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the code, and returns the outcome of `post`, or `over` if it is used or expired: a server that was down
    must not deliver dead codes. payload: code_row. Raises OSError if it must be tried again.
    """
    asked = AskedWay.objects(pk=row["payload"]["code_row"]).first()
    if asked is None or asked.used_at is not None or asked.expires_at <= at or asked.tries >= MOST_TRIES:
        return ErrandOutcome("over")
    person = Person.objects.get(pk=asked.person)
    minutes = int((asked.expires_at - asked.created_at).total_seconds() // 60)
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph("Voici le code à saisir sur la page où vous l'avez demandé."),
        Figures(code_of(asked)),
        Paragraph(
            f"Il est valable {many(minutes, 'minute')}. "
            "Ne le communiquez à personne : nous ne vous le demanderons jamais."
        ),
        Paragraph("Si vous n'avez rien demandé, ignorez ce message : rien ne se passera."),
    )
    return post(row, person, Letter("Votre code pour le portfolio E5", parts), at)
