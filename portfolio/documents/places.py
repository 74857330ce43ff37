"""Declares the tenants (academies, schools, juries), the companies that a school knows and what its lists wrote."""

from __future__ import annotations

from enum import StrEnum

import mongoengine as me
from bson import ObjectId

from portfolio.documents.fields import Amended, InstantField, Thing
from portfolio.identifiers import name_key
from portfolio.ids import new_id


class SchoolKind(StrEnum):
    PUBLIC = "public"
    PRIVE_SOUS_CONTRAT = "prive_sous_contrat"
    PRIVE_HORS_CONTRAT = "prive_hors_contrat"
    CFA = "cfa"


SCHOOL_KINDS = tuple(SchoolKind)


class Academy(Thing):
    """An academy. code: two characters of the national list, a string: the leading zero counts."""

    meta = {"collection": "academies", "indexes": [{"fields": ["code"], "unique": True}]}

    code = me.StringField(required=True)
    name = me.StringField(required=True)
    timezone = me.StringField(required=True, default="Europe/Paris")

    @property
    def academy(self) -> str:
        return str(self.code)


class HabilitationEnd(me.EmbeddedDocument):
    """Another last day of a habilitation, as it was recorded afterwards: withdrawn, renewed or corrected. before: the
    one that it replaced, None where there was no end.
    """

    ends_on = me.StringField(required=True)
    before = me.StringField()
    because = me.StringField(required=True)
    recorded_at = InstantField(required=True)


class Habilitation(me.EmbeddedDocument):
    """The recteur's habilitation of a school to continuous assessment, for the speciality of one exam (its code). Days
    are ISO; ends_on is None where no end is known. ends: how ends_on changed, the earliest first. The journal says
    who recorded it.
    """

    id = me.ObjectIdField(required=True, default=new_id)
    exam = me.StringField(required=True)
    reference = me.StringField(required=True)
    starts_on = me.StringField(required=True)
    ends_on = me.StringField()
    recorded_at = InstantField(required=True)
    ends = me.EmbeddedDocumentListField(HabilitationEnd)


class TeacherReplacement(me.EmbeddedDocument):
    """A teacher who follows candidates in the place of another one of the same school (ids of people), between two ISO
    days, both included; ends_on is None of one that is meant to last. division: the class that it is about, None for
    all whom the absent one follows.

    began_at, ended_at: when it was done, None before; one that ended without having begun changed nothing. taken: the
    candidacies (ids) that changed hands; joined: those of them that the substitute did not follow before.
    """

    id = me.ObjectIdField(required=True, default=new_id)
    absent = me.ObjectIdField(required=True)
    substitute = me.ObjectIdField(required=True)
    division = me.StringField()
    starts_on = me.StringField(required=True)
    ends_on = me.StringField()
    recorded_at = InstantField(required=True)
    began_at = InstantField()
    ended_at = InstantField()
    taken = me.ListField(me.ObjectIdField())
    joined = me.ListField(me.ObjectIdField())

    @property
    def under_way(self) -> bool:
        """Returns True between its beginning and its end."""
        return self.began_at is not None and self.ended_at is None


class School(Thing):
    """A school, with the facts that decide CCF (D643-19): kind, who carries a CFA, habilitation by the recteur.

    exams: codes of those that it offers; candidates are enrolled for one of them. habilitated: as it was said when the
    school was opened, without dates; it counts for an exam of which no habilitation is recorded. habilitations: all
    that were recorded, none is ever taken away. list_titles: what the columns of its lists are, {key of a title: field,
    "" for one that is not read}, as somebody said; those of lists that are not of candidates are under « kind:key ».
    replacements: of teachers, in the order in which they were recorded. amended: names and places put right, the
    earliest first.
    """

    meta = {"collection": "schools", "indexes": [{"fields": ["uai"], "unique": True}, "academy"]}

    uai = me.StringField(required=True)
    name = me.StringField(required=True)
    city = me.StringField(required=True)
    academy = me.StringField(required=True)
    kind = me.StringField(required=True, choices=tuple(SchoolKind))
    carried_by_public_body = me.BooleanField(required=True, default=False)
    habilitated = me.BooleanField(required=True, default=False)
    exams = me.ListField(me.StringField(), required=True)
    habilitations = me.EmbeddedDocumentListField(Habilitation)
    replacements = me.EmbeddedDocumentListField(TeacherReplacement)
    list_titles = me.MapField(me.StringField())
    amended = me.EmbeddedDocumentListField(Amended)

    @property
    def school(self) -> ObjectId:
        return ObjectId(self.id)


class Publication(me.EmbeddedDocument):
    """An act of publication. reserved, left_out: numbers of results not published; leaving_out: the reason."""

    by = me.ObjectIdField(required=True)
    at = InstantField(required=True)
    published = me.IntField(required=True)
    reserved = me.IntField(required=True)
    left_out = me.IntField(required=True)
    leaving_out = me.StringField()


