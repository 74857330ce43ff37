"""To a teacher with an account: what waits for their confirmation, once a working day at most."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from portfolio.documents import Person
from portfolio.mail.delivery.letter import Button, Letter, Listed, Said, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.store.connections import current
from portfolio.store.outbox import Outcome, Row


def send(row: Row, at: datetime) -> Outcome:
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = [one for one in inbox(Actor(person)).sign_offs if one.about.seat == "teacher"]
    if not waiting:
        return Outcome("nothing_waits")
    counted = Counter(one_line(one.candidacy.display_name) for one in waiting)
    lines = [f"{name} : {count} activité{'s' if count > 1 else ''}" for name, count in sorted(counted.items())]
    parts = (
        Said(f"Bonjour {person.name},"),
        Said("Votre confirmation est demandée sur la réalité de ces activités."),
        Listed(lines),
        Button("Voir et répondre", f"{current().settings.public_url}/confirmations"),
        Said("Ce message part une fois par jour ouvré au plus, quand une demande s'est ajoutée."),
    )
    subject = f"Pour action : {len(waiting)} confirmation{'s' if len(waiting) > 1 else ''} en attente"
    return post(row, person, Letter(subject, parts), at, requests=sorted(one.about.id for one in waiting))
