"""Sends a candidate the acknowledgement of a submission, their own or the office's late one, as a PDF to keep."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, Person, School, Submission
from portfolio.mail.delivery.letter import Attached, Button, Letter, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.policy.relations import SYSTEM
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow
from portfolio.submission import acknowledgement


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
        Paragraph(_what_happened(paper)),
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


def _what_happened(paper: acknowledgement.Acknowledgement) -> str:
    number, when = paper.content["number"], f"{paper.at:%d/%m/%Y à %Hh%M}"
    reason = paper.content["late_reason"]
    if reason is None:
        return f"Votre portfolio est remis (remise n° {number}) depuis le {when}. Il ne change plus."
    handed = f"Votre établissement a remis votre portfolio dans son état du {when} (remise n° {number})."
    return f"{handed} Motif : « {one_line(reason)} »"
