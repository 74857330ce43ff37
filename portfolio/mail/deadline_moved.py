"""Tells a candidate that the deadline of their portfolio moved: the date that they knew, and the one that counts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from portfolio.documents import Candidacy, Person, Portfolio, School
from portfolio.documents.portfolios import PortfolioState
from portfolio.enrolment.deadline import deadline_binds, deadline_in
from portfolio.enrolment.deadline_moves import untold
from portfolio.enrolment.institutions import academy_of
from portfolio.mail.delivery.letter import Button, Letter, Paragraph
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends one mail for all moves not told yet, and returns the outcome of `post`, or `over` (no portfolio is handed
    in any more, or the date is past), `already_told`, `nothing_moved` (the date is again the one they know). payload:
    person, candidacy. Raises OSError if it must be tried again.
    """
    candidacy = Candidacy.objects(pk=row["payload"]["candidacy"]).first()
    if candidacy is None or not candidacy.in_ccf:
        return ErrandOutcome("over")
    portfolio = Portfolio.objects.get(pk=candidacy.id)
    if portfolio.state == PortfolioState.ELIMINATED:
        return ErrandOutcome("over")
    moves = untold(candidacy)
    if not moves:
        return ErrandOutcome("already_told")
    zone = academy_of(candidacy.academy).timezone
    known, now = moves[0].before, deadline_in(candidacy, zone)
    if known == now:
        return ErrandOutcome("nothing_moved")
    if now <= at:
        return ErrandOutcome("over")
    letter = _letter(candidacy, portfolio, _in_words(known, zone), _in_words(now, zone))
    person = Person.objects.get(pk=candidacy.person)
    return post(row, person, letter, at, moves=len(candidacy.deadline_moves))


def _in_words(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%d/%m/%Y à %H h %M} (heure de l'académie)"


def _letter(candidacy: Candidacy, portfolio: Portfolio, known: str, now: str) -> Letter:
    asked, reply_to = question_about([School.objects.get(pk=candidacy.school)], candidacy.followers)
    of_exam = exam(candidacy.exam).name
    moved = f"La date limite pour remettre votre portfolio {of_exam} a changé."
    dates = f"Elle était le {known}. Elle est maintenant le {now}."
    if not deadline_binds(candidacy):
        dates += " Cette date est provisoire : aucune circulaire n'a encore été lue."
    parts = [Paragraph(f"Bonjour {candidacy.display_name},"), Paragraph(moved), Paragraph(dates)]
    if portfolio.state == PortfolioState.SUBMITTED:
        parts.append(Paragraph("Votre portfolio est déjà remis : vous n'avez rien à faire."))
    button = Button("Ouvrir mon portfolio", f"{current().settings.public_url}/portfolio")
    return Letter(f"La date limite de votre portfolio {of_exam} a changé", (*parts, button, asked), reply_to)
