"""Sheets over HTTP: drawn up, signed, voided, transmitted, read on paper."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portfolio.documents import Commission, Person, Placement, Sheet
from portfolio.enrolment import email_corrections
from tests.support.api.clients import Clients
from tests.support.api.requests import ask, change, expect_problem, get, post_new
from tests.support.worlds.commissions import (
    PASSWORD,
    appraise,
    appraised,
    convened,
    drafted,
    signed,
    transmitted,
    with_password,
)
from tests.support.worlds.world import World

PAPERS = ("pdf", "xlsx", "json")


def sign(client: FlaskClient, person: Person, sheet: Any, **said: Any) -> TestResponse:
    with_password(person)
    body = {"digest": sheet["digest"], "password": PASSWORD, "confirmed": True, **said}
    return change(client, "POST", f"/sheets/{sheet['id']}/sign", sheet["revision"], body)


@pytest.fixture
def commission(world: World) -> Commission:
    return appraised(world)


def test_drawn_up_signed_by_both_and_transmitted(world: World, client_for: Clients, commission: Commission):
    follower, tutor, office = (client_for(one) for one in (world.follower, world.tutor, world.office))
    made = post_new(follower, f"/commissions/{commission.id}/sheet", None, key="une-fiche")
    assert (made.status_code, made.json["number"], made.json["state"]) == (201, "2027-0690026D-0001", "draft")
    assert post_new(follower, f"/commissions/{commission.id}/sheet", None, key="une-fiche").json == made.json
    path = f"/sheets/{made.json['id']}"
    data = get(tutor, f"{path}.json")
    assert hashlib.sha256(data.data).hexdigest() == made.json["digest"]
    once = sign(tutor, world.tutor, made.json)
    assert (once.json["state"], len(once.json["signatures"])) == ("draft", 1)
    stale = sign(follower, world.follower, made.json)
    assert expect_problem(stale, 412)["current"]["signatures"][0]["name"] == world.tutor.name
    both = sign(follower, world.follower, get(follower, path).json)
    assert both.json["state"] == "proposed"
    sent = change(office, "POST", f"{path}/transmit", both.json["revision"])
    assert (sent.json["state"], sent.json["transmitted_at"]) == ("transmitted", "2027-01-12T09:00:00+00:00")
    expect_problem(change(office, "POST", f"{path}/transmit", sent.json["revision"]), 409, "not_proposed")


def test_a_signature_is_refused_without_the_right_digest_password_and_person(
    world: World, client_for: Clients, commission: Commission
):
    drafted(world, commission)
    tutor, office = client_for(world.tutor), client_for(world.office)
    sheet = get(tutor, "/sheets").json["items"][0]
    expect_problem(sign(tutor, world.tutor, sheet, digest="0" * 64), 409, "other_content")
    wrong = sign(tutor, world.tutor, sheet, password="Une autre phrase tout aussi longue")
    expect_problem(wrong, 401, "wrong_credentials")
    assert get(tutor, f"/sheets/{sheet['id']}").json["signatures"] == []
    expect_problem(sign(office, world.office, sheet), 404)
    signed_once = sign(tutor, world.tutor, sheet).json
    expect_problem(sign(tutor, world.tutor, signed_once), 409, "already_signed")


def test_wrong_passwords_are_counted_and_a_reader_is_not_held_up(
    world: World, client_for: Clients, commission: Commission
):
    drafted(world, commission)
    tutor = client_for(world.tutor)
    sheet = get(tutor, "/sheets").json["items"][0]
    with_password(world.tutor)
    body = {"digest": sheet["digest"], "password": "Une autre phrase tout aussi longue"}
    heard = [change(tutor, "POST", f"/sheets/{sheet['id']}/sign", 1, body).status_code for _ in range(11)]
    assert heard == [401] * 10 + [429]
    late = expect_problem(change(tutor, "POST", f"/sheets/{sheet['id']}/sign", 1, body), 429, "too_many_attempts")
    assert "5 minutes" in late["detail"]
    assert get(tutor, f"/sheets/{sheet['id']}").status_code == 200
    assert sign(client_for(world.follower), world.follower, sheet).status_code == 200


def test_an_unfinished_appraisal_says_what_it_lacks(world: World, client_for: Clients):
    world.submit()
    commission = convened(world)
    answer = post_new(client_for(world.tutor), f"/commissions/{commission.id}/sheet", None)
    errors = expect_problem(answer, 409, "assessment_incomplete")["errors"]
    assert set(errors) == {"grid", "proposed_mark", "meeting"}


def test_nothing_handed_in_ends_with_an_outcome(world: World, client_for: Clients):
    commission = convened(world)
    tutor = client_for(world.tutor)
    expect_problem(post_new(tutor, f"/commissions/{commission.id}/sheet", None), 409, "assessment_incomplete")
    appraise(world, world.tutor, commission, outcome="no_portfolio")
    made = post_new(tutor, f"/commissions/{commission.id}/sheet", None)
    assert (made.json["outcome"], made.json["proposed_mark"]) == ("no_portfolio", None)


def test_voided_with_a_reason_then_drawn_up_under_another_number(
    world: World, client_for: Clients, commission: Commission
):
    sheet, tutor = drafted(world, commission), client_for(world.tutor)
    path = f"/sheets/{sheet.id}/void"
    expect_problem(change(tutor, "POST", path, 1, {}), 422)
    voided = change(tutor, "POST", path, 1, {"reason": "Observation oubliée"})
    assert (voided.json["state"], voided.json["voided_reason"]) == ("voided", "Observation oubliée")
    expect_problem(change(tutor, "POST", path, 2, {"reason": "Encore une fois"}), 409, "sheet_voided")
    again = post_new(tutor, f"/commissions/{commission.id}/sheet", None)
    assert again.json["number"] == "2027-0690026D-0002"
    expect_problem(post_new(tutor, f"/commissions/{commission.id}/sheet", None), 409, "sheet_is_out")


def test_three_papers_say_the_same(world: World, client_for: Clients):
    sheet, tutor = signed(world), client_for(world.tutor)
    pdf, xlsx, frozen = (get(tutor, f"/sheets/{sheet.id}.{kind}") for kind in PAPERS)
    assert pdf.data.startswith(b"%PDF-1.7")
    assert (pdf.mimetype, pdf.headers["Cache-Control"]) == ("application/pdf", "no-store")
    assert pdf.headers["Content-Disposition"] == "attachment; filename=fiche-2027-0690026D-0001.pdf"
    cells = {
        row[0]: row[1] for row in openpyxl.load_workbook(io.BytesIO(xlsx.data))["Données"].iter_rows(values_only=True)
    }
    assert cells["/mark/proposed"] == frozen.json["mark"]["proposed"] == "14.50"
    assert cells["/candidate/number"] == frozen.json["candidate"]["number"]


def test_who_reads_a_sheet_follows_how_far_it_went(world: World, client_for: Clients):
    sheet = drafted(world)
    office, jury = client_for(world.office), client_for(world.jury_member)
    others = [client_for(one) for one in (world.candidate, world.second_teacher, world.inspector, world.administrator)]

    def reads(client: FlaskClient) -> bool:
        answers = [get(client, f"/sheets/{sheet.id}{kind}").status_code for kind in ("", ".pdf", ".xlsx", ".json")]
        listed = len(get(client, "/sheets").json["items"]) == 1
        assert set(answers) == ({200} if listed else {404})
        return listed

    assert (reads(office), reads(jury)) == (False, False)
    signed(world, sheet)
    assert (reads(office), reads(jury)) == (True, False)
    transmitted(world, Sheet.objects.get(pk=sheet.id))
    assert (reads(office), reads(jury)) == (True, True)
    assert not any(reads(client) for client in others)


def test_a_school_transmits_all_it_has(world: World, client_for: Clients):
    sheet = signed(world)
    path, body = f"/schools/{world.school.id}/transmit", {"session": "2027"}
    expect_problem(ask(client_for(world.follower), path, body), 403)
    expect_problem(ask(client_for(world.candidate), path, body), 404)
    office = client_for(world.office)
    assert ask(office, path, body).json == {"transmitted": [sheet.number]}
    assert ask(office, path, body).json == {"transmitted": []}


def test_the_list_is_filtered(world: World, client_for: Clients):
    sheet = signed(world)
    office = client_for(world.office)
    assert [one["id"] for one in get(office, "/sheets", session="2027", state="proposed").json["items"]] == [
        str(sheet.id)
    ]
    assert get(office, "/sheets", state="voided").json["items"] == []
    assert get(office, "/sheets", candidacy=str(world.follower.id)).json["items"] == []
    expect_problem(get(office, "/sheets", state="lost"), 422)


def test_what_is_to_be_known_before_transmission_is_for_members_and_office_and_never_on_the_sheet(
    world: World, client_for: Clients
) -> None:
    Placement.objects(pk=world.placement.id).update(set__starts_on="2026-01-05")
    email_corrections.correct_tutor(world.actor(world.follower), world.placement, "boite@exemple.fr", world.clock())
    sheet = signed(world)
    path = f"/sheets/{sheet.id}/remarks"
    for reader in (world.office, world.follower, world.tutor):
        (told,) = get(client_for(reader), path).json["items"]
        assert told["code"] == "tutor_address_corrected" and world.follower.name in told["sentence"]
    for stranger in (world.candidate, world.second_teacher, world.administrator):
        expect_problem(get(client_for(stranger), path), 404)
    assert "boite" not in sheet.content and told["sentence"] not in sheet.content
