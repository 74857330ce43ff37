"""What anybody may try at a public door, and how often: the default of every public door that is not merely read.

Counted by what is tried from one network address, by what is tried from anywhere, and by network address, which a
whole school may share. From anywhere it takes many, or anybody who knows an address could keep its owner out.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from api.wire import read_json
from portfolio.attempts import Budget
from portfolio.identifiers import Malformed, email

MOST_OCTETS = 16 * 1024
FIVE_MINUTES, AN_HOUR = timedelta(minutes=5), timedelta(hours=1)
TRIED = ("email", "token", "demande", "placement_id")  # what is tried: an address, a token, a code's request


@dataclass(frozen=True)
class Tries:
    """The budgets of one public door. name: of the secret that is tried there, shared by the doors that try the same.

    asks: a mail leaves for whoever has the address, so that every request counts; else those that are refused.
    """

    name: str
    asks: bool = False

    def take(self, at: datetime) -> None:
        """Raises TooMany. What is taken here and does not count is given back with the answer.

        What a visitor sends is small: a larger body is refused before it is read.
        """
        request.max_content_length = MOST_OCTETS
        taken = g.setdefault("tries_taken", [])
        for budget, whose in self._budgets():
            budget.take(whose, at)
            if not self.asks:
                taken.append((budget, whose))

    def _budgets(self) -> list[tuple[Budget, str]]:
        network, tried = who_tries(), _what_is_tried()
        here, anywhere, by_network = (5, 15, 120) if self.asks else (10, 100, 200)
        within = AN_HOUR if self.asks else FIVE_MINUTES
        counted = [(Budget(f"{self.name}.network", by_network, within), network)]
        if tried is not None:
            counted.append((Budget(f"{self.name}.here", here, within), f"{tried} {network}"))
            counted.append((Budget(f"{self.name}.anywhere", anywhere, within), tried))
        return counted


def who_tries() -> str:
    return request.remote_addr or "nowhere"


def _what_is_tried() -> str | None:
    said: Any = request.form.to_dict()
    if not said and request.is_json:
        with suppress(HTTPException):
            said = read_json(request)
    sources = [said if isinstance(said, dict) else {}, request.view_args or {}]
    tried = next((str(source[name]) for name in TRIED for source in sources if source.get(name)), None)
    if tried is None:
        return None
    with suppress(Malformed):
        tried = email(tried)  # an address written in another way is the same address
    return hashlib.sha256(tried.encode("utf-8", "surrogatepass")).hexdigest()


def install(app: Flask) -> None:
    app.after_request(_give_back)


def _give_back(answer: Response) -> Response:
    """Only refusals count, but not what came while too much was tried already."""
    if not 400 <= answer.status_code < 500 or answer.status_code == 429:
        for budget, whose in g.pop("tries_taken", []):
            budget.give_back(whose)
    return answer
