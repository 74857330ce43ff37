"""What tests of the commission's pages do over and over."""

from __future__ import annotations

from html import unescape
from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import Commission
from tests.support.filling import HTML, fill, words
from tests.support.worlds.commissions import ROWS

ORIGIN = {"Origin": "http://localhost"}


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers=HTML, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return unescape(words(answer))


def at(commission: Any, step: str = "") -> str:
    return f"/commissions/{commission.id}{step}"


def degrees(degree: str = "S", **other: str) -> dict[str, str]:
    return {f"degrees.{row}": value for row, value in (dict.fromkeys(ROWS, degree) | other).items()}


def send(client: FlaskClient, path: str, form: dict[str, Any], **typed: Any) -> Any:
    """A form opened earlier, sent now."""
    return client.post(form["action"] or path, data=form["fields"] | typed, headers=HTML | ORIGIN)


def decide(client: FlaskClient, commission: Commission, form: str, **typed: str) -> Any:
    return fill(client, at(commission, "/accord"), f"{form}-{commission.id}", **typed)
