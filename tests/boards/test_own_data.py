"""One's own data: nothing that names a person is forgotten, now or when a collection is added."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import mongoengine as me
import pytest

from portfolio.boards.own_data import ELSEWHERE, NAMES_NOBODY, SHOWN, as_json, own_data
from portfolio.commission import presence
from portfolio.documents import Commission, Person, Placement
from portfolio.enrolment.certificates import deposits
from portfolio.enrolment.deadline import deadline_of
from portfolio.evidence import feedback
from portfolio.identity import accounts, password_reset
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import paper
from portfolio.sign_offs.asking import requests
from portfolio.store.chains import Event
from portfolio.store.connections import Connections
from portfolio.store.journal import Errand, commit
from tests.conftest import Clock
from tests.evidence.test_class_results import record
from tests.support.acts.enrolling import propose
from tests.support.mails.mailbox import deliver
from tests.support.queries import counted
from tests.support.specimens import pdf_of_pages
from tests.support.worlds import commissions
from tests.support.worlds.world import PDF, World

ADDED = {"account_changes", "attempts", "unsent", "turns", "office_outcomes", "made_circulars", "circular_annexes"}
COLLECTIONS = {*import_module("migrations.0001_first_shape").COLLECTIONS, *ADDED}
KEPT_AS_AGENT = "who did an act for the service, by identifier: the act's proof, not a fact about them"
BESIDE = "an identifier beside a field that finds the same row for the same person"
# Fields by which a row names somebody and is not looked for, each with its reason.
EXCEPTED = {
    "persons.grants.granted_by": KEPT_AS_AGENT,
    "persons.grants.confirmed_by": KEPT_AS_AGENT,
    "persons.amended.by": KEPT_AS_AGENT,
    "account_changes.by": KEPT_AS_AGENT,
    "account_changes.settled_by": KEPT_AS_AGENT,
    "account_changes.titular": KEPT_AS_AGENT,
    "attestations.requested_by": KEPT_AS_AGENT,
    "attestations.relayed_by": KEPT_AS_AGENT,
    "commissions.convened_by": KEPT_AS_AGENT,
    "commissions.way_asked_by": "a member, whose seat is in what they are given",
    "commissions.meeting.recorded_by": KEPT_AS_AGENT,
    "placements.contested_by": BESIDE,
    "proposed_placements.answered_by": KEPT_AS_AGENT,
    "placements.certificate.seen_by": KEPT_AS_AGENT,
    "candidacies.stage_reduction.decided_by": "who may decide, not a person",
    "persons.grants.candidacy": "the scope of a right, in the person's own row",
    "commissions.candidacy": "what judges a candidate: ELSEWHERE, as its grids, its sheet and its result",
    "checks.pieces": "pieces of evidence: in the archive",
    "sign_ins.opened_by": "a SignOffLink or an AskedWay",
    "attestations.opened_by": "a SignOffLink or an AskedWay",
}
# Identifiers of things.
THINGS = {"id", "school", "placement", "placements", "activity", "evidence", "company", "act", "mail", "scan", "row"}
THINGS |= {
    "to_school",
    "certificate_file",
    "commission",
    "file",
    "sign_in",
    "schools",
    "requests",
    "advice",
    "grant",
    "made",
    "of",
}


def documents() -> dict[str, type[me.Document]]:
    """{collection: its class}, of every class that is stored."""
    waiting, found = [me.Document], {}
    while waiting:
        waiting += (one := waiting.pop()).__subclasses__()
        if one.__module__.startswith("portfolio.documents.") and not one._meta["abstract"]:
            found[one._meta["collection"]] = one
    return found


def pointing(document: Any, path: str) -> Iterator[str]:
    """Every field, however deep, that may hold an identifier: of a person, unless the test knows better."""
    for name, field in document._fields.items():
        inner = field.field if isinstance(field, me.ListField) else field
        if isinstance(inner, me.EmbeddedDocumentField):
            yield from pointing(inner.document_type, f"{path}.{name}")
        elif isinstance(inner, me.ObjectIdField) or re.search(r"(^|_)by$", name):
            yield f"{path}.{name}"


# --- what is stored, by its shape -------------------------------------------------------------------


def test_every_collection_is_given_or_excepted_with_its_reason() -> None:
    """A collection was added: give it in `own_data`, or say in ELSEWHERE why not and where to ask."""
    told = [*SHOWN, *ELSEWHERE, *NAMES_NOBODY]
    made = {
        *COLLECTIONS,
        "anchors",
        "anchored_heads",
        "digested_objects",
        "grid_scans",
        "office_outcomes",
        "printed_dossiers",
        "unpackings",
        "reserves",
        "proposed_placements",
        "certificate_files",
        "transfers",
        "list_imports",
    }  # by the first migration, and since
    assert sorted(told) == sorted(made)
    assert documents().keys() <= made
    assert all(ELSEWHERE.values())


def test_every_field_that_may_name_a_person_is_looked_for_or_excepted_with_its_reason() -> None:
    stored = documents()
    assert set(SHOWN) <= stored.keys()
    found = {path for name in SHOWN for path in pointing(stored[name], name)}
    looked_for = {f"{name}.{field}" for name, fields in SHOWN.items() for field in fields}
    people = {path for path in found if path.rpartition(".")[2] not in THINGS}
    assert people - looked_for == set(EXCEPTED)
    assert looked_for - found <= {"persons._id"}


def test_what_names_nobody_has_no_field_that_could() -> None:
    stored = documents()
    found = {path for name in NAMES_NOBODY for path in pointing(stored[name], name)}
    assert {path for path in found if path.rpartition(".")[2] not in THINGS | {"thing"}} == set()


# --- what is stored, by what is there ---------------------------------------------------------------


@pytest.fixture
def full(world: World, store: Connections) -> World:
    """One candidate and the people around, with rows about them in every collection that is given."""
    by, now = world.actor(world.follower), world.clock()
    feedback.give(by, world.new_piece(), 1, "Montrez la réponse.", now)
    record(world, {world.candidacy.id: "15"})
    world.propose_placement(world.tutor)
    paper.deposit_scan(by, world.placement, PDF, "signé.pdf", now)
    for pages, person in enumerate((world.candidate, world.office, world.tutor), 1):
        placement = Placement.objects.get(pk=world.placement.id)
        deposits.deposit(world.actor(person), placement, pdf_of_pages(pages), "stage.pdf", now)
    requests.request(world.actor(world.candidate), world.activity, "tutor", None, now)
    password_reset.ask(world.follower.email, now)
    deliver(lambda: world.later(days=2))
    world.sign_off()
    evaluated = reality.write(by, world.placement, "Les relances ont été faites sur des dossiers réels.", now)
    reality.concur(world.actor(world.tutor), evaluated, evaluated.digest, now)
    propose(world)
    commission = commissions.appraised(world)
    presence.arrive(by, commissions.assessment_of(commission), now)
    commissions.with_password(world.office)
    accounts.invite_again(world.actor(world.administrator), Person.objects.get(pk=world.office.id), now)
    for person in (world.tutor, world.candidate, world.follower):
        World.token_for(person, now)
        store.database.drafts.insert_one({"_id": new_id(), "person": person.id, "form": "f", "page": "/", "fields": []})
        waiting = Errand("teacher_sign_offs", {"person": person.id})
        commit([], Event("test:data", "tested", "system", now, person), [waiting])
    return world


def told_to(by: Actor) -> dict[str, Any]:
    """Every row of every section."""
    return {name: list(value) if isinstance(value, Iterator) else value for name, value in own_data(by).items()}


def identifiers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (inner for name, inner in value.items() if name in ("_id", "identifiant"))
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from identifiers(inner)


def test_every_row_that_names_somebody_is_in_their_data(full: World, store: Connections) -> None:
    met = set()
    for person in (full.tutor, full.candidate, full.follower, full.office):
        by = full.actor(person)
        given = set(identifiers(told_to(by)))
        for name, fields in SHOWN.items():
            named = [{field: {"$in": by.own_candidacies if field == "candidacy" else [by.id]}} for field in fields]
            for row in store.database[name].find({"$or": named}):
                met.add(name)
                assert row["_id"] in given, f"{name} {row['_id']} of {person.family_name}"
    assert met == set(SHOWN)


def test_a_candidate_learns_nothing_of_the_commission(full: World) -> None:
    told = told_to(full.actor(full.candidate))
    assert told["commissions"] == [] and told["candidats ouverts cette semaine"] == []
    assert str(Commission.objects.get().id) not in str(told)
    assert commissions.APPRECIATION not in str(told)


def test_no_secret_is_given(full: World, store: Connections) -> None:
    kept = set()
    for name in ("sign_ins", "invitations", "sign_off_links", "asked_ways"):
        for row in store.database[name].find():
            kept |= {row[field] for field in ("token_hash", "nonce", "address") if row.get(field)}
    assert kept
    for person in (full.tutor, full.candidate, full.follower):
        said = str(told_to(full.actor(person)))
        assert not [secret for secret in kept if secret in said]


def test_what_is_not_given_is_said_with_where_to_ask(full: World) -> None:
    told = told_to(full.actor(full.candidate))["pas dans ce fichier"]
    assert told == told_to(full.actor(full.office))["pas dans ce fichier"]
    assert any("archive de votre portfolio" in one for one in told)


def test_the_number_of_commands_does_not_depend_on_how_much_there_is(full: World, store: Connections) -> None:
    with counted(store.database) as before:
        told_to(full.actor(full.follower))
    for number in range(5):
        piece = store.database.feedback.find_one({})
        assert piece is not None
        store.database.feedback.insert_one(piece | {"_id": new_id()})
        full.new_candidacy()
        World.token_for(full.follower, full.later(hours=number))
    with counted(store.database) as after:
        told_to(full.actor(full.follower))
    assert after == before


def test_what_was_deposited_after_the_deadline_is_said_to_its_candidate(world: World, clock: Clock) -> None:
    early, by = world.new_piece(), world.actor(world.candidate)
    world.upload(early, PDF, "courrier.pdf")
    section = "preuves déposées après la date limite"
    assert told_to(by)[section] == []
    clock.now = deadline_of(world.candidacy) + timedelta(days=1)
    late = world.new_piece()
    assert told_to(by)[section] == [{"preuve": late.id, "le": clock()}]
    world.upload(early, PDF, "courrier-2.pdf")
    assert [row["preuve"] for row in told_to(by)[section]] == [early.id, late.id]


def test_it_is_given_a_row_at_a_time_and_reads_as_one_object(full: World) -> None:
    by = full.actor(full.candidate)
    assert json.loads("".join(as_json(own_data(by)))) == json.loads(json.dumps(told_to(by), default=str))


def test_no_section_is_ever_whole_in_memory(world: World, store: Connections) -> None:
    by, long = world.actor(world.office), "a" * 20_000
    rows = [{"_id": new_id(), "person": by.id, "label": long, "way": "bearer"} for _ in range(1500)]
    store.database.sign_ins.insert_many([row | {"token_hash": str(row["_id"])} for row in rows])
    del rows
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in as_json(own_data(by)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 30_000_000
    assert peak < 10_000_000
