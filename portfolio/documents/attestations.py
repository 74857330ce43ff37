"""Declares sign-offs of activities and the joint evaluation of their reality (arrêté, annex II D, E5, B)."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import CandidacyThing, InstantField, Reused, taken_once
from portfolio.rules.terms import SignOffSeat


class SignOffAnswer(StrEnum):
    """An answer on the reality of an activity."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    REFUSED = "refused"
    NOT_KNOWN = "not_known"


class SignOffState(StrEnum):
    """Requested, answered, waived; declined because the tutor contested the placement; lapsed because whom it was asked
    of holds the seat no more.
    """

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    PARTLY = "partly"
    REFUSED = "refused"
    NOT_KNOWN = "not_known"
    WAIVED = "waived"
    DECLINED = "declined"
    LAPSED = "lapsed"


class SignOffChannel(StrEnum):
    """How the signatory had signed in."""

    SIGNED_IN = "signed_in"
    LINK = "link"
    CODE = "code"
    QR = "qr"
    PAPER = "paper"


class RealityState(StrEnum):
    """Written by a teacher; then agreed to by the tutor, or concluded without the tutor."""

    PROPOSED = "proposed"
    JOINT = "joint"
    TEACHER_ALONE = "teacher_alone"


ANSWERS = tuple(SignOffAnswer)
ENDED = (SignOffState.DECLINED, SignOffState.LAPSED)
UNANSWERED = (SignOffState.REQUESTED, *ENDED)
CHANNELS = tuple(SignOffChannel)


class ShownPiece(me.EmbeddedDocument):
    """A piece as it was presented to the signatory. title: at that time. late_since: as the page marked it."""

    evidence = me.ObjectIdField(required=True)
    revision = me.IntField(required=True)
    digest = me.StringField(required=True)
    title = me.StringField()
    late_since = InstantField()


class Attestation(CandidacyThing):
    """The answer of one person on one activity, bound to digests of what was presented. Never overwritten once
    answered: a later answer is another attestation.

    person: None of a request to a tutor who is not named yet: it leaves for them once they are.

    signer_name, signer_function: proposed with the request, then as signed. comment of a `waived` one: the reason,
    by the teacher in `person` for the seat of the tutor. declined: the tutor contested the placement, which stopped
    the request. lapsed: the tutor was replaced, the placement cancelled, the activity moved or withdrawn, the teacher
    left, or their account was suspended; a seat whose last request ended so is to be asked again.

    activity_title: at that time. act: shared by all that one person signed at once. opened_by, mail: the link or
    code used to sign in, and the outbox row of its mail. opened_at: when the signatory opened the page. network,
    device: see SignIn. scan, relayed_by: for an answer on paper, the PaperScan and the person who typed it. given_in:
    « name, city » of the school where it was answered, once the candidate has left that school. reused: of an answer
    given in an earlier session, which its candidate took with pieces; of those pieces alone, it gets more as they do.
    """

    meta = {
        "collection": "attestations",
        "indexes": [
            "candidacy",
            "activity",
            {
                "fields": ["activity", "person"],
                "unique": True,
                "partialFilterExpression": {"state": SignOffState.REQUESTED},
                "name": "one_request_at_a_time",
            },
            {"fields": ["person"], "partialFilterExpression": {"state": SignOffState.REQUESTED}, "name": "waiting_for"},
            ["person", "id"],
            "act",
            taken_once(),
        ],
    }

    activity = me.ObjectIdField(required=True)
    placement = me.ObjectIdField()
    seat = me.StringField(required=True, choices=tuple(SignOffSeat))
    person = me.ObjectIdField()
    state = me.StringField(required=True, choices=tuple(SignOffState))
    requested_by = me.ObjectIdField()
    signer_name = me.StringField()
    signer_function = me.StringField()
    channel = me.StringField(choices=tuple(SignOffChannel))
    act = me.ObjectIdField()
    opened_by = me.ObjectIdField()
    mail = me.ObjectIdField()
    opened_at = InstantField()
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
    answered_at = InstantField()
    given_in = me.StringField()
    reused = me.EmbeddedDocumentField(Reused)


class Concurrence(me.EmbeddedDocument):
    """The agreement of a person to the digested text. channel: see Attestation."""

    person = me.ObjectIdField(required=True)
    seat = me.StringField(required=True, choices=tuple(SignOffSeat))
    name = me.StringField(required=True)
    digest = me.StringField(required=True)
    at = InstantField(required=True)
    channel = me.StringField(choices=tuple(SignOffChannel))


class RealityEvaluation(CandidacyThing):
    """The evaluation of one placement: by a teacher with the tutor, or by the teacher alone with the reason why.

    placement: None for the one on what was done in class and in ateliers, by teachers alone.
    earlier: the versions before each rewriting, with the concurrences that it cancelled: text, digest, state,
    alone_reason, concurrences, until.
    """

    meta = {
        "collection": "reality_evaluations",
        "indexes": [
            {"fields": ["candidacy", "placement"], "unique": True, "name": "one_evaluation_each"},
            "placement",
            {"fields": ["concurrences.person"], "sparse": True},
        ],
    }

    placement = me.ObjectIdField()
    text = me.StringField(required=True)
    digest = me.StringField(required=True)
    state = me.StringField(required=True, choices=tuple(RealityState))
    alone_reason = me.StringField()
    concurrences = me.EmbeddedDocumentListField(Concurrence)
    earlier = me.ListField(me.DictField())
