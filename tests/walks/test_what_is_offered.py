"""A page offers its reader only what they may do: every form it shows may be sent, every page it leads to opens.

Each role walks from its own first page, over a class whose candidates each stand a step further than the one before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from portfolio.documents import Academy, MadeCircular, Person, Placement, RealityEvaluation
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, scope
from portfolio.policy.relations import Actor
from portfolio.policy.table import POLICY
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from rehearsal.classroom import Class
from tests.support.filling import HTML
from tests.support.worlds import juries
from tests.support.worlds.commissions import PASSWORD, with_password
from tests.support.worlds.world import World
from tests.walks.shown import shown

STEPS = 6
OF_EACH_PAGE = STEPS  # addresses opened of one page: a walk that looks at one of each step is long enough

DRAWN = ("files.view", "files.thumbnail", "files.picture", "files.page_picture", "files.media")  # slowly, from a file


@pytest.fixture
def readers(world: World, app: Flask) -> dict[str, Person]:
    placed = [(one, world.new_placement(one)) for one in (world.new_candidacy() for _ in range(STEPS))]
    with_password(world.follower)
    passwords = {world.follower.id: PASSWORD}
    office, follower = world.actor(world.office), world.actor(world.follower)
    Class(world.school, office, follower, passwords, placed, world.clock(), world.academy.timezone).begin()
    assert world.jury
    juries.decide(world, juries.sheet_of(world, candidacy=world.candidacy), "12")
    juries.publish(world, leaving_out="Les autres sont encore en cours")
    juries.sheet_of(world)
    people = {f"candidate {rank}": Person.objects.get(pk=one.person) for rank, (one, _) in enumerate(placed)}
    people |= {f"tutor {rank}": Person.objects.get(pk=one.tutor) for rank, (_, one) in enumerate(placed)}
    others = (
        "candidate",
        "follower",
        "second_teacher",
        "office",
        "jury_member",
        "inspector",
        "support",
        "exam_service",
        "administrator",
    )
    people |= {name: getattr(world, name) for name in others}
    return people | {"not of the trade": world.new_teacher(world.school, teaches_profession=False)}


@pytest.mark.long
def test_every_form_shown_may_be_sent_and_every_page_led_to_opens(
    app: Flask, readers: dict[str, Person], client_for: Any
) -> None:
    wrong, tried = [], 0
    for who, person in readers.items():
        for path, action, refused in _walk(app, client_for(person), person):
            tried += 1
            if refused:
                wrong.append(f"{who} on {path}: {action} ({refused})")
    assert not wrong, "\n".join(sorted(set(wrong)))
    assert tried > 1000


def _walk(app: Flask, client: FlaskClient, person: Person) -> Iterator[tuple[str, str, str]]:
    """(page, what it offers, why it would be refused), from page to page."""
    by = World.actor(person)
    to_open, opened, seen = [("/compte", ""), ("/", "")], set[str](), Counter[str]()
    while to_open:
        path, on = to_open.pop()
        endpoint = _endpoint(app, path, "GET")
        if path in opened or not endpoint or seen[endpoint[0]] >= OF_EACH_PAGE or endpoint[0] in DRAWN:
            continue
        opened.add(path)
        seen[endpoint[0]] += 1
        with client.get(path, headers=HTML) as answer:
            yield on, path, "" if answer.status_code < 400 else str(answer.status_code)
            if answer.status_code in (302, 303):
                to_open.append((answer.headers["Location"], path))
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            forms, addresses = shown(path, answer.text, all_addresses=True)
        for form in forms:
            yield path, form.action, _refused(app, by, form.action)
        to_open += [(one, path) for one in addresses]


def _endpoint(app: Flask, path: str, method: str) -> tuple[str, dict[str, Any]] | None:
    try:
        return app.url_map.bind("localhost").match(path.partition("?")[0], method=method)  # type: ignore[return-value]
    except HTTPException:
        return None


def _refused(app: Flask, by: Actor, path: str) -> str:
    found = _endpoint(app, path, "POST")
    if found is None:
        return "no such act"
    endpoint, named = found
    action = app.view_functions[endpoint].access  # type: ignore[attr-defined]
    roles = app.blueprints[endpoint.partition(".")[0]].roles  # type: ignore[attr-defined]
    if roles and not any(by.has(role) for role in roles):
        return f"a page of {roles}"
    if not isinstance(action, Action):
        return ""
    return "" if _open_to(by, action, list(named.values())) else f"{action} is not theirs"


def _open_to(by: Actor, action: Action, ids: list[Any]) -> bool:
    """Of the thing that its address names, or what that stands for; of any, where it names none."""
    kind = POLICY[action].kind
    if kind is Academy and not ids:
        return may(by, action, Academy())
    if kind is MadeCircular and not ids:
        return may(by, action, MadeCircular(session="2027", exam=BTS_ASSURANCE_E5))
    if not ids:
        return kind.objects(__raw__=scope(by, action, kind)).first() is not None
    thing = kind.objects(pk=ids[0]).first()
    if thing is None and kind is Placement:
        thing = Placement.objects(pk=RealityEvaluation.objects.get(pk=ids[0]).placement).first()
    assert thing is not None, f"{action} is about a {kind.__name__}, which its address does not name: {ids}"
    return may(by, action, thing)
