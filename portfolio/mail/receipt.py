"""Sends a tutor who signed their answers and the receipt to keep."""

from __future__ import annotations

from datetime import datetime

from portfolio.counting import many
from portfolio.documents import Attestation, Candidacy, Person, School
from portfolio.errors import NotFound
from portfolio.mail.delivery.letter import Attached, Letter, LetterPart, Listed, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.mail.sign_offs import waiting_for
from portfolio.papers.channels import ANSWERS
from portfolio.policy.relations import SYSTEM
from portfolio.sign_offs.answering import receipts
from portfolio.store.outbox import ErrandOutcome, ErrandRow


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the receipt of all that was signed at once, and returns the outcome of `post`, or `over` if it was
    eliminated since. payload: person, act. Raises OSError if it must be tried again.
    """
    person = Person.objects.get(pk=row["payload"]["person"])
    try:
        receipt = receipts.receipt(SYSTEM, row["payload"]["act"])
    except NotFound:
        return ErrandOutcome("over")
    signed = Attestation.objects(act=row["payload"]["act"])
    followers = Candidacy.objects(pk__in=signed.distinct("candidacy")).distinct("followers")
    schools = School.objects(pk__in=signed.distinct("school")).order_by("id")
    asked, reply_to = question_about([*schools], followers)
    parts: list[LetterPart] = [
        Paragraph(f"Bonjour {person.name},"),
        Paragraph(f"Merci : votre réponse a été enregistrée le {receipt.at:%d/%m/%Y à %Hh%M}. {_left(person)}"),
    ]
    for group in receipt.content["about"]:
        parts.append(Paragraph(f"À propos de {one_line(group['candidate'])} :"))
        parts.append(
            Listed(
                [
                    f"« {one_line(activity['title'])} » : {ANSWERS[activity['answer']]}"
                    for activity in group["activities"]
                ]
            )
        )
    parts += [
        Paragraph(
            "Le reçu joint dit exactement ce que vous avez lu et signé. Le lien que vous avez utilisé le montre aussi."
        ),
        Paragraph("Si vous n'êtes pas l'auteur de cette réponse, prévenez aussitôt l'établissement."),
        asked,
    ]
    attached = Attached(receipt.file_name, "application/pdf", receipts.pdf(receipt))
    letter = Letter("Reçu de votre confirmation", tuple(parts), reply_to, (attached,))
    return post(row, person, letter, at)


def _left(person: Person) -> str:
    count = len(waiting_for(person))
    if not count:
        return "Vous n'avez plus rien à faire."
    return f"Il reste {many(count, 'réponse')} à donner, par le même lien."
