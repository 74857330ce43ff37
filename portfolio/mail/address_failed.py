"""Warns the teacher who follows that a tutor's address fails, so that no answer is expected from it."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, Person, Placement
from portfolio.mail.delivery.contacts import office
from portfolio.mail.delivery.letter import Button, Letter, Paragraph
from portfolio.mail.delivery.mailer import post
from portfolio.store.connections import current
from portfolio.store.outbox import Outcome, Row


def send(row: Row, at: datetime) -> Outcome:
    """Sends the warning, unless the address was corrected meanwhile. payload: person, teacher, candidacy."""
    tutor = Person.objects.get(pk=row["payload"]["person"])
    teacher = Person.objects.get(pk=row["payload"]["teacher"])
    if tutor.address_failed_at is None:
        return Outcome("corrected")
    candidacy = Candidacy.objects.get(pk=row["payload"]["candidacy"])
    period = Placement.objects(candidacy=candidacy.id, tutor=tutor.id, cancelled_at=None).order_by("-starts_on").first()
    page = f"/classe/periodes/{period.id}" if period else f"/classe/candidats/{candidacy.id}"
    parts = (
        Paragraph(f"Bonjour {teacher.name},"),
        Paragraph(
            f"Le courriel envoyé à {tutor.name}, tuteur en entreprise, est revenu : {tutor.email} n'existe pas ou "
            f"n'accepte pas de message (code {tutor.address_failure}). Les rappels sont arrêtés."
        ),
        Paragraph(
            "Vérifiez l'adresse auprès de l'entreprise, puis corrigez-la sur la période en entreprise. Les demandes en "
            "attente partiront aussitôt à la nouvelle adresse ; ce qui est déjà signé le reste."
        ),
        Button("Corriger l'adresse", f"{current().settings.public_url}{page}"),
    )
    subject = "Pour action : l'adresse d'un tuteur ne fonctionne pas"
    return post(row, teacher, Letter(subject, parts, office(candidacy.school)), at)
