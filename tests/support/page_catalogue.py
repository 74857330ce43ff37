"""Every page of the site at an address that shows it full, and those who open it; a class at work around them.

What a new page may not forget: a thing here that its address names, and somebody who is shown it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from api.http.admission import PUBLIC
from portfolio.commission.calendars import feeds
from portfolio.documents import Candidacy, Invitation, Person, Placement
from portfolio.enrolment import placements
from portfolio.enrolment.certificates import deposits
from portfolio.identity import invitations, links
from portfolio.store.connections import Connections
from rehearsal.classroom import EIGHT, Class
from tests.support import specimens
from tests.support.api.routes import Route, routes
from tests.support.api.worlds import Everything
from tests.support.clock import DATES
from tests.support.filling import HTML, fill
from tests.support.worlds.commissions import PASSWORD, with_password
from tests.support.worlds.world import World

TUTOR = {"email": "dominique.martin@assureur.fr", "family_name": "Martin", "given_names": "Dominique"}
# Of the first eight of the class, those whose pages are looked at: two at work, one convened, scored by one, to sign.
LOOKED_AT = (0, 1, 3, 4, 5)
# Below one candidate: (path parameter, collection). `candidacy` names them there.
BELOW = {
    "activity_id": "activities",
    "evidence_id": "evidence",
    "file_id": "files",
    "placement_id": "placements",
    "proposed_id": "proposed_placements",
    "certificate_id": "certificate_files",
    "transfer_id": "transfers",
    "attestation_id": "attestations",
    "evaluation_id": "reality_evaluations",
    "submission_id": "submissions",
    "commission_id": "commissions",
    "grid_id": "grids",
    "sheet_id": "sheets",
    "outcome_id": "office_outcomes",
    "reserve_id": "reserves",
}
CHANGE_PASSWORD = "/.well-known/change-password"
# They show nothing: they lead to where the candidate stands, to the sheet, to the only jury, to one's account.
SENDS_ON = (
    "/commissions/<oid:commission_id>",
    "/commissions/<oid:commission_id>/fiche",
    "/jury",
    "/examens",
    CHANGE_PASSWORD,
)
# A module of web/ bears its reader's name, but for what several share.
SHARED = {"sheet": "commission", "people": "office"}
OF_PLACES = ("office", "jury", "inspector", "exam_service", "support", "administrator")
READERS = ("candidate", "tutor", "teacher", "commission", *OF_PLACES)


@dataclass(frozen=True)
class Known:
    """What addresses may hold, {path parameter: ids}, and who is asked to open them, {role: person}."""

    ids: dict[str, list[str]]
    people: dict[str, Person | None]


@dataclass(frozen=True)
class Page:
    """who: the role that opens it here. reader: whose part of the site it is; `everyone` where it is nobody's.

    is_html: whether it is a page of ours; a mail as it looked, in its frame, is not.
    """

    rule: str
    reader: str
    who: str
    address: str
    is_html: bool
    client: FlaskClient

    def __str__(self) -> str:
        return f"{self.rule} ({self.who})"

    def get(self) -> bytes:
        with self.client.get(self.address, headers=HTML) as answer:
            assert answer.status_code < 400, (str(self), answer.status_code)
            return answer.data


class Atlas:
    """known: those whose pages are looked at."""

    def __init__(self, app: Flask, store: Connections, clock: Callable[[], datetime]) -> None:
        self.app, self.store, self.clock = app, store, clock
        self.there = Everything(store, clock)
        self.world = self.there.world
        self.convened: list[Any] = []
        self.clients: dict[Any, FlaskClient] = {None: app.test_client()}
        with_password(self.world.follower)
        placed = self.grow(EIGHT)
        self.world.begin_with(placed[LOOKED_AT[0]][0], specimens.picture("PNG"), "agence.png")
        self.world.begin_with(placed[LOOKED_AT[0]][0], specimens.film(), "visite.mp4")
        self.world.begin_with(placed[LOOKED_AT[0]][0], specimens.html_message(specimens.pdf(), "a.pdf"), "offre.eml")
        photo = specimens.html_message(specimens.picture("JPEG"), "b.jpg")
        self.world.begin_with(placed[LOOKED_AT[0]][0], photo, "photo.eml")
        period = Placement.objects.get(pk=placed[LOOKED_AT[0]][1].id)
        photographed = specimens.picture("PNG")
        deposits.deposit(self.world.actor(self.world.office), period, photographed, "certificat.png", self.clock())
        ours = self.there.ours
        self.everyone = {
            "visitor": None,
            "candidate": ours["candidate"],
            "tutor": ours["tutor who sits"],
            "teacher": ours["follower who sits"],
            **{role: ours[role] for role in OF_PLACES},
        }
        self.known = [*self._of_everything(), *(self._of_class(*placed[rank]) for rank in LOOKED_AT)]
        for known in self.known[3:]:
            del known.ids["file_id"]  # the same files again, and drawing each takes a while

    # --- the class --------------------------------------------------------------------------------

    def grow(self, more: int) -> list[tuple[Candidacy, Placement]]:
        """By so many candidates, each eight of them from nothing at all to a sheet to be signed, with one tutor."""
        world = self.world
        placed = [self._placed(world.new_candidacy(division="BTS2 A")) for _ in range(more)]
        office, follower = world.actor(world.office), world.actor(world.follower)
        passwords = {follower.id: PASSWORD}
        Class(
            world.school, office, follower, passwords, placed, self.clock(), world.academy.timezone, self.convened
        ).begin()
        fill(self.client(Person.objects.get(email=TUTOR["email"])), "/s", "answers", do="all")
        return placed

    def size(self) -> int:
        return int(Candidacy.objects(school=self.world.school.id).count())

    def _placed(self, candidacy: Candidacy) -> tuple[Candidacy, Placement]:
        values = {"company": self.world.company.id, "kind": "stage", "days": 35, "tutor": TUTOR}
        begins, ends = DATES.placement
        values |= {"starts_on": begins.isoformat(), "ends_on": ends.isoformat()}
        placement = placements.add_placement(self.world.actor(self.world.office), candidacy, values, self.clock())
        Person.objects(pk=placement.tutor).update(set__state="active")
        return candidacy, placement

    # --- what addresses name, and who opens them --------------------------------------------------

    def _of_everything(self) -> Iterator[Known]:
        classmate = self.there.classmate
        invitation = Invitation.objects(used_at=None).first()
        tutor = Person.objects.get(email=TUTOR["email"])
        tokens = [links.issue(tutor.id, "sign_off", self.clock()), invitations.invitation_token(invitation)]
        tokens.append(feeds.make(self.world.actor(self.there.ours["follower who sits"]), self.clock()))
        ids = {name: [str(thing.id)] for name, thing in self.there.things.items()}
        yield Known(ids | {"token": tokens, "number": ["1"], "page_number": ["1"]}, self.everyone)
        yield Known({"portfolio_id": [str(classmate.id)]}, {"candidate": self.there.ours["classmate"]})

    def _of_class(self, candidacy: Candidacy, placement: Placement) -> Known:
        ids = {name: self._below(candidacy, collection) for name, collection in BELOW.items()}
        ids |= {"portfolio_id": [str(candidacy.id)], "candidacy_id": [str(candidacy.id)]}
        ids |= {"number": ["1"], "page_number": ["1"]}
        candidate, tutor = (Person.objects.get(pk=one) for one in (candidacy.person, placement.tutor))
        return Known(ids, {**self.everyone, "candidate": candidate, "tutor": tutor})

    def _below(self, candidacy: Candidacy, collection: str) -> list[str]:
        rows = self.store.database[collection].find({"candidacy": candidacy.id}, {"_id": 1}).sort("_id", 1)
        return [str(row["_id"]) for row in rows]

    def pages(self) -> list[Page]:
        """One for each page and role that opens it, where it shows most. Fails for a page that nobody is shown.

        A page open to all is asked for by a visitor, and by its reader or a teacher.
        """
        found = []
        for route in routes(self.app, "GET"):
            if route.is_a_page and route.access is not None:
                roles = self.everyone if route.access != PUBLIC else ("visitor", "teacher", reader_of(route))
                shown = [page for who in roles if (page := self._fullest(route, who))]
                assert shown, f"{route}: nobody is shown it; give it an address in {__name__}"
                found += shown
        return found

    def _fullest(self, route: Route, who: str) -> Page | None:
        """Sent elsewhere is shown nothing, unless it is all that the page does."""
        tried: list[tuple[int, Page]] = []
        for client, address in self._asked(route, who):
            with client.get(address, headers=HTML) as answer:
                assert answer.status_code < 500, (str(route), who, answer.text)
                if answer.status_code == 403:
                    break  # it is not for this role, whatever it is about
                if answer.status_code == 200 or route.rule.rule in SENDS_ON and answer.status_code == 302:
                    of_a_file = answer.headers.get("Content-Security-Policy", "").startswith("sandbox")
                    is_html = answer.status_code == 200 and answer.mimetype == "text/html" and not of_a_file
                    page = Page(route.rule.rule, reader_of(route), who, address, is_html, client)
                    tried.append((len(answer.data), page))
        return max(tried, key=lambda one: one[0])[1] if tried else None

    def _asked(self, route: Route, who: str) -> Iterator[tuple[FlaskClient, str]]:
        asked = set()
        for known in self.known:
            if who in known.people and all(name in known.ids for name in route.parameters):
                client = self.client(known.people[who])
                for values in product(*(known.ids[name] for name in route.parameters)):
                    address = filled(route.rule.rule, values)
                    if (client, address) not in asked:
                        asked.add((client, address))
                        yield client, address

    def client(self, person: Person | None) -> FlaskClient:
        """Signed in once."""
        key = person and person.id
        if key not in self.clients:
            self.clients[key] = self.app.test_client()
            token = World.token_for(person, self.clock())
            self.clients[key].environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return self.clients[key]


def filled(rule: str, values: Iterable[str]) -> str:
    path = rule
    for value in values:
        path = re.sub(r"<[^>]+>", value, path, count=1)
    return path


def reader_of(route: Route) -> str:
    module = route.endpoint.partition(".")[0]
    if module in SHARED:
        return SHARED[module]
    return next((reader for reader in READERS if f"{module}_".startswith(f"{reader}_")), "everyone")
