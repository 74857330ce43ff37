"""Another day to rehearse on: `make demo CLOCK=+197d`, or CLOCK=2028-02-29 for a day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

import click

CLOCK_HELP = "Un autre jour que le vrai : +197d, -12h, ou 2028-02-29, ou 2027-03-28T00:59 (temps universel)."
ZONE_HELP = "Fuseau horaire de l'académie."


def shift(asked: str, now: datetime) -> str:
    """As the setting CLOCK takes it: a shift. asked: such a shift, or a day (noon), or an instant, in UTC; or nothing.

    Raises ValueError.
    """
    if not asked or asked[0] in "+-":
        return asked
    read = datetime.fromisoformat(asked)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", asked):
        read = datetime.combine(read, time(12))
    ahead = read.replace(tzinfo=read.tzinfo or UTC) - now
    return f"{round(ahead.total_seconds()):+d}s"


def read_clock(_context: click.Context, _option: click.Parameter, asked: str) -> str:
    try:
        return shift(asked, datetime.now(UTC))
    except ValueError:
        raise click.BadParameter(f"« {asked} » n'est ni un décalage ni un jour. {CLOCK_HELP}") from None
