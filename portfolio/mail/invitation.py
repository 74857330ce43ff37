"""Sends the link to choose a password, for a first entry or a reset: both open the same page."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Invitation, Person
from portfolio.documents.people import InvitationPurpose
from portfolio.identity.invitations import invitation_token
from portfolio.mail.delivery.letter import Button, Letter, Paragraph, in_paris
from portfolio.mail.delivery.mailer import post
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow

CHOOSE = "Choisir mon mot de passe"
IGNORE = "Si vous n'attendiez pas ce message, ignorez-le : rien ne se passera."


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the link, and returns the outcome of `post`, or `over` if it is used or expired. payload: invitation.
    Raises OSError if it must be tried again, KeyRetired.
    """
    invitation = Invitation.objects.get(pk=row["payload"]["invitation"])
    if invitation.used_at is not None or invitation.expires_at <= at:
        return ErrandOutcome("over")
    person = Person.objects.get(pk=invitation.person)
    if invitation.email is not None:
        person.email = invitation.email  # never saved: it becomes theirs with their password
    compose = _new_password if invitation.purpose == InvitationPurpose.RESET else _first_entry
    return post(row, person, compose(person, invitation), at)


def _link(invitation: Invitation) -> Button:
    return Button(CHOOSE, f"{current().settings.public_url}/invitation/{invitation_token(invitation)}")


def _first_entry(person: Person, invitation: Invitation) -> Letter:
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(f"Un compte vous est ouvert sur le portfolio E5 du BTS Assurance ({current().settings.public_url})."),
        Paragraph("Pour choisir votre mot de passe et entrer, ouvrez ce lien."),
        _link(invitation),
        Paragraph(
            f"Il sert une fois et expire le {invitation.expires_at:%d/%m/%Y}. S'il a expiré, demandez une nouvelle "
            "invitation à votre établissement."
        ),
        Paragraph(IGNORE),
    )
    return Letter("Votre accès au portfolio E5 : choisissez votre mot de passe", parts)


def _new_password(person: Person, invitation: Invitation) -> Letter:
    until = in_paris(invitation.expires_at)
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph("Vous avez demandé à choisir un nouveau mot de passe. L'ancien reste valable jusque-là."),
        _link(invitation),
        Paragraph(f"Ce lien sert une fois et expire le {until}. S'il a expiré, demandez-en un autre."),
        Paragraph(IGNORE),
    )
    return Letter("Portfolio E5 : choisissez un nouveau mot de passe", parts)
