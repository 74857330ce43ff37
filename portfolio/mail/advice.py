"""Announces unread advice to a candidate: how many pieces, and whether from several teachers.

Its text is on the pages only, behind a password.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portfolio.counting import many
from portfolio.documents import Feedback, Person, School
from portfolio.evidence.feedback import feedback_mail, local_day
from portfolio.evidence.feedback_pages import unread
from portfolio.mail.delivery.letter import Button, Letter, Paragraph
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import exam
from portfolio.sign_offs.asking.deliveries import advice_mails
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the mail, and returns the outcome of `post`, or `nothing_waits`, `already_told`, `told_today`: a second
    mail of the same day waits for the next day. payload: person. Raises OSError if it must be tried again.
    """
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = unread(Actor(person))
    if not waiting:
        return ErrandOutcome("nothing_waits")
    before = advice_mails(advice.id for advice in waiting)
    new = [advice for advice in waiting if advice.id not in before or before[advice.id].bounced_at is not None]
    if not new:
        return ErrandOutcome("already_told")
    if _sent_today(person, new[0], at):
        return ErrandOutcome("told_today", then=feedback_mail(person.id, new[0], at))
    return post(row, person, _letter(person, new), at, advice=[advice.id for advice in new])


def _sent_today(person: Person, advice: Feedback, at: datetime) -> bool:
    """Returns True if a mail of advice left to this person on the day of `at`, in the academy's zone. A mail delayed by
    a server that was down counts for the day it left.
    """
    left = {"person": person.id, "kind": "advice", "outcome": "sent"}
    last = current().database.outbox.find_one(left, {"done_at": 1}, sort=[("done_at", -1)])
    return last is not None and local_day(advice, last["done_at"]) == local_day(advice, at)


def _letter(person: Person, new: Sequence[Feedback]) -> Letter:
    several = len({advice.author for advice in new}) > 1
    who = "Vos professeurs vous ont donné" if several else "Votre professeur vous a donné"
    count = many(len(new), "conseil", "conseils")
    asked, reply_to = question_about([School.objects.get(pk=new[0].school)], {advice.author for advice in new})
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(f"{who} {count} sur votre portfolio {exam(new[0].exam).name}."),
        Button("Ouvrir mon portfolio", f"{current().settings.public_url}/portfolio"),
        Paragraph("Sur chaque preuve concernée, dites que vous avez lu ; vous pouvez aussi répondre en une phrase."),
        Paragraph("Ce message part une fois par jour ouvré au plus, le soir, quand un conseil s'est ajouté."),
        asked,
    )
    return Letter(f"{who} {count}", parts, reply_to)
