"""Forms as a browser without JavaScript sends them: the hidden fields as the page gave them, the rest as typed."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient

HTML = {"Accept": "text/html"}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append({"action": given.get("action") or "", "fields": {}})
        elif tag == "input" and self.forms and given.get("name") and given.get("type") == "hidden":
            self.forms[-1]["fields"][given["name"]] = given.get("value") or ""


def form_of(html: str, name: str) -> dict[str, Any]:
    """{action, fields}: the form whose `_form` is `name`, with its hidden fields."""
    parser = _Forms()
    parser.feed(html)
    found = [form for form in parser.forms if form["fields"].get("_form") == name]
    assert found, f"no form {name}"
    return found[0]


def words(answer: Any) -> str:
    """The page as it is read: a space that does not break is a space."""
    return str(answer.text).replace("\u00a0", " ")


def shown(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
    return words(answer)


def followed(client: FlaskClient, answer: Any) -> str:
    """The page that a form leads to."""
    assert answer.status_code == 303, answer.text[:3000]
    return shown(client, answer.headers["Location"])


def csrf(client: FlaskClient) -> str:
    """The token of this browser's session."""
    token: str = form_of(client.get("/connexion").get_data(as_text=True), "sign-in")["fields"]["csrf_token"]
    return token


def fill(client: FlaskClient, path: str, name: str, /, **typed: Any) -> Any:
    """Opens the page, fills in its form, sends it; returns the answer (a redirection is not followed)."""
    form = form_of(client.get(path, headers=HTML).get_data(as_text=True), name)
    sent = form["fields"] | typed
    return client.post(form["action"] or path, data=sent, headers=HTML | _origin(client))


def _origin(client: FlaskClient) -> dict[str, str]:
    return {"Origin": client.application.config["PUBLIC_URL"]}
