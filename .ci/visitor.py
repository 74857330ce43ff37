"""Somebody with a browser or a program, and nothing installed: the standard library alone."""

from __future__ import annotations

import hashlib
import json
import re
import time
import urllib.error
import urllib.request
import uuid
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode

PATIENCE_S = 60
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def expect(condition: object, sentence: str) -> None:
    if not condition:
        raise SystemExit(f"FAILED: {sentence}")


class Visitor:
    def __init__(self, address: str) -> None:
        self.address = address
        self.headers = {"Origin": address}
        self.http = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, data: bytes | None = None, method: str | None = None, **headers: str) -> bytes:
        """The body of an answer that is neither a refusal nor a failure; redirections are followed."""
        told = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with self.http.open(
                urllib.request.Request(self.address + path, data, told, method=method), timeout=60
            ) as answer:
                self.at = answer.url.removeprefix(self.address)
                return answer.read()
        except urllib.error.HTTPError as refusal:
            raise SystemExit(
                f"FAILED: {method or ''} {path}: {refusal.code}\n{refusal.read().decode()[:2000]}"
            ) from None

    def sign_in(self, email: str, password: str) -> str:
        """By the page, as a person; answers their first page."""
        token = TOKEN.search(self.open("/connexion").decode())
        expect(token, "the sign-in page has a form")
        said = {"csrf_token": token[1], "email": email, "password": password}
        page = self.open("/connexion", urlencode(said).encode()).decode()
        expect(not self.at.startswith("/connexion"), f"{email} is in, not at {self.at}")
        return page

    def take_token(self, email: str, password: str) -> None:
        """By the API, as a program."""
        token = self.ask("/tokens", email=email, password=password, label="ci")["token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def ask(self, path: str, method: str = "POST", **values: Any) -> Any:
        once = {"Idempotency_Key": uuid.uuid4().hex}
        return json.loads(
            self.open(f"/api/v1{path}", json.dumps(values).encode(), method, Content_Type="application/json", **once)
        )

    def get(self, path: str) -> Any:
        return json.loads(self.open(f"/api/v1{path}"))

    def deposit(self, portfolio: str, name: str, data: bytes) -> str:
        """A new piece with this file, verified by the service; answers the id of the file."""
        values = {"type_code": "SP1", "title": "Essai de démarrage", "nature": "production"}
        piece = self.ask(f"/portfolios/{portfolio}/evidence", **values)
        sha256 = hashlib.sha256(data).hexdigest()
        file = self.ask(f"/evidence/{piece['id']}/files", name=name, size=len(data), sha256=sha256)
        octets = {"Content_Type": "application/octet-stream"}
        self.open(f"/api/v1/files/{file['id']}/parts/1", data, "PUT", **octets)
        file = self.ask(f"/files/{file['id']}/commit")
        expect((file["state"], file["sha256"]) == ("verified", sha256), f"the file is verified: {file}")
        return str(file["id"])

    def download(self, file: str) -> bytes:
        """By the short-lived link to the store."""
        with urllib.request.urlopen(self.ask(f"/files/{file}/link")["url"], timeout=60) as answer:
            return answer.read()


def await_until(condition, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        expect(time.monotonic() < deadline, what)
        time.sleep(0.2)


def answers(site: str) -> bool:
    try:
        return bool(Visitor(site).open("/readyz"))
    except (OSError, SystemExit):  # nobody listens yet, or it answers that it is not ready
        return False
