"""Asks a tutor for confirmations: one mail for all pending requests, with a new link each time."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby

from bson import ObjectId

from portfolio.counting import many
from portfolio.dates_in_words import day_in_words
from portfolio.documents import Attestation, Person, RealityEvaluation
from portfolio.identity import links
from portfolio.identity.bounces import address_digests
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Listed, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.rules.texts.exam import exam
from portfolio.sign_offs.answering.inbox import AwaitedAnswer, inbox, minutes_to_answer
from portfolio.sign_offs.asking import reminders
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow

Request = AwaitedAnswer[Attestation] | AwaitedAnswer[RealityEvaluation]

LONGEST_LIST = 30


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Asks one person for all pending requests, and returns the outcome of `post`, or `nothing_waits`, or
    `already_asked` if mails asked for every one. payload: person. Raises OSError if it must be tried again.
    """
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = waiting_for(person)
    if not waiting:
        return ErrandOutcome("nothing_waits")
    if not _unasked(person, waiting):
        return ErrandOutcome("already_asked")
    return _ask(row, person, waiting, at, subject="Pour action : confirmez {what}", number=1)


def remind(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Asks again, and returns the outcome of `post`; without pending requests, the reason of `reminders.why_over`.
    payload: person, requests, number (of the reminder). Raises OSError if it must be tried again.
    """
    payload = row["payload"]
    person = Person.objects.get(pk=payload["person"])
    waiting = waiting_for(person)
    if not waiting:
        return ErrandOutcome(reminders.why_over(payload["requests"]))
    subject = "Pour action (rappel) : confirmez {what}"
    return _ask(row, person, waiting, at, subject=subject, number=payload["number"] + 1)


def send_link(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends a new link at the person's own request, and returns the outcome of `post`; it does not count as a reminder.
    payload: person. Raises OSError if it must be tried again.
    """
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = waiting_for(person)
    if waiting:
        return _ask(row, person, waiting, at, subject="Votre lien : confirmez {what}", number=None)
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(
            "Voici le lien que vous avez demandé. Aucune confirmation n'attend votre réponse : il montre les vôtres."
        ),
        Button("Voir mes réponses", _link(row, person, at)),
        Paragraph("Si vous n'avez rien demandé, ignorez ce message : rien ne se passera."),
    )
    return post(row, person, Letter("Votre lien vers vos confirmations", parts), at)


def waiting_for(person: Person) -> list[Request]:
    """Returns a tutor's pending requests, oldest first: activities not waived, then evaluations of reality."""
    pending = inbox(Actor(person))
    sign_offs = [request for request in pending.sign_offs if request.about.seat == SignOffSeat.TUTOR]
    return [*(request for request in sign_offs if not reminders.is_waived(request.about)), *pending.reality]


def _unasked(person: Person, waiting: list[Request]) -> list[Request]:
    """Returns the requests not yet emailed to the current address (bounces excluded); [] if all were."""
    query = {"requests": {"$in": [request.about.id for request in waiting]}, "outcome": "sent", "bounced_at": None}
    query |= {"person": person.id, "address": {"$in": address_digests(person.email)}}
    asked: dict[ObjectId, datetime] = {}
    for row in current().database.outbox.find(query, {"requests": 1, "done_at": 1}).sort("done_at", 1):
        asked |= dict.fromkeys(row["requests"], row["done_at"])
    return [
        request for request in waiting if request.about.id not in asked or asked[request.about.id] < _since(request)
    ]


def _since(request: Request) -> datetime:
    """Returns the instant of the request; an evaluation that was rewritten is a new request."""
    written: list[datetime] = [concurrence.at for concurrence in getattr(request.about, "concurrences", [])]
    return max(written, default=request.about.created_at)


