"""Checks a second factor: six digits by mail, or those of an authenticator (TOTP, RFC 6238) if one is set up.

It is required from a tutor before a commission (valid for two hours), and from each owner of an authenticator.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp

from portfolio.documents import AskedWay, Person, SignIn
from portfolio.documents.links import WayAsked
from portfolio.documents.people import WITHOUT_PASSWORD
from portfolio.documents.rows import Row
from portfolio.errors import NotNow
from portfolio.identity.attempts import Budget
from portfolio.identity.invitations import ended_sign_ins
from portfolio.identity.notices import notice
from portfolio.identity.one_time_codes import WrongCode, digits_of, new_asked, tried_code
from portfolio.identity.sign_ins import prove
from portfolio.ids import new_token
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Errand, Insert, commit

ISSUER = "Portfolio E5"
STEP_S = 30
SKEW_STEPS = 1
ASKED = Budget("second_factor.asked", 5, timedelta(hours=1))  # mails, by person
TOTP = Budget("authenticator", 10, timedelta(hours=1))  # wrong digits, by person


class NoAuthenticator(NotNow):
    code = "no_authenticator"
    detail = "Aucune application d'authentification n'est enregistrée pour ce compte."


class AuthenticatorSetUp(NotNow):
    code = "authenticator_set_up"
    detail = "Une application d'authentification est déjà enregistrée : retirez-la d'abord."


@dataclass(frozen=True)
class Offer:
    """A secret to copy into an authenticator. uri: content of the QR code. nonce: to send back with the first code."""

    nonce: str
    secret: str
    uri: str


def is_asked(person: Person | Row, sign_in: SignIn | Row) -> bool:
    """Returns True if this sign-in opens nothing yet: the digits of the authenticator have not been typed."""
    by_password = sign_in.way not in WITHOUT_PASSWORD  # a link opens too little to require more
    return by_password and person.totp is not None and sign_in.second_factor_at is None


def ask(by: Actor, at: datetime) -> AskedWay:
    """Mails six digits to the address of the caller, for the current sign-in, and returns the request. Raises TooMany:
    the budget is that of the person, which no visitor can spend.
    """
    ASKED.take(by.journal_name, at)
    asked = new_asked(WayAsked.SECOND_FACTOR, by.id, at, sign_in_id=by.sign_in.id if by.sign_in else None)
    event = event_by(by, at, f"person:{by.id}", EventName.WAY_IN_ASKED, asked, {"way": asked.way})
    commit([Insert(asked)], event, [Errand("sign_in_code", {"code_row": asked.id})])
    return asked


def confirm(by: Actor, sign_in: SignIn, code: str, at: datetime) -> SignIn:
    """Confirms the sign-in with the digits of the authenticator, else of the last mail, and returns it. Raises
    WrongCode, TooMany.
    """
    assert by.person is not None
    if by.person.totp is not None:
        proved = _tried_totp(by.person, code, at)
    else:
        here = AskedWay.objects(person=by.id, way=WayAsked.SECOND_FACTOR, sign_in=sign_in.id)
        asked = here.order_by("-created_at", "-id").only("id").first()
        proved = tried_code(asked.id if asked else None, (WayAsked.SECOND_FACTOR,), code, at)
    event = event_by(by, at, f"person:{by.id}", EventName.SECOND_FACTOR_GIVEN, sign_in)
    try:
        commit([proved, Change(sign_in, {"second_factor_at": at}, any_revision=True)], event)
    except NotNow:
        raise WrongCode() from None
    return sign_in


def offer(by: Actor) -> Offer:
    """Returns a new secret for an authenticator of the caller; nothing is stored before its first code. Raises
    AuthenticatorSetUp if there is one already.
    """
    assert by.person is not None
    if by.person.totp is not None:
        raise AuthenticatorSetUp()
    return offered(by, new_token())


def offered(by: Actor, nonce: str) -> Offer:
    """Returns the offer of this nonce again, to render the page again."""
    assert by.person is not None
    secret = _secrets(by.person, nonce)[0]
    return Offer(nonce, secret, pyotp.TOTP(secret).provisioning_uri(name=by.person.email, issuer_name=ISSUER))


def set_up(by: Actor, password: str, nonce: str, code: str, sign_in: SignIn, at: datetime) -> Person:
    """Requires the digits of the authenticator from now on, signs out the other devices, mails a notice, and returns
    the person. nonce: of the `Offer`. Raises Invalid on `password`, WrongCode, TooMany, AuthenticatorSetUp.
    """
    assert by.person is not None
    prove(by, password, at)
    step = _step(_secrets(by.person, nonce), code, at, None)
    values = {"totp": nonce, "totp_step": step}
    changes: list[AnyChange] = [
        Change(by.person, values, expected={"totp": None}, any_revision=True),
        Change(sign_in, {"second_factor_at": at}, any_revision=True),
        ended_sign_ins(by.person, at, but=sign_in.id),
    ]
    event = event_by(by, at, f"person:{by.id}", EventName.AUTHENTICATOR_SET_UP, by.person)
    try:
        commit(changes, event, [notice(by.person, "authenticator_set_up", at)])
    except NotNow:
        raise AuthenticatorSetUp() from None
    return by.person


def remove(by: Actor, password: str, code: str, sign_in: SignIn, at: datetime) -> Person:
    """Removes the authenticator, with the password and a last code, signs out the other devices, mails a notice, and
    returns the person. Raises NoAuthenticator, Invalid on `password`, WrongCode, TooMany.
    """
    assert by.person is not None
    if by.person.totp is None:
        raise NoAuthenticator()
    prove(by, password, at)
    proved = _tried_totp(by.person, code, at)
    proved.values["totp"] = None
    event = event_by(by, at, f"person:{by.id}", EventName.AUTHENTICATOR_REMOVED, by.person)
    try:
        others = ended_sign_ins(by.person, at, but=sign_in.id)
        commit([proved, others], event, [notice(by.person, "authenticator_removed", at)])
    except NotNow:
        raise WrongCode() from None
    return by.person


def _tried_totp(person: Person, code: str, at: datetime) -> Change:
    """Returns the change, not yet written, that uses the code up: each code works once, even if typed twice at the same
    time. Ten wrong codes lock for an hour and send a mail: their author knows the password. Raises WrongCode, TooMany.
    """
    assert person.totp is not None
    tries = TOTP.take(str(person.id), at)
    try:
        step = _step(_secrets(person, person.totp), code, at, person.totp_step)
    except WrongCode:
        if tries == TOTP.most:
            event = Event(f"person:{person.id}", EventName.AUTHENTICATOR_LOCKED, "system", at, person)
            commit([Change(person, any_revision=True)], event, [notice(person, "authenticator_locked", at)])
        raise
    TOTP.give_back(str(person.id))
    still = {"totp": person.totp, "totp_step": person.totp_step}
    return Change(person, {"totp_step": step}, expected=still, any_revision=True)


def _step(secrets: list[str], code: str, at: datetime, last: int | None) -> int:
    """Returns the step (of STEP_S seconds since 1970) whose digits were typed, at most SKEW_STEPS early or late, and
    after `last`. Raises WrongCode.
    """
    digits = digits_of(code)
    now = int(at.timestamp()) // STEP_S
    for step in range(now - SKEW_STEPS, now + SKEW_STEPS + 1):
        fits = any(hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), digits) for secret in secrets)
        if fits and (last is None or step > last):
            return step
    raise WrongCode()


def _secrets(person: Person, nonce: str) -> list[str]:
    """Returns one secret of the authenticator per key, newest first: 160 bits in base32, never stored."""
    message = f"{person.id}:{nonce}".encode()
    macs = [hmac.new(key, message, hashlib.sha256).digest()[:20] for key in current().keys_for("authenticator")]
    return [base64.b32encode(mac).decode() for mac in macs]
