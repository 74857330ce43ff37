"""Declares candidacies, placements and roster files."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me

from portfolio.documents.fields import CandidacyThing, InstantField, Thing
from portfolio.identifiers import NUMBER_TO_COME, TO_BE_NAMED, full_name, numbered
from portfolio.rules.terms import CandidateStatus


class Objection(StrEnum):
    """Why a tutor contests a placement instead of answering."""

    NOT_THE_RIGHT_PERSON = "not_the_right_person"
    DID_NOT_HAPPEN = "did_not_happen"


class PlacementKind(StrEnum):
    """What a period in a company is."""

    STAGE = "stage"
    APPRENTISSAGE = "apprentissage"
    EMPLOI = "emploi"


class ReducedBy(StrEnum):
    """Who may reduce the length of the stage (arrêté, annexe III C)."""

    RECTEUR = "recteur"
    SCHOOL = "school"


class ExamForm(StrEnum):
    """Continuous assessment or one sitting (D643-19)."""

    CCF = "ccf"
    PONCTUELLE = "ponctuelle"


class ProposedState(StrEnum):
    """What became of a period that a candidate or a tutor proposed."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TransferState(StrEnum):
    """What became of a transfer that the office of a school proposed to another one."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class RosterState(StrEnum):
    """A roster file that was read, enrolled, or undone."""

    PREVIEWED = "previewed"
    CONFIRMED = "confirmed"
    UNDONE = "undone"


STATUSES = tuple(CandidateStatus)
CONTESTED = tuple(Objection)
PLACEMENT_KINDS = tuple(PlacementKind)


# The MongoDB condition of the candidates of whom CCF asks something, as `Candidacy.in_ccf`.
IN_CCF = {"ccf.form": ExamForm.CCF, "abandoned": None}


class Pin(me.EmbeddedDocument):
    """A version of a data file: a candidacy changes to another one only by a recorded act."""

    id = me.StringField(required=True)
    version = me.StringField(required=True)
    sha256 = me.StringField(required=True)


class CcfDecision(me.EmbeddedDocument):
    form = me.StringField(required=True, choices=tuple(ExamForm))
    reason_code = me.StringField(required=True)
    reason = me.StringField(required=True)
    rule_version = me.StringField(required=True)
    override_reference = me.StringField()
    changed_because = me.StringField()


class Adaptation(me.EmbeddedDocument):
    """A notified adaptation: the reference of the decision and its effect, never the medical ground."""

    decision_reference = me.StringField(required=True)
    effect = me.StringField(required=True)
    deadline = InstantField()
    notified_at = InstantField(required=True)


class DeadlineMove(me.EmbeddedDocument):
    """A deadline of the portfolio that moved, by another version of the circular or a notified adaptation. before,
    after: the last instants to hand in.
    """

    before = InstantField(required=True)
    after = InstantField(required=True)
    moved_at = InstantField(required=True)


class SeenCertificate(me.EmbeddedDocument):
    """A certificate of stage or of work, or an employer's attestation, that somebody of the school has seen. days: the
    effective total that it states (code de l'éducation, D124-9), None where it states none. file: the CertificateFile
    that was seen, None of one seen on paper.
    """

    days = me.IntField(min_value=1, max_value=800)
    issued_on = me.StringField()
    file = me.ObjectIdField()
    seen_by = me.ObjectIdField(required=True)
    seen_name = me.StringField()
    seen_at = InstantField(required=True)


class StageReduction(me.EmbeddedDocument):
    """A reduced length of stage (arrêté, annexe III C): decided by the recteur, or by the school for an entry in the
    second year or a training of one year. days: the new length. reference: of the decision, or the reason.
    """

    days = me.IntField(required=True, min_value=1, max_value=80)
    decided_by = me.StringField(required=True, choices=tuple(ReducedBy))
    reference = me.StringField(required=True)
    recorded_at = InstantField(required=True)


class SittingResult(me.EmbeddedDocument):
    """What the exam service made of an exam passed at one sitting, as the school received it. mark: exact; words: where
    there is no mark. received_on: ISO day. reference: of the paper or of the list that said it.
    """

    mark = me.Decimal128Field()
    words = me.StringField()
    received_on = me.StringField(required=True)
    reference = me.StringField(required=True)
    recorded_at = InstantField(required=True)


class Abandonment(me.EmbeddedDocument):
    """The end of a candidacy before its exam, as the office recorded it. on: ISO day. taken_back_*: of one that no
    longer stands.
    """

    on = me.StringField(required=True)
    reason = me.StringField(required=True)
    recorded_at = InstantField(required=True)
    taken_back_at = InstantField()
    taken_back_because = me.StringField()


class Candidacy(Thing):
    """The candidacy of a person in a session, pinned to a circular and a referential.

    candidate_number: None until the examination service has given it. name_key: sorts names and groups homonyms.
    entered_on: the ISO day on which they joined a training that had begun; None from the start. sittings: results
    received from the exam service; the last one stands, those before it were recorded wrong. deadline_moves: those of a
    candidate in CCF, the earliest first. abandoned: None while they are a candidate; the number is then another's to
    take, once no sheet, outcome nor commission stands under it. earlier_abandonments: those that were taken back.
    """

    meta = {
        "collection": "candidacies",
        "indexes": [
            {
                "fields": ["exam", "session", "academy", "candidate_number"],
                "unique": True,
                "partialFilterExpression": {"candidate_number": {"$type": "string"}, "abandoned": None},
                "name": "candidate_numbered_among_live",
            },
            ["school", "session", "name_key", "id"],
            ["academy", "session", "name_key", "id"],
            ["academy", "session", "division", "name_key", "id"],
            ["academy", "session", "exam", "school"],
            ["school", "division", "name_key", "id"],
            ["followers", "school", "id"],
            {"fields": ["person", "exam", "session"], "unique": True},
            "circular.sha256",
        ],
    }

    person = me.ObjectIdField(required=True)
    school = me.ObjectIdField(required=True)
    academy = me.StringField(required=True)
    exam = me.StringField(required=True)
    session = me.StringField(required=True)
    division = me.StringField()
    candidate_number = me.StringField()
    ine = me.StringField()
    birth_name = me.StringField(required=True)
    usage_name = me.StringField()
    given_names = me.StringField(required=True)
    birth_date = me.StringField(required=True)
    name_key = me.StringField(required=True)
    status = me.StringField(required=True, choices=tuple(CandidateStatus))
    ccf = me.EmbeddedDocumentField(CcfDecision, required=True)
    circular = me.EmbeddedDocumentField(Pin, required=True)
    referential = me.EmbeddedDocumentField(Pin, required=True)
    followers = me.ListField(me.ObjectIdField())
    adaptations = me.EmbeddedDocumentListField(Adaptation)
    deadline_moves = me.EmbeddedDocumentListField(DeadlineMove)
    entered_on = me.StringField()
    stage_reduction = me.EmbeddedDocumentField(StageReduction)
    sittings = me.EmbeddedDocumentListField(SittingResult)
    abandoned = me.EmbeddedDocumentField(Abandonment)
    earlier_abandonments = me.EmbeddedDocumentListField(Abandonment)

    @property
    def in_ccf(self) -> bool:
        """Returns True while CCF asks something of this candidate: the form of their exam, and no abandonment."""
        return bool(self.ccf.form == ExamForm.CCF and self.abandoned is None)

    @property
    def candidacy(self) -> object:
        return self.id

    @property
    def display_name(self) -> str:
        return full_name(self.given_names, self.usage_name or self.birth_name)

    @property
    def shown_number(self) -> str:
        """Returns the candidate number, or « numéro à venir »: for a list, under its heading."""
        return self.candidate_number or NUMBER_TO_COME

    @property
    def numbered(self) -> str:
        """Returns « n° 02012345678 », or « numéro à venir »: for a sentence."""
        return numbered(self.candidate_number)


def there_in_ccf(thing: Candidacy | CandidacyThing) -> dict[str, object]:
    """Returns the MongoDB condition on the candidacy of a thing that CCF asks something of it, in the school of the
    thing.
    """
    return IN_CCF | {"school": thing.school}


class Placement(CandidacyThing):
    """A period in a company. Dates are ISO days. tutor: a person with the tutor grant of this placement; None while
    nobody is named: it then opens nothing to anybody.

    broken_on: the ISO day on which the contract or the stage ended before its term, which stays in ends_on.

    certificate_file: the CertificateFile deposited last; certificate: the one that the school has seen, which may be an
    earlier one, or one on paper.

    contested_*: the tutor answered that they are not the right person, or that it did not take place.
    """

    meta = {"collection": "placements", "indexes": ["candidacy", "tutor", ["school", "id"]]}

    company = me.ObjectIdField(required=True)
    company_name = me.StringField(required=True)
    company_city = me.StringField(required=True)
    kind = me.StringField(required=True, choices=tuple(PlacementKind))
    starts_on = me.StringField(required=True)
    ends_on = me.StringField(required=True)
    days = me.IntField(required=True, min_value=1, max_value=800)
    missions = me.StringField()
    tutor = me.ObjectIdField()
    tutor_name = me.StringField()
    tutor_function = me.StringField()
    cancelled_at = InstantField()
    cancel_reason = me.StringField()
    contested_at = InstantField()
    contested_because = me.StringField(choices=tuple(Objection))
    contested_by = me.ObjectIdField()
    contest_comment = me.StringField()
    broken_on = me.StringField()
    broken_because = me.StringField()
    certificate = me.EmbeddedDocumentField(SeenCertificate)
    certificate_file = me.ObjectIdField()

    @property
    def shown_tutor(self) -> str:
        """Returns the tutor's name, or « à désigner »: after « Tuteur : », or under that heading."""
        return self.tutor_name or TO_BE_NAMED

    @property
    def certified(self) -> bool:
        """Returns whether the school has seen the certificate: the last one deposited, or any where none was."""
        return self.certificate is not None and self.certificate_file in (None, self.certificate.file)


class ProposedCompany(me.EmbeddedDocument):
    """The company of a proposed period, as its author names it: a `Company` of the school only once accepted."""

    name = me.StringField(required=True)
    city = me.StringField(required=True)
    siret = me.StringField()
    local_number = me.StringField()
    country = me.StringField()
    address = me.StringField()


class ProposedTutor(me.EmbeddedDocument):
    """The tutor of a proposed period, as its author names them."""

    family_name = me.StringField(required=True)
    given_names = me.StringField(required=True)
    email = me.StringField()
    function = me.StringField()


class ProposedPlacement(CandidacyThing):
    """A period in a company that the candidate or one of their tutors proposes. Nothing counts of it: once the school
    accepts it, `placement` names the period that does. author: who proposed it. Dates are ISO days. answer: the words
    of the school; None where it accepted without any. tutor: None where the author does not know who it will be.
    """

    meta = {"collection": "proposed_placements", "indexes": [["candidacy", "state"], "author", ["school", "id"]]}

    author = me.ObjectIdField(required=True)
    author_name = me.StringField(required=True)
    company = me.EmbeddedDocumentField(ProposedCompany, required=True)
    kind = me.StringField(required=True, choices=tuple(PlacementKind))
    starts_on = me.StringField(required=True)
    ends_on = me.StringField(required=True)
    days = me.IntField(required=True, min_value=1, max_value=800)
    missions = me.StringField()
    tutor = me.EmbeddedDocumentField(ProposedTutor)
    state = me.StringField(required=True, choices=tuple(ProposedState), default=ProposedState.PROPOSED)
    answer = me.StringField()
    answered_by = me.ObjectIdField()
    answered_at = InstantField()
    placement = me.ObjectIdField()


class Transfer(CandidacyThing):
    """The end of a candidacy in one school, proposed to the office of another one: once accepted, all that is below the
    candidacy is of the other school, and this is what the first one keeps. school, academy, candidate_*, division: as
    when it was proposed. on: ISO day. answer: the words of whoever declined or withdrew it.
    """

    meta = {
        "collection": "transfers",
        "indexes": [
            {
                "fields": ["candidacy"],
                "unique": True,
                "partialFilterExpression": {"state": TransferState.PROPOSED},
                "name": "one_transfer_proposed",
            },
            ["candidacy", "settled_at"],
            ["school", "id"],
            ["to_school", "id"],
        ],
    }

    to_school = me.ObjectIdField(required=True)
    candidate_name = me.StringField(required=True)
    candidate_number = me.StringField()
    division = me.StringField()
    on = me.StringField(required=True)
    reason = me.StringField(required=True)
    state = me.StringField(required=True, choices=tuple(TransferState), default=TransferState.PROPOSED)
    settled_at = InstantField()
    answer = me.StringField()


class RosterImport(Thing):
    """A roster file: previewed, then confirmed, then possibly undone. rows: what confirmation enrols, by line.

    file_kind, sheet: what the file was, and which of its sheets was read. columns: field -> titles as written.
    left_out: lines that are not read, each with why. waiting: how many lines of a confirmed import are not written yet.
    """

    meta = {"collection": "roster_imports", "indexes": [["school", "id"]]}

    school = me.ObjectIdField(required=True)
    academy = me.StringField(required=True)
    exam = me.StringField(required=True)
    session = me.StringField(required=True)
    sha256 = me.StringField(required=True)
    encoding = me.StringField()
    delimiter = me.StringField()
    file_kind = me.StringField()
    sheet = me.StringField()
    columns = me.MapField(me.StringField())
    left_out = me.ListField(me.DictField())
    file_errors = me.ListField(me.StringField())
    unknown_columns = me.ListField(me.StringField())
    rows = me.ListField(me.DictField())
    state = me.StringField(required=True, choices=tuple(RosterState), default=RosterState.PREVIEWED)
    expires_at = InstantField(required=True)
    enrolled = me.ListField(me.ObjectIdField())
    waiting = me.IntField(default=0, min_value=0)
    undone_reason = me.StringField()
