"""What is promised of everything that is read by the API, whoever reads it: no row looked at for more candidates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portfolio.store.connections import Connections
from tests.support.api.requests import API
from tests.support.api.routes import Route, address, routes, template
from tests.support.api.worlds import Everything
from tests.support.country.copies import Copies
from tests.support.queries import Reading, read_by
from tests.walks.probe import sample

# As of the pages: rows for each that the request is given, and what any may look at besides.
FEW, MANY = 600, 2_000
FOR_EACH, BESIDES = 3, 50
# With each candidate of the school, their portfolio, their periods, and the evaluation of these.
JOINED = {f"{API}/schools/{{school_id}}/conformity": 4}
# It counts the commissions of a whole academy or school, by day: each is read once, its academy with it for the hour
# there, and none of elsewhere.
COUNTS_COMMISSIONS = f"{API}/calendar"
# Of a query string, {name: value}; another name is that of the thing that the same name with `_id` names.
DAYS = {"from": "2026-09-01", "to": "2027-08-31", "asked_before": "2027-06-01T00:00:00Z"}
TEXTS = {"session": "2027", "exam": "bts-assurance-e5", "division": "BTS 2"}


@dataclass(frozen=True)
class Asked:
    """One address of the API, asked by one of its readers."""

    who: str
    rule: str
    path: str
    query: tuple[tuple[str, Any], ...]
    client: FlaskClient

    def get(self) -> Any:
        return self.client.get(self.path, query_string=dict(self.query))

    def __str__(self) -> str:
        return f"{self.who}: {self.path} {dict(self.query)}"


@pytest.mark.long
@pytest.mark.parametrize("in_schools", [False, True], ids=["a larger country", "a larger school"])
def test_neither_a_larger_country_nor_a_larger_school_costs_what_the_api_reads_more(
    app: Flask, store: Connections, there: Everything, document: dict[str, Any], in_schools: bool
) -> None:
    asked = list(_all_that_is_read(app, there, document))
    country = Copies(store.database, in_schools=in_schools)
    try:
        at_few, at_many = (_readings_at(size, country, asked) for size in (FEW, MANY))
    finally:
        there.restore()
    more = [f"{one}: {at_few[one]}, then {at_many[one]}" for one in asked if at_many[one].asked > at_few[one].asked]
    assert not more, "\n".join(more)
    lists = {template(route) for route in routes(app, "GET") if _is_a_list(route, document)}
    assert len(lists) > 20
    assert {one.rule for one in asked} >= lists, "say in worlds.py who reads it, and what its address names"


def _is_a_list(route: Route, document: dict[str, Any]) -> bool:
    operation = document["paths"].get(template(route), {}).get("get", {})
    return any(one["name"] == "limit" for one in operation.get("parameters", []))


def _all_that_is_read(app: Flask, there: Everything, document: dict[str, Any]) -> Iterator[Asked]:
    """Yields what each of our people reads: as it is first asked for, then by each filter, then its second page."""
    for who in there.ours:
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {there.tokens[who]}"
        for route in routes(app, "GET"):
            operation = document["paths"].get(template(route), {}).get("get")
            if operation is None:
                continue
            path = address(route, there)
            for query in _queries(operation, there, document):
                one = Asked(who, template(route), path, tuple(query.items()), client)
                answer = one.get()
                if answer.status_code == 200:
                    yield one
                    if answer.is_json and isinstance(answer.json, dict) and answer.json.get("next"):
                        deeper = query | {"after": answer.json["next"]}
                        yield Asked(who, template(route), path, tuple(deeper.items()), client)


def _queries(operation: dict[str, Any], there: Everything, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    said = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"}
    wanted = {name: _value(name, one, there, document) for name, one in said.items() if one.get("required")}
    yield wanted
    if "limit" in said:
        yield wanted | {"limit": 2}
    for name, one in said.items():
        if name not in wanted and name not in ("after", "limit"):
            for value in one["schema"].get("enum") or [_value(name, one, there, document)]:
                if value is not None:
                    yield wanted | {name: value}


def _value(name: str, said: dict[str, Any], there: Everything, document: dict[str, Any]) -> Any:
    known = TEXTS | DAYS | {key.removesuffix("_id"): str(thing.id) for key, thing in there.things.items()}
    return known[name] if name in known else sample(document, said["schema"], "")


def _readings_at(size: int, country: Copies, asked: list[Asked]) -> dict[Asked, Reading]:
    country.grow_to(size)
    readings = {one: read_by(country.database, one.get) for one in asked}
    commissions = country.database.commissions.count_documents({"academy": "10"})
    too_much = [f"{one}: {reading}" for one, reading in readings.items() if _is_too_much(one, reading, commissions)]
    assert not too_much, "\n".join(too_much)
    return readings


def _is_too_much(one: Asked, reading: Reading, commissions: int) -> bool:
    """commissions: of the academy."""
    besides = BESIDES + (2 * commissions if one.rule == COUNTS_COMMISSIONS else 0)
    return reading.examined > JOINED.get(one.rule, FOR_EACH) * reading.returned + besides
