"""Declares formative feedback, in a collection and a chain of its own: it never counts for the certification."""

from __future__ import annotations

import mongoengine as me

from portfolio.documents.fields import CandidacyThing, InstantField


class Feedback(CandidacyThing):
    """The comment of a teacher on one piece at `evidence_revision`. reply: the line of the candidate, once read."""

    meta = {"collection": "feedback", "indexes": ["evidence", "candidacy", "author"]}

    evidence = me.ObjectIdField(required=True)
    evidence_revision = me.IntField(required=True)
    author = me.ObjectIdField(required=True)
    author_name = me.StringField(required=True)
    text = me.StringField(required=True)
    seen_at = InstantField()
    reply = me.StringField()
