"""Reads from a form what was keyed into the national system, pasted or in a file."""

from __future__ import annotations

from flask import request

from portfolio.errors import Invalid
from portfolio.files.text_encoding import decode
from portfolio.identifiers import Malformed
from portfolio.jury.reconcile_marks import MAX_CHARACTERS


def keyed_text() -> str:
    """Returns the text of the file of the form (`file`), whatever its encoding; else what was pasted (`keyed`), "" for
    neither. Raises Invalid on `keyed` if the file is not text.
    """
    file = request.files.get("file")
    data = file.read(MAX_CHARACTERS + 1) if file else b""
    if not data:
        return request.form.get("keyed", "")
    try:
        return decode(data).text
    except Malformed as refusal:
        raise Invalid({"keyed": [refusal.message]}) from None
