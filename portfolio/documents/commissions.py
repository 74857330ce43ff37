"""Declares the side of the commission, in a chain of its own that no candidate can observe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import CandidacyThing, InstantField, one_of_a_candidacy
from portfolio.rules.terms import GridMode, MemberQuality


class CommissionState(StrEnum):
    CONVENED = "convened"
    CANCELLED = "cancelled"


class AssessmentState(StrEnum):
    OPEN = "open"
    DRAWN_UP = "drawn_up"


class SheetState(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    TRANSMITTED = "transmitted"
    FINAL = "final"
    VOIDED = "voided"


class ReserveState(StrEnum):
    STANDING = "standing"
    LIFTED = "lifted"


QUALITIES = tuple(MemberQuality)
USUALLY_LASTS_MIN = 30  # neither the arrêté nor a circular states a length


class Seat(me.EmbeddedDocument):
    """A seat. left_at: when the member was replaced, with the reason; what they wrote is kept but not used."""

    person = me.ObjectIdField(required=True)
    name = me.StringField(required=True)
    quality = me.StringField(required=True, choices=tuple(MemberQuality))
    since = InstantField(required=True)
    left_at = InstantField()
    left_reason = me.StringField()


class Meeting(me.EmbeddedDocument):
    """The meeting as it was held, which is not always as it was convened. present: ids of the members who were there.

    note: what the members add (at a distance, arrived late…), printed on the sheet. on_paper: they wrote by hand on a
    blank grid, which was keyed afterwards.
    """

    held_at = InstantField(required=True)
    place = me.StringField(required=True)
    present = me.ListField(me.ObjectIdField())
    note = me.StringField()
    on_paper = me.BooleanField(required=True, default=False)
    recorded_by = me.ObjectIdField(required=True)
    recorded_at = InstantField(required=True)


class Commission(CandidacyThing):
    """A commission of two members. members repeats their ids for POLICY. mode: see GridMode.

    way_asked, way_asked_by: another mode, and the member who asked for it, while the other has not agreed.
    meets_at, lasts_min (minutes), place: as convened. meeting: as held; None until it is recorded, and again once a
    member is replaced or the commission moved.
    """

    meta = {
        "collection": "commissions",
        "indexes": [
            *one_of_a_candidacy("one_live_commission", state=CommissionState.CONVENED),
            ["members", "meets_at"],
            "seats.person",
            ["school", "session", "meets_at", "id"],
            ["academy", "session", "meets_at", "id"],
        ],
    }

    meets_at = InstantField(required=True)
    lasts_min = me.IntField(required=True, default=USUALLY_LASTS_MIN)
    place = me.StringField(required=True)
    mode = me.StringField(required=True, choices=tuple(GridMode))
    way_asked = me.StringField(choices=tuple(GridMode))
    way_asked_by = me.ObjectIdField()
    seats = me.EmbeddedDocumentListField(Seat)
    members = me.ListField(me.ObjectIdField())
    tutor_absence = me.StringField()
    meeting = me.EmbeddedDocumentField(Meeting)
    state = me.StringField(required=True, choices=tuple(CommissionState), default=CommissionState.CONVENED)
    cancel_reason = me.StringField()
    convened_by = me.StringField(required=True)


class Grid(CandidacyThing):
    """Degrees on the rows of the circular. member None: the grid shared by both (together, or consensus).

    opened: both are sealed, so that the other member may read this one. live: False once a member was replaced: the
    grid is kept but not used.
    """

    meta = {
        "collection": "grids",
        "indexes": [
            "commission",
            ["candidacy", "id"],
            {
                "fields": ["commission", "member"],
                "unique": True,
                "partialFilterExpression": {"live": True},
                "name": "one_live_grid",
            },
        ],
    }

    commission = me.ObjectIdField(required=True)
    members = me.ListField(me.ObjectIdField())
    member = me.ObjectIdField()
    degrees = me.MapField(me.StringField())
    observations = me.MapField(me.StringField())
    sealed_at = InstantField()
    opened = me.BooleanField(required=True, default=False)
    live = me.BooleanField(required=True, default=True)


class Assessment(CandidacyThing):
    """What the two members decide together: admitted and retained pieces, appreciation, mark. id: the commission's.

    proposed_mark: typed by the members, never computed. submission: number of the frozen revision appraised.
    outcome: code of the circular's outcome without appraisal. state: open → drawn_up (a sheet is out for signature).
    earlier: what was written before a member was replaced; kept but not used.
    """

    meta = {"collection": "assessments", "indexes": ["candidacy"]}

    members = me.ListField(me.ObjectIdField())
    submission = me.IntField()
    admitted = me.MapField(me.BooleanField())
    retained = me.MapField(me.BooleanField())
    appreciation = me.StringField()
    proposed_mark = me.Decimal128Field()
    outcome = me.StringField()
    outcome_reference = me.StringField()
    state = me.StringField(required=True, choices=tuple(AssessmentState), default=AssessmentState.OPEN)
    earlier = me.ListField(me.DictField())


class PrintedDossier(CandidacyThing):
    """The dossier of a candidate as one PDF, for a meeting without network: asked for by a member or the office.

    person: who asked, who alone opens it. submission: the number printed. key, ready_at, size (bytes), sheets (pages):
    once the worker has made it. expires_at: the object goes then, and an index removes the row a day later.
    """

    meta = {
        "collection": "printed_dossiers",
        "indexes": [
            ["commission", "person"],
            "key",
            {"fields": ["expires_at"], "expireAfterSeconds": 86400},
        ],
    }

    commission = me.ObjectIdField(required=True)
    person = me.ObjectIdField(required=True)
    submission = me.IntField(required=True)
    key = me.StringField()
    ready_at = InstantField()
    size = me.LongField()
    sheets = me.IntField()
    expires_at = InstantField(required=True)


class Presence(me.Document):
    """A person who has the page of a commission open (`portfolio.commission.presence`). Removed after a week."""

    meta = {
        "collection": "presences",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["commission", "person"], "unique": True},
            ["person", "at"],
            {"fields": ["at"], "expireAfterSeconds": 604800},
        ],
    }

    commission = me.ObjectIdField(required=True)
    person = me.ObjectIdField(required=True)
    name = me.StringField(required=True)
    since = InstantField(required=True)
    at = InstantField(required=True)


class Signature(me.EmbeddedDocument):
    """A signature. network, device: keyed digests of its sign-in."""

    person = me.ObjectIdField(required=True)
    name = me.StringField(required=True)
    quality = me.StringField(required=True)
    digest = me.StringField(required=True)
    at = InstantField(required=True)
    network = me.StringField()
    device = me.StringField()


class Unmasking(me.EmbeddedDocument):
    """The decision that gives a candidate the proposed mark of their sheet. law: the text it cites."""

    law = me.StringField(required=True)
    reference = me.StringField(required=True)
    by = me.ObjectIdField(required=True)
    name = me.StringField(required=True)
    at = InstantField(required=True)


class Sheet(CandidacyThing):
    """A sheet. content: frozen canonical JSON; digest: its SHA-256, which members sign. Never edited; voided with a
    reason.

    state: draft → proposed (two signatures) → transmitted → final; `voided` from any of them before publication.
    released: by a recorded individual act after publication; the proposed mark stays masked to the candidate unless
    `unmasked`, by the decision that `unmasking` keeps.
    """

    meta = {
        "collection": "sheets",
        "indexes": [
            {"fields": ["number"], "unique": True},
            *one_of_a_candidacy("one_live_sheet", live=True),
            ["school", "session", "state"],
            ["academy", "session", "exam", "state", "live", "candidacy", "school"],
            "commission",
        ],
    }

    number = me.StringField(required=True)
    commission = me.ObjectIdField(required=True)
    members = me.ListField(me.ObjectIdField())
    content = me.StringField(required=True)
    digest = me.StringField(required=True)
    proposed_mark = me.Decimal128Field()
    outcome = me.StringField()
    signatures = me.EmbeddedDocumentListField(Signature)
    state = me.StringField(required=True, choices=tuple(SheetState), default=SheetState.DRAFT)
    live = me.BooleanField(required=True, default=True)
    transmitted_at = InstantField()
    voided_reason = me.StringField()
    voided_at = InstantField()
    released_at = InstantField()
    release_reference = me.StringField()
    released = me.BooleanField(required=True, default=False)
    unmasked = me.BooleanField(required=True, default=False)
    unmasking = me.EmbeddedDocumentField(Unmasking)


class Reserve(CandidacyThing):
    """A suspicion of fraud, on paper elsewhere: it keeps the result out of publication until it is lifted (D643-32-2).

    reference: of the record of facts, if there is one. lifted_reference: of the decision that lifts it.
    """

    meta = {
        "collection": "reserves",
        "indexes": [
            *one_of_a_candidacy("one_standing_reserve", state=ReserveState.STANDING),
            ["academy", "session", "state"],
        ],
    }

    reason = me.StringField(required=True)
    reference = me.StringField()
    placed_by = me.ObjectIdField(required=True)
    placed_by_name = me.StringField(required=True)
    state = me.StringField(required=True, choices=tuple(ReserveState), default=ReserveState.STANDING)
    lifted_reference = me.StringField()
    lifted_by = me.ObjectIdField()
    lifted_by_name = me.StringField()
    lifted_at = InstantField()


class Correction(me.EmbeddedDocument):
    """A correction of a material error after publication: the published mark or label, and why it was wrong."""

    replaced_mark = me.Decimal128Field()
    replaced_label = me.StringField()
    reason = me.StringField(required=True)
    by = me.ObjectIdField(required=True)
    at = InstantField(required=True)


def last_corrected(corrections: Sequence[Correction]) -> datetime | None:
    """Returns the time of the last correction; None without any. corrections: oldest first."""
    return corrections[-1].at if corrections else None


class Result(CandidacyThing):
    """The decision of the jury: final_mark and proposed_mark, with a reason if they differ.

    label: of the outcome, if there is no mark. published: set for all results of the jury by the publication.
    """

    meta = {
        "collection": "results",
        "indexes": [
            {"fields": ["candidacy"], "unique": True},
            ["academy", "session", "id"],
            ["school", "id"],
            "sheet",
            ["academy", "session", "published"],
        ],
    }

    sheet = me.ObjectIdField(required=True)
    proposed_mark = me.Decimal128Field()
    outcome = me.StringField()
    final_mark = me.Decimal128Field()
    label = me.StringField()
    reason = me.StringField()
    decided_by = me.ObjectIdField(required=True)
    decided_at = InstantField(required=True)
    published = me.BooleanField(required=True, default=False)
    published_at = InstantField()
    corrections = me.EmbeddedDocumentListField(Correction)

    @property
    def corrected_at(self) -> datetime | None:
        """Returns when the published result was last put right; None if it never was."""
        return last_corrected(self.corrections)


class OfficeOutcome(CandidacyThing):
    """What an office records where nothing is appraised, and what the jury decides on it. No commission meets.

    outcome, label: code and words of the circular. kept_mark, kept_session: of a mark obtained before. reference: of
    the decision. convoked_on: ISO day on which who was absent, or handed in nothing, was convoked; proof: of that.
    final_mark, reason, decided_*: the jury's. live: not withdrawn. sent_back: withdrawn by the jury, not by the office;
    of one that was published, its result is taken back. final_label: the words that a correction put in place of
    `label`.
    """

    meta = {
        "collection": "office_outcomes",
        "indexes": [
            *one_of_a_candidacy("one_live_outcome", live=True),
            ["academy", "session", "live", "decided", "published"],
            ["school", "session", "live"],
        ],
    }

    outcome = me.StringField(required=True)
    label = me.StringField(required=True)
    kept_mark = me.Decimal128Field()
    kept_session = me.StringField()
    reference = me.StringField()
    convoked_on = me.StringField()
    proof = me.StringField()
    recorded_by = me.ObjectIdField(required=True)
    live = me.BooleanField(required=True, default=True)
    withdrawn_because = me.StringField()
    withdrawn_at = InstantField()
    sent_back = me.BooleanField(default=False)
    decided = me.BooleanField(required=True, default=False)
    final_mark = me.Decimal128Field()
    reason = me.StringField()
    decided_by = me.ObjectIdField()
    decided_at = InstantField()
    published = me.BooleanField(required=True, default=False)
    published_at = InstantField()
    final_label = me.StringField()
    corrections = me.EmbeddedDocumentListField(Correction)

    @property
    def result_label(self) -> str:
        """Returns the words of the result: those recorded, or those of the last correction that gave others."""
        return str(self.final_label or self.label)

    @property
    def corrected_at(self) -> datetime | None:
        """Returns when the published result was last put right; None if it never was."""
        return last_corrected(self.corrections)
