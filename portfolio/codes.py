"""The other ways in: a new link on demand, a six-digit code by mail, a QR code on a printed page.

Whoever asks hears the same, whether or not somebody has the address; what leaves goes to the address that the school
registered. A code is typed at most five times, within ten minutes.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from bson import ObjectId

from portfolio.checking import check_fields
from portfolio.connections import current
from portfolio.documents import AskedWay, Person, Placement, SignIn
from portfolio.entropy import new_id, new_token
from portfolio.errors import Invalid, NotFound, NotNow, TooMany
from portfolio.identifiers import email as email_address
from portfolio.journal import Change, Errand, Event, Insert, commit
from portfolio.links import new_visit
from portfolio.origins import Origin, keyed

CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
ASKED_WITHIN = timedelta(hours=1)
MOST_ASKED = 5  # by address, within that time
NOBODY = "visitors"  # chain of what concerns no known person


class WrongCode(Invalid):
    code = "wrong_code"
    detail = (
        "Ce code n'est pas le bon, ou il n'est plus valable. Vérifiez les six chiffres du dernier message reçu, "
        "ou demandez un nouveau code."
    )

    def __init__(self) -> None:
        super().__init__({"code": [self.detail]})


def ask_link(email: str, at: datetime) -> AskedWay:
    """A fresh link leaves by mail, if a tutor has this address. Raises Invalid, TooMany."""
    return _ask("link", check_fields({"email": email}, {"email": email_address})["email"], None, at)


def ask_code(email: str, at: datetime) -> AskedWay:
    """A six-digit code leaves by mail, if a tutor has this address. Raises Invalid, TooMany."""
    return _ask("code", check_fields({"email": email}, {"email": email_address})["email"], None, at)


def ask_code_of_placement(placement_id: ObjectId, at: datetime) -> AskedWay:
    """From the page of a QR code: the code goes to the tutor's registered address. Raises NotFound, TooMany."""
    placement, tutor = tutor_of(placement_id)
    return _ask("qr", tutor.email, placement.id, at)


def tutor_of(placement_id: ObjectId) -> tuple[Placement, Person]:
    """Raises NotFound, also where the placement was cancelled."""
    placement = Placement.objects(pk=placement_id, cancelled_at=None).first()
    tutor = Person.objects(pk=placement.tutor).first() if placement else None
    if tutor is None:
        raise NotFound()
    return placement, tutor


def masked(email: str) -> str:
    """« d…n@assureur.fr »: enough for its owner to recognise it, not for another to write to it."""
    name, _, domain = email.partition("@")
    return f"{name[0]}…{name[-1] if len(name) > 2 else ''}@{domain}"


def _ask(way: str, email: str, placement_id: ObjectId | None, at: datetime) -> AskedWay:
    address = keyed("asked", email)
    refuse_too_many(address, at)
    person = _who_signs_off(email)
    asked = AskedWay(
        id=new_id(),
        created_at=at,
        way=way,
        person=person.id if person else None,
        address=address,
        placement=placement_id,
        nonce=new_token(),
        expires_at=at + CODE_LASTS,
    )
    errands = [_errand(asked)] if person else []
    chain = f"person:{person.id}" if person else NOBODY
    commit([Insert(asked)], Event(chain, "way_in_asked", "system", at, asked, {"way": way}), errands)
    return asked


def _errand(asked: AskedWay) -> Errand:
    if asked.way == "link":
        return Errand("sign_off_link", {"person": asked.person})
    return Errand("sign_in_code", {"code_row": asked.id})


def refuse_too_many(address: str, at: datetime) -> None:
    """The same for an address that nobody has."""
    recent = AskedWay.objects(address=address, created_at__gt=at - ASKED_WITHIN).order_by("created_at")
    if recent.count() >= MOST_ASKED:
        wait = recent.first().created_at + ASKED_WITHIN - at
        raise TooMany(retry_after=max(1, int(wait.total_seconds())))


def _who_signs_off(email: str) -> Person | None:
    live = {"role": "tutor", "revoked_at": None}
    query = {"email": email, "state": {"$ne": "suspended"}, "grants": {"$elemMatch": live}}
    found: Person | None = Person.objects(__raw__=query).first()
    return found


def code_of(asked: AskedWay) -> str:
    """Six digits, to be written in the mail and nowhere else: they follow from the service's key."""
    return _codes(asked)[0]


def _codes(asked: AskedWay) -> list[str]:
    """One by key, newest first."""
    message = f"{asked.id}:{asked.nonce}".encode()
    macs = [hmac.new(key, message, hashlib.sha256).digest() for key in current().keys_for("sign-in code")]
    return [f"{int.from_bytes(mac[:8]) % 1_000_000:06}" for mac in macs]


def enter(asked_id: ObjectId, code: str, came_from: Origin, at: datetime) -> tuple[SignIn, str]:
    """(sign-in, its token). Raises WrongCode, always the same: wrong, worn out, expired, or nobody's."""
    asked = AskedWay.objects(pk=asked_id, way__in=("code", "qr")).first()
    tried = tried_code(asked, code, at)
    chain, by = f"person:{asked.person}", str(asked.person)
    visit, token = new_visit(asked.person, asked.way, asked.id, came_from, at)
    try:
        commit([tried, Insert(visit)], Event(chain, "signed_in", by, at, visit, {"way": asked.way}))
    except NotNow:
        raise WrongCode() from None
    return visit, token


def tried_code(asked: AskedWay | None, code: str, at: datetime) -> Change:
    """What records that this code was the right one, to be committed with what it opens. Raises WrongCode."""
    if asked is None or asked.used_at is not None or asked.expires_at <= at or asked.tries >= MOST_TRIES:
        raise WrongCode()
    digits = "".join(one for one in code if one.isdigit())
    fits = any(hmac.compare_digest(digits, one) for one in _codes(asked)) and asked.person is not None
    chain, by = (f"person:{asked.person}", str(asked.person)) if asked.person else (NOBODY, "system")
    still = {"tries": asked.tries, "used_at": None}
    tried = Change(asked, {"tries": asked.tries + 1}, expected=still, any_revision=True)
    if not fits:
        _count(tried, Event(chain, "code_refused", by, at, asked))
        raise WrongCode()
    tried.values["used_at"] = at
    return tried


def _count(tried: Change, event: Event) -> None:
    """A try that met another at the same moment is refused all the same."""
    try:
        commit([tried], event)
    except NotNow:
        raise WrongCode() from None
