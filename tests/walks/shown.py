"""What pages show that can be followed or sent: the forms, filled in as a reader would; the addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

TYPED = {"date": "2027-04-12", "datetime-local": "2027-04-12T14:00", "number": "12", "email": "moi@exemple.fr"}
NOT_KEPT = ("csrf_token", "_once")


@dataclass
class Form:
    """fields: [(name, value)…], the revision that was shown among them. files: names of the fields that take one."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Unique over the site."""
        return f"{self.action} {dict(self.fields).get('_form', '')}"


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.forms, self.addresses = path, list[Form](), list[str]()
        self._form: Form | None = None
        self._choice: tuple[str, list[str]] = "", []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.addresses += [given[name] for name in ("href", "src") if name in given]
        if tag == "form" and given.get("method") == "post":
            self._form = Form(given.get("action") or self.path)
            self.forms.append(self._form)
        elif self._form and given.get("name"):
            self._named(self._form, tag, given)
        elif tag == "option" and given.get("value"):
            self._choice[1].append(given["value"])

    def _named(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        if tag == "select":
            self._choice = name, []
        elif tag == "textarea":
            self._area = name
        elif kind == "file":
            form.files.append(name)
        elif kind == "radio" and name in dict(form.fields):
            return
        elif name not in NOT_KEPT:
            form.fields.append((name, given.get("value") or TYPED.get(kind, "aaa")))

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            self._form.fields.append((self._area, data.strip() or "Un texte assez long pour être accepté."))
            self._area = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._form and self._choice[1]:
            self._form.fields.append((self._choice[0], self._choice[1][0]))
        elif tag == "textarea":
            self.handle_data("")
        elif tag == "form":
            self._form = None


def shown(path: str, html: str, *, all_addresses: bool = False) -> tuple[list[Form], list[str]]:
    """The forms that post, and the addresses of this site with a query (the pages of lists, the files in frames), or
    all of them."""
    reader = _Reader(path)
    reader.feed(html)
    joined = [urljoin(path, one).partition("#")[0] for one in reader.addresses]
    ours = [one for one in joined if one.startswith("/") and not one.startswith("/static/")]
    return reader.forms, [one for one in ours if all_addresses or "?" in one]
