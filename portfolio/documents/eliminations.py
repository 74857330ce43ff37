"""Declares slips of elimination: what a school proposed, what the archives answered, what was done. Kept for ever."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import InstantField, Thing


class SlipState(StrEnum):
    DRAWN_UP = "drawn_up"
    APPROVED = "approved"
    UNDER_WAY = "under_way"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


class SlipLine(me.EmbeddedDocument):
    """One portfolio, by candidate number: a slip contains no name. files, octets: of its pieces, at that time.

    eliminated_on (ISO day), digest (of its last submission): set once the slip is done, except if a hold applied.
    shared_files, shared_octets: of those that stay in a later session of the candidate, likewise; None without any.
    """

    candidacy = me.ObjectIdField(required=True)
    candidate_number = me.StringField(required=True)
    published_at = InstantField(required=True)
    earliest = InstantField(required=True)
    files = me.IntField(required=True)
    octets = me.LongField(required=True)
    eliminated_on = me.StringField()
    digest = me.StringField()
    shared_files = me.IntField()
    shared_octets = me.LongField()


class EliminationSlip(Thing):
    """A slip of the portfolios of one exam (its code). first_day, last_day: extreme dates of the documents, ISO days.
    rule, circular: its words, and which one.

    visa_*: of the archives, as the office copied it (code du patrimoine, L212-2, R212-14); visa_by: in words.
    reason: of its refusal or abandonment. started_by: a journal name.
    """

    meta = {
        "collection": "elimination_slips",
        "indexes": [{"fields": ["number"], "unique": True}, ["school", "session"]],
    }

    school = me.ObjectIdField(required=True)
    academy = me.StringField(required=True)
    exam = me.StringField(required=True)
    session = me.StringField(required=True)
    number = me.StringField(required=True)
    rule = me.StringField(required=True)
    circular = me.StringField(required=True)
    first_day = me.StringField(required=True)
    last_day = me.StringField(required=True)
    lines = me.EmbeddedDocumentListField(SlipLine)
    state = me.StringField(required=True, choices=tuple(SlipState), default=SlipState.DRAWN_UP)
    visa_reference = me.StringField()
    visa_on = me.StringField()
    visa_by = me.StringField()
    reason = me.StringField()
    started_by = me.StringField()
    started_at = InstantField()
    done_at = InstantField()

    @property
    def files(self) -> int:
        return sum(line.files for line in self.lines)

    @property
    def octets(self) -> int:
        return sum(line.octets for line in self.lines)

    @property
    def eliminated(self) -> list[SlipLine]:
        return [line for line in self.lines if line.eliminated_on is not None]
