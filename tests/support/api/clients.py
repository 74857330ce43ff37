"""The type of the fixture `client_for`: from a person, or none, to a browser that is signed in as them."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

Clients = Callable[..., FlaskClient]
