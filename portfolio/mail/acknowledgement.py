"""Sends a candidate the acknowledgement of a submission, their own or the office's late one, as a PDF to keep."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, Person, Portfolio, School, Submission
from portfolio.documents.portfolios import PortfolioState
from portfolio.mail.delivery.letter import Attached, Button, Letter, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.policy.relations import SYSTEM
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow
from portfolio.submission import acknowledgement

REOPENED = (
    "Cette remise est gardée telle quelle. Votre portfolio a été rouvert depuis : vous pouvez le modifier, puis "
    "remettez-le de nouveau."
)


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the paper of a submission, and returns the outcome of `post`, or `over` if it was eliminated since,
    or another one replaced it. payload: submission. Raises OSError if it must be tried again.
    """
    submission = Submission.objects(pk=row["payload"]["submission"]).first()
    if submission is None or _was_replaced(submission):
        return ErrandOutcome("over")
    candidacy = Candidacy.objects.get(pk=submission.candidacy)
    person = Person.objects.get(pk=candidacy.person)
    asked, reply_to = question_about([School.objects.get(pk=submission.school)], candidacy.followers)
    paper = acknowledgement.acknowledgement(SYSTEM, submission)
    parts = (
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(_what_happened(paper, _reopened(submission))),
        Paragraph(f"Contenu : {acknowledgement.contents_in_words(paper.content)}."),
        Paragraph(
            "L'accusé joint en donne la liste et l'empreinte : gardez-le, il prouve ce qui a été remis et quand. "
            "La même page reste dans votre portfolio."
        ),
        Button("Voir l'accusé", f"{current().settings.public_url}/portfolio/remise/{submission.id}"),
        Paragraph("Si quelque chose vous surprend, dites-le tout de suite."),
        asked,
    )
    attached = Attached(paper.file_name, "application/pdf", acknowledgement.pdf(paper))
    return post(row, person, Letter(_subject(paper, exam(candidacy.exam).name), parts, reply_to, (attached,)), at)


def _was_replaced(submission: Submission) -> bool:
    return (
        Submission.objects(candidacy=submission.candidacy, number__gt=submission.number).only("id").first() is not None
    )


def _subject(paper: acknowledgement.Acknowledgement, of_exam: str) -> str:
    return f"Accusé de remise n° {paper.content['number']} de votre portfolio {of_exam}"


def _reopened(submission: Submission) -> str | None:
    """Returns why the portfolio was reopened since; None while it is as it was handed in."""
    portfolio = Portfolio.objects.only("state", "reopened_reason").get(pk=submission.candidacy)
    return portfolio.reopened_reason or "" if portfolio.state == PortfolioState.OPEN else None


def _what_happened(paper: acknowledgement.Acknowledgement, reopened: str | None) -> str:
    number, when = paper.content["number"], f"{paper.at:%d/%m/%Y à %Hh%M}"
    reason = paper.content["late_reason"]
    if reason is not None:
        handed = f"Votre établissement a remis votre portfolio dans son état du {when} (remise n° {number})."
        handed = f"{handed} Motif : « {one_line(reason)} »"
    elif reopened is None:
        handed = f"Votre portfolio est remis (remise n° {number}) depuis le {when}. Il ne change plus."
    else:
        handed = f"Vous avez remis votre portfolio le {when} (remise n° {number})."
    return handed if reopened is None else f"{handed} {REOPENED}{_because(reopened)}"


def _because(reason: str) -> str:
    return f" Motif : « {one_line(reason)} »" if reason else ""
