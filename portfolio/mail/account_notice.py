"""An act on somebody's own account, told to them at once: it may not be theirs."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Person
from portfolio.identity.notices import NOTICES
from portfolio.mail.delivery.letter import Button, Letter, Said, in_paris
from portfolio.mail.delivery.mailer import post
from portfolio.store.connections import current
from portfolio.store.outbox import Outcome, Row


def send(row: Row, at: datetime) -> Outcome:
    """Raises OSError: try again later."""
    person = Person.objects.get(pk=row["payload"]["person"])
    subject, happened = NOTICES[row["payload"]["what"]]
    parts = (
        Said(f"Bonjour {person.name},"),
        Said(f"{happened}, le {in_paris(row['payload']['at'])}."),
        Said("Si c'est vous, il n'y a rien à faire."),
        Said(
            "Si ce n'est pas vous, choisissez tout de suite un nouveau mot de passe, "
            "puis prévenez votre établissement : quelqu'un d'autre entre peut-être dans votre compte."
        ),
        Button("Choisir un nouveau mot de passe", f"{current().settings.public_url}/mot-de-passe-oublie"),
    )
    return post(row, person, Letter(f"Portfolio E5 : {subject}", parts), at)
