"""Signs in browsers and programs with a password for a limited time, and signs them out."""

from __future__ import annotations

from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.documents import Person, SignIn
from portfolio.documents.people import WITHOUT_PASSWORD, PersonState, SignInWay
from portfolio.documents.rows import Row
from portfolio.errors import Invalid, NotNow, Stale, Unauthenticated
from portfolio.identifiers import Malformed
from portfolio.identifiers import email as email_address
from portfolio.identity import passwords
from portfolio.identity.attempts import Budget
from portfolio.identity.client_fingerprint import Origin
from portfolio.identity.invitations import ended_sign_ins
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
    """Returns the active person with this address and password. Raises WrongCredentials for anything else (a malformed
    address too), after equal work in all cases.
    """
    try:
        person = Person.objects(email=email_address(email), state=PersonState.ACTIVE).first()
    except Malformed:
        person = None
    if person is None or not person.password:
        passwords.dummy_verify(password)
        raise WrongCredentials()
    if not passwords.verify(person.password, password):
        raise WrongCredentials()
    return person


def confirm_identity(by: Actor, password: str, at: datetime) -> None:
    """Checks the password of the caller again, before a signature or a change of what protects the account. Raises
    WrongCredentials; TooMany after ten wrong ones: an open session must not allow to guess the password.
    """
    PROOFS.take(by.journal_name, at)
    if by.person is None or not passwords.verify(by.person.password or "", password):
        raise WrongCredentials()
    PROOFS.give_back(by.journal_name)


def prove(by: Actor, password: str, at: datetime, field: str = "password") -> None:
    """Checks a password typed in a form, as `confirm_identity`. Raises Invalid on `field` if it is wrong, TooMany after
    ten.
    """
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
    """Signs in and returns (sign-in, its token, which is not stored). way: `cookie` for a browser, `bearer` for a
    program. label: of the token, for its owner. lasts, scope: of the token of a program, BEARER_LASTS at most. Raises
    WrongCredentials, TooManyTokens.
    """
    person = authenticate(email, password)
    token = new_token()
    lasts = min(lasts or BEARER_LASTS, BEARER_LASTS) if way == SignInWay.BEARER else COOKIE_LASTS
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
    if passwords.needs_rehash(person.password):  # unless another sign-in does it at the same time
        same = {"_id": person.id, "password": person.password}
        changes.append(ChangeAll(Person, same, {"password": passwords.hash(password)}))
    event = Event(f"person:{person.id}", EventName.SIGNED_IN, str(person.id), at, started, {"way": way})
    if way == SignInWay.BEARER:
        _add_token(person, changes, event)
    else:
        commit(changes, event)
    return started, token


def _add_token(person: Person, changes: list[AnyChange], event: Event) -> None:
    """Writes one token at a time, so that simultaneous requests cannot exceed the limit. Raises TooManyTokens."""
    while True:
        live = SignIn.objects(person=person.id, way=SignInWay.BEARER, ended_at=None, expires_at__gt=event.at)
        if live.count() >= MOST_TOKENS:
            raise TooManyTokens(most=MOST_TOKENS)
        try:
            commit([Change(person), *changes], event)
        except Stale:
            person.reload()
        else:
            return


def signed_in(token: str, at: datetime) -> Actor | None:
    """Returns the actor of a token, who knows their sign-in, or None if it is unknown, ended, over, or of a suspended
    person. One query, made by every request.
    """
    held = {"token_hash": token_hash(token), "ended_at": None, "expires_at": {"$gt": at}}
    whose = {"from": "persons", "localField": "person", "foreignField": "_id", "as": "whose"}
    for row in SignIn._get_collection().aggregate([{"$match": held}, {"$lookup": whose}]):
        states = (PersonState.ACTIVE, PersonState.INVITED) if row["way"] in WITHOUT_PASSWORD else (PersonState.ACTIVE,)
        for person in row.pop("whose"):
            if person["state"] in states:
                valid = Row(SignIn, row)
                return Actor(Row(Person, person), valid, is_confirmed(valid, at), at)
    return None


def owner_of(token: str) -> ObjectId | None:
    """Returns the id of the present or past owner of a token, or None if it is unknown."""
    known = SignIn.objects(token_hash=token_hash(token)).only("person").first()
    return known.person if known else None


def is_confirmed(sign_in: SignIn | Row, at: datetime) -> bool:
    """Returns True if a second factor was given with this sign-in less than CONFIRMED_FOR before `at`."""
    given_at: datetime | None = sign_in.second_factor_at
    return given_at is not None and at - given_at < CONFIRMED_FOR


def end_sign_in(by: Actor, sign_in: SignIn, at: datetime) -> SignIn:
    """Signs out one device or revokes one token of the caller; returns the sign-in as `leave` does."""
    require(by, Action.END_SIGN_IN, sign_in)
    return leave(by, sign_in, at)


def leave(by: Actor, sign_in: SignIn, at: datetime) -> SignIn:
    """Ends this sign-in, whatever its way, and returns it; sets `ended_at` again if it had ended. Raises Stale if it
    changed since it was read.
    """
    event = event_by(by, at, f"person:{sign_in.person}", EventName.SIGNED_OUT, sign_in)
    commit([Change(sign_in, {"ended_at": at})], event)
    return sign_in


def end_others(by: Actor, password: str, sign_in: SignIn, at: datetime) -> Person:
    """Signs out every device and program of the caller except the current one, mails a notice, and returns the person.
    Raises Invalid on `password`, TooMany.
    """
    assert by.person is not None
    prove(by, password, at)
    event = event_by(by, at, f"person:{by.id}", EventName.SIGNED_OUT_EVERYWHERE, by.person)
    changes: list[AnyChange] = [Change(by.person, any_revision=True), ended_sign_ins(by.person, at, but=sign_in.id)]
    commit(changes, event, [notice(by.person, "signed_out_everywhere", at)])
    return by.person
