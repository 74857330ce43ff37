"""A tutor's browser without JavaScript."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient

HTML = {"Accept": "text/html"}
ORIGIN = {"Origin": "http://localhost"}


class Browser:
    """Sends forms as a person without JavaScript does: what the form of the page holds, and what they typed."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.answer = client, None

    def get(self, path: str) -> Any:
        self.answer = self.client.get(path, headers=HTML, follow_redirects=True)
        return self.answer

    def press(self, form: str, **typed: Any) -> Any:
        found = re.search(rf'<form method="post" action="([^"]*)" id="{form}".*?</form>', self.answer.text, re.S)
        assert found, f"no form {form} in {self.answer.request.path}"
        held: dict[str, Any] = {}
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[0]):
            held.setdefault(name, []).append(value)
        for name, value in re.findall(r'<input id="[^"]+" name="([^"]+)" type="[a-z]+" value="([^"]*)"', found[0]):
            held[name] = [value]
        data = held | {name.replace("__", "-"): value for name, value in typed.items()}
        where = found[1] or self.answer.request.path
        self.answer = self.client.post(where, data=data, headers=HTML | ORIGIN, follow_redirects=True)
        return self.answer
