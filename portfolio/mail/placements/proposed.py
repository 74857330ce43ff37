"""Asks those who answer whether the school accepts a proposed period, and reminds them twice; then the pages alone say
that it waits.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from portfolio import working_days
from portfolio.documents import Candidacy, Person, ProposedPlacement, School
from portfolio.documents.candidacies import ProposedState
from portfolio.documents.fields import instant
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.proposed_placements import asking_mail, who_answers
from portfolio.identity.waiting_mails.asking_mail import MORNING
from portfolio.mail.delivery.contacts import addresses_of
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.store.connections import current
from portfolio.store.journal import Errand
from portfolio.store.outbox import ErrandOutcome, ErrandRow

GAPS = (3, 7)  # working days before each reminder; then the pages alone say that it waits


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the mail, and returns the outcome of `post`, or `settled` (answered, withdrawn, another person answers, or
    the candidate now sits one exam, or gave up); the next reminder follows. payload: person, proposed, number. Raises
    OSError if it must be tried again.
    """
    payload = row["payload"]
    proposed = ProposedPlacement.objects(pk=payload["proposed"]).first()
    if proposed is None or proposed.state != ProposedState.PROPOSED:
        return ErrandOutcome("settled")
    candidacy = Candidacy.objects.get(pk=proposed.candidacy)
    if not candidacy.in_ccf:
        return ErrandOutcome("settled")
    if payload["person"] not in who_answers(candidacy.school, candidacy.followers, at):
        return ErrandOutcome("settled")
    person = Person.objects.get(pk=payload["person"])
    school = School.objects.get(pk=proposed.school)
    then = _reminder(proposed, person, payload["number"], school, at)
    return post(row, person, _letter(person, proposed, candidacy, school, payload["number"]), at, then)


def _reminder(proposed: ProposedPlacement, person: Person, number: int, school: School, at: datetime) -> Errand | None:
    if number >= len(GAPS):
        return None
    zone = ZoneInfo(academy_of(school.academy).timezone)
    day = working_days.after(at.astimezone(zone).date(), GAPS[number], school.uai)
    return asking_mail(proposed, person.id, number + 1, instant(datetime.combine(day, MORNING, zone)))


def _letter(person: Person, proposed: ProposedPlacement, candidacy: Candidacy, school: School, number: int) -> Letter:
    company = f"{one_line(proposed.company.name)}, {one_line(proposed.company.city)}"
    whose = one_line(candidacy.display_name)
    author = one_line(proposed.author_name)
    for_whom = "" if proposed.author == candidacy.person else f" pour {whose}"
    parts: list[LetterPart] = [
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(f"{author} propose une période en entreprise{for_whom} : {company}, {_dates(proposed)}."),
        Paragraph("Rien n'en compte avant votre réponse : acceptez-la, corrigée s'il le faut, ou refusez-la d'un mot."),
        Button("Lire et répondre", f"{current().settings.public_url}/classe/periodes-proposees/{proposed.id}"),
    ]
    reply_to = addresses_of([proposed.author])
    if reply_to:
        asked = Paragraph(f"Une réponse à ce message arrive à {author}.")
    else:
        asked, reply_to = question_about([school])
    subject = "une période en entreprise est proposée"
    return Letter(f"Rappel : {subject}" if number else f"Pour action : {subject}", (*parts, asked), reply_to)


def _dates(proposed: ProposedPlacement) -> str:
    first, last = (datetime.fromisoformat(day) for day in (proposed.starts_on, proposed.ends_on))
    return f"du {first:%d/%m/%Y} au {last:%d/%m/%Y}"
