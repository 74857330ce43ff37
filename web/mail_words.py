"""Says that a mail leaves only where it does: not to an address that fails, nor to a suspended account."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime

from bson import ObjectId

from portfolio.counting import many
from portfolio.documents import Invitation, Person
from portfolio.documents.fields import instant
from portfolio.documents.people import Role, by_name

WHY = {
    "address_failed": "Aucun courriel ne part : l'adresse de {name} n'en reçoit plus.",
    "no_address": "Aucun courriel ne part : {name} n'a pas d'adresse enregistrée, et confirme sur papier.",
    "suspended": "Aucun courriel ne part : le compte de {name} est suspendu.",
}
NOT_COME = "Aucun courriel ne part : {name} n'a pas encore d'adresse enregistrée, et le lira en se connectant."
ON_THE_ACCOUNT = "Corrigez-la, ou essayez-la de nouveau, sur la page de son compte."
ON_THE_PERIOD = "Corrigez-la, ou essayez-la de nouveau, sur la page de la période."
BY_THE_TEACHER = "Dites-le à votre professeur, qui peut la corriger."
BY_THE_SCHOOL = "Dites-le à l'établissement, qui peut la corriger ; sa réponse se lit sur cette page."
NAMED = 5


def if_it_leaves(person: Person, sentence: str, remedy: str) -> str:
    """Returns the sentence where mail leaves to this person; else why none does, in French, followed by `remedy` where
    their address fails.
    """
    why = person.no_mail_because
    if why is None:
        return sentence
    teaches = any(grant.role == Role.TEACHER for grant in person.live_grants)
    reason = (NOT_COME if why == "no_address" and teaches else WHY[why]).format(name=person.name)
    return f"{reason} {remedy}" if why == "address_failed" else reason


def invitation_words(person: Person, at: datetime) -> str:
    """Returns, in French, what becomes of an invitation made `at`: none is sent where one still opens, or a password
    does.
    """
    if person.password:
        return "Cette personne a déjà un mot de passe, qui lui suffit : aucune invitation ne part."
    if not Invitation.objects(person=person.id, used_at=None, created_at__gte=instant(at)):
        return "Une invitation lui a déjà été faite, et vaut encore : aucune autre ne part."
    if person.email is None:
        teaches = any(grant.role == Role.TEACHER for grant in person.live_grants)
        where = "Codes des professeurs et des tuteurs" if teaches else "Codes de première connexion"
        return f"{person.name} n'a pas d'adresse : imprimez son coupon à la page « {where} »."
    return if_it_leaves(person, f"Une invitation part à {person.email}.", ON_THE_ACCOUNT)


def invitations_words(people: Iterable[ObjectId]) -> str:
    """Returns, in French, what becomes of the invitations of many (person ids)."""
    invited = sorted(Person.objects(pk__in=list(people)), key=by_name)
    without = sum(person.email is None for person in invited)
    unsent = [person for person in invited if person.no_mail_because not in (None, "no_address")]
    have = sum(person.password is not None for person in invited if person.no_mail_because is None)
    words = ["Chacun reçoit une invitation."]
    if have or unsent or without:
        words = [f"{many(len(invited) - have - len(unsent) - without, 'invitation part', 'invitations partent')}."]
    if have:
        words.append(f"{many(have, 'personne a', 'personnes ont')} déjà un mot de passe, qui suffit.")
    if without:
        who = many(without, "personne n'a pas", "personnes n'ont pas")
        words.append(f"{who} d'adresse e-mail : imprimez leurs coupons à la page « Codes de première connexion ».")
    if unsent:
        words.append(f"Rien ne part à {_names(unsent)} : voyez leur compte.")
    return " ".join(words)


def members_words(members: Iterable[ObjectId], gone: Container[ObjectId] = ()) -> str:
    """Returns, in French, whether each member of a commission (person ids) is told by mail, and who must be told
    otherwise. gone: those who can sit no more, to whom nothing is sent.
    """
    sitting = sorted(Person.objects(pk__in=list(members)), key=by_name)
    unreached = [person for person in sitting if person.no_mail_because is not None or person.id in gone]
    if not unreached:
        return "Chaque membre en est prévenu par courriel."
    return f"Aucun courriel ne part à {_names(unreached)} : prévenez autrement. Les autres membres en reçoivent un."


def _names(people: list[Person]) -> str:
    listed = ", ".join(person.name for person in people[:NAMED])
    return f"{listed} et {len(people) - NAMED} de plus" if len(people) > NAMED else listed
