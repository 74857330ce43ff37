"""A second factor: six digits by mail, or those of an authenticator (TOTP, RFC 6238) for whoever set one up.

Asked of a tutor before a commission (it counts for two hours), and of everybody who set up an authenticator.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp

from portfolio.codes import CODE_LASTS, WrongCode, refuse_too_many, tried_code
from portfolio.connections import current
from portfolio.documents import AskedWay, Person, SignIn
from portfolio.documents.people import WITHOUT_PASSWORD
from portfolio.entropy import new_id, new_token
from portfolio.errors import NotNow
from portfolio.journal import Change, Errand, Event, Insert, commit
from portfolio.origins import keyed
from portfolio.relations import Actor

ISSUER = "Portfolio E5"
STEP_S = 30
SKEW_STEPS = 1


class NoAuthenticator(NotNow):
    code = "no_authenticator"
    detail = "Aucune application d'authentification n'est enregistrée pour ce compte."


class AuthenticatorSetUp(NotNow):
    code = "authenticator_set_up"
    detail = "Une application d'authentification est déjà enregistrée : retirez-la d'abord."


@dataclass(frozen=True)
class Offer:
    """A secret to copy into an authenticator. uri: as a QR code holds it. nonce: to be echoed with the first code."""

    nonce: str
    secret: str
    uri: str


def is_asked(person: Person, sign_in: SignIn) -> bool:
    """Whether this sign-in still opens nothing: its owner set up an authenticator and has not typed its digits."""
    by_password = sign_in.way not in WITHOUT_PASSWORD  # a link opens too little to ask for more
    return by_password and person.totp is not None and sign_in.second_factor_at is None


def ask(by: Actor, at: datetime) -> AskedWay:
    """Six digits leave by mail to one's own address. Raises TooMany."""
    assert by.person is not None
    address = keyed("asked", by.person.email)
    refuse_too_many(address, at)
    asked = AskedWay(
        id=new_id(),
        created_at=at,
        way="second_factor",
        person=by.id,
        address=address,
        nonce=new_token(),
        expires_at=at + CODE_LASTS,
    )
    event = Event(f"person:{by.id}", "way_in_asked", by.journal_name, at, asked, {"way": asked.way})
    commit([Insert(asked)], event, [Errand("sign_in_code", {"code_row": asked.id})])
    return asked


def confirm(by: Actor, sign_in: SignIn, code: str, at: datetime) -> SignIn:
    """The digits of the last mail or, for whoever has one, of the authenticator. Raises WrongCode."""
    assert by.person is not None
    if by.person.totp is not None:
        proved = _tried_totp(by.person, code, at)
    else:
        asked = AskedWay.objects(person=by.id, way="second_factor").order_by("-created_at", "-id").first()
        proved = tried_code(asked, code, at)
    event = Event(f"person:{by.id}", "second_factor_given", by.journal_name, at, sign_in)
    try:
        commit([proved, Change(sign_in, {"second_factor_at": at}, any_revision=True)], event)
    except NotNow:
        raise WrongCode() from None
    return sign_in


def offer(by: Actor) -> Offer:
    """A new secret, kept nowhere until its first code is typed. Raises AuthenticatorSetUp."""
    assert by.person is not None
    if by.person.totp is not None:
        raise AuthenticatorSetUp()
    return offered(by, new_token())


def offered(by: Actor, nonce: str) -> Offer:
    """The same offer again, for a page that is shown again."""
    assert by.person is not None
    secret = _secrets(by.person, nonce)[0]
    return Offer(nonce, secret, pyotp.TOTP(secret).provisioning_uri(name=by.person.email, issuer_name=ISSUER))


def set_up(by: Actor, nonce: str, code: str, sign_in: SignIn, at: datetime) -> Person:
    """From now on each sign-in asks for the authenticator's digits. Raises WrongCode, AuthenticatorSetUp."""
    assert by.person is not None
    step = _step(_secrets(by.person, nonce), code, at, None)
    values = {"totp": nonce, "totp_step": step}
    changes = [
        Change(by.person, values, expected={"totp": None}, any_revision=True),
        Change(sign_in, {"second_factor_at": at}, any_revision=True),
    ]
    try:
        commit(changes, Event(f"person:{by.id}", "authenticator_set_up", by.journal_name, at, by.person))
    except NotNow:
        raise AuthenticatorSetUp() from None
    return by.person


def remove(by: Actor, code: str, at: datetime) -> Person:
    """Proved by a last code. Raises NoAuthenticator, WrongCode."""
    assert by.person is not None
    if by.person.totp is None:
        raise NoAuthenticator()
    proved = _tried_totp(by.person, code, at)
    proved.values["totp"] = None
    try:
        commit([proved], Event(f"person:{by.id}", "authenticator_removed", by.journal_name, at, by.person))
    except NotNow:
        raise WrongCode() from None
    return by.person


def _tried_totp(person: Person, code: str, at: datetime) -> Change:
    """Each code serves once, even typed twice at the same moment."""
    assert person.totp is not None
    step = _step(_secrets(person, person.totp), code, at, person.totp_step)
    still = {"totp": person.totp, "totp_step": person.totp_step}
    return Change(person, {"totp_step": step}, expected=still, any_revision=True)


def _step(secrets: list[str], code: str, at: datetime, last: int | None) -> int:
    """The step whose digits were typed, a little early or late. Raises WrongCode."""
    digits = "".join(one for one in code if one.isdigit())
    now = int(at.timestamp()) // STEP_S
    for step in range(now - SKEW_STEPS, now + SKEW_STEPS + 1):
        fits = any(hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), digits) for secret in secrets)
        if fits and (last is None or step > last):
            return step
    raise WrongCode()


def _secrets(person: Person, nonce: str) -> list[str]:
    """One by key, newest first: 160 bits, base32, never stored."""
    message = f"{person.id}:{nonce}".encode()
    macs = [hmac.new(key, message, hashlib.sha256).digest()[:20] for key in current().keys_for("authenticator")]
    return [base64.b32encode(mac).decode() for mac in macs]
