"""Tells a candidate that the jury corrected their published result, or took it back. It names no mark."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, Person, Portfolio, School
from portfolio.jury.decisions import published_decision, taken_back
from portfolio.mail.delivery.letter import Button, Letter, Paragraph, in_paris
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the mail, and returns the outcome of `post`, or `over` if another result was published since. payload:
    candidacy. Raises OSError if it must be tried again.
    """
    candidacy = Candidacy.objects.get(pk=row["payload"]["candidacy"])
    stands, back = published_decision(candidacy.id), taken_back(candidacy.id)
    if stands is not None and stands.corrected_at is not None:
        return post(row, _person(candidacy), _letter(candidacy, "rectifié", stands.corrected_at), at)
    if stands is None and back is not None:
        return post(row, _person(candidacy), _letter(candidacy, "retiré", back.withdrawn_at), at)
    return ErrandOutcome("over")


def _person(candidacy: Candidacy) -> Person:
    return Person.objects.get(pk=candidacy.person)


def _letter(candidacy: Candidacy, what: str, since: datetime) -> Letter:
    """Returns the letter. what: rectifié or retiré."""
    of_exam = f"{exam(candidacy.exam).name}, session {candidacy.session}"
    portfolio = Portfolio.objects.get(candidacy=candidacy.id)
    asked, reply_to = question_about([School.objects.get(pk=candidacy.school)], candidacy.followers)
    follows = {
        "rectifié": "Ce message ne dit pas votre résultat : lisez-le sur votre page.",
        "retiré": "Le jury publiera un nouveau résultat ; d'ici là, celui qui était publié ne compte plus.",
    }
    parts = (
        Paragraph(f"Bonjour {candidacy.display_name},"),
        Paragraph(f"Le jury a {what} le {in_paris(since)} votre résultat publié à l'épreuve {of_exam}."),
        Paragraph(follows[what]),
        Button("Voir mon résultat", f"{current().settings.public_url}/portfolio/{portfolio.id}/resultat"),
        asked,
    )
    return Letter(f"Votre résultat publié a été {what}", parts, reply_to)
