"""Notifies a person at once of an act on their account, which may not be theirs."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Person
from portfolio.identity.notices import NOTICES
from portfolio.mail.delivery.letter import Button, Letter, Paragraph, in_paris
from portfolio.mail.delivery.mailer import post
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the notice, and returns the outcome of `post`. payload: person (must exist), what (a key of NOTICES), at.
    Raises OSError if it must be tried again.
    """
    person = Person.objects.get(pk=row["payload"]["person"])
    subject, happened = NOTICES[row["payload"]["what"]]
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(f"{happened}, le {in_paris(row['payload']['at'])}."),
        Paragraph("Si c'est vous, il n'y a rien à faire."),
        Paragraph(
            "Si ce n'est pas vous, choisissez tout de suite un nouveau mot de passe, "
            "puis prévenez votre établissement : quelqu'un d'autre entre peut-être dans votre compte."
        ),
        Button("Choisir un nouveau mot de passe", f"{current().settings.public_url}/mot-de-passe-oublie"),
    )
    return post(row, person, Letter(f"Portfolio E5 : {subject}", parts), at)
