"""A class from a file, over HTTP: preview, decision, confirmation."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.documents import Candidacy
from tests.conftest import Clock
from tests.enrolment.lists.test_any_list import workbook
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, fresh_key, get, post_new
from tests.support.worlds.world import World

HEADER = "Nom;Prénom;N° candidat;Mél;Né(e) le;Statut"
ZOE = "Lefèvre;Zoé;02012345678;zoe@exemple.fr;12/04/2005;scolaire"
LEO = "Nguyen;Léo;02012345679;leo@exemple.fr;30/11/2004;apprenti"


@pytest.fixture
def office(world: World, client_for: Clients) -> FlaskClient:
    return client_for(world.office)


@pytest.fixture
def path(world: World) -> str:
    return f"/schools/{world.school.id}/rosters"


def body(*lines: str, encoding: str = "cp1252", session: str = "2027") -> dict[str, str]:
    return sent("\r\n".join([HEADER, *lines]).encode(encoding), session)


def sent(data: bytes, session: str = "2027") -> dict[str, str]:
    return {"session": session, "csv": base64.b64encode(data).decode()}


def confirm(client: FlaskClient, roster: Any, revision: int | None = None, **said: Any) -> Any:
    return change(client, "POST", f"/rosters/{roster['id']}/confirm", revision or roster["revision"], said)


def test_a_class_is_shown_and_then_enrolled(office: FlaskClient, path: str) -> None:
    shown = post_new(office, path, body(ZOE, LEO))
    assert shown.status_code == 201
    assert (shown.json["encoding"], shown.json["delimiter"]) == ("windows-1252", ";")
    assert [row["values"]["given_names"] for row in shown.json["rows"]] == ["Zoé", "Léo"]
    assert (shown.json["state"], shown.json["enrolled"], shown.json["file_errors"]) == ("previewed", [], [])
    assert get(office, "/candidacies").json["items"] == []
    assert get(office, f"/rosters/{shown.json['id']}").json == shown.json

    confirmed = confirm(office, shown.json)
    assert (confirmed.status_code, confirmed.json["state"]) == (200, "confirmed")
    listed = get(office, "/candidacies").json["items"]
    assert [one["id"] for one in listed] == confirmed.json["enrolled"]
    assert [one["birth_name"] for one in listed] == ["Lefèvre", "Nguyen"]


def test_faults_are_told_line_by_line_and_their_lines_wait(office: FlaskClient, path: str) -> None:
    bad = "Lefèvre;Zoé;2,01E+10;zoe@;30/02/2005;touriste"
    shown = post_new(office, path, body(LEO, bad)).json
    assert [row["errors"] for row in shown["rows"]][0] == {}
    faults = shown["rows"][1]
    assert (faults["line"], set(faults["errors"])) == (3, {"candidate_number", "email", "birth_date", "status"})
    assert all(sentence.endswith(".") for said in faults["errors"].values() for sentence in said)
    confirmed = confirm(office, shown).json
    assert (len(confirmed["enrolled"]), confirmed["waiting"]) == (1, 1)
    expect_problem(confirm(office, confirmed), 409, "rows_in_error")

    cells = {"candidate_number": "02012345678", "email": "zoe@exemple.fr", "birth_date": "12/04/2005"}
    path = f"/rosters/{shown['id']}"
    cells |= {"status": "scolaire"}
    corrected = change(office, "POST", f"{path}/correct", confirmed["revision"], {"line": 3, "values": cells}).json
    assert corrected["rows"][1]["errors"] == {} and corrected["waiting"] == 1
    whole = confirm(office, corrected).json
    assert (len(whole["enrolled"]), whole["waiting"]) == (2, 0)
    expect_problem(confirm(office, whole), 409, "import_over")


def test_a_line_is_left_aside(office: FlaskClient, path: str) -> None:
    shown = post_new(office, path, body(LEO, "Lefèvre;Zoé;;;30/02/2005;scolaire")).json
    left = change(office, "POST", f"/rosters/{shown['id']}/set-aside", shown["revision"], {"line": 3}).json
    assert [row["line"] for row in left["rows"]] == [2]
    assert (left["left_out"][0]["line"], "30/02/2005" in left["left_out"][0]["text"]) == (3, True)
    again = change(office, "POST", f"/rosters/{shown['id']}/set-aside", left["revision"], {"line": 3})
    expect_problem(again, 409, "no_such_line")


def test_a_workbook_is_read_with_what_it_does_not_say(office: FlaskClient, path: str) -> None:
    data = workbook(("Nom", "Prénom", "Né le", "Truc"), ("Lefèvre", "Zoé", "12/04/05", "zoe@exemple.fr"))
    wanted = sent(data) | {"status": "scolaire", "division": "TS2A", "columns": {"Truc": "email"}}
    shown = post_new(office, path, wanted).json
    assert (shown["file_kind"], shown["questions"], shown["columns"]["email"]) == (
        "workbook",
        ["two_digit_years"],
        "Truc",
    )
    expect_problem(confirm(office, shown), 409, "questions_unanswered")
    assert confirm(office, shown, agreed=["two_digit_years"]).status_code == 200
    enrolled = Candidacy.objects.get()
    assert (enrolled.division, enrolled.birth_date) == ("TS2A", "2005-04-12")
    again = post_new(office, path, sent(data)).json
    assert again["columns"]["email"] == "Truc"  # remembered for the school


def test_homonyms_wait_for_a_decision(office: FlaskClient, path: str, world: World) -> None:
    world.new_candidacy(birth_name="Lefevre", given_names="Zoe", birth_date="2004-01-01")
    shown = post_new(office, path, body(ZOE)).json
    assert len(shown["rows"][0]["homonyms"]) == 1
    told = expect_problem(confirm(office, shown), 409, "homonyms_undecided")
    assert "lignes 2" in told["detail"]
    assert confirm(office, shown, homonym_lines=[2]).status_code == 200


def test_the_second_confirmation_is_told_that_it_is_done(office: FlaskClient, path: str) -> None:
    shown = post_new(office, path, body(ZOE)).json
    confirmed = confirm(office, shown).json
    stale = expect_problem(confirm(office, shown), 412, "stale_revision")
    assert (stale["current"]["state"], stale["yours"]) == ("confirmed", {})
    expect_problem(confirm(office, confirmed), 409, "import_over")
    assert Candidacy.objects.count() == 1


def test_confirmations_at_once_enrol_once(world: World, client_for: Clients, path: str) -> None:
    together = 4
    clients = [client_for(world.office) for _ in range(together)]
    shown, barrier = post_new(clients[0], path, body(ZOE, LEO)).json, Barrier(together)

    def act(client: FlaskClient) -> int:
        barrier.wait()
        return int(confirm(client, shown).status_code)

    with ThreadPoolExecutor(together) as threads:
        first, *others = sorted(threads.map(act, clients))
    assert first == 200 and set(others) <= {409, 412}, "moved since it was shown, or while it was written"
    assert Candidacy.objects.count() == 2


def test_an_old_preview_is_no_longer_confirmed(office: FlaskClient, path: str, clock: Clock) -> None:
    shown = post_new(office, path, body(ZOE)).json
    clock.advance(days=2)
    expect_problem(confirm(office, shown), 409, "import_over")


def test_the_same_file_sent_twice_is_one_preview(office: FlaskClient, path: str) -> None:
    key = fresh_key()
    first, second = (post_new(office, path, body(ZOE), key) for _ in range(2))
    assert first.json == second.json


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"session": "2027"}, "csv"),
        ({"session": "2027", "csv": "é"}, "csv"),
        ({"session": "2027", "csv": "abc"}, "csv"),
        ({"session": "2027", "csv": 5}, "csv"),
        ({"session": "27", "csv": ""}, "session"),
        ({"session": "2035", "csv": ""}, "session"),
        ({"session": "2027", "csv": "", "file": "x"}, "file"),
    ],
    ids=str,
)
def test_a_bad_demand_is_refused_by_its_field(office: FlaskClient, path: str, said: dict[str, Any], field: str) -> None:
    assert list(expect_problem(post_new(office, path, said), 422, "invalid_values")["errors"]) == [field]


@pytest.mark.parametrize(
    "lines", ["2", [2.5], ["deux"], [None], list(range(501)), {"2": True}], ids=lambda v: str(v)[:9]
)
def test_decisions_are_line_numbers(office: FlaskClient, path: str, lines: Any) -> None:
    shown = post_new(office, path, body(ZOE)).json
    answer = expect_problem(confirm(office, shown, homonym_lines=lines), 422, "invalid_values")
    assert all(name.startswith("homonym_lines") for name in answer["errors"])


def test_a_roster_is_its_school_s_alone(world: World, client_for: Clients, office: FlaskClient, path: str) -> None:
    shown = post_new(office, path, body(ZOE)).json
    stranger = world.new_office(world.new_school("0690027E"))
    for person in (stranger, world.follower, world.administrator, world.jury_member):
        client = client_for(person)
        expect_problem(get(client, f"/rosters/{shown['id']}"), 404)
        expect_problem(confirm(client, shown), 404)
    expect_problem(post_new(client_for(stranger), path, body(LEO)), 404)
    expect_problem(post_new(client_for(world.follower), path, body(LEO)), 403)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"{HEADER}\n{text}".encode())))
def test_whatever_the_bytes_the_preview_answers(office: FlaskClient, path: str, data: bytes) -> None:
    shown = post_new(office, path, sent(data))
    assert shown.status_code == 201, shown.text
    assert shown.json["file_errors"] or shown.json["rows"]
    assert get(office, f"/rosters/{shown.json['id']}").json == shown.json


def test_an_import_is_undone_while_nothing_was_done_with_it(office: FlaskClient, path: str) -> None:
    shown = post_new(office, path, body(ZOE, LEO)).json
    confirmed = confirm(office, shown).json
    undo = f"/rosters/{shown['id']}/undo"
    expect_problem(change(office, "POST", undo, shown["revision"], {"reason": "Mauvaise classe"}), 412)
    undone = change(office, "POST", undo, confirmed["revision"], {"reason": "Mauvaise classe"})
    assert (undone.status_code, undone.json["state"]) == (200, "undone")
    assert get(office, "/candidacies").json["items"] == []
    again = change(office, "POST", undo, undone.json["revision"], {"reason": "Mauvaise classe"})
    expect_problem(again, 409, "import_not_confirmed")
