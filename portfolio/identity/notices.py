"""Notifies people of changes to their own account, so that they notice an act that is not theirs."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Person
from portfolio.store.journal import Errand

# {code: (subject of the mail, sentence to the owner of the account)}
NOTICES = {
    "password_changed": ("votre mot de passe a été changé", "Le mot de passe de votre compte a été changé"),
    "address_changed": (
        "votre adresse a été changée",
        "L'adresse de votre compte a été changée : c'est désormais celle-ci qui sert à vous connecter",
    ),
    "authenticator_set_up": (
        "une application d'authentification a été ajoutée",
        "Une application d'authentification a été ajoutée à votre compte ; ses codes sont demandés à chaque connexion",
    ),
    "authenticator_removed": (
        "votre application d'authentification a été retirée",
        "L'application d'authentification a été retirée de votre compte : votre mot de passe suffit pour entrer",
    ),
    "authenticator_locked": (
        "des codes faux ont été tapés pour votre compte",
        "Dix codes faux de votre application d'authentification ont été tapés : aucun autre n'est accepté, "
        "pendant une heure au plus. Qui les a tapés connaît votre mot de passe",
    ),
    "signed_out_everywhere": (
        "tous vos appareils ont été déconnectés",
        "Tous les appareils et programmes connectés à votre compte ont été déconnectés",
    ),
}


def notice(person: Person, what: str, at: datetime) -> Errand:
    """Returns the errand of a mail to the address of the person. what: a key of NOTICES (AssertionError otherwise). at:
    instant of the change.
    """
    assert what in NOTICES
    return Errand("account_notice", {"person": person.id, "what": what, "at": at})
