"""Services that know nothing of each other but the stores they share."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx

from config.processes import HOST, free_port
from tests.support.api.entering import OURS
from tests.support.api.requests import API, fresh_key
from tests.support.mails.mailbox import ROOT
from tests.support.waiting import LONG_S, await_until

GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "wsgi:app"]
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@contextmanager
def services(environment: Mapping[str, str], count: int) -> Iterator[list[str]]:
    """Yields the address of each: one master of its own, one worker, one folder for what it writes."""
    with ExitStack() as running:
        addresses = [running.enter_context(_service(environment)) for _ in range(count)]
        for address in addresses:
            await_until(lambda address=address: _answers(address), "a service does not start")
        yield addresses


@contextmanager
def _service(environment: Mapping[str, str]) -> Iterator[str]:
    site = f"{HOST}:{free_port()}"
    with tempfile.TemporaryDirectory(prefix="e5-service-") as folder:
        own = {"BIND": site, "WEB_CONCURRENCY": "1", "LOG_LEVEL": "ERROR", "TMPDIR": folder}
        master = subprocess.Popen(GUNICORN, cwd=ROOT, env={**os.environ, **environment, **own})
        try:
            yield f"http://{site}"
        finally:
            master.terminate()
            master.wait(LONG_S)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=30).status_code == 200
    except httpx.TransportError:
        return False


class Somebody:
    """One person at one service. token: of a program; without, they sign in as in a browser."""

    def __init__(self, address: str, token: str | None = None) -> None:
        headers = OURS | ({"Authorization": f"Bearer {token}"} if token else {})
        self.http = httpx.Client(base_url=address, headers=headers, timeout=LONG_S)

    def __enter__(self) -> Somebody:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str) -> httpx.Response:
        return self.http.get(f"{API}{path}")

    def ask(self, path: str, **said: Any) -> httpx.Response:
        return self.http.post(f"{API}{path}", json=said)

    def create(self, path: str, key: str | None = None, **said: Any) -> httpx.Response:
        return self.http.post(f"{API}{path}", json=said, headers={"Idempotency-Key": key or fresh_key()})

    def change(self, path: str, revision: int, **said: Any) -> httpx.Response:
        return self.http.patch(f"{API}{path}", json=said, headers={"If-Match": f'"{revision}"'})

    def with_cookies_of(self, other: Somebody) -> Somebody:
        """What a proxy does that sends one browser to either service."""
        self.http.cookies.update(other.http.cookies)
        return self

    def form_token(self, page: str) -> str:
        found = CSRF.search(self.http.get(page).text)
        assert found, page
        return found[1]
