"""Gives access by a new link, a six-digit code by mail, or a QR code on a printed page.

The answer and the work are the same whether or not the address is known: a worker then decides whether to send a mail,
to the address that the school registered. A code may be typed five times at most, within ten minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import datetime, timedelta

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from portfolio.documents import AskedWay, Person, Placement, SignIn
from portfolio.documents.links import WayAsked
from portfolio.documents.people import PersonState, Role
from portfolio.errors import Invalid, NotFound, NotNow
from portfolio.identifiers import email as email_address
from portfolio.identity.client_fingerprint import Origin
from portfolio.identity.links import new_visit
from portfolio.ids import new_id, new_token
from portfolio.store.chains import Event
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.journal import MAJORITY, Change, Errand, Insert, ask_for, commit
from portfolio.validation import check_fields

CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5


class WrongCode(Invalid):
    code = "wrong_code"
    detail = (
        "Ce code n'est pas le bon, ou il n'est plus valable. Vérifiez les six chiffres du dernier message reçu, "
        "ou demandez un nouveau code."
    )

    def __init__(self) -> None:
        super().__init__({"code": [self.detail]})


def ask_link(email: str, at: datetime) -> AskedWay:
    """Asks for a new link, which is mailed if a tutor has this address; returns the request either way. Raises Invalid
    on `email` if it is malformed.
    """
    return ask(WayAsked.LINK, _who_signs_off(checked(email)), at)


def ask_code(email: str, at: datetime) -> AskedWay:
    """Asks for a six-digit code, which is mailed if a tutor has this address; returns the request either way. Raises
    Invalid on `email` if it is malformed.
    """
    return ask(WayAsked.CODE, _who_signs_off(checked(email)), at)


def ask_code_of_placement(placement_id: ObjectId, at: datetime) -> AskedWay:
    """Asks for a code, mailed to the registered address of the tutor, from the page of a QR code; returns the request.
    Raises NotFound for an unknown or cancelled placement.
    """
    placement, tutor = tutor_of(placement_id)
    return ask(WayAsked.QR, _who_signs_off(tutor.email), at, placement.id)


def checked(email: str) -> str:
    """Returns the address in its normalised form. Raises Invalid on `email` if it is malformed."""
    address: str = check_fields({"email": email}, {"email": email_address})["email"]
    return address


def tutor_of(placement_id: ObjectId) -> tuple[Placement, Person]:
    """Returns the placement and its tutor. Raises NotFound, also for a cancelled placement."""
    placement = Placement.objects(pk=placement_id, cancelled_at=None).first()
    tutor = Person.objects(pk=placement.tutor).first() if placement else None
    if placement is None or tutor is None:
        raise NotFound()
    return placement, tutor


def masked(email: str) -> str:
    """Returns « d…n@assureur.fr »: enough for its owner to recognise it. email: in its normalised form."""
    name, _, domain = email.partition("@")
    return f"{name[0]}…{name[-1] if len(name) > 2 else ''}@{domain}"


def ask(way: WayAsked, person: Person | None, at: datetime, placement_id: ObjectId | None = None) -> AskedWay:
    """Writes the request of a visitor, and the errand that answers it, outside every chain: it is not yet the act of a
    known person. person: None if nobody has the address; the request is then the same, and nothing is mailed.
    """
    asked = new_asked(way, person.id if person else None, at, placement_id)

    def write(session: ClientSession) -> None:
        AskedWay._get_collection().insert_one(dict(asked.to_mongo()), session=session)
        ask_for(session, Errand("way_in_asked", {"asked": asked.id}), at)

    with current().client.start_session() as session:
        session.with_transaction(write, write_concern=MAJORITY)
    return asked


def new_asked(
    way: WayAsked,
    person_id: ObjectId | None,
    at: datetime,
    placement_id: ObjectId | None = None,
    sign_in_id: ObjectId | None = None,
) -> AskedWay:
    """Returns a request, not yet written, that is valid for CODE_LASTS. sign_in_id: the sign-in that a second factor
    confirms.
    """
    return AskedWay(
        id=new_id(),
        created_at=at,
        way=way,
        person=person_id,
        placement=placement_id,
        sign_in=sign_in_id,
        nonce=new_token(),
        expires_at=at + CODE_LASTS,
    )


def _who_signs_off(email: str | None) -> Person | None:
    if email is None:
        return None  # as many people have none
    live = {"role": Role.TUTOR, "revoked_at": None}
    query = {"email": email, "state": {"$ne": PersonState.SUSPENDED}, "grants": {"$elemMatch": live}}
    return Person.objects(__raw__=query).first()


def code_of(asked: AskedWay) -> str:
    """Returns the six digits of a request, derived from the key of the service and not stored; only the mail contains
    them.
    """
    return _codes(asked)[0]


def _codes(asked: AskedWay) -> list[str]:
    """Returns the six digits under each key, newest first."""
    message = (
        f"{asked.id}:{asked.person}:{asked.nonce}".encode()
    )  # includes the person, who cannot be replaced in the store
    macs = [hmac.new(key, message, hashlib.sha256).digest() for key in current().keys_for("sign-in code")]
    return [f"{int.from_bytes(mac[:8]) % 1_000_000:06}" for mac in macs]


def enter(asked_id: ObjectId, code: str, came_from: Origin, at: datetime) -> tuple[SignIn, str]:
    """Returns (sign-in, its token), written, for the code of a mail. asked_id: the request. Raises the same WrongCode
    if the code is wrong, used up, expired or of an unknown address.
    """
    tried = tried_code(asked_id, (WayAsked.CODE, WayAsked.QR), code, at)
    asked = tried.document
    visit, token = new_visit(asked.person, asked.way, asked.id, came_from, at)
    event = Event(f"person:{asked.person}", EventName.SIGNED_IN, str(asked.person), at, visit, {"way": asked.way})
    try:
        commit([tried, Insert(visit)], event)
    except NotNow:
        raise WrongCode() from None
    return visit, token


def tried_code(asked_id: ObjectId | None, ways: tuple[WayAsked, ...], code: str, at: datetime) -> Change:
    """Counts one try and returns the change, not yet written, that uses this code up, to commit with what it opens.
    asked_id: the request, None if there is none. Raises WrongCode, also after MOST_TRIES. The try is counted before the
    digits are compared, so that ten at once count as ten.
    """
    live = {"_id": asked_id, "way": {"$in": ways}, "used_at": None, "expires_at": {"$gt": at}}
    row = AskedWay._get_collection().find_one_and_update(
        live | {"tries": {"$lt": MOST_TRIES}}, {"$inc": {"tries": 1}}, return_document=ReturnDocument.AFTER
    )
    asked = AskedWay._from_son(row) if row else None
    digits = digits_of(code)
    if asked is None or asked.person is None or not any(hmac.compare_digest(digits, right) for right in _codes(asked)):
        raise WrongCode()
    return Change(asked, {"used_at": at}, expected={"used_at": None}, any_revision=True)


def digits_of(typed: str) -> str:
    """Returns the decimal digits of the text, in any script, as 0 to 9; drops everything else."""
    values = (unicodedata.decimal(character, None) for character in typed)
    return "".join(str(value) for value in values if value is not None)
