"""Tells the teachers who follow that the tutor contests a placement: wrong person, or it did not take place."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, Person, Placement, School
from portfolio.documents.candidacies import Objection
from portfolio.mail.delivery.contacts import addresses_of
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.store.connections import current
from portfolio.store.journal import Errand
from portfolio.store.outbox import ErrandOutcome, ErrandRow

OBJECTIONS: dict[str, str] = {
    Objection.NOT_THE_RIGHT_PERSON: "n'est pas la bonne personne pour en répondre",
    Objection.DID_NOT_HAPPEN: "dit que cette période n'a pas eu lieu",
}


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Writes to the first teacher not yet told, and returns the outcome of `post`, or `settled`, `nobody_follows`; the
    following errand writes to the next, so that each row is one mail. payload: placement, told (ids of the teachers
    already told). Raises OSError if it must be tried again.
    """
    placement = Placement.objects.get(pk=row["payload"]["placement"])
    if placement.contested_at is None:
        return ErrandOutcome("settled")
    candidacy = Candidacy.objects.get(pk=placement.candidacy)
    already = row["payload"].get("told", [])
    left = [follower for follower in candidacy.followers if follower not in already]
    if not left:
        return ErrandOutcome("nobody_follows")
    teacher = Person.objects.get(pk=left[0])
    payload = {"placement": placement.id, "told": [*already, teacher.id]}
    key = f"contested:{placement.id}:{teacher.id}"
    then = Errand("placement_contested", payload, key) if len(left) > 1 else None
    return post(row, teacher, _letter(teacher, placement, candidacy), at, then)


def _letter(teacher: Person, placement: Placement, candidacy: Candidacy) -> Letter:
    company = f"{one_line(placement.company_name)}, {one_line(placement.company_city)}"
    parts: list[LetterPart] = [
        Paragraph(f"Bonjour {teacher.name},"),
        Paragraph(
            f"À propos de la période de {one_line(candidacy.display_name)} chez {company}, {placement.tutor_name} "
            f"{OBJECTIONS[placement.contested_because]}."
        ),
    ]
    if placement.contest_comment:
        parts.append(Paragraph(f"Son message : « {one_line(placement.contest_comment)} »"))
    parts += [
        Paragraph(
            "Plus rien ne lui est demandé. Corrigez le tuteur ou la période, annulez-la, ou reprenez les demandes s'il "
            "s'agit d'une erreur."
        ),
        Button("Voir la période", f"{current().settings.public_url}/classe/periodes/{placement.id}"),
    ]
    subject = "Pour action : un tuteur signale un problème sur une période en entreprise"
    reply_to = addresses_of([placement.tutor])
    if reply_to:
        asked = Paragraph(f"Une réponse à ce message arrive à {one_line(placement.tutor_name)}.")
    else:
        asked, reply_to = question_about([School.objects.get(pk=placement.school)])
    return Letter(subject, (*parts, asked), reply_to)
