"""Declares the accesses without a password: links in mails, codes to type, signed paper."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import CandidacyThing, InstantField, Thing


class WayAsked(StrEnum):
    """What a visitor asked for, to sign in or to prove their identity."""

    LINK = "link"
    CODE = "code"
    QR = "qr"
    PASSWORD = "password"  # noqa: S105
    SECOND_FACTOR = "second_factor"


ASKED = tuple(WayAsked)


class SignOffLink(Thing):
    """A link in a mail: opens the requests of one person, any number of times, until it expires or is revoked.

    Only the hash of the token is stored. row: the outbox row of the mail. opened_at: the first time its button was
    pressed; fetching the page leaves no trace.
    """

    meta = {"collection": "sign_off_links", "indexes": [{"fields": ["token_hash"], "unique": True}, "person", "row"]}

    person = me.ObjectIdField(required=True)
    purpose = me.StringField(required=True, choices=("sign_off",))
    token_hash = me.StringField(required=True)
    row = me.ObjectIdField()
    expires_at = InstantField(required=True)
    revoked_at = InstantField()
    revoked_because = me.StringField()
    opened_at = InstantField()


class AskedWay(Thing):
    """A request of a visitor for a link, a code or a new password.

    person: None if the address is unknown, so that both cases cost the same.
    The code is not stored: it is derived from `nonce` and the key of the service. tries: codes typed.
    sign_in: the sign-in for which a second factor was asked. placement: of the page that a QR code leads to.
    Removed after a month.
    """

    meta = {
        "collection": "asked_ways",
        "indexes": [["person", "created_at"], {"fields": ["created_at"], "expireAfterSeconds": 2592000}],
    }

    way = me.StringField(required=True, choices=tuple(WayAsked))
    person = me.ObjectIdField()
    placement = me.ObjectIdField()
    sign_in = me.ObjectIdField()
    nonce = me.StringField(required=True)
    expires_at = InstantField(required=True)
    tries = me.IntField(required=True, default=0)
    used_at = InstantField()


class PaperScan(CandidacyThing):
    """The scan of a statement signed on paper, deposited by a teacher. size, sha256: of the bytes stored.

    discarded_at: see EvidenceFile; an elimination erases the bytes, then the record.
    """

    meta = {
        "collection": "paper_scans",
        "indexes": ["candidacy", "placement", {"fields": ["key"], "unique": True}, "deposited_by"],
    }

    placement = me.ObjectIdField(required=True)
    deposited_by = me.ObjectIdField(required=True)
    name = me.StringField(required=True)
    key = me.StringField(required=True)
    size = me.LongField(required=True)
    sha256 = me.StringField(required=True)
    kind = me.StringField(required=True)
    media_type = me.StringField(required=True)
    discarded_at = InstantField()


class GridScan(CandidacyThing):
    """The scan of a grid that a commission filled in by hand, and its two readings. size, sha256: of the bytes stored.

    keyed: the digest of what one member keyed from it, keyed_by and keyed_name saying who; read: the digest that the
    other member found when they read it again. The last one deposited for a commission counts, unless it is withdrawn.
    discarded_at: when it was; its bytes are erased a day later.
    """

    meta = {"collection": "grid_scans", "indexes": ["commission", "candidacy", {"fields": ["key"], "unique": True}]}

    commission = me.ObjectIdField(required=True)
    deposited_by = me.ObjectIdField(required=True)
    name = me.StringField(required=True)
    key = me.StringField(required=True)
    size = me.LongField(required=True)
    sha256 = me.StringField(required=True)
    kind = me.StringField(required=True)
    media_type = me.StringField(required=True)
    keyed_by = me.ObjectIdField()
    keyed_name = me.StringField()
    keyed_at = InstantField()
    keyed = me.StringField()
    read_by = me.ObjectIdField()
    read_name = me.StringField()
    read_at = InstantField()
    read = me.StringField()
    discarded_at = InstantField()
