"""Tells those concerned that a transfer to another school is proposed, accepted, declined or withdrawn."""

from __future__ import annotations

from datetime import date, datetime

from portfolio.dates_in_words import day_in_words
from portfolio.documents import Candidacy, Person, School, Transfer
from portfolio.documents.candidacies import TransferState
from portfolio.documents.fields import by_id
from portfolio.documents.people import Role
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Paragraph, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.mail.delivery.questions import question_about
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow

_BECAME = {
    TransferState.PROPOSED: "est proposé",
    TransferState.ACCEPTED: "est fait",
    TransferState.DECLINED: "n'est pas accepté",
    TransferState.WITHDRAWN: "n'est plus proposé",
}


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends one mail, and returns the outcome of `post`; or `over` where the transfer had another answer since.
    payload: transfer, person, what (a TransferState). Raises OSError if it must be tried again.
    """
    transfer = Transfer.objects.get(pk=row["payload"]["transfer"])
    if transfer.state != row["payload"]["what"]:
        return ErrandOutcome("over")
    person = Person.objects.get(pk=row["payload"]["person"])
    candidacy = Candidacy.objects.only("person").get(pk=transfer.candidacy)
    schools = by_id(School, (transfer.school, transfer.to_school))
    left, joined = schools[transfer.school], schools[transfer.to_school]
    mine = person.id == candidacy.person
    parts = _to_candidate(transfer, left, joined) if mine else _to_school(transfer, person, left, joined)
    asked, reply_to = question_about([_answering(transfer, person, mine, left, joined)])
    subject = _subject(transfer, mine)
    return post(row, person, Letter(subject, (Paragraph(f"Bonjour {person.name},"), *parts, asked), reply_to), at)


def _subject(transfer: Transfer, mine: bool) -> str:
    became = _BECAME[TransferState(transfer.state)]
    if mine:
        return f"Votre transfert {became}"
    asks = "Pour action : le" if transfer.state == TransferState.PROPOSED else "Le"
    return f"{asks} transfert de {one_line(transfer.candidate_name)} {became}"


def _answering(transfer: Transfer, person: Person, mine: bool, left: School, joined: School) -> School:
    """Returns the school whose office answers: that of the candidate, or the other one to those of either school."""
    if mine:
        return joined if transfer.state == TransferState.ACCEPTED else left
    return left if any(grant.school == joined.id for grant in person.live_grants) else joined


def _place(school: School) -> str:
    return f"{one_line(school.name)} ({one_line(school.city)})"


def _to_candidate(transfer: Transfer, left: School, joined: School) -> list[LetterPart]:
    ends_on = day_in_words(date.fromisoformat(transfer.on))
    words = {
        TransferState.PROPOSED: (
            f"{_place(left)} propose votre transfert à {_place(joined)}, à compter du {ends_on}. Rien ne change tant "
            "que cet établissement ne l'a pas accepté."
        ),
        TransferState.ACCEPTED: (
            f"Votre candidature à l'épreuve {exam(transfer.exam).name} est passée de {_place(left)} à "
            f"{_place(joined)}. Votre portfolio vous suit : vos preuves, les confirmations données et l'historique."
        ),
        TransferState.DECLINED: f"{_place(joined)} n'a pas accepté votre transfert : vous restez à {_place(left)}.",
        TransferState.WITHDRAWN: f"{_place(left)} ne propose plus votre transfert : rien ne change.",
    }
    page = f"{current().settings.public_url}/portfolio"
    return [Paragraph(words[TransferState(transfer.state)]), Button("Ouvrir ma page", page)]


def _to_school(transfer: Transfer, person: Person, left: School, joined: School) -> list[LetterPart]:
    """Returns what is said to the offices, and to those who followed or will follow the candidate."""
    who, ends_on = one_line(transfer.candidate_name), day_in_words(date.fromisoformat(transfer.on))
    words = {
        TransferState.PROPOSED: (
            f"{_place(left)} vous propose d'accueillir {who}, candidat à l'épreuve {exam(transfer.exam).name} de la "
            f"session {transfer.session}, à compter du {ends_on}. Son portfolio vous sera remis si vous l'acceptez."
        ),
        TransferState.ACCEPTED: (
            f"{who} est passé de {_place(left)} à {_place(joined)}, avec son portfolio. Plus rien n'est attendu de "
            "l'établissement quitté."
        ),
        TransferState.DECLINED: f"{_place(joined)} n'a pas accepté le transfert de {who}, qui reste à {_place(left)}.",
        TransferState.WITHDRAWN: f"{_place(left)} ne propose plus le transfert de {who}.",
    }
    parts: list[LetterPart] = [Paragraph(words[TransferState(transfer.state)])]
    if any(grant.role == Role.OFFICE for grant in person.live_grants):
        page = f"{current().settings.public_url}/etablissement/transferts/{transfer.id}"
        parts.append(Button("Lire le transfert", page))
    return parts
