"""Tells both teachers that one replaces the other, from which day to which, and when it ends."""

from __future__ import annotations

from datetime import date, datetime

from portfolio.counting import many
from portfolio.dates_in_words import day_in_words
from portfolio.documents import Person, School
from portfolio.documents.fields import by_id
from portfolio.documents.places import TeacherReplacement
from portfolio.enrolment.moves.replacements import AMENDED, BEGAN, ENDED, RECORDED
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends one mail, and returns the outcome of `post`; or `over` of one to come that ended since. payload: school,
    replacement, person, what (of `replacements`). Raises OSError if it must be tried again.
    """
    payload = row["payload"]
    school = School.objects.get(pk=payload["school"])
    about = next(known for known in school.replacements if known.id == payload["replacement"])
    if payload["what"] in (RECORDED, AMENDED) and about.ended_at is not None:
        return ErrandOutcome("over")
    people = by_id(Person, (about.absent, about.substitute))
    person = people[payload["person"]]
    substitutes = person.id == about.substitute
    other = people[about.absent if substitutes else about.substitute]
    parts = [*_said(about, payload["what"], substitutes, one_line(other.name)), *_page(substitutes, payload["what"])]
    asked, reply_to = question_about([school])
    subject = _subject(about, payload["what"], substitutes, one_line(other.name))
    where = Paragraph(f"Établissement : {one_line(school.name)} ({one_line(school.city)}).")
    letter = Letter(subject, (Paragraph(f"Bonjour {person.name},"), *parts, where, asked), reply_to)
    return post(row, person, letter, at)


def _subject(about: TeacherReplacement, what: str, substitutes: bool, other: str) -> str:
    if what == ENDED:
        never = about.began_at is None
        return f"Le remplacement {'n’a pas lieu' if never else 'est fini'} : {other}"
    return f"Vous remplacez {other}" if substitutes else f"{other} vous remplace"


def _said(about: TeacherReplacement, what: str, substitutes: bool, other: str) -> list[LetterPart]:
    whom = f"de la classe {one_line(about.division)} " if about.division else ""
    if what == ENDED:
        return [Paragraph(_end(about, substitutes, other))]
    begins = f"du {_day(about.starts_on)}" if about.ends_on else f"à partir du {_day(about.starts_on)}"
    days = f"{begins} au {_day(about.ends_on)} inclus" if about.ends_on else begins
    if substitutes:
        words = f"Vous remplacez {other} {days} : les candidats {whom}qui étaient suivis par {other} le sont par vous."
    else:
        words = f"{other} vous remplace {days} : les candidats {whom}que vous suivez sont suivis par {other}."
    parts: list[LetterPart] = [Paragraph(words)]
    if what == BEGAN:
        parts.append(Paragraph(f"C'est fait, pour {many(len(about.taken), 'candidat')}."))
    parts.append(
        Paragraph(
            "Les confirmations en attente et celles à venir sont demandées à qui suit le candidat ce jour-là. Ce qui "
            "est déjà écrit reste au nom de qui l'a écrit."
        )
    )
    return parts


def _end(about: TeacherReplacement, substitutes: bool, other: str) -> str:
    if about.began_at is None:
        return "Le remplacement prévu n'a pas lieu : rien ne change."
    if substitutes:
        return f"Votre remplacement est fini : {other} suit de nouveau les candidats, et reçoit ce qui attend encore."
    return (
        f"Votre remplacement par {other} est fini : vous suivez de nouveau les candidats. Ce qui attend vous revient."
    )


def _page(substitutes: bool, what: str) -> list[LetterPart]:
    """Returns the button of whoever follows now."""
    follows = substitutes if what == BEGAN else not substitutes and what == ENDED
    return [Button("Ouvrir ma classe", f"{current().settings.public_url}/classe")] if follows else []


def _day(text: str) -> str:
    return day_in_words(date.fromisoformat(text))
