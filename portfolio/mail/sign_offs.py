"""What a tutor is asked to confirm: one mail for all that waits, and a fresh link each time."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from bson import ObjectId

from portfolio.documents import Person
from portfolio.identity import links
from portfolio.identity.bounces import address_digests
from portfolio.mail.delivery.letter import Button, Letter, Listed, Part, Said, one_line
from portfolio.mail.delivery.mailer import post, why_nothing_is_sent
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.inbox import Waiting, inbox
from portfolio.sign_offs.asking import reminders
from portfolio.store.connections import current
from portfolio.store.outbox import Outcome, Row

LONGEST_LIST = 30
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def send(row: Row, at: datetime) -> Outcome:
    """Asks for all that waits for one person; nothing where a mail has asked for it already."""
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = waiting_for(person)
    if not waiting:
        return Outcome("nothing_waits")
    if not _unasked(person, waiting):
        return Outcome("already_asked")
    return _ask(row, person, waiting, at, subject="Pour action : confirmez {what}", number=1)


def remind(row: Row, at: datetime) -> Outcome:
    """Asks again, or says why not."""
    said = row["payload"]
    person = Person.objects.get(pk=said["person"])
    waiting = waiting_for(person)
    if not waiting:
        return Outcome(reminders.why_over(said["requests"]))
    subject = "Pour action (rappel) : confirmez {what}"
    return _ask(row, person, waiting, at, subject=subject, number=said["number"] + 1)


def send_link(row: Row, at: datetime) -> Outcome:
    """A new link that the person asked for by themselves: it counts as no reminder."""
    person = Person.objects.get(pk=row["payload"]["person"])
    waiting = waiting_for(person)
    if waiting:
        return _ask(row, person, waiting, at, subject="Votre lien : confirmez {what}", number=None)
    parts = (
        Said(f"Bonjour {person.name},"),
        Said("Voici le lien que vous avez demandé. Aucune confirmation n'attend votre réponse : il montre les vôtres."),
        Button("Voir mes réponses", _link(row, person, at)),
        Said("Si vous n'avez rien demandé, ignorez ce message : rien ne se passera."),
    )
    return post(row, person, Letter("Votre lien vers vos confirmations", parts), at)


def waiting_for(person: Person) -> list[Waiting[Any]]:
    """What a tutor has to answer, oldest first: activities that nobody waived, evaluations of reality to agree with."""
    found = inbox(Actor(person))
    asked = [one for one in found.sign_offs if one.about.seat == "tutor" and not reminders.is_waived(one.about)]
    return [*asked, *found.reality]


def _unasked(person: Person, waiting: list[Waiting[Any]]) -> list[Waiting[Any]]:
    """Those that no mail has asked for, to the address as it is now, without coming back."""
    query = {"requests": {"$in": [one.about.id for one in waiting]}, "outcome": "sent", "bounced_at": None}
    query |= {"person": person.id, "address": {"$in": address_digests(person.email)}}
    asked: dict[ObjectId, datetime] = {}
    for row in current().database.outbox.find(query, {"requests": 1, "done_at": 1}).sort("done_at", 1):
        asked |= dict.fromkeys(row["requests"], row["done_at"])
    return [one for one in waiting if one.about.id not in asked or asked[one.about.id] < _since(one)]


def _since(one: Waiting[Any]) -> datetime:
    """An evaluation that was rewritten is another one to agree with."""
    written: list[datetime] = [concurrence.at for concurrence in getattr(one.about, "concurrences", [])]
    return max(written, default=one.about.created_at)


def _ask(
    row: Row, person: Person, waiting: list[Waiting[Any]], at: datetime, subject: str, number: int | None
) -> Outcome:
    """number: of the reminder that follows; None where this mail changes nothing of when it comes."""
    requests = sorted(one.about.id for one in waiting)
    kept_from = why_nothing_is_sent(person)
    if kept_from is not None:
        return Outcome(kept_from, {"person": person.id, "requests": requests})
    parts = (
        Said(f"Bonjour {person.name},"),
        *_wanted(waiting),
        Said(f"Il faut environ {_minutes(len(waiting))}, sur téléphone ou ordinateur, sans compte ni mot de passe."),
        Button("Voir et répondre", _link(row, person, at)),
        Said(
            f"Ce lien est personnel : ne le transférez pas. Il peut servir plusieurs fois, jusqu'au "
            f"{_day(at + links.LINK_LASTS)}. S'il ne s'ouvre plus, demandez-en un autre : {_site()}/s"
        ),
        Said("Vous n'êtes pas la bonne personne, ou cette période n'a pas eu lieu ? Dites-le sur la même page."),
    )
    letter = Letter(subject.format(what=_what(waiting)), parts, reply_to=_who_answers(waiting))
    then = reminders.following(person.id, requests, waiting[0].school, number, at) if number else None
    return post(row, person, letter, at, then, requests=requests)


def _link(row: Row, person: Person, at: datetime) -> str:
    token = links.issue(person.id, "sign_off", at, row_id=row["_id"])
    return f"{_site()}/s/{token}"


def _site() -> str:
    return current().settings.public_url


def _what(waiting: list[Waiting[Any]]) -> str:
    """In a subject: the candidate's name where there is one alone, which is what tells this mail from another."""
    names = sorted({one.candidacy.display_name for one in waiting})
    return f"le travail de {one_line(names[0])}" if len(names) == 1 else f"le travail de {len(names)} étudiants"


