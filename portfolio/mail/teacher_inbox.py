"""Lists to a teacher the activities that wait for their confirmation, once a working day at most."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from portfolio.counting import many
from portfolio.documents import Attestation, Person
from portfolio.identifiers import name_key
from portfolio.mail.delivery.letter import (
    Button,
    Letter,
    Listed,
    Paragraph,
    one_line,
)
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.inbox import AwaitedAnswer, inbox
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the list of what waits for a teacher, and returns the outcome of `post`, or `nothing_waits`. payload:
    person. Raises OSError if it must be tried again.
    """
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = [request for request in inbox(Actor(person)).sign_offs if request.about.seat == SignOffSeat.TEACHER]
    if not waiting:
        return ErrandOutcome("nothing_waits")
    schools = {request.school.id: request.school for request in waiting}
    counted = Counter(_whose(request, len(schools)) for request in waiting)
    lines = [
        f"{name} : {many(count, 'activité')}"
        for name, count in sorted(counted.items(), key=lambda each: name_key(each[0]))
    ]
    asked, reply_to = question_about([*schools.values()])
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph("Votre confirmation est demandée sur la réalité de ces activités."),
        Listed(lines),
        Button("Voir et répondre", f"{current().settings.public_url}/confirmations"),
        Paragraph("Ce message part une fois par jour ouvré au plus, quand une demande s'est ajoutée."),
        asked,
    )
    subject = f"Pour action : {many(len(waiting), 'confirmation')} en attente"
    letter = Letter(subject, parts, reply_to)
    return post(row, person, letter, at, requests=sorted(request.about.id for request in waiting))


def _whose(request: AwaitedAnswer[Attestation], schools: int) -> str:
    """Returns the candidate's name, with their school where the mail speaks of several.
    schools: how many it speaks of.
    """
    name = one_line(request.candidacy.display_name)
    return name if schools == 1 else f"{name} ({one_line(request.school.name)})"
