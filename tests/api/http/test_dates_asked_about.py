"""Every door of programs that takes a date asks about one that nobody means, as the pages do, and takes a yes.

A door that is added is found here by the OpenAPI document: it asks, or it says here why it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from portfolio.documents import Candidacy, Jury, Person, School
from portfolio.enrolment import exam_form
from portfolio.enrolment.moves import replacements
from portfolio.enrolment.schools import habilitations
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.api.http.test_every_field import fields_of, resolved
from tests.api.http.test_routing import Operation, document, operations
from tests.support.acts.enrolling import other_school
from tests.support.api.clients import Clients
from tests.support.api.requests import API, expect_problem, fresh_key
from tests.support.worlds.commissions import convened, sitting
from tests.support.worlds.sitting import Sitting
from tests.support.worlds.world import World

__all__ = ["document", "operations"]  # fixtures
FAR, FAR_AT = "2099-11-30", "2099-11-30T08:00:00+00:00"
LONG_AGO = "1970-01-01"
# What takes a date and never asks, with the reason.
NOT_ASKED = {
    "POST /api/v1/entry-codes/redeem": "compared with the birth date that is known: a question would tell of it",
    "PATCH /api/v1/circulars/{circular_id}": "a file, whose reader holds each of its days to the year of the session",
    "POST /api/v1/elimination-slips/{slip_id}/visa": "held between the day of the slip and today: no slip of the hand",
}
DAYS = ("date", "date-time", "datetime-local")  # the last one: of the wall, in each academy
SHORT_DATES = 10  # characters: AAAA-MM-JJ, and what else may be so short
NOT_DATES = {"type_code", "score", "maximum", "local_number", "number", "mark", "proposed_mark"}


@dataclass
class Door:
    """As somebody uses it. body: with a date that is a slip of the hand."""

    who: Person
    path: str
    body: dict[str, Any]
    revision: int | None = None


Made = Callable[[World], Door]
DOORS: dict[str, Made] = {}


def door(name: str) -> Callable[[Made], Made]:
    def keep(made_so: Made) -> Made:
        DOORS[name] = made_so
        return made_so

    return keep


# --- people, places -------------------------------------------------------------------------------

PERSON = {"session": "2027", "birth_name": "Zola", "given_names": "Émile", "status": "scolaire"}
HELD = {"exam": BTS_ASSURANCE_E5, "reference": "2026-12", "starts_on": "2026-09-01"}


def school_of(world: World) -> School:
    return School.objects.get(pk=world.school.id)


@door("POST /api/v1/schools/{school_id}/habilitations")
def habilitation(world: World) -> Door:
    return Door(world.administrator, f"/schools/{world.school.id}/habilitations", HELD | {"ends_on": FAR}, 1)


@door("POST /api/v1/schools/{school_id}/habilitations/end")
def habilitation_end(world: World) -> Door:
    by = world.actor(world.administrator)
    school = habilitations.record(by, school_of(world), HELD | {"ends_on": None}, world.clock())  # type: ignore[arg-type]
    ended = {"habilitation": str(school.habilitations[-1].id), "ends_on": FAR, "reason": "Retirée"}
    return Door(world.administrator, f"/schools/{school.id}/habilitations/end", ended, school.revision)


@door("POST /api/v1/schools/{school_id}/candidacies")
def enrolment(world: World) -> Door:
    return Door(world.office, f"/schools/{world.school.id}/candidacies", PERSON | {"birth_date": "1920-01-01"})


def of_candidacy(world: World, rest: str, body: dict[str, Any], guarded: bool = True) -> Door:
    found = Candidacy.objects.get(pk=world.candidacy.id)
    return Door(world.office, f"/candidacies/{found.id}{rest}", body, found.revision if guarded else None)


@door("PATCH /api/v1/candidacies/{candidacy_id}")
def identity(world: World) -> Door:
    return of_candidacy(world, "", {"birth_date": "2025-04-12"})


@door("PATCH /api/v1/candidacies/{candidacy_id}/training")
def training(world: World) -> Door:
    return of_candidacy(world, "/training", {"entered_on": FAR})


@door("POST /api/v1/candidacies/{candidacy_id}/adaptations")
def adaptation(world: World) -> Door:
    return of_candidacy(world, "/adaptations", {"decision_reference": "D1", "effect": "Délai", "deadline": FAR_AT})


@door("POST /api/v1/candidacies/{candidacy_id}/sitting-result")
def sitting_result(world: World) -> Door:
    values: exam_form.FormValues = {"status": "experience", "reason": "Inscrit au titre de son expérience"}
    exam_form.change_form(world.actor(world.office), world.candidacy, values, world.clock())
    body = {"mark": "11,5", "received_on": FAR, "reference": "Relevé"}
    return of_candidacy(world, "/sitting-result", body)


@door("POST /api/v1/candidacies/{candidacy_id}/abandonment")
def abandonment(world: World) -> Door:
    return of_candidacy(world, "/abandonment", {"on": FAR, "reason": "Réorientation"})


@door("POST /api/v1/candidacies/{candidacy_id}/transfers")
def transfer(world: World) -> Door:
    joined = other_school(world)
    return of_candidacy(world, "/transfers", {"uai": joined.uai, "on": FAR, "reason": "Déménagement"}, guarded=False)


@door("POST /api/v1/schools/{school_id}/replacements")
def replacement(world: World) -> Door:
    people = {"absent": str(world.follower.id), "substitute": str(world.second_teacher.id)}
    body = people | {"starts_on": "2027-01-12", "ends_on": FAR}
    return Door(world.office, f"/schools/{world.school.id}/replacements", body, school_of(world).revision)


@door("POST /api/v1/schools/{school_id}/replacements/end")
def replacement_end(world: World) -> Door:
    people = {"absent": world.follower.id, "substitute": world.second_teacher.id}
    values: Any = people | {"starts_on": "2027-01-12", "ends_on": "2027-02-12"}
    school = replacements.replace_teacher(world.actor(world.office), school_of(world), values, world.clock())
    body = {"replacement": str(school.replacements[-1].id), "ends_on": FAR}
    return Door(world.office, f"/schools/{school.id}/replacements/end", body, school_of(world).revision)


# --- periods, evidence ----------------------------------------------------------------------------


@door("POST /api/v1/candidacies/{candidacy_id}/placements")
def placement(world: World) -> Door:
    body = {
        "company": str(world.company.id),
        "kind": "stage",
        "starts_on": LONG_AGO,
        "ends_on": "1970-02-01",
        "days": 20,
    }
    return of_candidacy(world, "/placements", body, guarded=False)


@door("PATCH /api/v1/placements/{placement_id}")
def placement_dates(world: World) -> Door:
    return Door(world.office, f"/placements/{world.placement.id}", {"ends_on": FAR}, 1)


@door("POST /api/v1/placements/{placement_id}/certificate")
def certificate(world: World) -> Door:
    return Door(world.office, f"/placements/{world.placement.id}/certificate", {"days": 35, "issued_on": FAR}, 1)


@door("POST /api/v1/placements/{placement_id}/break-off")
def break_off(world: World) -> Door:
    body = {"broken_on": FAR, "reason": "Fermeture de l'agence"}
    return Door(world.office, f"/placements/{world.placement.id}/break-off", body, 1)


@door("POST /api/v1/candidacies/{candidacy_id}/proposed-placements")
def proposed_placement(world: World) -> Door:
    company = {"siret": "55210055400013", "name": "Mutuelle de Saône", "city": "Mâcon"}
    body = {"company": company, "kind": "stage", "starts_on": LONG_AGO, "ends_on": "1970-02-01", "days": 20}
    return Door(world.candidate, f"/candidacies/{world.candidacy.id}/proposed-placements", body)


@door("POST /api/v1/proposed-placements/{proposed_id}/accept")
def proposed_accepted(world: World) -> Door:
    proposed = world.propose_placement()
    return Door(world.office, f"/proposed-placements/{proposed.id}/accept", {"ends_on": FAR}, proposed.revision)


@door("POST /api/v1/portfolios/{portfolio_id}/activities")
def activity(world: World) -> Door:
    body = {"title": "Accueil", "context": "classe", "starts_on": LONG_AGO}
    return Door(world.candidate, f"/portfolios/{world.portfolio.id}/activities", body)


@door("PATCH /api/v1/activities/{activity_id}")
def activity_dates(world: World) -> Door:
    return Door(world.candidate, f"/activities/{world.activity.id}", {"starts_on": LONG_AGO}, world.activity.revision)


@door("POST /api/v1/portfolios/{portfolio_id}/evidence")
def piece(world: World) -> Door:
    body = {"type_code": "REF1", "title": "Lettre", "produced_on": LONG_AGO}
    return Door(world.candidate, f"/portfolios/{world.portfolio.id}/evidence", body)


@door("PATCH /api/v1/evidence/{evidence_id}")
def piece_dates(world: World) -> Door:
    piece = world.new_piece()
    return Door(world.candidate, f"/evidence/{piece.id}", {"produced_on": FAR}, piece.revision)


@door("POST /api/v1/schools/{school_id}/checks")
def class_result(world: World) -> Door:
    results = [{"candidacy": str(world.candidacy.id), "score": "12"}]
    body = {"title": "QCM", "produced_on": FAR, "maximum": "20", "competences": ["C1"], "results": results}
    return Door(world.follower, f"/schools/{world.school.id}/checks", body)


# --- the judgment ---------------------------------------------------------------------------------


@door("POST /api/v1/candidacies/{candidacy_id}/commissions")
def commission(world: World) -> Door:
    people = {"professor": str(world.follower.id), "second": str(world.second_teacher.id), "tutor_absence": "En congé"}
    body = {"meets_at": LONG_AGO + "T09:00:00+00:00", "place": "B12", **people}
    return of_candidacy(world, "/commissions", body, guarded=False)


@door("POST /api/v1/commissions/{commission_id}/move")
def commission_moved(world: World) -> Door:
    commission = convened(world)
    body = {"meets_at": LONG_AGO + "T09:00:00+00:00", "place": "C3"}
    return Door(world.office, f"/commissions/{commission.id}/move", body, commission.revision)


@door("POST /api/v1/commissions/{commission_id}/meeting")
def meeting(world: World) -> Door:
    commission = sitting(world)
    present = [str(member) for member in commission.members]
    body = {"held_at": LONG_AGO + "T09:00:00+00:00", "place": "C3", "present": present}
    return Door(world.follower, f"/commissions/{commission.id}/meeting", body, commission.revision)


@door("POST /api/v1/candidacies/{candidacy_id}/outcomes")
def outcome(world: World) -> Door:
    body = {"outcome": "absent", "convoked_on": FAR, "proof": "Courrier recommandé 1A"}
    return of_candidacy(world, "/outcomes", body, guarded=False)


@door("POST /api/v1/juries/{jury_id}/seat-deputy")
def deputy(world: World) -> Door:
    seats = Sitting(world)
    body = {"deputy": str(seats.deputy.id), "titular": str(seats.titular.id), "reason": "Empêchement", "since": FAR}
    revision = Jury.objects.get(pk=seats.jury.id).revision
    return Door(seats.colleague, f"/juries/{seats.jury.id}/seat-deputy", body, revision)


# --- none escapes ---------------------------------------------------------------------------------


def dates_in(document: Any, schema: Any, name: str = "") -> Iterator[str]:
    """Yields the path of each date that a body takes, however deep."""
    said = resolved(document, schema)
    if said.get("format") in DAYS:
        yield name
    for inner, below in said.get("properties", {}).items():
        yield from dates_in(document, below, f"{name}.{inner}".strip("."))
    for below in (said.get("items"), said.get("additionalProperties")):
        if isinstance(below, dict):
            yield from dates_in(document, below, f"{name}[]")


def taken(document: Any, operations: list[Operation]) -> dict[str, tuple[Operation, list[str]]]:
    """{method and address: the dates that it takes}, of those that take one."""
    found = {}
    for operation in operations:
        if operation.takes_json:
            schema = operation.said["requestBody"]["content"]["application/json"]["schema"]
            found[f"{operation.method} {operation.path}"] = operation, list(dates_in(document, schema))
    return {name: one for name, one in found.items() if one[1]}


def test_every_door_that_takes_a_date_asks_or_says_why_not(document: Any, operations: list[Operation]) -> None:
    found = taken(document, operations)
    assert set(found) == set(DOORS) | set(NOT_ASKED)
    for name in DOORS:
        assert "confirmed" in fields_of(document, found[name][0]), name
    for name in NOT_ASKED:
        assert "confirmed" not in fields_of(document, found[name][0]), name


def test_what_may_be_a_date_is_announced_as_one(document: Any, operations: list[Operation]) -> None:
    """A text as short as a day is a day, or is named here: else the walk above would not see it."""
    for operation in operations:
        if not operation.takes_json:
            continue
        for name, schema in fields_of(document, operation).items():
            said = resolved(document, schema)
            looks = said.get("maxLength") == SHORT_DATES or name.endswith(("_on", "_at", "deadline", "since", "_date"))
            if looks and name not in NOT_DATES:
                assert said.get("format") in DAYS, (operation, name)


@pytest.mark.parametrize("name", DOORS)
def test_a_date_that_nobody_means_is_asked_about_then_taken(name: str, world: World, client_for: Clients) -> None:
    used = DOORS[name](world)
    client, method = client_for(used.who), name.split()[0]

    def sent(body: dict[str, Any]) -> Any:
        guard = {} if used.revision is None else {"If-Match": f'"{used.revision}"'}
        headers = {"Idempotency-Key": fresh_key(), **guard}
        return client.open(f"{API}{used.path}", method=method, json=body, headers=headers)

    asked = expect_problem(sent(used.body), 409, "date_to_confirm")
    assert "confirmez-la" in asked["detail"]
    answered = sent(used.body | {"confirmed": True})
    assert answered.status_code in (200, 201), answered.text
