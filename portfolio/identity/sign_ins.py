"""Coming in and leaving: a password is proved, a browser or a program is let in for a time, ends here or elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portfolio.documents import Person, SignIn
from portfolio.documents.people import WITHOUT_PASSWORD
from portfolio.errors import Invalid, NotNow, Stale, Unauthenticated
from portfolio.identifiers import Malformed
from portfolio.identifiers import email as email_address
from portfolio.identity import passwords
from portfolio.identity.attempts import Budget
from portfolio.identity.client_fingerprint import Origin
from portfolio.identity.invitations import (
    ended_sign_ins,
)
from portfolio.identity.notices import notice
from portfolio.ids import new_token, token_hash
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, Insert, commit

CONFIRMED_FOR = timedelta(hours=2)
COOKIE_LASTS = timedelta(hours=12)
BEARER_LASTS = timedelta(days=90)  # at most
MOST_TOKENS = 20  # of one person
PROOFS = Budget("password", 10, timedelta(minutes=5))  # wrong ones, by person


class WrongCredentials(Unauthenticated):
    code = "wrong_credentials"
    detail = (
        "Adresse ou mot de passe incorrect. Vérifiez la saisie, "
        "ou choisissez un nouveau mot de passe (« Mot de passe oublié »)."
    )


class TooManyTokens(NotNow):
    code = "too_many_tokens"
    detail = "Vous avez déjà {most} jetons en service : révoquez-en un (« Mon compte », appareils connectés)."


def authenticate(email: str, password: str) -> Person:
    """Raises WrongCredentials, after the same work whether or not the address is known."""
    try:
        person = Person.objects(email=email_address(email), state="active").first()
    except Malformed:
        person = None
    if person is None or not person.password:
        passwords.dummy_verify(password)
        raise WrongCredentials()
    if not passwords.verify(person.password, password):
        raise WrongCredentials()
    return person


def confirm_identity(by: Actor, password: str, at: datetime) -> None:
    """Whoever is signed in proves again who they are, before a signature or a change of what protects the account.

    Raises WrongCredentials; TooMany after ten wrong ones: a session left open is no place to guess from.
    """
    PROOFS.take(by.journal_name, at)
    if by.person is None or not passwords.verify(by.person.password or "", password):
        raise WrongCredentials()
    PROOFS.give_back(by.journal_name)


def prove(by: Actor, password: str, at: datetime, field: str = "password") -> None:
    """`confirm_identity`, where the password is one of the fields of a form. Raises Invalid, TooMany."""
    try:
        confirm_identity(by, password, at)
    except WrongCredentials:
        raise Invalid({field: ["Ce n'est pas votre mot de passe actuel."]}) from None


def sign_in(
    email: str,
    password: str,
    way: str,
    label: str | None,
    at: datetime,
    came_from: Origin | None = None,
    *,
    lasts: timedelta | None = None,
    scope: str | None = None,
) -> tuple[SignIn, str]:
    """(sign-in, token). way: `cookie` for a browser, `bearer` for a program. The token is told once.

    lasts, scope: of a program's token, as its owner chose. Raises WrongCredentials, TooManyTokens.
    """
    person = authenticate(email, password)
    token = new_token()
    lasts = min(lasts or BEARER_LASTS, BEARER_LASTS) if way == "bearer" else COOKIE_LASTS
    started = SignIn(
        person=person.id,
        token_hash=token_hash(token),
        way=way,
        label=label,
        scope=scope,
        expires_at=at + lasts,
        created_at=at,
    )
    if came_from is not None:
        started.network, started.device, started.browser = came_from.network, came_from.device, came_from.browser
    changes: list[AnyChange] = [Insert(started)]
    if passwords.needs_rehash(person.password):  # unless another sign-in does it at this moment
        same = {"_id": person.id, "password": person.password}
        changes.append(ChangeAll(Person, same, {"password": passwords.hash(password)}))
    event = Event(f"person:{person.id}", EventName.SIGNED_IN, str(person.id), at, started, {"way": way})
    if way == "bearer":
        _add_token(person, changes, event)
    else:
        commit(changes, event)
    return started, token


def _add_token(person: Person, changes: list[AnyChange], event: Event) -> None:
    """One after the other, so that several asked for at once are not more than one may have. Raises TooManyTokens."""
    while True:
        live = SignIn.objects(person=person.id, way="bearer", ended_at=None, expires_at__gt=event.at)
        if live.count() >= MOST_TOKENS:
            raise TooManyTokens(most=MOST_TOKENS)
        try:
            commit([Change(person), *changes], event)
        except Stale:
            person.reload()
        else:
            return


def signed_in(token: str, at: datetime) -> tuple[SignIn, Actor] | None:
    """Whom a token belongs to, if it still holds. Every request asks it: one command, on raw documents."""
    held = {"token_hash": token_hash(token), "ended_at": None, "expires_at": {"$gt": at}}
    whose = {"from": "persons", "localField": "person", "foreignField": "_id", "as": "whose"}
    for row in SignIn._get_collection().aggregate([{"$match": held}, {"$lookup": whose}]):
        states = ("active", "invited") if row["way"] in WITHOUT_PASSWORD else ("active",)
        for person in row.pop("whose"):
            if person["state"] in states:
                found = SignIn._from_son(row)
                return found, Actor(Person._from_son(person), found, is_confirmed(found, at), at)
    return None


def owner_of(token: str) -> Any:
    """The id of whom a token belongs to, or belonged to; None where nobody knows it."""
    found = SignIn.objects(token_hash=token_hash(token)).only("person").first()
    return found.person if found else None


def is_confirmed(sign_in: SignIn, at: datetime) -> bool:
    """Whether its second factor still counts."""
    return sign_in.second_factor_at is not None and at - sign_in.second_factor_at < CONFIRMED_FOR


def end_sign_in(by: Actor, sign_in: SignIn, at: datetime) -> SignIn:
    """Signs out one device or revokes one token of one's own."""
    require(by, Action.END_SIGN_IN, sign_in)
    return leave(by, sign_in, at)


def leave(by: Actor, sign_in: SignIn, at: datetime) -> SignIn:
    """Signs out the sign-in in use, however it came."""
    event = event_by(by, at, f"person:{sign_in.person}", EventName.SIGNED_OUT, sign_in)
    commit([Change(sign_in, {"ended_at": at})], event)
    return sign_in


def end_others(by: Actor, password: str, sign_in: SignIn, at: datetime) -> Person:
    """Every device and program of one's own but the sign-in in use is signed out; its owner is told by mail.

    Raises Invalid (password), TooMany.
    """
    assert by.person is not None
    prove(by, password, at)
    event = event_by(by, at, f"person:{by.id}", EventName.SIGNED_OUT_EVERYWHERE, by.person)
    changes: list[AnyChange] = [Change(by.person, any_revision=True), ended_sign_ins(by.person, at, but=sign_in.id)]
    commit(changes, event, [notice(by.person, "signed_out_everywhere", at)])
    return by.person
