"""Every route of the application, asked for as a client would: a real address, a valid body, the revision as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api.http.admission import ANY_SIGN_IN, HALF_KNOWN, PUBLIC, SIGNED_IN
from portfolio.documents import Academy, Commission, GridScan, MadeCircular, Sheet
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.reading import READ
from portfolio.policy.relations import Actor
from portfolio.policy.table import POLICY
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.api.requests import fresh_key
from tests.support.api.worlds import Everything
from tests.walks.probe import sample

SAFE = ("GET", "HEAD", "OPTIONS")
PLAIN = {"digest": "0" * 64, "number": "1", "page_number": "1", "token": "inconnu", "filename": "style.css"}

# Lists below a thing, and doors that several seats share: what is asked first is not the action that the items obey.
ASKED_FIRST = {
    "attestations.attest_activity": Action.ATTEST_AS_TUTOR,  # the seat of the body that is sent
    "attestations.list_attestations": Action.READ_ACTIVITY,
    "assessments.list_grids": Action.READ_ASSESSMENT,
    "reality.list_reality": Action.READ_PORTFOLIO,
    "reserves.list_reserves": Action.PLACE_RESERVE,  # where there is none to read
    "jury_reserves.show": Action.PLACE_RESERVE,
    "outcomes.show_beside": Action.DECIDE_OUTCOME,  # it is of a jury, as who decides and who is replaced see it
}

# What the things of worlds.py have not, whoever asks.
NOTHING_THERE = {
    "certificates.picture": "the certificate is a document: it is shown page by page",
    "files.picture": "the file is a document: it is shown page by page",
    "files.media": "nor is it a film or a sound",
    "files.mail_layout": "nor a mail",
    "files.attached_view": "so nothing is attached to it",
    "files.attached_picture": "nor drawn of that",
    "files.attached_page_picture": "nor a page of it",
    "candidate_piece.remove_link_act": "the piece has no link",
}

# Doors whose right is over another thing of the same id: the grids and sheet of a commission, here the commission.
FINDS_WHAT_IT_NAMES = {"commissions.choose_way", "commissions.record_meeting"}

# Acts whose form stands on a page that is not everybody's who may act; refused, they show that page again.
STANDS_ON = {
    "office_candidates.reopen_act": Action.AMEND_CANDIDACY,  # a teacher reopens from the pages of their class
    "teacher_candidate.reopen_act": Action.READ_SIGN_OFFS,  # an office, from its own
    "teacher_placements.add_company_act": Action.PLACE,  # on the page of a new period
}


@dataclass(frozen=True)
class Route:
    """One method of one rule. access: an action, PUBLIC or SIGNED_IN; None for what is open by configuration.

    roles: whose page it is; none for everybody's, and for doors.
    """

    method: str
    rule: Rule
    access: Any
    roles: tuple[str, ...] = ()

    @property
    def endpoint(self) -> str:
        return str(self.rule.endpoint)

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<(?:[a-z]+:)?([a-z_]+)>", self.rule.rule)

    @property
    def is_a_page(self) -> bool:
        """A page may know less than its reader: it shows what is theirs to do, and nothing there is a 404."""
        return not self.rule.rule.startswith("/api/")

    @property
    def for_all(self) -> bool:
        return self.access in (None, PUBLIC)

    def is_for(self, by: Actor) -> bool:
        return not self.roles or any(by.has(role) for role in self.roles)

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"


def routes(app: Flask, *methods: str) -> Iterator[Route]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, str(rule.endpoint))):
        for method in sorted(rule.methods or ()):
            if not methods or method in methods:
                yield _route(app, method, rule)


def _route(app: Flask, method: str, rule: Rule) -> Route:
    whose = getattr(app.blueprints.get(rule.endpoint.partition(".")[0]), "roles", ())
    return Route(method, rule, getattr(app.view_functions[rule.endpoint], "access", None), whose)


def writes(app: Flask) -> Iterator[Route]:
    return (route for route in routes(app) if route.method not in SAFE)


def address(route: Route, there: Everything) -> str:
    """KeyError for a path parameter that no thing is known for: say in worlds.py what it names."""
    path = route.rule.rule
    for name in route.parameters:
        value = PLAIN[name] if name in PLAIN else str(there.things[name].id)
        path = re.sub(rf"<(?:[a-z]+:)?{name}>", value, path)
    return path


def ask(client: FlaskClient, route: Route, there: Everything, document: dict[str, Any]) -> TestResponse:
    """With all that the route wants: query, body, key and revision."""
    operation = document["paths"].get(template(route), {}).get(route.method.lower(), {})
    query = {
        one["name"]: "2027" if one["name"] == "session" else sample(document, one["schema"], "")
        for one in operation.get("parameters", [])
        if one["in"] == "query" and one.get("required")
    }
    headers = {"Idempotency-Key": fresh_key(), "If-Match": f'"{revision(route, there)}"'}
    return client.open(
        address(route, there),
        method=route.method,
        query_string=query,
        headers=headers,
        **(_body(document, operation, str(there.world.candidacy.id)) if operation else _form(route, there)),
    )


def _form(route: Route, there: Everything) -> dict[str, Any]:
    """What every form of a page sends besides what its reader types."""
    if route.method != "POST":
        return {}
    about = {"candidacy": str(there.world.candidacy.id)}
    return {"data": about | {"_revision": str(revision(route, there)), "_once": fresh_key()}}


def template(route: Route) -> str:
    return re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", route.rule.rule)


def _body(document: dict[str, Any], operation: dict[str, Any], an_id: str) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        return {"json": sample(document, content["application/json"]["schema"], an_id)}
    return {"data": b"octets"} if content else {}


def revision(route: Route, there: Everything) -> int:
    """Of the thing that the door finds: what the action is about where it bears the same id, else what is named."""
    if not route.parameters or route.parameters[0] in PLAIN:
        return 1
    named = there.things[route.parameters[0]]
    about = POLICY[route.access].kind if isinstance(route.access, Action) else type(named)
    about = type(named) if route.endpoint in FINDS_WHAT_IT_NAMES else about
    for kind in dict.fromkeys((about, type(named))):
        found = kind._get_collection().find_one({"_id": named.id}, {"revision": 1})
        if found is not None:
            return int(found["revision"])
    return int(named.revision)


# --- what POLICY says of it -----------------------------------------------------------------------


def refusal(by: Actor, route: Route, there: Everything) -> int | None:
    """404 or 403 where POLICY does not open the route to them, None where it does; 403 where the page is of others."""
    if not route.is_for(by):
        return 403
    if route.endpoint in NOTHING_THERE:
        return 404
    action = ASKED_FIRST.get(route.endpoint, route.access)
    if action in (None, PUBLIC, ANY_SIGN_IN, SIGNED_IN, HALF_KNOWN) or (
        not route.parameters and action in READ.values()
    ):
        return None
    thing = addressed(action, route, there)
    if thing is None or may(by, action, thing):
        return None if _sees_the_form(by, route, there) else 403
    known = [thing, *(there.things[name] for name in route.parameters if name not in PLAIN)]
    return 403 if all(may(by, READ[type(one)], one) for one in known) else 404


def _sees_the_form(by: Actor, route: Route, there: Everything) -> bool:
    page = STANDS_ON.get(route.endpoint)
    return page is None or may(by, page, POLICY[page].kind.objects.get(pk=there.things["candidacy_id"].id))


def addressed(action: Action, route: Route, there: Everything) -> Any:
    """The thing that the action is about, as the store has it now; None for a list of all that one may see."""
    kind, school = POLICY[action].kind, there.world.school
    if not route.parameters:
        of_exam = MadeCircular(session=there.world.session, exam=BTS_ASSURANCE_E5)
        return {Academy: Academy(), MadeCircular: of_exam}.get(kind)
    named = there.things[route.parameters[0]]
    if kind is Commission and route.parameters == ["school_id"]:
        return Commission(school=school.id, academy=school.academy, session="2027", exam=BTS_ASSURANCE_E5)
    if kind is Sheet and route.parameters == ["school_id"]:
        at_school = {"school": school.id, "academy": school.academy, "session": "2027", "exam": BTS_ASSURANCE_E5}
        return Sheet(**at_school, state="transmitted")
    if kind is GridScan:  # of a commission that nobody filled in by hand
        of_commission = ("candidacy", "school", "academy", "session", "exam")
        known = {name: getattr(named, name) for name in of_commission if name in GridScan._fields}
        return GridScan(commission=named.id, **known)
    if route.parameters == ["evaluation_id"] and kind is not type(named):
        return kind.objects.get(pk=named.placement)
    return kind.objects.get(pk=named.id)
