"""Lists to a teacher the activities that wait for their confirmation, once a working day at most."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from portfolio.counting import many
from portfolio.documents import Person
from portfolio.mail.delivery.contacts import office
from portfolio.mail.delivery.letter import Button, Letter, Listed, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.store.connections import current
from portfolio.store.outbox import Outcome, Row


def send(row: Row, at: datetime) -> Outcome:
    """Sends the list, unless nothing waits. payload: person."""
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = [request for request in inbox(Actor(person)).sign_offs if request.about.seat == SignOffSeat.TEACHER]
    if not waiting:
        return Outcome("nothing_waits")
    counted = Counter(one_line(request.candidacy.display_name) for request in waiting)
    lines = [f"{name} : {many(count, 'activité')}" for name, count in sorted(counted.items())]
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph("Votre confirmation est demandée sur la réalité de ces activités."),
        Listed(lines),
        Button("Voir et répondre", f"{current().settings.public_url}/confirmations"),
        Paragraph("Ce message part une fois par jour ouvré au plus, quand une demande s'est ajoutée."),
    )
    subject = f"Pour action : {many(len(waiting), 'confirmation')} en attente"
    letter = Letter(subject, parts, office(waiting[0].school.id))
    return post(row, person, letter, at, requests=sorted(request.about.id for request in waiting))
