"""People, what they were granted, how they sign in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import mongoengine as me

from portfolio.documents.fields import Instant, Thing
from portfolio.ids import new_id


class Role(StrEnum):
    """What a right makes of somebody."""

    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    TEACHER = "teacher"
    CANDIDATE = "candidate"
    TUTOR = "tutor"
    JURY = "jury"
    INSPECTOR = "inspector"


class PersonState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class InvitationPurpose(StrEnum):
    ENTER = "enter"
    RESET = "reset"


class SignInWay(StrEnum):
    """By what somebody is signed in."""

    COOKIE = "cookie"
    BEARER = "bearer"
    LINK = "link"
    CODE = "code"
    QR = "qr"


class TokenScope(StrEnum):
    """What a program's token may do."""

    READ = "read"
    WRITE = "write"


ROLES = tuple(Role)


class Grant(me.EmbeddedDocument):
    """Binds a person to a scope: a school; an academy and session; a candidacy (and, for a tutor, a placement).

    waits: it does not count yet; from counts_from on it does, or only once a second person confirms it where that is
    empty. confirmed_by: that person.
    """

    id = me.ObjectIdField(required=True, default=new_id)
    role = me.StringField(required=True, choices=tuple(Role))
    school = me.ObjectIdField()
    academy = me.StringField()
    session = me.StringField()
    candidacy = me.ObjectIdField()
    placement = me.ObjectIdField()
    teaches_profession = me.BooleanField()
    granted_by = me.StringField(required=True)
    granted_at = Instant(required=True)
    waits = me.BooleanField()
    counts_from = Instant()
    confirmed_by = me.StringField()
    revoked_at = Instant()

    def counts(self, at: datetime | None) -> bool:
        """at: None for a moment that is not known: what still waits for one does not count then."""
        if self.revoked_at is not None or not self.waits:
            return self.revoked_at is None
        return at is not None and self.counts_from is not None and self.counts_from <= at


class Person(Thing):
    """schools: those whose office may see this person (it enrolled or invited them).

    address_failed_at, address_failure (RFC 3463): mail to the address came back; nothing is sent until it is corrected.
    """

    meta = {"collection": "persons", "indexes": [{"fields": ["email"], "unique": True}, "schools"]}

    email = me.StringField(required=True)
    family_name = me.StringField(required=True)
    given_names = me.StringField(required=True)
    password = me.StringField()
    state = me.StringField(required=True, choices=tuple(PersonState), default=PersonState.INVITED)
    suspended_because = me.StringField()
    address_failed_at = Instant()
    address_failure = me.StringField()
    grants = me.EmbeddedDocumentListField(Grant)
    schools = me.ListField(me.ObjectIdField())
    totp = me.StringField()
    totp_step = me.IntField()

    @property
    def name(self) -> str:
        return f"{self.given_names} {self.family_name}"

    @property
    def live_grants(self) -> list[Any]:
        """Those that were not ended; some may not count yet (`Grant.counts`)."""
        return [grant for grant in self.grants if grant.revoked_at is None]


class Invitation(Thing):
    """A way to set one's own password: a first one, or a forgotten one anew. Only the token's hash is stored."""

    meta = {"collection": "invitations", "indexes": [{"fields": ["token_hash"], "unique": True}, "person"]}

    person = me.ObjectIdField(required=True)
    purpose = me.StringField(required=True, choices=tuple(InvitationPurpose), default=InvitationPurpose.ENTER)
    nonce = me.StringField(required=True)
    token_hash = me.StringField(required=True)
    expires_at = Instant(required=True)
    used_at = Instant()


WAYS = tuple(SignInWay)
WITHOUT_PASSWORD = (SignInWay.LINK, SignInWay.CODE, SignInWay.QR)
SCOPES = tuple(TokenScope)


class SignIn(Thing):
    """A sign-in on one device (cookie) or a program's token (bearer). Only the token's hash is stored.

    way: a link, a code or a QR code opens one's sign-offs alone. opened_by: the SignOffLink or AskedWay it came by.
    network, device: keyed digests of the address and the browser it came from; browser: the latter in words.
    scope: what a program's token may do. second_factor_at: when a code was typed.
    """

    meta = {"collection": "sign_ins", "indexes": [{"fields": ["token_hash"], "unique": True}, "person"]}

    person = me.ObjectIdField(required=True)
    token_hash = me.StringField(required=True)
    way = me.StringField(required=True, choices=tuple(SignInWay))
    label = me.StringField()
    opened_by = me.ObjectIdField()
    network = me.StringField()
    device = me.StringField()
    browser = me.StringField()
    scope = me.StringField(choices=tuple(TokenScope))
    second_factor_at = Instant()
    expires_at = Instant(required=True)
    ended_at = Instant()
