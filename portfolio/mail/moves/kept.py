"""Tells those concerned that what was corrected stays as it was in what is frozen: a submission, a signed sheet."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, Commission, Person, Portfolio, School, Sheet
from portfolio.documents.commissions import CommissionState
from portfolio.documents.people import PersonState
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.rules.texts.exam import exam
from portfolio.sheet.remarks import corrected_since
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow
from portfolio.submission.kept_words import kept_since


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends one mail, and returns the outcome of `post`; or `over` where nothing differs any more, or this person is no
    longer concerned, or cannot come in. A candidate is told of their submission alone. payload: candidacy, person.
    Raises OSError if it must be tried again.
    """
    candidacy = Candidacy.objects(pk=row["payload"]["candidacy"]).first()
    if candidacy is None:
        return ErrandOutcome("over")
    person = Person.objects.get(pk=row["payload"]["person"])
    if person.state == PersonState.SUSPENDED or not person.live_grants:
        return ErrandOutcome("over")
    mine = person.id == candidacy.person
    sheet = None if mine else Sheet.objects(candidacy=candidacy.id, live=True, members=person.id).first()
    if not (mine or sheet is not None or person.id in candidacy.followers or _sits(candidacy, person)):
        return ErrandOutcome("over")
    parts = [*_of_submission(candidacy, person.id in candidacy.followers), *_of_sheet(sheet)]
    if not parts:
        return ErrandOutcome("over")
    others = [follower for follower in candidacy.followers if follower != person.id]
    asked, reply_to = question_about([School.objects.get(pk=candidacy.school)], others)
    whose = "votre portfolio" if mine else f"le portfolio de {one_line(candidacy.display_name)}"
    first = Paragraph(
        f"Une correction enregistrée concerne {whose}, épreuve {exam(candidacy.exam).name}. Ce qui est déjà figé n'en "
        "change pas :"
    )
    whole = (Paragraph(f"Bonjour {person.name},"), first, *parts, _button(candidacy, sheet, person), asked)
    letter = Letter(f"Une correction concerne {whose}", whole, reply_to)
    return post(row, person, letter, at)


def _sits(candidacy: Candidacy, person: Person) -> bool:
    """Returns True for a member of the commission that is convened."""
    convened = {"candidacy": candidacy.id, "members": person.id, "state": CommissionState.CONVENED}
    return Commission.objects(**convened).only("id").first() is not None


def _of_submission(candidacy: Candidacy, may_reopen: bool) -> list[LetterPart]:
    portfolio = Portfolio.objects(pk=candidacy.id).first()
    kept = kept_since(candidacy, portfolio, may_reopen=may_reopen) if portfolio is not None else None
    if kept is None:
        return []
    return [*(Paragraph(one_line(line)) for line in kept.lines), Paragraph(kept.then)]


def _of_sheet(sheet: Sheet | None) -> list[LetterPart]:
    """Returns what a member is told of the sheet that they drew up."""
    sentence = corrected_since([sheet]).get(sheet.id) if sheet is not None else None
    return [Paragraph(f"Fiche n° {sheet.number}. {one_line(sentence)}")] if sheet is not None and sentence else []


def _button(candidacy: Candidacy, sheet: Sheet | None, person: Person) -> Button:
    home = current().settings.public_url
    if person.id == candidacy.person:
        return Button("Ouvrir mon portfolio", f"{home}/portfolio")
    if sheet is not None:
        return Button("Voir la fiche", f"{home}/fiches/{sheet.id}")
    if person.id in candidacy.followers:
        return Button("Voir le candidat", f"{home}/classe/candidats/{candidacy.id}")
    return Button("Mes commissions", f"{home}/commissions")
