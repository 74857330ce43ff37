"""Warns those who can correct an address that it fails, or only delays, so that no answer is expected from it."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from portfolio.documents import Candidacy, Person, Placement, School
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Paragraph
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the warning, and returns the outcome of `post`, or `corrected` if the address was corrected or tried again
    meanwhile. payload: person, reader, candidacy (of the tutor that the reader follows; none for the reader of an
    office). Raises OSError if it must be tried again.
    """
    payload = row["payload"]
    person = Person.objects.get(pk=payload["person"])
    # A row from before 0.3.0 calls its reader a teacher.
    reader = Person.objects.get(pk=payload.get("reader") or payload["teacher"])
    if person.address_failed_at is None and person.address_delayed_at is None:
        return ErrandOutcome("corrected")
    candidacy = Candidacy.objects(pk=payload.get("candidacy")).first()
    who = f"{person.name}, tuteur en entreprise," if candidacy else person.name
    happened, advice = _failed(person, who) if person.address_failed_at else _delayed(person, who)
    parts: tuple[LetterPart, ...] = (
        Paragraph(f"Bonjour {reader.name},"),
        Paragraph(happened),
        Paragraph(advice),
        Button("Voir l'adresse", f"{current().settings.public_url}{_page(person.id, candidacy)}"),
    )
    reply_to: tuple[str, ...] = ()
    if candidacy:  # whoever reads of somebody else is of the office itself
        asked, reply_to = question_about([School.objects.get(pk=candidacy.school)])
        parts += (asked,)
    whose = "d'un tuteur" if candidacy else "d'une personne"
    what = "ne fonctionne pas" if person.address_failed_at else "ne reçoit rien depuis une semaine"
    return post(row, reader, Letter(f"Pour action : l'adresse {whose} {what}", parts, reply_to), at)


def _failed(person: Person, who: str) -> tuple[str, str]:
    return (
        f"Le courriel envoyé à {who} est revenu : {person.email} n'existe pas ou n'accepte pas de message (code "
        f"{person.address_failure}). Plus rien ne part à cette adresse, rappels compris.",
        "Vérifiez l'adresse auprès de cette personne ou de son entreprise, puis corrigez-la : l'invitation en cours et "
        "les demandes de confirmation faites à un tuteur repartiront à la nouvelle. Si elle est juste et que sa boîte "
        "marche de nouveau, choisissez « Essayer de nouveau cette adresse » : ce qui attend repartira, la liste d'un "
        "professeur le matin ouvré suivant. Ce qui est déjà signé le reste.",
    )


def _delayed(person: Person, who: str) -> tuple[str, str]:
    return (
        f"Depuis une semaine, les courriels envoyés à {who} sont tous retardés : {person.email} existe peut-être, mais "
        "sa boîte est pleine ou son serveur ne répond pas.",
        "Prévenez cette personne par un autre moyen. Les nouveaux courriels partent encore ; ceux qui sont revenus "
        "repartiront quand vous choisirez « Essayer de nouveau cette adresse ». Si vous la corrigez, l'invitation en "
        "cours et les demandes de confirmation faites à un tuteur repartiront à la nouvelle.",
    )


def _page(person: ObjectId, candidacy: Candidacy | None) -> str:
    if candidacy is None:
        return f"/comptes/{person}"
    periods = Placement.objects(candidacy=candidacy.id, tutor=person, cancelled_at=None)
    period = periods.order_by("-starts_on").first()
    return f"/classe/periodes/{period.id}" if period else f"/classe/candidats/{candidacy.id}"
