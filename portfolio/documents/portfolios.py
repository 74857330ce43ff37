"""Declares the side of the candidate: portfolio, activities, pieces of evidence, files, frozen submissions.

Nothing here changes when a commission works (docs/decisions/0003-two-sides.md).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import CandidacyThing, InstantField, Reused, Thing, taken_once
from portfolio.rules.terms import Nature, Situation, WorkContext


class Anonymisation(StrEnum):
    NON_REQUIS = "non_requis"
    A_FAIRE = "a_faire"
    FAIT = "fait"


class ImagePermission(StrEnum):
    """The permission of the people that a piece pictures."""

    NON_REQUISE = "non_requise"
    DEMANDEE = "demandee"
    ACCORDEE = "accordee"
    REFUSEE = "refusee"


class PortfolioState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    ELIMINATED = "eliminated"


class PieceState(StrEnum):
    """Ready: it lacks nothing that its type asks. A draft that can be read is handed in like a ready piece."""

    DRAFT = "draft"
    READY = "ready"
    WITHDRAWN = "withdrawn"


class UploadWay(StrEnum):
    """Whether parts go through the service or directly to the store."""

    RELAYED = "relayed"
    PRESIGNED = "presigned"


class FileState(StrEnum):
    """Pending until the service has read the bytes."""

    PENDING = "pending"
    VERIFIED = "verified"
    QUARANTINED = "quarantined"


class EntryOutcome(StrEnum):
    """What became of a file of an archive: a piece; nothing, since its bytes were there; nothing, since it was refused,
    or is of an operating system.
    """

    MADE = "made"
    PRESENT = "present"
    REFUSED = "refused"
    LEFT_OUT = "left_out"


NATURES = tuple(Nature)
SITUATIONS = tuple(Situation)
CONTEXTS = tuple(WorkContext)
DESCRIPTION_PARTS = ("context", "aim", "tools", "own_part", "result", "differently")
ANONYMISATION = tuple(Anonymisation)
PERMISSIONS = tuple(ImagePermission)


class RetentionHold(me.EmbeddedDocument):
    """An extension of the conservation, for an appeal or a procedure. by, lifted_by: journal names."""

    reason = me.StringField(required=True)
    by = me.StringField(required=True)
    at = InstantField(required=True)
    lifted_because = me.StringField()
    lifted_by = me.StringField()
    lifted_at = InstantField()


class Elimination(me.EmbeddedDocument):
    """What is kept of an eliminated portfolio. on: an ISO day. digest: of its last submission. shared_files,
    shared_octets: of its files that a later session of the candidate had taken, and that stay there; None without any.
    """

    slip_number = me.StringField(required=True)
    on = me.StringField(required=True)
    digest = me.StringField()
    shared_files = me.IntField()
    shared_octets = me.LongField()


class Portfolio(CandidacyThing):
    """A portfolio. id: that of the candidacy. revision counts every change of content: a submission guards on it.

    holds: only the last one may still apply. slip: the open or executed slip of elimination that lists it.
    """

    meta = {"collection": "portfolios", "indexes": ["candidacy", ["school", "session"], "slip"]}

    state = me.StringField(required=True, choices=tuple(PortfolioState), default=PortfolioState.OPEN)
    submissions = me.IntField(required=True, default=0)
    submitted_at = InstantField()
    reopened_reason = me.StringField()
    holds = me.EmbeddedDocumentListField(RetentionHold)
    slip = me.ObjectIdField()
    elimination = me.EmbeddedDocumentField(Elimination)

    @property
    def standing_hold(self) -> RetentionHold | None:
        return next((hold for hold in self.holds or () if hold.lifted_at is None), None)

    @property
    def held_since(self) -> datetime | None:
        return self.standing_hold.at if self.standing_hold else None


class Activity(CandidacyThing):
    """An activity. Dates are ISO days. placement: only in context `pfmp`, once recorded. reused: see `Evidence`."""

    meta = {
        "collection": "activities",
        "indexes": [["candidacy", "id"], ["school", "id"], "placement", taken_once(withdrawn_at=None)],
    }

    title = me.StringField(required=True)
    mission = me.StringField()
    context = me.StringField(required=True, choices=tuple(WorkContext))
    placement = me.ObjectIdField()
    starts_on = me.StringField()
    ends_on = me.StringField()
    withdrawn_at = InstantField()
    reused = me.EmbeddedDocumentField(Reused)


class WebLink(me.EmbeddedDocument):
    url = me.StringField(required=True)
    captured_on = me.StringField()
    label = me.StringField()


class Proof(me.EmbeddedDocument):
    """A competence claimed, and why this piece proves it."""

    competence = me.StringField(required=True)
    justification = me.StringField()


class Evidence(CandidacyThing):
    """A piece. nature, situation, context: words of the arrêté. description: its parts by name.

    state is derived: `ready` if nothing is missing and every file is verified.
    placement is that of its activity, repeated for the clause of the tutor in POLICY. reused: of an earlier session.
    """

    meta = {
        "collection": "evidence",
        "indexes": [["candidacy", "id"], ["school", "id"], "activity", "placement", taken_once(withdrawn_at=None)],
    }

    activity = me.ObjectIdField()
    placement = me.ObjectIdField()
    type_code = me.StringField(required=True)
    title = me.StringField(required=True)
    nature = me.StringField(required=True, choices=tuple(Nature))
    situation = me.StringField(choices=tuple(Situation))
    context = me.StringField(choices=tuple(WorkContext))
    produced_on = me.StringField()
    collective = me.BooleanField(default=False)
    description = me.MapField(me.StringField())
    competences = me.EmbeddedDocumentListField(Proof)
    criteria = me.ListField(me.StringField())
    tool_families = me.ListField(me.StringField())
    permission = me.StringField(choices=tuple(ImagePermission))
    anonymisation = me.StringField(choices=tuple(Anonymisation))
    assistance_used = me.BooleanField()
    assistance_how = me.StringField()
    details = me.DictField()
    links = me.EmbeddedDocumentListField(WebLink)
    state = me.StringField(required=True, choices=tuple(PieceState), default=PieceState.DRAFT)
    entered_by = me.ObjectIdField()
    withdrawn_at = InstantField()
    reused = me.EmbeddedDocumentField(Reused)


class EvidenceVersion(me.Document):
    """A ready piece as it stood before an edit."""

    meta = {
        "collection": "evidence_versions",
        "auto_create_index": False,
        "indexes": [{"fields": ["evidence", "revision"], "unique": True}],
    }

    id = me.ObjectIdField(primary_key=True)
    evidence = me.ObjectIdField(required=True)
    revision = me.IntField(required=True)
    content = me.DictField(required=True)


class EvidenceFile(CandidacyThing):
    """An upload, then a file. key is random; the name is data. size, sha256, media_type: computed by the server.

    reused: of an earlier session, whose file it shares the object (key) with: bytes go once no live file names them.

    placement is that of its piece. `verified` and `quarantined` are final; a pending file expires. discarded_at: the
    bytes are no longer needed and are deleted a day later (`portfolio/audit/reconciling/`); the record stays. held_at:
    since when the antivirus holds it; None once the office lifted that.
    """

    meta = {
        "collection": "files",
        "indexes": [
            "evidence",
            "candidacy",
            "state",
            "key",
            {"fields": ["school", "candidacy"], "partialFilterExpression": {"held_at": {"$type": "date"}}},
        ],
    }

    evidence = me.ObjectIdField(required=True)
    placement = me.ObjectIdField()
    name = me.StringField(required=True)
    alternative = me.StringField()
    declared_size = me.LongField(required=True)
    declared_sha256 = me.StringField()
    way = me.StringField(required=True, choices=tuple(UploadWay))
    part_size = me.IntField(required=True)
    key = me.StringField(required=True)
    upload_id = me.StringField()
    state = me.StringField(required=True, choices=tuple(FileState), default=FileState.PENDING)
    size = me.LongField()
    sha256 = me.StringField()
    kind = me.StringField()
    media_type = me.StringField()
    warnings = me.ListField(me.StringField())
    reason_code = me.StringField()
    reason = me.StringField()
    verified_at = InstantField()
    expires_at = InstantField(required=True)
    removed_at = InstantField()
    discarded_at = InstantField()
    held_at = InstantField()
    reused = me.EmbeddedDocumentField(Reused)


class UnpackedEntry(me.EmbeddedDocument):
    """A file of an archive, and what became of it. rank: its place in it. folder: « Stage/C42 », "" at the top.

    piece: the one that was made, or that has these bytes. earlier: a piece with a file of this name and other bytes.
    """

    rank = me.IntField(required=True)
    folder = me.StringField()
    name = me.StringField(required=True)
    outcome = me.StringField(required=True, choices=tuple(EntryOutcome))
    reason_code = me.StringField()
    reason = me.StringField()
    piece = me.ObjectIdField()
    earlier = me.ObjectIdField()


class Unpacking(CandidacyThing):
    """An archive that its owner asked to unpack, by the worker. file: the upload that it is. number: its turn among
    those of the candidate, one at a time. count: of its files, once it was opened. entries: those that are settled.

    reason_code, reason: why it ended before its last file. expires_at: an index removes it then; its pieces stay.
    """

    meta = {
        "collection": "unpackings",
        "indexes": [
            {"fields": ["candidacy", "number"], "unique": True},
            {"fields": ["file"], "unique": True},
            {"fields": ["expires_at"], "expireAfterSeconds": 0},
        ],
    }

    person = me.ObjectIdField(required=True)
    file = me.ObjectIdField(required=True)
    name = me.StringField(required=True)
    number = me.IntField(required=True)
    count = me.IntField()
    entries = me.EmbeddedDocumentListField(UnpackedEntry)
    done_at = InstantField()
    reason_code = me.StringField()
    reason = me.StringField()
    expires_at = InstantField(required=True)


class CertificateFile(CandidacyThing):
    """The file of a certificate of stage or of work, or of an employer's attestation, deposited for a period. size,
    sha256: of the bytes stored. The period names the one that counts, the last.

    discarded_at: another one replaced it; its bytes are deleted a day later, the record stays.
    """

    meta = {
        "collection": "certificate_files",
        "indexes": ["candidacy", "placement", {"fields": ["key"], "unique": True}, "deposited_by"],
    }

    placement = me.ObjectIdField(required=True)
    deposited_by = me.ObjectIdField(required=True)
    deposited_name = me.StringField(required=True)
    name = me.StringField(required=True)
    key = me.StringField(required=True)
    size = me.LongField(required=True)
    sha256 = me.StringField(required=True)
    kind = me.StringField(required=True)
    media_type = me.StringField(required=True)
    discarded_at = InstantField()

    @property
    def state(self) -> FileState:
        """Returns `verified`, as of any file that was looked into: one that is refused is not recorded."""
        return FileState.VERIFIED

    @property
    def alternative(self) -> str | None:
        """Returns None: nobody describes it, its name is all there is."""
        return None

    @property
    def warnings(self) -> list[str]:
        """Returns []: what is particular of a piece of evidence does not matter of it."""
        return []


ViewedFile = EvidenceFile | CertificateFile


class Submission(CandidacyThing):
    """A frozen numbered revision: `content` is its manifest, `digest` the SHA-256 of the manifest's canonical JSON.
    given_in: « name, city » of the school where it was handed in, once the candidate has left that school.
    """

    meta = {
        "collection": "submissions",
        "indexes": [{"fields": ["candidacy", "number"], "unique": True}, ["candidacy", "id"], ["school", "id"]],
    }

    number = me.IntField(required=True)
    content = me.StringField(required=True)
    digest = me.StringField(required=True)
    submitted_by = me.StringField(required=True)
    late_reason = me.StringField()
    chain_head = me.StringField()
    given_in = me.StringField()


class Check(Thing):
    """A check that a teacher entered for a whole class: one piece of nature `controle` per candidate."""

    meta = {"collection": "checks", "indexes": [["school", "id"], "entered_by"]}

    school = me.ObjectIdField(required=True)
    academy = me.StringField(required=True)
    title = me.StringField(required=True)
    produced_on = me.StringField(required=True)
    entered_by = me.ObjectIdField(required=True)
    pieces = me.ListField(me.ObjectIdField())
