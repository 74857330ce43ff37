"""A form that was sent after the session ended, or while a code was owed: carried, sent again by its reader."""

from __future__ import annotations

from flask import request

from web.forms import SECRET
from web.pages import CSRF

PREFIX, WHERE = "_kept.", "_kept_to"
MOST_OCTETS = 500_000
FORM_TYPE = "application/x-www-form-urlencoded"

Carried = list[tuple[str, str]]


def just_sent() -> Carried:
    """The fields of the form that is refused now, but secrets; none of a form with files."""
    if request.mimetype != FORM_TYPE or (request.content_length or 0) > MOST_OCTETS:
        return []
    return [pair for pair in request.form.items(multi=True) if pair[0] not in (CSRF, *SECRET)]


def carried() -> tuple[str, Carried]:
    """(where to, fields) that the form of a sign-in or of a second factor carries."""
    pairs = request.form.items(multi=True)
    fields = [(name.removeprefix(PREFIX), value) for name, value in pairs if name.startswith(PREFIX)]
    return ours(request.form.get(WHERE, "")), fields


def ours(address: str) -> str:
    """A path of this site; anything else leads home."""
    plain = address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"
