"""Convokes the members of a commission, again at each change of date, place or member; tutors also receive their way
in. Each letter carries the event for its reader's calendar, or takes it away.

These letters are for the members only: the school informs the candidate (arrêté, annexe II D, E5).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from portfolio.commission.calendars.events import message_to
from portfolio.commission.convocations import QUALITIES
from portfolio.documents import Candidacy, Commission, Invitation, Person, School
from portfolio.documents.commissions import CommissionState
from portfolio.enrolment.institutions import academy_of
from portfolio.identity.invitations import invitation_token
from portfolio.mail.delivery.letter import Button, CalendarEvent, Letter, LetterPart, Listed, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.policy.relations import Actor
from portfolio.rules.terms import MemberQuality
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow

SUBJECTS = {
    "convened": "Convocation : commission {exam} du {day}",
    "moved": "Nouvelle date ou nouveau lieu : commission {exam} du {day}",
    "joined": "Nouveau membre : commission {exam} du {day}",
    "left": "Vous êtes remplacé : commission {exam} du {day}",
    "cancelled": "Annulée : commission {exam} du {day}",
}
OPENINGS = {
    "convened": "Vous êtes convoqué à la commission d'évaluation de l'{exam}.",
    "moved": "La commission d'évaluation de l'{exam} à laquelle vous siégez est déplacée. Voici où et quand.",
    "joined": (
        "L'autre membre de la commission d'évaluation de l'{exam} à laquelle vous siégez a été remplacé. La date et le "
        "lieu restent ceux-ci."
    ),
    "left": (
        "Une autre personne siège désormais à votre place à la commission d'évaluation de l'{exam}. Vous n'avez plus à "
        "y venir."
    ),
    "cancelled": "La commission d'évaluation de l'{exam} décrite ci-dessous n'aura pas lieu.",
}
FOR_THE_CALENDAR = {
    "REQUEST": "Le fichier joint met cette date dans votre agenda, à la place de celle qui y serait déjà.",
    "CANCEL": "Le fichier joint retire cette date de votre agenda.",
}


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends one letter, and returns the outcome of `post`, or `over` where something later made it obsolete. payload:
    commission, person, what (a key of SUBJECTS), invitation of a new tutor. Raises OSError if it must be tried again,
    KeyRetired.
    """
    payload = row["payload"]
    commission = Commission.objects.get(pk=payload["commission"])
    person = Person.objects.get(pk=payload["person"])
    if _is_over(commission, person, payload["what"], at):
        return ErrandOutcome("over")
    candidacy = Candidacy.objects.get(pk=commission.candidacy)
    of_exam = exam(commission.exam)
    when = commission.meets_at.astimezone(ZoneInfo(academy_of(commission.academy).timezone))
    method, data = message_to(person, commission, candidacy.candidate_number, at)
    parts: list[LetterPart] = [
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(OPENINGS[payload["what"]].format(exam=of_exam.in_full)),
        Listed(_facts(commission, candidacy, person, when)),
        Paragraph(FOR_THE_CALENDAR[method]),
    ]
    if method == "REQUEST":
        parts += _ways_in(commission, person, payload.get("invitation"))
    subject = SUBJECTS[payload["what"]].format(exam=of_exam.name, day=f"{when:%d/%m/%Y}")
    asked, reply_to = question_about([School.objects.get(pk=commission.school)])
    letter = Letter(subject, (*parts, asked), reply_to, event=CalendarEvent(method, data))
    return post(row, person, letter, at)


def _is_over(commission: Commission, person: Person, what: str, at: datetime) -> bool:
    """Returns True of a letter that says what is so no more: a member who left or came back, who can act there no more,
    a meeting cancelled meanwhile; and of one that takes back what was never written.
    """
    sits = person.id in commission.members
    if what == "left":
        return sits or not _was_told(commission, person)
    if what == "cancelled":
        return not sits or commission.state != CommissionState.CANCELLED
    gone = not Actor(person, at=at).holds_a_seat(commission)
    return not sits or gone or commission.state == CommissionState.CANCELLED


def _was_told(commission: Commission, person: Person) -> bool:
    written = {"person": person.id, "kind": "convocation", "payload.commission": commission.id, "outcome": "sent"}
    return current().database.outbox.find_one(written, {"_id": 1}) is not None


def _facts(commission: Commission, candidacy: Candidacy, person: Person, when: datetime) -> list[str]:
    facts = [f"Candidat : {one_line(candidacy.display_name)}, {candidacy.numbered}"]
    if person.id in commission.members:
        facts += [f"Date : {when:%d/%m/%Y à %Hh%M}", f"Lieu : {one_line(commission.place)}"]
        sitting = [seat for seat in commission.seats if seat.left_at is None and seat.person != person.id]
        facts += [f"Avec vous : {one_line(seat.name)}, {QUALITIES[seat.quality]}" for seat in sitting]
    return facts


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
