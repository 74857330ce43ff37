"""Signing in and out: sessions of browsers, tokens of programs, the second factor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from flask import session
from flask_login import current_user
from marshmallow import Schema, fields, validate

from api.http.admission import ANY_SIGN_IN, HALF_KNOWN, PUBLIC, SIGNED_IN
from api.http.attempts import Tries
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Instant, Secret, ThingOut, one_of, represents, text
from api.http.session import request_origin, start
from api.identity.accounts import PersonOut
from portfolio.documents import AskedWay, Person, SignIn
from portfolio.documents.people import SCOPES
from portfolio.identity import second_factor, sign_ins
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

routes = Routes("signing_in", __name__, description="Connexions, sessions et jetons")
SIGNING_IN = Tries("sign_in")


class Credentials(Schema):
    email = text(254, required=True)
    password = Secret()


class NewToken(Credentials):
    label = text(80, required=True, metadata={"description": "à quoi sert ce jeton"})
    scope = one_of(*SCOPES, load_default="write", metadata={"description": "« read » : ne permet que les demandes GET"})
    days = fields.Integer(
        strict=True,
        load_default=sign_ins.BEARER_LASTS.days,
        validate=validate.Range(1, sign_ins.BEARER_LASTS.days),
        metadata={"description": "jours pendant lesquels il vaut"},
    )


@represents(SignIn)
class SignInOut(ThingOut):
    way = fields.String(required=True)
    label = fields.String(allow_none=True)
    scope = fields.String(allow_none=True, metadata={"description": "d'un jeton : read ou write"})
    browser = fields.String(allow_none=True, metadata={"description": "d'un navigateur : « Firefox sur Windows »"})
    created_at = Instant(required=True)
    expires_at = Instant(required=True)
    second_factor_at = Instant(allow_none=True)


class TokenOut(Schema):
    token = fields.String(required=True)
    expires_at = Instant(required=True)


@routes.asks(
    "/sign-in",
    PUBLIC,
    PersonOut,
    takes=Credentials,
    tries=SIGNING_IN,
    title="Ouvre une session de navigateur (cookie) ; recommencer en ouvre une autre.",
)
def sign_in(values: dict[str, Any], at: datetime) -> Person:
    """Opens a browser session (cookie) and returns the person. Repeating it opens another one. values: of Credentials.
    Raises WrongCredentials, TooMany, TooManyTokens.
    """
    started, token = sign_ins.sign_in(values["email"], values["password"], "cookie", None, at, request_origin())
    person = Person.objects.get(pk=started.person)
    start(token, started, Actor(person, at=at))
    return person


@routes.asks(
    "/tokens",
    PUBLIC,
    TokenOut,
    takes=NewToken,
    tries=SIGNING_IN,
    title="Donne un jeton à un programme, une seule fois ; recommencer en donne un autre.",
)
def issue_token(values: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Returns {token, expires_at} of a bearer token for a program, this once. Repeating it issues another one. values:
    of NewToken. Raises WrongCredentials, TooManyTokens.
    """
    started, token = sign_ins.sign_in(
        values["email"],
        values["password"],
        "bearer",
        values["label"],
        at,
        request_origin(),
        lasts=timedelta(days=values["days"]),
        scope=values["scope"],
    )
    return {"token": token, "expires_at": started.expires_at}


class Digits(Schema):
    code = Secret(20, metadata={"description": "les six chiffres reçus, ou ceux de l'application"})


class AskedCodeOut(Schema):
    expires_at = Instant(required=True)


@routes.asks(
    "/second-factor/ask",
    HALF_KNOWN,
    AskedCodeOut,
    title="Envoie à sa propre adresse six chiffres qui confirment l'identité.",
)
def ask_second_factor(by: Actor, at: datetime) -> AskedWay:
    """Sends six digits to one's own address, and returns the request. Repeating it sends others; the last ones count.
    Raises TooMany.
    """
    return second_factor.ask(by, at)


@routes.asks(
    "/second-factor",
    HALF_KNOWN,
    SignInOut,
    takes=Digits,
    title="Confirme l'identité par un code : deux heures pour une commission.",
)
def give_second_factor(by: Actor, at: datetime, values: dict[str, Any]) -> SignIn:
    """Confirms the sign-in in use by a code, which serves once, and returns it. values: of Digits. Raises WrongCode,
    TooMany.
    """
    return second_factor.confirm(by, current_user.sign_in, values["code"], at)


@routes.asks("/sign-out", ANY_SIGN_IN, SignInOut, title="Ferme la session ou révoque le jeton en cours.")
def sign_out(by: Actor, at: datetime) -> SignIn:
    """Ends the sign-in in use, and returns it. Repeating it answers 401."""
    ended = sign_ins.leave(by, current_user.sign_in, at)
    session.clear()  # and not logout_user: the answer is still theirs to read
    return ended


class OwnPassword(Schema):
    password = Secret()


@routes.asks(
    "/sign-ins/end-others",
    SIGNED_IN,
    PersonOut,
    takes=OwnPassword,
    title="Ferme toutes ses sessions et tous ses jetons, sauf la session en cours.",
)
def end_other_sign_ins(by: Actor, at: datetime, values: dict[str, Any]) -> Person:
    """Signs out every device and program of one's own but this one, and returns the person. Repeating it finds nobody
    left. values: of OwnPassword. Raises Invalid on `password`, TooMany.
    """
    return sign_ins.end_others(by, values["password"], current_user.sign_in, at)


@routes.reads(
    "/sign-ins", SIGNED_IN, page_of(SignInOut), query=PageQuery, title="Liste ses propres sessions et jetons en cours."
)
def list_sign_ins(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    live = {"$and": [scope(by, Action.READ_SIGN_IN, SignIn), {"ended_at": None, "expires_at": {"$gt": at}}]}
    return page(SignIn, live, asked)


@routes.changes(
    "/sign-ins/<oid:sign_in_id>",
    Action.END_SIGN_IN,
    SignInOut,
    method="DELETE",
    title="Ferme une de ses sessions ou révoque un de ses jetons.",
)
def end_sign_in(by: Actor, at: datetime, expected: int, sign_in_id: ObjectId) -> SignIn:
    return sign_ins.end_sign_in(by, find(SignIn, sign_in_id, expected), at)
