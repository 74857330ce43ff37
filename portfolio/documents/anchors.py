"""Declares anchors: the heads of the chains on one day."""

from __future__ import annotations

import mongoengine as me


class Anchor(me.Document):
    """An anchor. id: the ISO day (UTC). root: of the heads that moved since the previous anchor, and of its root.

    key_id: of the chain key that salts the leaves. made: an identifier drawn when the heads began to be read: links
    written before have a smaller one. timestamp: the answer of the time-stamping authority (RFC 3161), if any.
    """

    meta = {"collection": "anchors", "auto_create_index": False}

    id = me.StringField(primary_key=True)
    root = me.StringField(required=True)
    previous = me.StringField(required=True)
    key_id = me.StringField(required=True)
    made = me.ObjectIdField(required=True)
    timestamp = me.BinaryField()


class AnchoredHeads(me.Document):
    """Some of the heads of one anchor, "chain seq:mac" each, in order of their chains. id: the day and a rank."""

    meta = {"collection": "anchored_heads", "auto_create_index": False, "indexes": [["day", "rank"]]}

    id = me.StringField(primary_key=True)
    day = me.StringField(required=True)
    rank = me.IntField(required=True)
    heads = me.ListField(me.StringField())
