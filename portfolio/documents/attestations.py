"""Sign-offs of activities and the joint evaluation of their reality (arrêté, annex II D, E5, B)."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import CandidacyThing, Instant


class SignOffSeat(StrEnum):
    """In which quality somebody answers for an activity."""

    TUTOR = "tutor"
    TEACHER = "teacher"


class SignOffAnswer(StrEnum):
    """What is answered on the reality of an activity."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    REFUSED = "refused"
    NOT_KNOWN = "not_known"


class SignOffState(StrEnum):
    """Asked for, answered, done without, or not theirs to answer."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    PARTLY = "partly"
    REFUSED = "refused"
    NOT_KNOWN = "not_known"
    WAIVED = "waived"
    DECLINED = "declined"


class SignOffChannel(StrEnum):
    """How whoever answered had come."""

    SIGNED_IN = "signed_in"
    LINK = "link"
    CODE = "code"
    QR = "qr"
    PAPER = "paper"


class RealityState(StrEnum):
    """Written by a teacher; agreed to by the tutor, or concluded alone."""

    PROPOSED = "proposed"
    JOINT = "joint"
    TEACHER_ALONE = "teacher_alone"


ANSWERS = tuple(SignOffAnswer)
ATTESTATION_STATES = tuple(SignOffState)
UNANSWERED = (SignOffState.REQUESTED, SignOffState.DECLINED)
CHANNELS = tuple(SignOffChannel)


class ShownPiece(me.EmbeddedDocument):
    """title: as it was shown."""

    evidence = me.ObjectIdField(required=True)
    revision = me.IntField(required=True)
    digest = me.StringField(required=True)
    title = me.StringField()


class Attestation(CandidacyThing):
    """One person's answer on one activity, bound to digests of what was shown. Never overwritten once answered:
    a later answer is another attestation.

    signer_name, signer_function: proposed when asked, as signed once answered. comment of a `waived` one: the reason,
    by the teacher in `person` for the tutor's seat. declined: a request that stopped, because of what the tutor said of
    the placement.

    activity_title: as it was shown. act: shared by all that one person signed at once. opened_by, mail: the link or
    code they came by, and the outbox row of its mail. opened_at: when they opened what they signed. network,
    device: as of a SignIn. scan, relayed_by: of an answer given on paper, the PaperScan and who typed it in.
    """

    meta = {
        "collection": "attestations",
        "indexes": [
            "candidacy",
            "activity",
            {
                "fields": ["activity", "person"],
                "unique": True,
                "partialFilterExpression": {"state": "requested"},
                "name": "one_request_at_a_time",
            },
            {"fields": ["person"], "partialFilterExpression": {"state": "requested"}, "name": "waiting_for"},
            ["person", "id"],
            "act",
        ],
    }

    activity = me.ObjectIdField(required=True)
    placement = me.ObjectIdField()
    seat = me.StringField(required=True, choices=tuple(SignOffSeat))
    person = me.ObjectIdField(required=True)
    state = me.StringField(required=True, choices=tuple(SignOffState))
    requested_by = me.ObjectIdField()
    signer_name = me.StringField()
    signer_function = me.StringField()
    channel = me.StringField(choices=tuple(SignOffChannel))
    act = me.ObjectIdField()
    opened_by = me.ObjectIdField()
    mail = me.ObjectIdField()
    opened_at = Instant()
    network = me.StringField()
    device = me.StringField()
    scan = me.ObjectIdField()
    relayed_by = me.ObjectIdField()
    activity_title = me.StringField()
    activity_digest = me.StringField()
    pieces = me.EmbeddedDocumentListField(ShownPiece)
    shown_digest = me.StringField()
    statement_id = me.StringField()
    statement_version = me.StringField()
    statement = me.StringField()
    comment = me.StringField()
    answered_at = Instant()


class Concurrence(me.EmbeddedDocument):
    """A person's agreement to the text as digested. channel: by which way they came, as of an Attestation."""

    person = me.ObjectIdField(required=True)
    seat = me.StringField(required=True, choices=tuple(SignOffSeat))
    name = me.StringField(required=True)
    digest = me.StringField(required=True)
    at = Instant(required=True)
    channel = me.StringField(choices=tuple(SignOffChannel))


class RealityEvaluation(CandidacyThing):
    """Per placement: written by a teacher, agreed by the tutor; or by the teacher alone with the reason why.

    earlier: what it was before each rewriting, with the concurrences that fell: text, digest, state, alone_reason,
    concurrences, until.
    """

    meta = {
        "collection": "reality_evaluations",
        "indexes": ["candidacy", {"fields": ["placement"], "unique": True}],
    }

    placement = me.ObjectIdField(required=True)
    text = me.StringField(required=True)
    digest = me.StringField(required=True)
    state = me.StringField(required=True, choices=tuple(RealityState))
    alone_reason = me.StringField()
    concurrences = me.EmbeddedDocumentListField(Concurrence)
    earlier = me.ListField(me.DictField())
