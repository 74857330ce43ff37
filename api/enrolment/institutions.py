"""Academies, schools, juries, companies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, amended_out, date_confirmed, one_of, represents, text
from portfolio.documents import Academy, Company, Jury, School
from portfolio.documents.places import SCHOOL_KINDS
from portfolio.enrolment import institutions
from portfolio.enrolment.corrections import school_facts
from portfolio.enrolment.schools import habilitations, offered_exams
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

routes = Routes("places", __name__, description="Académies, établissements, jurys, entreprises")


class NewAcademy(Schema):
    code = text(2, required=True, metadata={"description": "code national, deux caractères"})
    name = text(100, required=True)
    timezone = text(60, load_default="Europe/Paris")


@represents(Academy)
class AcademyOut(ThingOut):
    code = fields.String(required=True)
    name = fields.String(required=True)
    timezone = fields.String(required=True)


class NewSchool(Schema):
    uai = text(20, required=True, metadata={"description": "sept chiffres et une lettre de contrôle"})
    name = text(200, required=True)
    city = text(100, required=True)
    kind = one_of(*SCHOOL_KINDS, required=True)
    carried_by_public_body = fields.Boolean(load_default=False)
    habilitated = fields.Boolean(load_default=False)
    exams = fields.List(
        text(60),
        validate=validate.Length(max=20),
        metadata={"description": "codes des épreuves proposées ; inutile s'il n'en est installé qu'une"},
    )


class NewHabilitation(Schema):
    exam = text(60, required=True, metadata={"description": "code de l'épreuve : l'habilitation est d'une spécialité"})
    reference = text(200, required=True, metadata={"description": "de la décision du recteur"})
    starts_on = text(10, required=True, metadata={"format": "date"})
    ends_on = text(10, allow_none=True, metadata={"format": "date"})
    confirmed = date_confirmed()


class NewHabilitationEnd(Reason):
    habilitation = Id(required=True)
    ends_on = text(10, required=True, metadata={"format": "date"})
    confirmed = date_confirmed()


class HabilitationEndOut(Schema):
    ends_on = fields.String(required=True)
    before = fields.String(allow_none=True)
    because = fields.String(required=True)
    recorded_at = Instant(required=True)


class HabilitationOut(Schema):
    id = Id(required=True)
    exam = fields.String(required=True)
    reference = fields.String(required=True)
    starts_on = fields.String(required=True)
    ends_on = fields.String(allow_none=True)
    recorded_at = Instant(required=True)
    ends = fields.Function(
        lambda thing: HabilitationEndOut(many=True).dump(thing.ends or ()),
        metadata={"description": "ses termes successifs", "type": "array", "items": {"type": "object"}},
    )


@represents(School)
class SchoolOut(ThingOut):
    uai = fields.String(required=True)
    name = fields.String(required=True)
    city = fields.String(required=True)
    academy = fields.String(required=True)
    kind = fields.String(required=True)
    carried_by_public_body = fields.Boolean(required=True)
    habilitated = fields.Boolean(required=True)
    exams = fields.List(fields.String(), required=True, metadata={"description": "codes des épreuves proposées"})
    habilitations = fields.Function(
        lambda thing: HabilitationOut(many=True).dump(thing.habilitations or ()),
        metadata={"description": "au CCF, par le recteur", "type": "array", "items": {"type": "object"}},
    )
    amended = amended_out("noms et villes corrigés")


class NewSchoolFacts(Schema):
    name = text(200, required=True)
    city = text(100, required=True)


class OfferedExams(Schema):
    exams = fields.List(text(60), required=True, validate=validate.Length(min=1, max=20))


class NewJury(Schema):
    session = text(5, required=True)
    exam = text(60, metadata={"description": "code de l'épreuve ; inutile s'il n'en est installé qu'une"})
    name = text(200, required=True)
    with_academies = fields.List(
        text(2),
        validate=validate.Length(max=40),
        metadata={"description": "codes des autres académies d'un regroupement, que celle-ci pilote"},
    )


@represents(Jury)
class JuryOut(ThingOut):
    academy = fields.String(required=True, metadata={"description": "académie pilote"})
    academies = fields.List(fields.String(), required=True, metadata={"description": "toutes ses académies"})
    exam = fields.String(required=True)
    session = fields.String(required=True)
    name = fields.String(required=True)
    published_at = Instant(allow_none=True)


class NewCompany(Schema):
    siret = text(20, metadata={"description": "absent d'une entreprise qui n'en a pas : pays et adresse alors"})
    local_number = text(40, metadata={"description": "RIDET, TAHITI ou numéro d'un autre pays, tel quel"})
    country = text(100, metadata={"description": "pays ou territoire d'une entreprise sans SIRET"})
    name = text(200, required=True)
    city = text(100, required=True)
    address = text(300)


@represents(Company)
class CompanyOut(ThingOut):
    school = Id(required=True)
    siret = fields.String(allow_none=True)
    local_number = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    name = fields.String(required=True)
    city = fields.String(required=True)
    address = fields.String(allow_none=True)


@routes.creates("/academies", Action.CREATE_PLACES, AcademyOut, takes=NewAcademy, title="Ouvre une académie.")
def create_academy(by: Actor, at: datetime, values: dict[str, Any]) -> Academy:
    return institutions.create_academy(by, values, at)


@routes.reads(
    "/academies",
    Action.READ_ACADEMY,
    page_of(AcademyOut),
    query=PageQuery,
    title="Liste les académies que l'on peut voir.",
)
def list_academies(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    return page(Academy, scope(by, Action.READ_ACADEMY, Academy), asked)


@routes.creates(
    "/academies/<oid:academy_id>/schools",
    Action.CREATE_PLACES,
    SchoolOut,
    takes=NewSchool,
    title="Ouvre un établissement.",
)
def create_school(by: Actor, at: datetime, academy_id: ObjectId, values: dict[str, Any]) -> School:
    return institutions.create_school(by, find(Academy, academy_id), values, at)


@routes.changes(
    "/schools/<oid:school_id>/exams",
    Action.OFFER_EXAMS,
    SchoolOut,
    takes=OfferedExams,
    method="PUT",
    title="Dit quelles épreuves un établissement propose aux inscriptions.",
)
def offer_exams(by: Actor, at: datetime, expected: int, school_id: ObjectId, values: dict[str, list[str]]) -> School:
    return offered_exams.offer(by, find(School, school_id, expected), values["exams"], at)


@routes.changes(
    "/schools/<oid:school_id>/name",
    Action.CORRECT_SCHOOL,
    SchoolOut,
    takes=NewSchoolFacts,
    method="PUT",
    title="Corrige le nom et la ville d'un établissement ; ce qui est établi garde ce qu'il disait.",
)
def correct_school(
    by: Actor, at: datetime, expected: int, school_id: ObjectId, values: school_facts.SchoolFacts
) -> School:
    return school_facts.correct_school(by, find(School, school_id, expected), values, at)


@routes.acts(
    "/schools/<oid:school_id>/habilitations",
    Action.RECORD_HABILITATION,
    SchoolOut,
    takes=NewHabilitation,
    title="Enregistre une habilitation de l'établissement au CCF, par spécialité et dates.",
)
def record_habilitation(
    by: Actor, at: datetime, expected: int, school_id: ObjectId, values: habilitations.HabilitationValues
) -> School:
    return habilitations.record(by, find(School, school_id, expected), values, at)


@routes.acts(
    "/schools/<oid:school_id>/habilitations/end",
    Action.RECORD_HABILITATION,
    SchoolOut,
    takes=NewHabilitationEnd,
    title="Enregistre un autre terme d'une habilitation, avec son motif ; l'ancien est gardé.",
)
def end_habilitation(
    by: Actor, at: datetime, expected: int, school_id: ObjectId, values: habilitations.EndValues
) -> School:
    return habilitations.end(by, find(School, school_id, expected), values, at)


@routes.creates(
    "/academies/<oid:academy_id>/juries",
    Action.CREATE_PLACES,
    JuryOut,
    takes=NewJury,
    title="Ouvre le jury d'une session.",
)
def create_jury(by: Actor, at: datetime, academy_id: ObjectId, values: dict[str, Any]) -> Jury:
    return institutions.create_jury(by, find(Academy, academy_id), values, at)


@routes.reads(
    "/schools",
    Action.READ_SCHOOL,
    page_of(SchoolOut),
    query=PageQuery,
    title="Liste les établissements que l'on peut voir.",
)
def list_schools(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    return page(School, scope(by, Action.READ_SCHOOL, School), asked)


@routes.reads(
    "/juries", Action.READ_JURY, page_of(JuryOut), query=PageQuery, title="Liste les jurys que l'on peut voir."
)
def list_juries(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    return page(Jury, scope(by, Action.READ_JURY, Jury), asked)


@routes.creates(
    "/schools/<oid:school_id>/companies",
    Action.ADD_COMPANY,
    CompanyOut,
    takes=NewCompany,
    title="Ajoute une entreprise d'accueil à l'établissement.",
)
def add_company(by: Actor, at: datetime, school_id: ObjectId, values: dict[str, Any]) -> Company:
    return institutions.add_company(by, find(School, school_id), values, at)


@routes.reads(
    "/companies",
    Action.READ_COMPANY,
    page_of(CompanyOut),
    query=PageQuery,
    title="Liste les entreprises de l'établissement.",
)
def list_companies(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    return page(Company, scope(by, Action.READ_COMPANY, Company), asked)