class Seating(me.EmbeddedDocument):
    """A deputy who sits on a jury in the place of a titular member (ids of people), from `since` on until the titular
    returns, or the right of the deputy is revoked. because: in words, read by the jury alone.
    """

    id = me.ObjectIdField(required=True, default=new_id)
    deputy = me.ObjectIdField(required=True)
    titular = me.ObjectIdField(required=True)
    since = InstantField(required=True)
    because = me.StringField(required=True)
    seated_by = me.ObjectIdField(required=True)
    seated_at = InstantField(required=True)
    ended_by = me.ObjectIdField()
    ended_at = InstantField()

    def sits(self, deputy: ObjectId) -> bool:
        """Returns True if it is of this deputy, and nobody ended it."""
        return bool(self.deputy == deputy and self.ended_at is None)


class Jury(Thing):
    """The jury of one exam (its code) and session, for one academy or several, which publishes the results of all its
    candidates at once.

    academies: codes of all of them, sorted; academy: the one that pilots. An academy has one jury for each exam and
    session. revision also counts its decisions: a publication guards on the decisions made when it was requested.
    seatings: of its deputies, the earliest first; none is ever taken away.
    """

    meta = {"collection": "juries", "indexes": [{"fields": ["academies", "exam", "session"], "unique": True}]}

    academy = me.StringField(required=True)
    academies = me.ListField(me.StringField(), required=True)
    exam = me.StringField(required=True)
    session = me.StringField(required=True)
    name = me.StringField(required=True)
    published_at = InstantField()
    publications = me.EmbeddedDocumentListField(Publication)
    seatings = me.EmbeddedDocumentListField(Seating)

    @property
    def seatings_as_read(self) -> dict[str, object]:
        """Returns the MongoDB condition, on this jury, that its seatings are those that it has in memory: what an act
        expects that asked who decides, or who sits.
        """
        return {"seatings": [row.to_mongo() for row in self.seatings] if self.seatings else {"$in": [None, []]}}

    @property
    def seatings_moved(self) -> int:
        """Returns how often a deputy was seated or a seating ended: what the form that seats and unseats compares."""
        return len(self.seatings) + sum(seating.ended_at is not None for seating in self.seatings)

    @property
    def candidates(self) -> dict[str, object]:
        """Returns the MongoDB condition, on a candidacy or what is below it, that it is before this jury."""
        return {"academy": {"$in": list(self.academies)}, "exam": self.exam, "session": self.session}


class Company(Thing):
    """A host company as one school knows it: schools share no company.

    siret: None where the company has none. local_number: what its country or territory gives instead (RIDET, TAHITI),
    as it was typed. country: of a company without SIRET.
    """

    meta = {
        "collection": "companies",
        "indexes": [
            {
                "fields": ["school", "siret"],
                "unique": True,
                "partialFilterExpression": {"siret": {"$exists": True}},
                "name": "siret_known_once",
            },
            ["school", "name"],
        ],
    }

    school = me.ObjectIdField(required=True)
    siret = me.StringField()
    local_number = me.StringField()
    country = me.StringField()
    name = me.StringField(required=True)
    city = me.StringField(required=True)
    address = me.StringField()


class ListImportState(StrEnum):
    """What a list of a school wrote stands, or was taken back."""

    WRITTEN = "written"
    UNDONE = "undone"


class WrittenKind(StrEnum):
    """What a line of a list wrote: something new, or a change of what the school had."""

    CANDIDATE = "candidate"
    CANDIDATE_CORRECTED = "candidate_corrected"
    TEACHER = "teacher"
    TEACHER_CORRECTED = "teacher_corrected"
    FOLLOWERS = "followers"
    COMPANY = "company"
    COMPANY_CORRECTED = "company_corrected"
    PERIOD = "period"
    PERIOD_CORRECTED = "period_corrected"
    TUTOR = "tutor"


class WrittenRow(me.EmbeddedDocument):
    """One thing that a list wrote. thing: its id (of a candidacy, a person, a company, a placement). label: how people
    call it. grant: of a teacher who was invited. before, after: values that it changed, and what tells whether it was
    used since. kept: why it was not taken back, in French, once the list is. letter_left: an invitation had left.
    """

    kind = me.StringField(required=True, choices=tuple(WrittenKind))
    thing = me.ObjectIdField(required=True)
    label = me.StringField(required=True)
    grant = me.ObjectIdField()
    before = me.DictField()
    after = me.DictField()
    kept = me.StringField()
    letter_left = me.BooleanField(default=False)


class ListImport(Thing):
    """What one list, or the lists of a year sent together, wrote in a school; of candidates alone, see RosterImport.

    rosters: the imports of candidates that were made with it.
    """

    meta = {"collection": "list_imports", "indexes": [["school", "id"]]}

    school = me.ObjectIdField(required=True)
    session = me.StringField(required=True)
    state = me.StringField(required=True, choices=tuple(ListImportState), default=ListImportState.WRITTEN)
    rosters = me.ListField(me.ObjectIdField())
    rows = me.EmbeddedDocumentListField(WrittenRow)
    undone_reason = me.StringField()


def by_place(place: School | Company) -> tuple[str, str, ObjectId]:
    """Returns the key that sorts schools or companies by name, then city, whatever the case and the accents."""
    return name_key(place.name), name_key(place.city), place.id


def by_city(school: School) -> tuple[str, str, ObjectId]:
    """Returns the key that sorts schools by city, then name, whatever the case and the accents."""
    return name_key(school.city), name_key(school.name), school.id
