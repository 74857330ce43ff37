"""A first way in, and a new password: both open the same page."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Invitation, Person
from portfolio.identity.invitations import invitation_token
from portfolio.mail.delivery.letter import Button, Letter, Said, in_paris
from portfolio.mail.delivery.mailer import post
from portfolio.store.connections import current
from portfolio.store.outbox import Outcome, Row

CHOOSE = "Choisir mon mot de passe"
IGNORE = "Si vous n'attendiez pas ce message, ignorez-le : rien ne se passera."


def send(row: Row, at: datetime) -> Outcome:
    """Nothing where the link no longer opens. Raises OSError: try again later."""
    invitation = Invitation.objects.get(pk=row["payload"]["invitation"])
    if invitation.used_at is not None or invitation.expires_at <= at:
        return Outcome("over")
    person = Person.objects.get(pk=invitation.person)
    letter = _new_password(person, invitation) if invitation.purpose == "reset" else _first_entry(person, invitation)
    return post(row, person, letter, at)


def _link(invitation: Invitation) -> Button:
    return Button(CHOOSE, f"{current().settings.public_url}/invitation/{invitation_token(invitation)}")


def _first_entry(person: Person, invitation: Invitation) -> Letter:
    parts = (
        Said(f"Bonjour {person.name},"),
        Said(f"Un compte vous est ouvert sur le portfolio E5 du BTS Assurance ({current().settings.public_url})."),
        Said("Pour choisir votre mot de passe et entrer, ouvrez ce lien."),
        _link(invitation),
        Said(
            f"Il sert une fois et expire le {invitation.expires_at:%d/%m/%Y}. S'il a expiré, demandez une nouvelle "
            "invitation à votre établissement."
        ),
        Said(IGNORE),
    )
    return Letter("Votre accès au portfolio E5 : choisissez votre mot de passe", parts)


def _new_password(person: Person, invitation: Invitation) -> Letter:
    until = in_paris(invitation.expires_at)
    parts = (
        Said(f"Bonjour {person.name},"),
        Said("Vous avez demandé à choisir un nouveau mot de passe. L'ancien reste valable jusque-là."),
        _link(invitation),
        Said(f"Ce lien sert une fois et expire le {until}. S'il a expiré, demandez-en un autre."),
        Said(IGNORE),
    )
    return Letter("Portfolio E5 : choisissez un nouveau mot de passe", parts)
