"""The journal's own collections: chains of events, outbox rows, keys of requests already done."""

from __future__ import annotations

import mongoengine as me

from portfolio.documents.fields import Instant
from portfolio.entropy import new_id


class Link(me.Document):
    """One event: a past-tense fact with ids, digests and codes; no personal data."""

    meta = {
        "collection": "events",
        "auto_create_index": False,
        "indexes": [{"fields": ["chain", "seq"], "unique": True}],
    }

    id = me.ObjectIdField(primary_key=True, default=new_id)
    chain = me.StringField(required=True)
    seq = me.IntField(required=True)
    at = Instant(required=True)
    by = me.StringField(required=True)
    name = me.StringField(required=True)
    subject = me.DictField(required=True)
    data = me.DictField()
    prev = me.StringField(required=True)
    key_id = me.StringField(required=True)
    mac = me.StringField(required=True)


class Chain(me.Document):
    """The head of a chain: its length and last mac."""

    meta = {"collection": "chains", "auto_create_index": False}

    id = me.StringField(primary_key=True)
    seq = me.IntField(required=True)
    mac = me.StringField(required=True)


class OutboxRow(me.Document):
    """Background work asked for in the same transaction as the act; delivered at least once by `worker.py`."""

    meta = {"collection": "outbox", "auto_create_index": False, "indexes": [["done_at", "due_at"]]}

    id = me.ObjectIdField(primary_key=True, default=new_id)
    kind = me.StringField(required=True)
    payload = me.DictField()
    due_at = Instant(required=True)
    leased_until = Instant()
    attempts = me.IntField(default=0)
    done_at = Instant()
    failure = me.StringField()


class RequestKey(me.Document):
    """An Idempotency-Key that was used, and what it made. Removed after two days: never an authority on the exam."""

    meta = {
        "collection": "request_keys",
        "auto_create_index": False,
        "indexes": [{"fields": ["at"], "expireAfterSeconds": 172800}],
    }

    id = me.StringField(primary_key=True)
    fingerprint = me.StringField(required=True)
    kind = me.StringField(required=True)
    thing = me.ObjectIdField(required=True)
    at = Instant(required=True)
