"""Creates academies, schools, juries and companies, before enrolment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bson import ObjectId

from portfolio import identifiers
from portfolio.documents import Academy, Candidacy, Company, Jury, School
from portfolio.documents.fields import keep, kept
from portfolio.enrolment.schools.offered_exams import installed_codes
from portfolio.errors import Invalid
from portfolio.identifiers import Malformed
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import installed_exam
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Insert, commit
from portfolio.validation import check_fields

FRANCE = "Europe/Paris"


def timezone(name: str) -> str:
    """Returns the name if it is an IANA time zone, in which an academy's deadlines run. Raises Malformed."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Malformed("Fuseau horaire inconnu : par exemple Europe/Paris ou Indian/Reunion.") from None
    return name


def create_academy(by: Actor, values: dict[str, Any], at: datetime) -> Academy:
    """Creates an academy and returns it. values: code, name, timezone (IANA).
    Raises Invalid by field, AlreadyExists.
    """
    require(by, Action.CREATE_PLACES, Academy())
    academy = Academy(created_at=at, name=values["name"], **check_fields(values, _ACADEMY))
    commit([Insert(academy)], event_by(by, at, f"academy:{academy.code}", EventName.ACADEMY_CREATED, academy))
    return academy


_ACADEMY = {"code": identifiers.academy_code, "timezone": timezone}


def create_school(by: Actor, academy: Academy, values: dict[str, Any], at: datetime) -> School:
    """Creates a school and returns it. values: uai, name, city, kind, carried_by_public_body, habilitated (D643-19:
    what decides CCF); exams, the codes of those that it offers (they may be left out where one is installed). Raises
    Invalid on `uai`, on `exams`, AlreadyExists.
    """
    require(by, Action.CREATE_PLACES, academy)
    checked = check_fields(values, {"uai": identifiers.uai})
    plain = {name: values[name] for name in ("name", "city", "kind", "carried_by_public_body", "habilitated")}
    offers = installed_codes(values.get("exams") or [])
    school = School(created_at=at, academy=academy.code, exams=offers, **checked, **plain)
    commit([Insert(school)], event_by(by, at, f"school:{school.id}", EventName.SCHOOL_CREATED, school))
    return school


def create_jury(by: Actor, academy: Academy, values: dict[str, Any], at: datetime) -> Jury:
    """Creates the one jury of an exam and session for an academy, which pilots it, and returns it. values: session,
    name, exam (it may be left out where one is installed), with_academies (codes of the others of a regroupement).
    Raises Invalid on `session`, on `exam`, on `with_academies`; AlreadyExists where one of the academies has one.
    """
    require(by, Action.CREATE_PLACES, academy)
    checked = check_fields(values, {"session": identifiers.session_code})
    exam = installed_exam(values.get("exam"))
    place = {"academy": academy.code, "academies": _regrouped(academy, values.get("with_academies") or [])}
    jury = Jury(created_at=at, exam=exam.code, name=values["name"], **place, **checked)
    commit([Insert(jury)], event_by(by, at, f"jury:{jury.id}", EventName.JURY_CREATED, jury))
    return jury


def _regrouped(academy: Academy, others: Sequence[str]) -> list[str]:
    """Returns the codes of the academies of a jury, sorted. Raises Invalid on `with_academies` if one is not open."""
    codes = sorted({academy.code, *others})
    unknown = sorted(set(codes) - set(Academy.objects(code__in=codes).scalar("code")))
    if unknown:
        raise Invalid({"with_academies": [f"Académies qui ne sont pas ouvertes ici : {', '.join(unknown)}."]})
    return codes


def add_company(by: Actor, school: School, values: dict[str, Any], at: datetime) -> Company:
    """Adds a company, known to this school only, and returns it. values: name, city, address; siret (Luhn, La Poste's
    exception) or, for one that has none, country and local_number: a stage may be done abroad (arrêté, annexe III B 1
    b). Raises Invalid, AlreadyExists.
    """
    require(by, Action.ADD_COMPANY, school)
    company = new_company(school, values, at)
    commit([Insert(company)], event_by(by, at, f"school:{school.id}", EventName.COMPANY_ADDED, company))
    return company


def new_company(school: School, values: Mapping[str, str | None], at: datetime) -> Company:
    """Returns a company of the school, not yet written. values: as for `add_company`. Raises Invalid."""
    checked = check_fields(dict(values), {"siret": identifiers.siret})
    plain = {name: values.get(name) for name in ("name", "city", "address", "local_number", "country")}
    if "siret" not in checked:
        wanted = {"country": "le pays ou le territoire", "address": "l'adresse"}
        errors = {name: [f"Sans SIRET, indiquez {words}."] for name, words in wanted.items() if not plain[name]}
        if errors:
            raise Invalid(errors)
    return Company(created_at=at, school=school.id, **checked, **plain)


def academy_of(code: str) -> Academy:
    """Returns the academy of this code. Raises Invalid on `academy` if it was never created."""
    academy = academies_of([code]).get(code)
    if academy is None:
        raise Invalid({"academy": ["Cette académie n'est pas ouverte ici : demandez-la à l'administrateur."]})
    return academy


def academies_of(codes: Iterable[str]) -> dict[str, Academy]:
    """Returns {code: academy} of those that exist, in one query, none for those that are kept."""
    wanted = set(codes)
    academies = {code: academy for code in wanted if (academy := kept(Academy, code)) is not None}
    if unread := wanted - academies.keys():
        academies |= {academy.code: keep(academy, academy.code) for academy in Academy.objects(code__in=unread)}
    return academies


def today_in(academy: str, at: datetime) -> date:
    """Returns the day that it is in the zone of an academy (its code). Raises Invalid if it was never created."""
    return at.astimezone(ZoneInfo(academy_of(academy).timezone)).date()


def zone_of(actor: Actor) -> str:
    """Returns the time zone (IANA name) of the first academy that the actor's rights name, Europe/Paris where they name
    none. Two queries at most.
    """
    for grant in actor.grants:
        code = grant.academy
        if grant.school:
            code = _academy_named(School, grant.school)
        elif grant.candidacy:
            code = _academy_named(Candidacy, grant.candidacy)
        if code:
            academy = academies_of([code]).get(code)
            return academy.timezone if academy else FRANCE
    return FRANCE


def _academy_named(kind: type[School] | type[Candidacy], key: ObjectId) -> str | None:
    known = kept(kind, key) or kind.objects(pk=key).only("academy").first()
    return known.academy if known else None
