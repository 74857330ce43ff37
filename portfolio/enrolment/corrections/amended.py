"""Keeps what a thing said before it was put right, who did it and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from portfolio.documents import Person, School
from portfolio.documents.fields import Amended
from portfolio.policy.relations import Actor


def amended_by(
    by: Actor, thing: Person | School, values: Mapping[str, str | None], at: datetime
) -> dict[str, str | None | list[Amended]]:
    """Returns the values of the change that puts a thing right: those of `values` that it does not say already, with
    `amended`, all that was ever put right of it; {} where it says all of it already.
    """
    rights = {field: value for field, value in values.items() if value != thing[field]}
    if not rights:
        return {}
    put_right = [
        Amended(field=field, before=thing[field] or None, after=value or None, by=by.journal_name, at=at)
        for field, value in rights.items()
    ]
    return {**rights, "amended": [*thing.amended, *put_right]}