def _wanted(waiting: list[Waiting[Any]]) -> list[Part]:
    """Who, from which school, where, when; then what."""
    parts: list[Part] = []
    ordered = sorted(waiting, key=lambda one: (one.candidacy.display_name, str(one.about.placement)))
    for _, together in groupby(ordered, key=lambda one: (one.candidacy.id, one.about.placement)):
        group = list(together)
        parts += [Said(_who(group[0])), Listed(_items(group))]
    return parts


def _who(one: Waiting[Any]) -> str:
    who = f"{one_line(one.candidacy.display_name)} ({one_line(one.school.name)}, {one_line(one.school.city)})"
    if one.placement is None:
        return f"{who} vous demande de confirmer :"
    company = f"{one_line(one.placement.company_name)}, {one_line(one.placement.company_city)}"
    period = f"du {_iso_day(one.placement.starts_on)} au {_iso_day(one.placement.ends_on)}"
    return f"{who}, accueilli(e) chez {company}, {period}, prépare le BTS Assurance. Il vous est demandé de confirmer :"


def _items(group: list[Waiting[Any]]) -> list[str]:
    titles = [f"l'activité « {one_line(one.activity.title)} »" for one in group if one.activity is not None]
    evaluations = len(group) - len(titles)
    shown = titles[:LONGEST_LIST]
    if len(titles) > LONGEST_LIST:
        shown.append(f"et {len(titles) - LONGEST_LIST} autres activités")
    return shown + ["l'évaluation de la réalité des activités, écrite par le professeur"] * evaluations


def _minutes(count: int) -> str:
    minutes = max(1, round((40 + 20 * count) / 60))
    return "une minute" if minutes == 1 else f"{minutes} minutes"


def _who_answers(waiting: list[Waiting[Any]]) -> str | None:
    """The one teacher who follows all these candidates: somebody a tutor can write to."""
    followers = {follower for one in waiting for follower in one.candidacy.followers}
    teacher = Person.objects(pk__in=followers).first() if len(followers) == 1 else None
    return str(teacher.email) if teacher else None


def _day(moment: datetime) -> str:
    return _iso_day(moment.date().isoformat())


def _iso_day(text: str) -> str:
    year, month, day = text.split("-")
    return f"{'1er' if day == '01' else int(day)} {MONTHS[int(month) - 1]} {year}"
