"""What anybody may try at a public door, and how often: the default of every public door that is not merely read.

Counted by what is tried from one network, by what is tried from anywhere, and by network, which a whole school may
share. A browser in which somebody signed in before is counted apart for them: whatever strangers try about their
address, and wherever from, they come in (OWASP, « device cookies »).

Which budgets one request takes is decided here, of what it carries; how a budget counts is
`portfolio.identity.attempts`.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import Flask, Response, g, request
from pymongo.errors import PyMongoError
from werkzeug.exceptions import HTTPException

from api.http.known_browsers import device_known_for
from api.http.schemas import read_json
from portfolio.identifiers import Malformed, email
from portfolio.identity.attempts import Budget

MOST_OCTETS = 16 * 1024
FIVE_MINUTES, AN_HOUR = timedelta(minutes=5), timedelta(hours=1)
TRIED_FIELDS = ("email", "token", "demande", "placement_id")  # what is tried: an address, a token, a code's request


@dataclass(frozen=True)
class Tries:
    """The budgets of one public door. name: of the secret that is tried there, shared by the doors that try the same.

    asks: a mail leaves for whoever has the address, so that what is granted counts; else what is refused.
    from_anywhere: how many asks about one address, over all networks; None where mails are few
    (`portfolio.identity.visitor_requests`).
    """

    name: str
    asks: bool = False
    from_anywhere: int | None = None

    def take(self, at: datetime) -> None:
        """Counts one try before it is made; one that does not count is given back with the answer. Raises TooMany.

        What a visitor sends is small: a larger body is refused before it is read (RequestEntityTooLarge).
        """
        request.max_content_length = MOST_OCTETS
        g.tries, g.tries_taken = self, []
        for budget, whose in self._budgets():
            budget.take(whose, at)
            g.tries_taken.append((budget, whose))

    def counts(self, status: int) -> bool:
        """Returns True if an answer with this HTTP status uses the budgets up: success where the route asks for a mail,
        any refusal but 429 elsewhere.
        """
        refused = 400 <= status < 500
        return status < 400 if self.asks else refused and status != 429

    def _budgets(self) -> list[tuple[Budget, str]]:
        network, tried = client_network(), _tried()
        here, by_network = (5, 120) if self.asks else (10, 200)
        within = AN_HOUR if self.asks else FIVE_MINUTES
        device = device_known_for(tried) if tried else None
        if device is not None:
            return [(Budget(f"{self.name}.device", here, within), device)]
        counted = [(Budget(f"{self.name}.network", by_network, within), network)]
        if tried is not None:
            counted.append((Budget(f"{self.name}.here", here, within), f"{tried} {network}"))
            anywhere = self.from_anywhere if self.asks else 100
            if anywhere is not None:
                counted.append((Budget(f"{self.name}.anywhere", anywhere, within), tried))
        return counted


def client_network() -> str:
    """Returns the network address of the request as text; of IPv6 the first half, all of which one customer has (RFC
    6177). "nowhere" if it is not known.
    """
    written = request.remote_addr or "nowhere"
    with suppress(ValueError):
        address = ip_address(written)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
            return str(ip_network(f"{address}/64", strict=False).network_address)
    return written


def _tried() -> str | None:
    """Returns, in its canonical form, what the path names, else the field as a form or JSON is read (the last one,
    where a name comes twice); None if no field of TRIED_FIELDS is there.
    """
    named = request.view_args or {}
    body: Any = {name: request.form.getlist(name)[-1] for name in TRIED_FIELDS if name in request.form}
    if not body and request.is_json:
        with suppress(HTTPException):
            body = read_json(request)
    for source in (named, body if isinstance(body, dict) else {}):
        for name in TRIED_FIELDS:
            if source.get(name):
                return _canonical(str(source[name]))
    return None


def _canonical(tried: str) -> str:
    with suppress(Malformed):
        return email(tried)  # an address written in another way is the same address
    return hashlib.sha256(tried.encode("utf-8", "surrogatepass")).hexdigest()


def install(app: Flask) -> None:
    app.after_request(_give_back)


def _give_back(answer: Response) -> Response:
    if "tries" in g and not g.tries.counts(answer.status_code):
        with suppress(PyMongoError):  # a try that is lost with its store takes no answer with it
            for budget, whose in g.pop("tries_taken", []):
                budget.give_back(whose)
    return answer
