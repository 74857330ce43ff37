"""Tells whoever proposed a period what the school answered."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, Person, ProposedPlacement, School
from portfolio.documents.candidacies import ProposedState
from portfolio.mail.delivery.letter import Letter, LetterPart, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.store.outbox import ErrandOutcome, ErrandRow

ANSWERS: dict[str, str] = {
    ProposedState.ACCEPTED: "acceptée : elle est enregistrée",
    ProposedState.REFUSED: "refusée : rien n'en est enregistré",
}


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the mail, and returns the outcome of `post`, or `over` if the period was eliminated since. payload: person,
    proposed. Raises OSError if it must be tried again.
    """
    proposed = ProposedPlacement.objects(pk=row["payload"]["proposed"]).first()
    if proposed is None:
        return ErrandOutcome("over")
    person = Person.objects.get(pk=row["payload"]["person"])
    return post(row, person, _letter(person, proposed), at)


def _letter(person: Person, proposed: ProposedPlacement) -> Letter:
    candidacy = Candidacy.objects.get(pk=proposed.candidacy)
    asked, reply_to = question_about([School.objects.get(pk=proposed.school)], candidacy.followers)
    company = f"{one_line(proposed.company.name)}, {one_line(proposed.company.city)}"
    parts: list[LetterPart] = [
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(f"La période que vous avez proposée chez {company}, est {ANSWERS[proposed.state]}."),
    ]
    if proposed.answer:
        parts.append(Paragraph(f"Le mot de l'établissement : « {one_line(proposed.answer)} »"))
    word = "acceptée" if proposed.state == ProposedState.ACCEPTED else "refusée"
    return Letter(f"Votre période en entreprise est {word}", (*parts, asked), reply_to)
