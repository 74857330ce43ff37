"""The recteur's habilitation decides CCF for some apprentices: by speciality and dates, changed with its history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portfolio.boards.office_board import office_board
from portfolio.documents import Candidacy, School
from portfolio.enrolment import exam_form, institutions
from portfolio.enrolment.pinned import circular_of
from portfolio.enrolment.schools import habilitations
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.api.requests import change, get
from tests.support.filling import fill, followed, shown
from tests.support.worlds.world import World

HELD = {"exam": BTS_ASSURANCE_E5, "reference": "2026-12", "starts_on": "2026-09-01", "ends_on": "2031-08-31"}


@pytest.fixture
def cfa(world: World) -> World:
    """A CFA of no public body, opened without habilitation."""
    values = {"uai": "0690027E", "name": "CFA", "city": "Lyon", "kind": "cfa"}
    values |= {"carried_by_public_body": False, "habilitated": False}
    by = world.actor(world.administrator)
    world.__dict__["school"] = institutions.create_school(by, world.academy, values, world.clock())
    return world


def record(world: World, **changed: Any) -> School:
    values: Any = HELD | changed
    return habilitations.record(world.actor(world.administrator), _school(world), values, world.clock())


def _school(world: World) -> School:
    return School.objects.get(pk=world.school.id)


def end(world: World, ends_on: str, reason: str = "Retirée par le recteur") -> School:
    school = _school(world)
    by = world.actor(world.administrator)
    values = habilitations.EndValues(habilitation=school.habilitations[0].id, ends_on=ends_on, reason=reason)
    return habilitations.end(by, school, values, world.clock())


def enrol(world: World) -> Candidacy:
    world.__dict__["school"] = _school(world)
    return world.new_candidacy(status="apprenti", followed=False)


def to_review(world: World) -> list[Any]:
    board = office_board(world.actor(world.office), _school(world), world.clock())
    return [item.candidacy.id for item in board.owed if item.what == "form"]


@pytest.mark.parametrize(
    ("changed", "form"),
    [
        ({}, "ccf"),
        ({"ends_on": None}, "ccf"),
        ({"starts_on": "2027-03-01"}, "ccf"),  # before portfolios are handed in
        ({"starts_on": "2027-06-01"}, "ponctuelle"),
        ({"ends_on": "2026-12-31"}, "ponctuelle"),
    ],
    ids=str,
)
def test_it_counts_by_its_dates(cfa: World, changed: dict[str, Any], form: str) -> None:
    record(cfa, **changed)
    assert enrol(cfa).ccf.form == form


def test_it_is_of_one_speciality_that_the_school_offers(cfa: World) -> None:
    with pytest.raises(Invalid) as refusal:
        record(cfa, exam="diplome-fictif-z9")
    assert list(refusal.value.errors) == ["exam"]
    for changed, field in (({"reference": "  "}, "reference"), ({"ends_on": "2026-01-01"}, "ends_on")):
        with pytest.raises(Invalid) as refusal:
            record(cfa, **changed)
        assert list(refusal.value.errors) == [field]
    other = School(exams=["diplome-fictif-z9"], habilitated=True)
    day = cfa.clock().date()
    assert habilitations.is_habilitated(other, "diplome-fictif-z9", day, day), "as it was said at opening"


def test_its_end_changes_with_its_history_and_moves_nobody(cfa: World) -> None:
    record(cfa)
    enrolled = enrol(cfa)
    end(cfa, "2026-12-31")
    end(cfa, "2027-12-31", "Erreur de saisie")
    (held,) = _school(cfa).habilitations
    assert [(change.before, change.ends_on, change.because) for change in held.ends] == [
        ("2031-08-31", "2026-12-31", "Retirée par le recteur"),
        ("2026-12-31", "2027-12-31", "Erreur de saisie"),
    ]
    assert Candidacy.objects.get(pk=enrolled.id).ccf.form == "ccf"
    unknown = habilitations.EndValues(habilitation=cfa.academy.id, ends_on="2027-01-01", reason="Retirée")
    with pytest.raises(Invalid) as refusal:
        habilitations.end(cfa.actor(cfa.administrator), _school(cfa), unknown, cfa.clock())
    assert list(refusal.value.errors) == ["habilitation"]


def test_the_office_reads_whose_form_it_changes_and_decides_again(cfa: World) -> None:
    record(cfa)
    enrolled = enrol(cfa)
    assert to_review(cfa) == []
    end(cfa, "2027-03-01")
    assert to_review(cfa) == [enrolled.id], "it ends before portfolios are handed in"
    end(cfa, "2026-12-31")
    assert to_review(cfa) == [enrolled.id]
    values: Any = {"reason": "Habilitation retirée"}
    decided = exam_form.change_form(cfa.actor(cfa.office), Candidacy.objects.get(pk=enrolled.id), values, cfa.clock())
    assert (decided.ccf.form, decided.ccf.reason_code) == ("ponctuelle", "cfa_not_habilitated")
    assert to_review(cfa) == []


def test_nothing_is_to_review_once_portfolios_are_handed_in(cfa: World) -> None:
    record(cfa)
    enrol(cfa)
    end(cfa, "2026-12-31")
    (candidacy,) = Candidacy.objects(school=cfa.school.id)
    last = habilitations.last_day(circular_of(candidacy))
    assert habilitations.form_in_doubt(candidacy, _school(cfa), last) is not None
    assert habilitations.form_in_doubt(candidacy, _school(cfa), last + timedelta(days=1)) is None


def test_the_rectorat_decides_otherwise_with_its_reference_after_enrolment_too(cfa: World) -> None:
    enrolled = enrol(cfa)
    override = {"form": "ccf", "decision_reference": "Rectorat 2027-8"}
    values: Any = {"ccf_override": override, "reason": "Décision reçue"}
    decided = exam_form.change_form(cfa.actor(cfa.office), enrolled, values, cfa.clock())
    assert (decided.ccf.form, decided.ccf.override_reference) == ("ccf", "Rectorat 2027-8")
    record(cfa)
    assert to_review(cfa) == [], "the decision stands above the rule"


def test_only_an_administrator_records_it(cfa: World, store: Connections) -> None:
    for by, refused in ((cfa.office, Forbidden), (cfa.candidate, NotFound)):
        with pytest.raises(refused):
            habilitations.record(cfa.actor(by), _school(cfa), HELD, cfa.clock())  # type: ignore[arg-type]
    record(cfa)
    (link,) = store.database.events.find({"name": "habilitation_recorded"})
    assert (link["chain"], link["data"]["reference"]) == (f"school:{cfa.school.id}", "2026-12")


def test_it_is_recorded_on_the_page_of_the_academy_and_over_http(cfa: World, client_for: Clients) -> None:
    admin, school = client_for(cfa.administrator), _school(cfa)
    page = f"/administration/academies/{cfa.academy.id}"
    text = followed(admin, fill(admin, page, f"habilitation-{school.id}", **HELD))
    assert "2026-12, du 1er septembre 2026 au 31 août 2031" in text
    (held,) = _school(cfa).habilitations
    typed = {"ends_on": "2027-08-31", "reason": "Retirée"}
    text = followed(admin, fill(admin, page, f"habilitation-end-{held.id}", **typed))
    assert "était le 31 août 2031" in text and "« Retirée »" in text

    path, revision = f"/schools/{school.id}/habilitations", _school(cfa).revision
    answer = change(admin, "POST", path, revision, HELD | {"reference": "2027-3", "starts_on": "2027-09-01"})
    assert [known["reference"] for known in answer.json["habilitations"]] == ["2026-12", "2027-3"]
    ended = change(
        admin,
        "POST",
        f"{path}/end",
        revision + 1,
        {"habilitation": str(held.id), "ends_on": "2028-08-31", "reason": "Prolongée"},
    )
    assert [one["before"] for one in ended.json["habilitations"][0]["ends"]] == ["2031-08-31", "2027-08-31"]
    assert get(client_for(cfa.office), "/schools").json["items"][0]["habilitations"] == ended.json["habilitations"]
    assert "habilitation" not in shown(client_for(cfa.office), f"/etablissement/{school.id}")
