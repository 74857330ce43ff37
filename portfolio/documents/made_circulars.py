"""Declares the circulars that are made on screen, and the annexes that they were compared with."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me

from portfolio.documents.candidacies import Pin
from portfolio.documents.fields import InstantField, Thing


class MadeCircularState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    ABANDONED = "abandoned"


class CircularAnnex(Thing):
    """The annex of a circular, as a PDF in the object store. key: its place there. size: bytes.

    It stays for ever once a comparison with it is declared, or the version that names it is published.
    """

    meta = {"collection": "circular_annexes", "indexes": []}

    session = me.StringField(required=True)
    name = me.StringField(required=True)
    key = me.StringField(required=True)
    size = me.IntField(required=True)
    sha256 = me.StringField(required=True)
    deposited_by = me.ObjectIdField(required=True)


class MadeCircular(Thing):
    """A version of a circular of an exam (its code) made on screen: a draft, then published and never changed again.

    based_on: the version that it was made from. text: the file, in YAML. version, sha256: given when it is published.
    compared_*: who declared the grid compared with the annex, and when; compared_text: digest of both then.
    """

    meta = {
        "collection": "made_circulars",
        "indexes": [
            {
                "fields": ["exam", "session", "version"],
                "unique": True,
                "partialFilterExpression": {"version": {"$type": "string"}},
                "name": "circular_published_once",
            },
            {
                "fields": ["exam", "session"],
                "unique": True,
                "partialFilterExpression": {"state": "draft"},
                "name": "circular_drafted_once",
            },
            "sha256",
        ],
    }

    exam = me.StringField(required=True)
    session = me.StringField(required=True)
    state = me.StringField(required=True, choices=tuple(MadeCircularState))
    based_on = me.EmbeddedDocumentField(Pin, required=True)
    text = me.StringField(required=True)
    annex = me.ObjectIdField()
    compared_by = me.ObjectIdField()
    compared_name = me.StringField()
    compared_at = InstantField()
    compared_text = me.StringField()
    version = me.StringField()
    sha256 = me.StringField()
    published_by = me.ObjectIdField()
    published_at = InstantField()
