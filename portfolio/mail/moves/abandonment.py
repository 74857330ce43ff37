"""Tells those concerned that a candidate gave up, or that it was taken back."""

from __future__ import annotations

from datetime import date, datetime

from bson import ObjectId

from portfolio.dates_in_words import day_in_words
from portfolio.documents import Candidacy, Commission, Person, Portfolio, School
from portfolio.documents.commissions import CommissionState
from portfolio.enrolment.moves.abandonment import waiting_on
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends one mail, and returns the outcome of `post`; or `over` where the opposite was recorded since, `not_written`
    for somebody whom no mail asked for anything. payload: candidacy, person, what (abandoned, taken_back). Raises
    OSError if it must be tried again.
    """
    payload = row["payload"]
    candidacy = Candidacy.objects.get(pk=payload["candidacy"])
    if (candidacy.abandoned is None) != (payload["what"] == "taken_back"):
        return ErrandOutcome("over")
    person = Person.objects.get(pk=payload["person"])
    parts = _to_candidate(candidacy) if person.id == candidacy.person else _to_others(candidacy, person)
    if not parts:
        return ErrandOutcome("not_written")
    asked, reply_to = question_about([School.objects.get(pk=candidacy.school)], _others(candidacy, person))
    letter = Letter(_subject(candidacy, person), (Paragraph(f"Bonjour {person.name},"), *parts, asked), reply_to)
    return post(row, person, letter, at)


def _others(candidacy: Candidacy, person: Person) -> list[ObjectId]:
    return [follower for follower in candidacy.followers if follower != person.id]


def _subject(candidacy: Candidacy, person: Person) -> str:
    mine = person.id == candidacy.person
    name = "Votre candidature" if mine else f"La candidature de {one_line(candidacy.display_name)}"
    return f"{name} {'reprend' if candidacy.abandoned is None else 'a pris fin'}"


def _to_candidate(candidacy: Candidacy) -> list[LetterPart]:
    has_portfolio = Portfolio.objects(pk=candidacy.id).only("id").first() is not None
    kept = " Ce que vous avez déposé est gardé, et se relit sur votre page." if has_portfolio else ""
    what = f"à l'épreuve {exam(candidacy.exam).name} de la session {candidacy.session}"
    if candidacy.abandoned is None:
        words = (
            f"Votre établissement est revenu sur votre abandon : votre candidature {what} reprend, où elle en était."
        )
    else:
        ends_on = day_in_words(date.fromisoformat(candidacy.abandoned.on))
        words = (
            f"Votre établissement a enregistré l'abandon de votre candidature {what}, le {ends_on}. Plus rien ne vous "
            f"est demandé.{kept} Si c'est une erreur, dites-le sans tarder à votre établissement."
        )
    label = "Ouvrir mon portfolio" if has_portfolio else "Ouvrir ma page"
    return [Paragraph(words), Button(label, f"{current().settings.public_url}/portfolio")]


def _to_others(candidacy: Candidacy, person: Person) -> list[LetterPart]:
    """Returns what concerns this person: their commission, what they were asked for, whom they follow; [] if nothing
    does.
    """
    convened = {"candidacy": candidacy.id, "members": person.id, "state": CommissionState.CONVENED}
    commission = Commission.objects(**convened).first()
    asked = _was_asked(candidacy, person)
    if commission is None and not asked and person.id not in candidacy.followers:
        return []
    school = School.objects.get(pk=candidacy.school)
    who = f"{one_line(candidacy.display_name)} ({one_line(school.name)}, {one_line(school.city)})"
    if candidacy.abandoned is None:
        parts: list[LetterPart] = [Paragraph(f"L'abandon de {who} était une erreur : sa candidature reprend.")]
    else:
        ends_on = day_in_words(date.fromisoformat(candidacy.abandoned.on))
        parts = [Paragraph(f"{who} a abandonné l'épreuve {exam(candidacy.exam).name} le {ends_on}.")]
        if asked:
            parts.append(Paragraph("Les confirmations que nous vous avions demandées ne sont plus attendues."))
    if commission is not None:
        parts += _commission(candidacy, commission)
    return parts


def _was_asked(candidacy: Candidacy, person: Person) -> bool:
    """Returns True if a mail asked this person for what waits: who was never written to has nothing to forget."""
    waiting = waiting_on(candidacy.id).get(person.id, [])
    sent = {"requests": {"$in": waiting}, "outcome": "sent", "person": person.id}
    return bool(waiting) and current().database.outbox.find_one(sent, {"_id": 1}) is not None


def _commission(candidacy: Candidacy, commission: Commission) -> list[LetterPart]:
    if candidacy.abandoned is None:
        words = "La commission à laquelle vous siégez pour ce candidat reste convoquée."
    else:
        words = (
            "La commission à laquelle vous siégez pour ce candidat reste convoquée tant que l'établissement ne l'a pas "
            "annulée."
        )
    return [
        Paragraph(words),
        Button("Voir la commission", f"{current().settings.public_url}/commissions/{commission.id}"),
    ]
