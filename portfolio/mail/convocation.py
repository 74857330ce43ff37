"""Convokes the members of a commission, again at each change of date or place; tutors also receive their way in.

These letters are for the members only: the school informs the candidate (arrêté, annexe II D, E5).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from portfolio.documents import Candidacy, Commission, Invitation, Person, School
from portfolio.documents.commissions import CommissionState
from portfolio.enrolment.institutions import academy_of
from portfolio.identity.invitations import invitation_token
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Listed, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.rules.terms import MemberQuality
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow

SUBJECTS = {
    "convened": "Convocation : commission {exam} du {day}",
    "moved": "Nouvelle date ou nouveau lieu : commission {exam} du {day}",
    "cancelled": "Annulée : commission {exam} du {day}",
}
OPENINGS = {
    "convened": "Vous êtes convoqué à la commission d'évaluation de l'{exam}.",
    "moved": "La commission d'évaluation de l'{exam} à laquelle vous siégez est déplacée. Voici où et quand.",
    "cancelled": "La commission d'évaluation de l'{exam} décrite ci-dessous n'aura pas lieu.",
}


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends one letter, and returns the outcome of `post`, or `over` for a member who no longer sits and a convocation
    made obsolete by a cancellation. payload: commission, person, what (convened, moved, cancelled), invitation of a new
    tutor. Raises OSError if it must be tried again, KeyRetired.
    """
    payload = row["payload"]
    cancelled = payload["what"] == "cancelled"
    commission = Commission.objects.get(pk=payload["commission"])
    if payload["person"] not in commission.members or cancelled != (commission.state == CommissionState.CANCELLED):
        return ErrandOutcome("over")
    person = Person.objects.get(pk=payload["person"])
    candidacy = Candidacy.objects.get(pk=commission.candidacy)
    of_exam = exam(commission.exam)
    when = commission.meets_at.astimezone(ZoneInfo(academy_of(commission.academy).timezone))
    parts: list[LetterPart] = [
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(OPENINGS[payload["what"]].format(exam=of_exam.in_full)),
        Listed(
            [
                f"Candidat : {one_line(candidacy.display_name)}, {candidacy.numbered}",
                f"Date : {when:%d/%m/%Y à %Hh%M}",
                f"Lieu : {one_line(commission.place)}",
            ]
        ),
    ]
    if not cancelled:
        parts += _ways_in(commission, person, payload.get("invitation"))
    subject = SUBJECTS[payload["what"]].format(exam=of_exam.name, day=f"{when:%d/%m/%Y}")
    asked, reply_to = question_about([School.objects.get(pk=commission.school)])
    return post(row, person, Letter(subject, (*parts, asked), reply_to), at)


def _ways_in(commission: Commission, person: Person, invitation_id: object) -> list[LetterPart]:
    site = current().settings.public_url
    parts: list[LetterPart] = []
    invitation = Invitation.objects(pk=invitation_id, used_at=None).first() if invitation_id else None
    if invitation is not None and not person.password:
        parts.append(
            Paragraph("Pour siéger, choisissez d'abord un mot de passe : ce lien sert une fois, pendant 14 jours.")
        )
        parts.append(Button("Choisir mon mot de passe", f"{site}/invitation/{invitation_token(invitation)}"))
    parts.append(Button("Ouvrir la commission", f"{site}/commissions/{commission.id}"))
    if any(
        seat.person == person.id and seat.quality == MemberQuality.TUTOR and not seat.left_at
        for seat in commission.seats
    ):
        parts.append(
            Paragraph("Un code à six chiffres vous sera envoyé au moment d'entrer : il confirme que c'est bien vous.")
        )
    parts.append(Paragraph("Vous ne pouvez pas venir ? Prévenez au plus tôt l'établissement, qui vous fera remplacer."))
    return parts
