"""Every route, asked by everybody: visitors, people of another school, each role of one's own.

What a new route may not forget: to say who may use it, and to have here a thing that its address names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api import app as application_module
from api.app import create_app
from api.http.admission import ANY_SIGN_IN, HALF_KNOWN, PUBLIC, SIGNED_IN
from api.http.routing import Routes
from config.settings import Settings
from portfolio.documents import Person, SignIn
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from tests.support.api.requests import API, expect_problem
from tests.support.api.routes import SAFE, Route, address, ask, refusal, routes
from tests.support.api.worlds import Everything
from tests.support.filling import fill

OURS = (
    "candidate",
    "classmate",
    "tutor who sits",
    "classmate's tutor",
    "follower who sits",
    "professional teacher",
    "teacher",
    "office",
    "jury",
    "inspector",
    "support",
    "exam_service",
    "administrator",
)
OWN_ACTS = ("way_in_asked", "calendar_feed_made", "calendar_feed_ended")
OF_ONES_CALENDAR = ("feed_hash", "feed_made_at", "revision")
GOING_OUT = ("signing_in.sign_out", "access.leave_act")
READERS = ("candidate", "tutor who sits", "follower who sits", "office", "jury")
STRANGERS = (
    "another school's candidate",
    "another school's tutor",
    "another school's teacher",
    "another school's office",
    "jury of another session",
    "jury of another academy",
    "jury of another exam",
    "inspector of another session",
    "inspector of another academy",
    "inspector of another exam",
    "exam_service of another session",
    "exam_service of another academy",
    "exam_service of another exam",
    "support of another academy",
)


@pytest.fixture
def client_of(app: Flask, there: Everything) -> Callable[[str], FlaskClient]:
    def make(who: str) -> FlaskClient:
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {there.tokens[who]}"
        return client

    return make


def actor(there: Everything, who: str) -> Actor:
    return Actor(Person.objects.get(pk=(there.ours | there.strangers)[who].id))


def asked_by_all(app: Flask) -> Iterator[Route]:
    """HEAD is GET without its body, OPTIONS says the methods: they are tried where nothing may be written."""
    return (route for route in routes(app) if route.method not in ("HEAD", "OPTIONS"))


# --- every route says who may use it --------------------------------------------------------------


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    undeclared = {route.endpoint for route in routes(app) if route.access is None}
    assert undeclared == app.config["OPEN_ENDPOINTS"]
    for route in routes(app):
        assert route.access in (None, PUBLIC, ANY_SIGN_IN, SIGNED_IN, HALF_KNOWN) or route.access in Action


def test_an_undeclared_route_keeps_the_application_from_starting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful:
        routes = Routes("forgetful", __name__)

    @Forgetful.routes.route("/forgotten")
    def forgotten() -> str:
        return "à tout le monde"

    monkeypatch.setattr(application_module, "RESOURCES", (*application_module.RESOURCES, Forgetful))
    with pytest.raises(RuntimeError, match="/api/v1/forgotten does not declare who may use it"):
        create_app(settings)


def test_every_path_parameter_names_a_thing_that_is_there(app: Flask, there: Everything) -> None:
    for route in routes(app):
        assert address(route, there)


# --- visitors -------------------------------------------------------------------------------------


def test_a_visitor_is_asked_to_sign_in_whatever_they_send(
    app: Flask, there: Everything, document: dict[str, Any]
) -> None:
    stored = there.dump()
    closed = [route for route in asked_by_all(app) if not route.for_all and route.rule.rule.startswith(API)]
    assert len(closed) > 100
    for route in closed:
        answer = ask(app.test_client(), route, there, document)
        expect_problem(answer, 401, "sign_in_needed")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        garbage = app.test_client().open(address(route, there), method=route.method, data=b"{", query_string="limit=x")
        expect_problem(garbage, 401, "sign_in_needed")
    assert there.dump() == stored


def test_a_token_that_was_never_given_is_a_visitor_s(app: Flask, there: Everything, document: dict[str, Any]) -> None:
    client = app.test_client()
    for token in ("Bearer x", "Bearer ", "Basic eDp5", "Bearer " + "a" * 5000):
        client.environ_base["HTTP_AUTHORIZATION"] = token
        expect_problem(client.get(f"{API}/me"), 401, "sign_in_needed")


def test_what_is_open_to_all_tells_nothing_of_anybody(app: Flask, there: Everything, document: dict[str, Any]) -> None:
    for route in asked_by_all(app):
        if route.for_all:
            answer = ask(app.test_client(), route, there, document)
            assert answer.status_code not in (401, 403) or route.method == "POST", route
            assert answer.status_code < 500
            assert not [secret for secret in there.secret if secret in answer.data]


# --- forms that no page of ours drew --------------------------------------------------------------


def test_no_page_acts_on_a_form_that_it_did_not_draw(app: Flask, there: Everything, document: dict[str, Any]) -> None:
    """The browser joins its cookie to it, but nobody else knows the token of the form (CSRF)."""
    candidate, client = there.ours["candidate"], app.test_client()
    sent = {"email": candidate.email, "password": there.world.set_password(candidate)}
    assert fill(client, "/connexion", "sign-in", **sent).status_code == 303
    client.environ_base["HTTP_ORIGIN"] = app.config["PUBLIC_URL"]  # without it, refused already by its cookie
    stored, expired = there.dump(), 0
    for route in asked_by_all(app):
        if route.is_a_page and route.method == "POST":
            answer = ask(client, route, there, document)
            assert answer.status_code in (400, 403, 404), (str(route), answer.text[:300])
            expired += answer.status_code == 400
    assert expired > 30
    assert there.dump() == stored


# --- people of another school ---------------------------------------------------------------------


# A circular is national: whoever inspects an academy for the session makes it (decision 0046).
OF_THE_SESSION = "inspector of another academy"


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_reaches_nothing_of_our_people(
    app: Flask, there: Everything, document: dict[str, Any], client_of: Callable[[str], FlaskClient], who: str
) -> None:
    stored, answered, by = there.dump(), 0, actor(there, who)
    for route in asked_by_all(app):
        if (
            route.for_all
            or route.endpoint in GOING_OUT
            or (who == OF_THE_SESSION and "circular_id" in route.parameters)
        ):
            continue
        answer = ask(client_of(who), route, there, document)
        heard = answer.data + str(answer.headers).encode()
        assert [secret for secret in there.secret if secret in heard] == [], route
        if route.parameters:
            assert answer.status_code in (403, 404), (str(route), answer.text)
        elif route.method == "GET":
            assert answer.status_code in ((200, 204) if route.is_for(by) else (403,)), (str(route), answer.text)
            answered += route.is_for(by)
        assert answer.status_code < 500, str(route)
    assert answered > 15
    person = there.strangers[who]
    assert but_own_codes(there.dump(), person) == but_own_codes(stored, person), "a stranger changed something"


def but_own_codes(stored: dict[str, list[Any]], person: Person) -> dict[str, list[Any]]:
    """All but what somebody leaves by asking for a code of their own (the way in, its event, its letter), or for an
    address of their own calendar.

    The acts without an address that anybody may do with nothing typed. Their chain ends elsewhere for it.
    """
    asked = [way["_id"] for way in stored.get("asked_ways", []) if way["person"] == person.id]
    chain = f"person:{person.id}"
    own: dict[str, Callable[[Any], bool]] = {
        "asked_ways": lambda row: row["_id"] in asked,
        "events": lambda row: row["chain"] == chain and row["name"] in OWN_ACTS,
        "chains": lambda row: row["_id"] == chain,
        "outbox": lambda row: row["payload"].get("code_row") in asked,
    }
    left = {name: [row for row in rows if name not in own or not own[name](row)] for name, rows in stored.items()}
    left["persons"] = [
        {name: value for name, value in row.items() if row["_id"] != person.id or name not in OF_ONES_CALENDAR}
        for row in left["persons"]
    ]
    return {name: rows for name, rows in left.items() if rows}


# --- each role of one's own -----------------------------------------------------------------------


def test_everybody_is_tried(there: Everything) -> None:
    assert set(there.ours) == set(OURS)
    assert set(there.strangers) == set(STRANGERS)


@pytest.mark.parametrize("who", OURS)
def test_each_role_passes_exactly_where_policy_opens(
    app: Flask, there: Everything, document: dict[str, Any], client_of: Callable[[str], FlaskClient], who: str
) -> None:
    by = actor(there, who)
    wrong, passed = [], 0
    known = list(SignIn.objects.scalar("id"))
    for route in asked_by_all(app):
        if route.for_all:
            continue
        told = refusal(by, route, there)
        answer = ask(client_of(who), route, there, document)
        status = answer.status_code
        refused = status in (401, 403, 404)
        as_told = (status == told or route.is_a_page and refused) if told else not refused
        if not as_told or status >= 500:
            wrong.append(f"{route}: {status}, expected {told or 'to pass'}: {answer.text[:300]}")
        passed += told is None
        if route.method not in SAFE and SignIn.objects(id__nin=known, person__ne=by.id):
            wrong.append(f"{route}: somebody else is signed in by it")  # nobody comes in in another's name
        if route.method not in SAFE and status < 400:  # a page that acted sends its reader elsewhere: 303
            there.restore()
    assert not wrong, "\n".join(wrong)
    assert passed > 15


# --- reading writes nothing -----------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("method", SAFE)
def test_reading_changes_nothing_whoever_reads(
    app: Flask, there: Everything, document: dict[str, Any], client_of: Callable[[str], FlaskClient], method: str
) -> None:
    """Mail scanners and prefetchers open every link, as often as they like."""
    stored = there.dump()
    for route in routes(app, method):
        for client in (app.test_client(), *(client_of(who) for who in READERS)):
            ask(client, route, there, document).close()
    assert there.dump() == stored
