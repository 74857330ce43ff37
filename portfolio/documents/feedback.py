"""Formative feedback, in a collection and a chain of its own: nothing of it certifies anything."""

from __future__ import annotations

import mongoengine as me

from portfolio.documents.fields import CandidacyThing, Instant


class Feedback(CandidacyThing):
    """A teacher's comment on one piece as it stood at `evidence_revision`. reply: the candidate's line, once seen."""

    meta = {"collection": "feedback", "indexes": ["evidence", "candidacy", "author"]}

    evidence = me.ObjectIdField(required=True)
    evidence_revision = me.IntField(required=True)
    author = me.ObjectIdField(required=True)
    author_name = me.StringField(required=True)
    text = me.StringField(required=True)
    seen_at = Instant()
    reply = me.StringField()
