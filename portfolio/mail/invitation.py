"""A first way in, and a new password: both open the same page."""

from __future__ import annotations

from datetime import datetime

from portfolio.accounts import invitation_token
from portfolio.connections import current
from portfolio.documents import Invitation, Person
from portfolio.mail.letter import Button, Letter, Said
from portfolio.mail.post import post
from portfolio.outbox import Outcome, Row

CHOOSE = "Choisir mon mot de passe"
IGNORE = "Si vous n'attendiez pas ce message, ignorez-le : rien ne se passera."


def send(row: Row, at: datetime) -> Outcome:
    """Nothing where the link no longer opens. Raises OSError: try again later."""
    invitation = Invitation.objects.get(pk=row["payload"]["invitation"])
    if invitation.used_at is not None or invitation.expires_at <= at:
        return Outcome("over")
    person = Person.objects.get(pk=invitation.person)
    letter = _reset(invitation, person) if invitation.purpose == "reset" else _invitation(invitation, person)
    return post(row, person, letter, at)


def _link(invitation: Invitation) -> Button:
    return Button(CHOOSE, f"{current().settings.public_url}/invitation/{invitation_token(invitation)}")


def _invitation(invitation: Invitation, person: Person) -> Letter:
    site = current().settings.public_url
    parts = (
        Said(f"Bonjour {person.name},"),
        Said(f"Un compte vous est ouvert sur le portfolio E5 du BTS Assurance ({site})."),
        Said("Pour choisir votre mot de passe et entrer, ouvrez ce lien."),
        _link(invitation),
        Said(
            f"Il sert une fois et expire le {invitation.expires_at:%d/%m/%Y}. S'il a expiré, demandez une nouvelle "
            "invitation à votre établissement."
        ),
        Said(IGNORE),
    )
    return Letter("Votre accès au portfolio E5 : choisissez votre mot de passe", parts)


def _reset(invitation: Invitation, person: Person) -> Letter:
    parts = (
        Said(f"Bonjour {person.name},"),
        Said("Quelqu'un, sans doute vous, a demandé un nouveau mot de passe pour le portfolio E5."),
        _link(invitation),
        Said("Ce lien sert une fois, pendant une heure. Vos autres appareils seront alors déconnectés."),
        Said("Si vous n'avez rien demandé, ignorez ce message : votre mot de passe actuel reste valable."),
    )
    return Letter("Portfolio E5 : choisir un nouveau mot de passe", parts)