def _ask(
    row: ErrandRow, person: Person, waiting: list[Request], at: datetime, subject: str, number: int | None
) -> ErrandOutcome:
    """Sends the mail, and returns the outcome of `post`. subject: with {what}. number: of the reminder that follows;
    None if this mail does not change its date.
    """
    requests = sorted(request.about.id for request in waiting)
    kept_from = person.no_mail_because
    if kept_from is not None:
        return ErrandOutcome(kept_from, {"person": person.id, "requests": requests})
    asked, reply_to = _question(waiting)
    minutes = many(minutes_to_answer(len(waiting)), "minute")
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        *_wanted(waiting),
        Paragraph(f"Il faut environ {minutes}, sur téléphone ou ordinateur, sans compte ni mot de passe."),
        Button("Voir et répondre", _link(row, person, at)),
        Paragraph(
            f"Ce lien est personnel : ne le transférez pas. Il peut servir plusieurs fois, jusqu'au "
            f"{_day(at + links.LINK_LASTS)}. S'il ne s'ouvre plus, demandez-en un autre : {_site()}/s"
        ),
        asked,
        Paragraph("Vous n'êtes pas la bonne personne, ou cette période n'a pas eu lieu ? Dites-le sur la même page."),
    )
    letter = Letter(subject.format(what=_what(waiting)), parts, reply_to=reply_to)
    then = reminders.following(person.id, requests, waiting[0].school, number, at) if number else None
    return post(row, person, letter, at, then, requests=requests)


def _link(row: ErrandRow, person: Person, at: datetime) -> str:
    token = links.issue(person.id, "sign_off", at, row_id=row["_id"])
    return f"{_site()}/s/{token}"


def _site() -> str:
    return current().settings.public_url


def _what(waiting: list[Request]) -> str:
    """Returns French words for the subject: the candidate's name if there is only one, to distinguish mails."""
    names = sorted({request.candidacy.display_name for request in waiting})
    return f"le travail de {one_line(names[0])}" if len(names) == 1 else f"le travail de {many(len(names), 'étudiant')}"


def _wanted(waiting: list[Request]) -> list[LetterPart]:
    """Returns, for each placement, the candidate, school, company and dates; then the requests, as parts of a
    letter.
    """
    parts: list[LetterPart] = []
    ordered = sorted(waiting, key=lambda request: (request.candidacy.name_key, str(request.about.placement)))
    for _, together in groupby(ordered, key=lambda request: (request.candidacy.id, request.about.placement)):
        group = list(together)
        parts += [Paragraph(_who(group[0])), Listed(_items(group))]
    return parts


def _who(request: Request) -> str:
    school = f"{one_line(request.school.name)}, {one_line(request.school.city)}"
    who = f"{one_line(request.candidacy.display_name)} ({school})"
    placement = request.placement
    if placement is None:
        return f"{who} vous demande de confirmer :"
    company = f"{one_line(placement.company_name)}, {one_line(placement.company_city)}"
    starts, ends = (day_in_words(date.fromisoformat(day)) for day in (placement.starts_on, placement.ends_on))
    period = f"du {starts} au {ends}"
    preparing = exam(request.candidacy.exam).preparing
    return f"{who}, accueilli(e) chez {company}, {period}, prépare {preparing}. Il vous est demandé de confirmer :"


def _items(group: list[Request]) -> list[str]:
    titles = [f"l'activité « {one_line(request.activity.title)} »" for request in group if request.activity is not None]
    evaluations = len(group) - len(titles)
    items = titles[:LONGEST_LIST]
    if len(titles) > LONGEST_LIST:
        items.append(f"et {many(len(titles) - LONGEST_LIST, 'autre activité', 'autres activités')}")
    return items + ["l'évaluation de la réalité des activités, écrite par le professeur"] * evaluations


def _question(waiting: list[Request]) -> tuple[Paragraph, tuple[str, ...]]:
    """Returns (the paragraph that says whom to ask, the addresses of Reply-To), as `question_about` does."""
    schools = {request.school.id: request.school for request in waiting}
    followers = {follower for request in waiting for follower in request.candidacy.followers}
    return question_about([*schools.values()], followers)


def _day(moment: datetime) -> str:
    return day_in_words(moment.date())
