"""Declares people, their grants and their sign-ins."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import mongoengine as me
from bson import ObjectId

from portfolio.documents.fields import Amended, InstantField, Thing
from portfolio.identifiers import full_name, name_key
from portfolio.ids import new_id


class Role(StrEnum):
    """The role that a grant gives to a person."""

    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    TEACHER = "teacher"
    CANDIDATE = "candidate"
    TUTOR = "tutor"
    JURY = "jury"
    INSPECTOR = "inspector"
    SUPPORT = "support"
    EXAM_SERVICE = "exam_service"


class PersonState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class InvitationPurpose(StrEnum):
    ENTER = "enter"
    RESET = "reset"
    CODE = "code"


class SignInWay(StrEnum):
    """By what a person is signed in."""

    COOKIE = "cookie"
    BEARER = "bearer"
    LINK = "link"
    CODE = "code"
    QR = "qr"


class TokenScope(StrEnum):
    """What the token of a program may do."""

    READ = "read"
    WRITE = "write"


ROLES = tuple(Role)
AS_NAMES_SORT = {"locale": "fr", "strength": 1}  # a collation: for the store, what `name_key` is here


class Grant(me.EmbeddedDocument):
    """Binds a person to a scope: a school; an academy, an exam (its code) and a session (for support, an academy); a
    candidacy (and, for a tutor, a placement).

    academies: all those of a jury for several (sorted), of which `academy` pilots; empty otherwise.

    waits: the grant does not count yet. It counts from counts_from on; if that is empty, once a second person
    (confirmed_by) confirms it.

    deputy: of a jury; it opens nothing but while its holder is seated for a titular member (`Jury.seatings`), from
    sits_from on. That is empty while nobody seats them.
    """

    id = me.ObjectIdField(required=True, default=new_id)
    role = me.StringField(required=True, choices=tuple(Role))
    school = me.ObjectIdField()
    academy = me.StringField()
    academies = me.ListField(me.StringField())
    exam = me.StringField()
    session = me.StringField()
    candidacy = me.ObjectIdField()
    placement = me.ObjectIdField()
    teaches_profession = me.BooleanField()
    granted_by = me.StringField(required=True)
    granted_at = InstantField(required=True)
    waits = me.BooleanField()
    counts_from = InstantField()
    confirmed_by = me.StringField()
    revoked_at = InstantField()
    deputy = me.BooleanField()
    sits_from = InstantField()

    @property
    def region(self) -> list[str]:
        """Returns the codes of the academies where the right is held, sorted; [] if it names none."""
        return list(self.academies) or ([self.academy] if self.academy else [])

    def in_force(self, at: datetime | None) -> bool:
        """Returns True if the grant is neither revoked nor waiting at this instant, whether its deputy sits or not. at:
        None if unknown: no waiting grant is in force then.
        """
        if self.revoked_at is not None or not self.waits:
            return self.revoked_at is None
        return at is not None and self.counts_from is not None and self.counts_from <= at

    def sits(self, at: datetime | None) -> bool:
        """Returns True at every instant but, of a deputy, when nobody seats them."""
        return not self.deputy or (at is not None and self.sits_from is not None and self.sits_from <= at)

    def counts(self, at: datetime | None) -> bool:
        """Returns True if the grant opens something at this instant. at: None if unknown: no waiting grant and no
        deputy counts then.
        """
        return self.in_force(at) and self.sits(at)


def counting(at: datetime) -> dict[str, object]:
    """Returns the MongoDB condition of a grant that counts at this instant, as `Grant.counts` has it."""
    unseated = {"deputy": True, "sits_from": {"$not": {"$lte": at}}}
    return {"revoked_at": None, "$or": [{"waits": {"$ne": True}}, {"counts_from": {"$lte": at}}], "$nor": [unseated]}


class Person(Thing):
    """A person. schools: those whose office may see this person (it enrolled or invited them). email: None for a tutor
    whose address nobody knows, who confirms on paper.

    address_failed_at, address_failure (RFC 3463): mail to the address came back; no mail leaves until it is corrected,
    or tried again. address_delayed_at: for a week nothing but delays; mail still leaves.

    feed_hash, feed_made_at: the hash of the token in the address that their calendars subscribe to, if they made one.

    amended: names that were put right, the earliest first.
    """

    meta = {
        "collection": "persons",
        "indexes": [
            {"fields": ["email"], "unique": True, "sparse": True},
            ["schools", "id"],
            {"fields": ["grants.session"], "sparse": True},
            {"fields": ["feed_hash"], "sparse": True},
            ["grants.school", "grants.role"],
            ["grants.academy", "grants.role"],
            ["grants.academies", "grants.role"],
            {"fields": ["family_name", "id"], "collation": AS_NAMES_SORT, "name": "names_as_they_sort"},
        ],
    }

    email = me.StringField()
    family_name = me.StringField(required=True)
    given_names = me.StringField(required=True)
    password = me.StringField()
    state = me.StringField(required=True, choices=tuple(PersonState), default=PersonState.INVITED)
    suspended_because = me.StringField()
    address_failed_at = InstantField()
    address_failure = me.StringField()
    address_delayed_at = InstantField()
    grants = me.EmbeddedDocumentListField(Grant)
    schools = me.ListField(me.ObjectIdField())
    totp = me.StringField()
    totp_step = me.IntField()
    feed_hash = me.StringField()
    feed_made_at = InstantField()
    amended = me.EmbeddedDocumentListField(Amended)

    @property
    def name(self) -> str:
        return full_name(self.given_names, self.family_name)

    @property
    def no_mail_because(self) -> str | None:
        """Returns `suspended`, `no_address` or `address_failed`; None if mail leaves to this person."""
        if self.state == PersonState.SUSPENDED:
            return "suspended"
        if self.email is None:
            return "no_address"
        return "address_failed" if self.address_failed_at is not None else None

    @property
    def live_grants(self) -> list[Grant]:
        """Returns the grants that were not revoked; some may not count yet (`Grant.counts`)."""
        return [grant for grant in self.grants if grant.revoked_at is None]

    def teaches_in(self, school: ObjectId) -> bool:
        """Returns True if a right to teach in the school (id) was not revoked."""
        return any(grant.role == Role.TEACHER and grant.school == school for grant in self.live_grants)


def by_name(person: Person) -> tuple[str, str, ObjectId]:
    """Returns the key that sorts people by name, whatever the case and the accents."""
    return name_key(person.family_name), name_key(person.given_names), person.id


class Invitation(Thing):
    """A token to set a password, the first or a new one; or a code on paper, by which a candidate gives an address
    (`enrolment.entry_codes`). Only the hash of the token is stored, of a code a keyed one.

    email: the address that the mail proves, which becomes the person's with their password; None where they have one.
    """

    meta = {"collection": "invitations", "indexes": [{"fields": ["token_hash"], "unique": True}, "person"]}

    person = me.ObjectIdField(required=True)
    purpose = me.StringField(required=True, choices=tuple(InvitationPurpose), default=InvitationPurpose.ENTER)
    email = me.StringField()
    nonce = me.StringField(required=True)
    token_hash = me.StringField(required=True)
    expires_at = InstantField(required=True)
    used_at = InstantField()


WAYS = tuple(SignInWay)
WITHOUT_PASSWORD = (SignInWay.LINK, SignInWay.CODE, SignInWay.QR)
SCOPES = tuple(TokenScope)


class SignIn(Thing):
    """A sign-in on one device (cookie) or the token of a program (bearer). Only the hash of the token is stored.

    way: a link, a code or a QR code opens only the sign-offs of the tutor. opened_by: its SignOffLink or AskedWay.
    network, device: keyed digests of the address and the browser; browser: the browser in words.
    scope: what the token of a program may do. second_factor_at: when a code was typed.
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
    second_factor_at = InstantField()
    expires_at = InstantField(required=True)
    ended_at = InstantField()
