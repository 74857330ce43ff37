"""A person with a browser and no account: reads pages over plain HTTP, presses buttons, sends the forms as they are."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx

from rehearsal.demo.http import PATIENCE_S, expect


class _Forms(HTMLParser):
    """[(address, {name: value})] of a page's forms, as a browser would send them untouched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any]]] = []
        self._typed: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        name, kind = said.get("name"), said.get("type") or "text"
        if tag == "form":
            self.found.append((said.get("action") or "", {}))
        elif not self.found or name is None:
            return
        elif tag == "input" and (kind not in ("radio", "checkbox") or "checked" in said):
            self._add(name, said.get("value") or "")
        elif tag == "textarea":
            self._typed = name
            self._add(name, "")

    def handle_data(self, data: str) -> None:
        if self._typed is not None:
            self.found[-1][1][self._typed] = data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._typed = None

    def _add(self, name: str, value: str) -> None:
        fields = self.found[-1][1]
        fields[name] = [*_as_list(fields[name]), value] if name in fields else value


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Visitor:
    """Keeps its cookies, follows where it is sent."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(
            base_url=address, timeout=PATIENCE_S, follow_redirects=True, headers={"Origin": address}
        )
        self.page = ""
        self.at = address

    def open(self, address: str) -> str:
        return self._read(self.http.get(address))

    def press(self, action: str, **typed: str | list[str]) -> str:
        """Sends the form whose address holds `action`, with what is typed over what it shows."""
        address, fields = self._form(action)
        return self._read(self.http.post(urljoin(self.at, address), data=fields | typed))

    def send(self, action: str, files: Sequence[tuple[str, bytes]], **typed: str) -> str:
        """Sends the form as `press` does, with files: (name, bytes) of each."""
        address, fields = self._form(action)
        chosen = [("files", file) for file in files]
        return self._read(self.http.post(urljoin(self.at, address), data=fields | typed, files=chosen))

    def _form(self, action: str) -> tuple[str, dict[str, Any]]:
        forms = [one for one in _Forms(self.page).found if action in one[0]]
        expect(forms, f"aucun formulaire {action} sur {self.at}")
        return forms[0]

    def _read(self, answer: httpx.Response) -> str:
        expect(answer.status_code == 200, f"{answer.request.method} {answer.url} : {answer.status_code}")
        self.page, self.at = answer.text, str(answer.url)
        return self.page
