"""To a candidate: teachers have given advice that they have not read. How many and from whom; what it says is on the
pages, behind a password.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portfolio.documents import Feedback, Person
from portfolio.evidence.feedback import local_day, mail_that_tells
from portfolio.evidence.feedback_pages import unread
from portfolio.mail.delivery.letter import Button, Letter, Said
from portfolio.mail.delivery.mailer import post
from portfolio.policy.relations import Actor
from portfolio.sign_offs.asking.deliveries import advice_mails
from portfolio.store.connections import current
from portfolio.store.outbox import Outcome, Row


def send(row: Row, at: datetime) -> Outcome:
    """Nothing once all of it is read, or told of before; a second one of the same day waits for the next."""
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = unread(Actor(person))
    if not waiting:
        return Outcome("nothing_waits")
    before = advice_mails(one.id for one in waiting)
    new = [one for one in waiting if one.id not in before or before[one.id].bounced_at is not None]
    if not new:
        return Outcome("already_told")
    if _told_today(person, new[0], at):
        return Outcome("told_today", then=mail_that_tells(person.id, new[0], at))
    return post(row, person, _letter(person, new), at, advice=[one.id for one in new])


def _told_today(person: Person, given: Feedback, at: datetime) -> bool:
    """Where a mail server was down yesterday, yesterday's mail leaves today."""
    left = {"person": person.id, "kind": "advice", "outcome": "sent"}
    last = current().database.outbox.find_one(left, {"done_at": 1}, sort=[("done_at", -1)])
    return last is not None and local_day(given, last["done_at"]) == local_day(given, at)


def _letter(person: Person, new: Sequence[Feedback]) -> Letter:
    several = len({one.author for one in new}) > 1
    who = "Vos professeurs vous ont donné" if several else "Votre professeur vous a donné"
    count = "un conseil" if len(new) == 1 else f"{len(new)} conseils"
    parts = (
        Said(f"Bonjour {person.name},"),
        Said(f"{who} {count} sur votre portfolio E5."),
        Button("Ouvrir mon portfolio", f"{current().settings.public_url}/portfolio"),
        Said("Sur chaque preuve concernée, dites que vous avez lu ; vous pouvez aussi répondre en une phrase."),
        Said("Ce message part une fois par jour ouvré au plus, le soir, quand un conseil s'est ajouté."),
    )
    return Letter(f"{who} {count}", parts)
