"""Checks several values together, so that the person can correct all of them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portfolio.errors import Invalid
from portfolio.identifiers import Malformed


def check_fields(values: dict[str, Any], checks: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Returns {field: checked value} for the fields that have a check and are given and not None; other fields are left
    out. checks: field to a function that returns the value or raises Malformed. Raises Invalid with the sentences of
    all checks that refused, by field.
    """
    checked: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for field, check in checks.items():
        if values.get(field) is None:
            continue
        try:
            checked[field] = check(values[field])
        except Malformed as malformed:
            errors[field] = [malformed.message]
    if errors:
        raise Invalid(errors)
    return checked


def day(text: str) -> str:
    """Returns an ISO day (AAAA-MM-JJ) as text: it has no hour and no zone. Raises Malformed where it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Malformed("Cette date n'existe pas : écrivez-la AAAA-MM-JJ, par exemple 2026-11-30.") from None


def checked_reason(reason: str) -> str:
    """Returns the reason, stripped. No text asks for a length. Raises Invalid on `reason` if nothing is left."""
    if not reason.strip():
        raise Invalid({"reason": ["Dites pourquoi : le motif est conservé."]})
    return reason.strip()


def period(starts_on: str | None, ends_on: str | None) -> None:
    """Checks two ISO days: raises Invalid on `ends_on` if both are given and the period ends before it starts."""
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid({"ends_on": ["La fin précède le début : vérifiez les deux dates."]})
