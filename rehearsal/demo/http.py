"""A small client for the journey: signed in by token, one Idempotency-Key per creation, If-Match on changes."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

PATIENCE_S = 60  # on a machine with much else to do; a moment is usual
T = TypeVar("T")


class Unexpected(AssertionError):
    """The service did not do what the journey expects."""


def expect(condition: object, sentence: str) -> None:
    if not condition:
        raise Unexpected(sentence)


def eventually(look: Callable[[], T | None], sentence: str, seconds: float = PATIENCE_S) -> T:
    """What is seen once somebody else, the worker, has done its part."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen := look():
            return seen
        time.sleep(0.05)
    raise Unexpected(sentence)


class Person:
    """Somebody at a keyboard."""

    def __init__(self, address: str, email: str | None = None, password: str | None = None) -> None:
        self.email, self.password = email, password
        self.http = httpx.Client(base_url=f"{address}/api/v1", timeout=PATIENCE_S)
        if email is not None:
            said = {"email": email, "password": password, "label": "journey"}
            token = self._answer("POST", "/tokens", 200, json=said).json()["token"]
            self.http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> Any:
        return self._answer("GET", path, 200, params=query).json()

    def download(self, path: str) -> bytes:
        return self._answer("GET", path, 200).content

    def take(self, path: str) -> bytes:
        """A download that is recorded."""
        return self._answer("POST", path, 200).content

    def create(self, path: str, **values: Any) -> Any:
        return self._answer("POST", path, 201, json=values, headers={"Idempotency-Key": uuid.uuid4().hex}).json()

    def send(self, path: str, data: bytes) -> Any:
        """Sends raw bytes to where they are named."""
        octets = {"Content-Type": "application/octet-stream"}
        return self._answer("PUT", path, 200, content=data, headers=octets).json()

    def act(self, path: str, thing: Any, method: str = "POST", **values: Any) -> Any:
        """Changes a thing as it was last read."""
        guard = {"If-Match": f'"{thing["revision"]}"'}
        return self._answer(method, path, 200, json=values, headers=guard).json()

    def ask(self, path: str, **values: Any) -> Any:
        return self._answer("POST", path, 200, json=values).json()

    def refused(self, status: int, code: str, method: str, path: str, thing: Any = None, **values: Any) -> Any:
        """Expects a refusal with this status and code."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if thing is not None:
            headers = {"If-Match": f'"{thing["revision"]}"'}
        body = {"json": values} if method != "GET" else {}
        problem = self._answer(method, path, status, headers=headers, **body).json()
        expect(problem["code"] == code, f"{method} {path} : code {problem['code']}, {code} attendu")
        return problem

    def upload(self, evidence: str, name: str, data: bytes) -> Any:
        """A whole upload in parts, relayed; answers the file as verified."""
        said = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        file = self.create(f"/evidence/{evidence}/files", **said)
        for number, start in enumerate(range(0, len(data), file["part_size"]), 1):
            part = data[start : start + file["part_size"]]
            self.send(f"/files/{file['id']}/parts/{number}", part)
        return self.ask(f"/files/{file['id']}/commit")

    def _answer(self, method: str, path: str, status: int, **said: Any) -> httpx.Response:
        answer = self.http.request(method, path, **said)
        expect(answer.status_code == status, f"{method} {path} : {answer.status_code}, {status} attendu\n{answer.text}")
        return answer
