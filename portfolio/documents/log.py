"""Declares the collections of the journal: chains of events, outbox rows, keys of requests already done."""

from __future__ import annotations

import mongoengine as me

from portfolio.documents.fields import InstantField
from portfolio.ids import new_id


class Link(me.Document):
    """One event: a fact in the past tense with ids, digests and codes; no personal data.

    seals: of what the commit stored (`portfolio.store.seals`); absent from links of before 0.3. witness: "chain
    seq:mac" of the previous link that the same process wrote, in any chain.
    """

    meta = {
        "collection": "events",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["chain", "seq"], "unique": True},
            {
                "fields": ["data.decided.sheet"],
                "partialFilterExpression": {"name": "proposals_confirmed"},
                "name": "confirmed_in",
            },
            {
                "fields": ["subject.id"],
                "partialFilterExpression": {"data.sha256": {"$exists": True}},
                "name": "files_sealed",
            },
            {"fields": ["seals.of"], "sparse": True, "name": "sealed_in"},
            {
                "fields": ["data.academy", "-id"],
                "partialFilterExpression": {"name": "person_looked_up"},
                "name": "looked_up_in",
            },
        ],
    }

    id = me.ObjectIdField(primary_key=True, default=new_id)
    chain = me.StringField(required=True)
    seq = me.IntField(required=True)
    at = InstantField(required=True)
    by = me.StringField(required=True)
    name = me.StringField(required=True)
    subject = me.DictField(required=True)
    data = me.DictField()
    seals = me.ListField(me.DictField(), default=None)
    witness = me.StringField()
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
    """Background work asked for in the same transaction as the act; delivered at least once by `worker.py`.

    key: at most one row waits under it; it is removed as soon as a worker claims the row, so that a later request is
    not lost. outcome: `sent`, or why nothing was sent.

    For a mail: person and address (keyed digest) of the recipient; requests: the sign-offs it asks for; advice: the
    feedback it announces; bounced_at, bounce_status (RFC 3463, for example 5.1.1): when and why it came back;
    delayed_at, delay_status: when and why it was first said to be late.
    """

    meta = {
        "collection": "outbox",
        "auto_create_index": False,
        "indexes": [
            ["done_at", "due_at"],
            {
                "fields": ["key"],
                "unique": True,
                "partialFilterExpression": {"key": {"$exists": True}},
                "name": "one_waits",
            },
            {"fields": ["requests"], "partialFilterExpression": {"requests": {"$exists": True}}, "name": "mails_about"},
            {"fields": ["advice"], "partialFilterExpression": {"advice": {"$exists": True}}, "name": "mails_telling"},
            {"fields": ["person"], "partialFilterExpression": {"person": {"$exists": True}}, "name": "mails_to"},
            {
                "fields": ["payload.person"],
                "partialFilterExpression": {"payload.person": {"$exists": True}},
                "name": "mails_owed",
            },
        ],
    }

    id = me.ObjectIdField(primary_key=True, default=new_id)
    kind = me.StringField(required=True)
    payload = me.DictField()
    due_at = InstantField(required=True)
    key = me.StringField()
    asked = me.IntField()
    leased_until = InstantField()
    attempts = me.IntField(default=0)
    done_at = InstantField()
    failure = me.StringField()
    outcome = me.StringField()
    person = me.ObjectIdField()
    address = me.StringField()
    requests = me.ListField(me.ObjectIdField(), default=None)
    advice = me.ListField(me.ObjectIdField(), default=None)
    bounced_at = InstantField()
    bounce_status = me.StringField()
    delayed_at = InstantField()
    delay_status = me.StringField()


class Turn(me.Document):
    """A task that the clock calls, by its name: when it is due, who has it (a lease), when it was last done.

    due_at: absent of a command that a timer of the machine calls.
    """

    meta = {"collection": "turns", "auto_create_index": False}

    id = me.StringField(primary_key=True)
    due_at = InstantField()
    leased_until = InstantField()
    done_at = InstantField()


class RequestKey(me.Document):
    """An Idempotency-Key that was used, and the document it created. Removed after two days: not evidence."""

    meta = {
        "collection": "request_keys",
        "auto_create_index": False,
        "indexes": [{"fields": ["at"], "expireAfterSeconds": 172800}],
    }

    id = me.StringField(primary_key=True)
    fingerprint = me.StringField(required=True)
    kind = me.StringField(required=True)
    thing = me.ObjectIdField(required=True)
    at = InstantField(required=True)


class Draft(me.Document):
    """What a person typed in a form and did not send (`portfolio.evidence.drafts`). Removed after sixty days."""

    meta = {
        "collection": "drafts",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["person", "form"], "unique": True},
            {"fields": ["at"], "expireAfterSeconds": 5184000},
        ],
    }

    person = me.ObjectIdField(required=True)
    form = me.StringField(required=True)
    page = me.StringField(required=True)
    fields = me.ListField(me.DictField())
    at = InstantField(required=True)


class DigestedObject(me.Document):
    """An object of the store whose bytes were digested (`portfolio.files.sealed_files`). id: its key.

    seal: of its key, its ETag and its digest, by a secret key that is not in the database. Removed after 45 days.
    """

    meta = {
        "collection": "digested_objects",
        "auto_create_index": False,
        "indexes": [{"fields": ["at"], "expireAfterSeconds": 45 * 86400}],
    }

    id = me.StringField(primary_key=True)
    seal = me.StringField(required=True)
    at = InstantField(required=True)


class Unsent(me.Document):
    """A form refused because its session had ended (`portfolio.evidence.unsent_forms`). Removed after a day."""

    meta = {
        "collection": "unsent",
        "auto_create_index": False,
        "indexes": [["person", "id"], {"fields": ["at"], "expireAfterSeconds": 86400}],
    }

    person = me.ObjectIdField(required=True)
    form = me.StringField(required=True)
    page = me.StringField(required=True)
    fields = me.ListField(me.DictField())
    at = InstantField(required=True)


class Attempt(me.Document):
    """The number of attempts (`portfolio.identity.attempts`) of a subject, known by a keyed digest.

    Removed after `until`. One row counts what a probe writes to see whether writing works (`api.operation.readiness`).
    """

    meta = {
        "collection": "attempts",
        "auto_create_index": False,
        "indexes": [{"fields": ["until"], "expireAfterSeconds": 0}],
    }

    id = me.StringField(primary_key=True)
    count = me.IntField(required=True)
    until = InstantField(required=True)
