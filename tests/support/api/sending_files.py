"""Sends a file in parts through the API."""

from __future__ import annotations

import hashlib
from typing import Any

from flask.testing import FlaskClient

from portfolio.documents import Evidence
from tests.support.api.requests import API, ask, post_new


def begin(client: FlaskClient, piece: Evidence, data: bytes, name: str = "lettre.pdf", **said: Any) -> Any:
    values = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **said}
    answer = post_new(client, f"/evidence/{piece.id}/files", values)
    assert answer.status_code == 201, answer.text
    return answer.json


def put_part(client: FlaskClient, file: Any, number: int, data: bytes) -> Any:
    return client.put(f"{API}/files/{file['id']}/parts/{number}", data=data)


def parts_of(file: Any, data: bytes) -> dict[int, bytes]:
    size = file["part_size"]
    return {number: data[start : start + size] for number, start in enumerate(range(0, len(data), size), 1)}


def commit(client: FlaskClient, file: Any) -> Any:
    return ask(client, f"/files/{file['id']}/commit")
