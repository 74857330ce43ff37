"""The members of a commission are told when and where, and each time that changes; a tutor, also how to come in.

What is in these letters is for the members alone: the candidate is told by the school (arrêté, annexe II D, E5).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from portfolio.documents import Candidacy, Commission, Invitation, Person
from portfolio.enrolment.institutions import academy_of
from portfolio.identity.invitations import invitation_token
from portfolio.mail.delivery.letter import Button, Letter, Listed, Part, Said, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.store.connections import current
from portfolio.store.outbox import Outcome, Row

SUBJECTS = {
    "convened": "Convocation : commission E5 du {day}",
    "moved": "Nouvelle date ou nouveau lieu : commission E5 du {day}",
    "cancelled": "Annulée : commission E5 du {day}",
}
OPENINGS = {
    "convened": "Vous êtes convoqué à la commission d'évaluation de l'épreuve E5 du BTS Assurance.",
    "moved": "La commission d'évaluation de l'épreuve E5 à laquelle vous siégez est déplacée. Voici où et quand.",
    "cancelled": "La commission d'évaluation de l'épreuve E5 décrite ci-dessous n'aura pas lieu.",
}


def send(row: Row, at: datetime) -> Outcome:
    """payload: commission, person, what (convened, moved, cancelled), invitation of a tutor who never came in.

    Nothing to whoever no longer sits, nor of a convocation that something newer has overtaken.
    """
    said = row["payload"]
    commission = Commission.objects.get(pk=said["commission"])
    if said["person"] not in commission.members or (said["what"] == "cancelled") != (commission.state == "cancelled"):
        return Outcome("over")
    person = Person.objects.get(pk=said["person"])
    candidacy = Candidacy.objects.get(pk=commission.candidacy)
    when = commission.meets_at.astimezone(ZoneInfo(academy_of(commission.academy).timezone))
    parts: list[Part] = [
        Said(f"Bonjour {person.name},"),
        Said(OPENINGS[said["what"]]),
        Listed(
            [
                f"Candidat : {one_line(candidacy.display_name)}, n° {candidacy.candidate_number}",
                f"Date : {when:%d/%m/%Y à %Hh%M}",
                f"Lieu : {one_line(commission.place)}",
            ]
        ),
    ]
    if said["what"] != "cancelled":
        parts += _ways_in(commission, person, said.get("invitation"))
    subject = SUBJECTS[said["what"]].format(day=f"{when:%d/%m/%Y}")
    return post(row, person, Letter(subject, tuple(parts)), at)


def _ways_in(commission: Commission, person: Person, invitation_id: object) -> list[Part]:
    site = current().settings.public_url
    parts: list[Part] = []
    invitation = Invitation.objects(pk=invitation_id, used_at=None).first() if invitation_id else None
    if invitation is not None and not person.password:
        parts.append(Said("Pour siéger, choisissez d'abord un mot de passe : ce lien sert une fois, pendant 14 jours."))
        parts.append(Button("Choisir mon mot de passe", f"{site}/invitation/{invitation_token(invitation)}"))
    parts.append(Button("Ouvrir la commission", f"{site}/commissions/{commission.id}"))
    if any(seat.person == person.id and seat.quality == "tutor" and not seat.left_at for seat in commission.seats):
        parts.append(
            Said("Un code à six chiffres vous sera envoyé au moment d'entrer : il confirme que c'est bien vous.")
        )
    parts.append(Said("Vous ne pouvez pas venir ? Prévenez au plus tôt l'établissement, qui vous fera remplacer."))
    return parts
