"""Announces a change of a person's right or way in, to that person and to those who answer for it."""

from __future__ import annotations

from datetime import datetime

from portfolio.boards.account_log import ChangeStanding, lines
from portfolio.documents import AccountChange, Jury, Person
from portfolio.documents.account_changes import ChangeKind
from portfolio.enrolment.account_changes import waits
from portfolio.mail.delivery.letter import Button, Letter, LetterPart, Paragraph, in_paris, one_line
from portfolio.mail.delivery.mailer import post
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor, jury_in
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandOutcome, ErrandRow

SUBJECTS: dict[str, str] = {
    ChangeKind.GRANT: "Droits et comptes : un droit qui ouvre des notes est donné",
    ChangeKind.GRANT_END: "Droits et comptes : un droit qui ouvre des notes est retiré",
    ChangeKind.ADDRESS: "Droits et comptes : une adresse est changée",
    ChangeKind.INVITATION: "Droits et comptes : un mot de passe est remplacé",
    ChangeKind.SUSPENSION: "Droits et comptes : un compte est suspendu",
    ChangeKind.REINSTATEMENT: "Droits et comptes : un compte est rétabli",
    ChangeKind.DEPUTY_SEATED: "Droits et comptes : un suppléant siège au jury",
    "deputy_to_come": "Droits et comptes : un suppléant siégera au jury",
    ChangeKind.DEPUTY_UNSEATED: "Droits et comptes : un suppléant ne siège plus au jury",
}
YOURS: dict[str, str] = {
    ChangeKind.GRANT_END: "Un droit vous est retiré sur le portfolio E5",
    ChangeKind.ADDRESS: "Votre adresse sur le portfolio E5 est changée : est-ce bien vous ?",
    ChangeKind.INVITATION: "Votre mot de passe sur le portfolio E5 est remplacé : est-ce bien vous ?",
    ChangeKind.SUSPENSION: "Votre compte sur le portfolio E5 est suspendu",
    ChangeKind.REINSTATEMENT: "Votre compte sur le portfolio E5 est rétabli",
    ChangeKind.DEPUTY_SEATED: "Vous siégez comme suppléant au jury du portfolio E5",
    "deputy_to_come": "Vous siégerez comme suppléant au jury du portfolio E5",
    ChangeKind.DEPUTY_UNSEATED: "Vous ne siégez plus comme suppléant au jury du portfolio E5",
}
REPLACED = (
    "Tant que ce suppléant siège à votre place, vous lisez et ne décidez rien au jury. Dès votre retour, "
    "enregistrez-le vous-même sur la page « Membres » du jury : le suppléant ne siège alors plus."
)
# {whether the reader is the person concerned: what to do}
IF_SURPRISED = {
    True: "Si cela vous surprend, prévenez tout de suite votre établissement ou votre académie, par un autre moyen.",
    False: "Si cela vous surprend, prévenez l'administrateur du service et le jury de l'académie.",
}


def send(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Sends the mail on one change, and returns the outcome of `post`. payload: change, person. The person concerned
    receives it at the address before the change, even if suspended: they must read what is done to their account.
    Raises OSError if it must be tried again.
    """
    change = AccountChange.objects.get(pk=row["payload"]["change"])
    reader = Person.objects.get(pk=row["payload"]["person"])
    concerned = reader.id == change.person
    if concerned and change.address_before and reader.email != change.address_before:
        reader.email, reader.address_failed_at = change.address_before, None  # never saved
    (line,) = lines(Actor(reader, at=at), [change], at)
    now = line.standing
    parts: list[LetterPart] = [
        Paragraph(f"Bonjour {reader.name},"),
        Paragraph(one_line(line.sentence)),
        Paragraph(_how_it_stands(now)),
    ]
    parts += [Paragraph(one_line(doubt)) for doubt in line.doubts]
    if waits(change, at):
        parts.append(Paragraph(_what_to_do(reader, change, at)))
    elif now.code == "over":
        parts.append(Paragraph(IF_SURPRISED[concerned]))
    parts += _to_the_replaced(reader, change)
    parts.append(Button("Voir « Droits et comptes »", f"{current().settings.public_url}/droits-et-comptes"))
    subject = (YOURS if concerned else SUBJECTS)[_said_of(change, at)]
    return post(row, reader, Letter(subject, tuple(parts)), at, though_suspended=True)


def _said_of(change: AccountChange, at: datetime) -> str:
    """Returns the key of the subject of a mail: a deputy who sits from a day to come does not sit yet."""
    later = change.what == ChangeKind.DEPUTY_SEATED and change.counts_from is not None and change.counts_from > at
    return "deputy_to_come" if later else str(change.what)


def _to_the_replaced(reader: Person, change: AccountChange) -> list[LetterPart]:
    """Returns what a titular member is told whom a deputy replaces: that they decide nothing, and how that ends."""
    if change.what != ChangeKind.DEPUTY_SEATED or reader.id != change.titular:
        return []
    jury = Jury.objects(**jury_in(change.juries[0])._asdict()).get()
    return [
        Paragraph(REPLACED),
        Button("Voir les membres du jury", f"{current().settings.public_url}/jury/{jury.id}/membres"),
    ]


def _how_it_stands(now: ChangeStanding) -> str:
    when = in_paris(now.at) if now.at else ""
    return {
        "waits_for_somebody": "Ce droit ne compte pas encore : une autre personne doit le confirmer.",
        "waits_for_its_day": f"Cela ne compte pas encore. Sans confirmation ni refus, cela comptera le {when}.",
        "counts": f"Cela compte depuis le {when}.",
        "confirmed": f"{now.who} l'a confirmé le {when}.",
        "refused": f"{now.who} l'a refusé le {when}.",
        "over": f"C'est fait depuis le {when}.",
    }[now.code]


def _what_to_do(reader: Person, change: AccountChange, at: datetime) -> str:
    if reader.id == change.person:
        return (
            "Si vous l'avez demandé, rien n'est à faire. Sinon, connectez-vous et refusez-le sur la page "
            "« Droits et comptes », puis prévenez votre établissement ou votre académie."
        )
    if may(Actor(reader, at=at), Action.CONFIRM_ACCOUNT_CHANGE, change):
        return "Vérifiez auprès de la personne, par un autre moyen que ce courriel, puis confirmez-le ou refusez-le."
    return IF_SURPRISED[False]
