"""To the teachers who follow: the tutor says that they are not the right person, or that it did not take place."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, Person, Placement
from portfolio.mail.delivery.letter import Button, Letter, Part, Said, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.store.connections import current
from portfolio.store.journal import Errand
from portfolio.store.outbox import Outcome, Row

SAID = {
    "not_the_right_person": "n'est pas la bonne personne pour en répondre",
    "did_not_happen": "dit que cette période n'a pas eu lieu",
}


def send(row: Row, at: datetime) -> Outcome:
    """One row a mail: the first teacher is written to now, the next one by the errand that follows."""
    placement = Placement.objects.get(pk=row["payload"]["placement"])
    if placement.contested_at is None:
        return Outcome("settled")
    candidacy = Candidacy.objects.get(pk=placement.candidacy)
    left = [one for one in candidacy.followers if one not in row["payload"].get("told", [])]
    if not left:
        return Outcome("nobody_follows")
    teacher = Person.objects.get(pk=left[0])
    told = {"placement": placement.id, "told": [*row["payload"].get("told", []), teacher.id]}
    key = f"contested:{placement.id}:{teacher.id}"
    then = Errand("placement_contested", told, key) if len(left) > 1 else None
    return post(row, teacher, _letter(teacher, placement, candidacy), at, then)


def _letter(teacher: Person, placement: Placement, candidacy: Candidacy) -> Letter:
    company = f"{one_line(placement.company_name)}, {one_line(placement.company_city)}"
    parts: list[Part] = [
        Said(f"Bonjour {teacher.name},"),
        Said(
            f"À propos de la période de {one_line(candidacy.display_name)} chez {company}, {placement.tutor_name} "
            f"{SAID[placement.contested_because]}."
        ),
    ]
    if placement.contest_comment:
        parts.append(Said(f"Son message : « {one_line(placement.contest_comment)} »"))
    parts += [
        Said(
            "Plus rien ne lui est demandé. Corrigez le tuteur ou la période, annulez-la, ou reprenez les demandes s'il "
            "s'agit d'une erreur."
        ),
        Button("Voir la période", f"{current().settings.public_url}/classe/candidats/{candidacy.id}"),
    ]
    return Letter("Pour action : un tuteur signale un problème sur une période en entreprise", tuple(parts))
