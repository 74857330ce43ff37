"""Another day to rehearse on: `make demo CLOCK=+197d`, or CLOCK=2028-02-29 for a day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

import click

from config.setting_readers import read_shift

CLOCK_HELP = (
    "Un autre jour que le vrai : +197d, -12h, ou 2028-02-29, ou 2027-03-28T00:59 (temps universel). "
    "Une date s'entend au démarrage : pour reprendre les mêmes données, donnez plutôt un décalage."
)
ZONE_HELP = "Fuseau horaire de l'académie."


def shift(asked: str, now: datetime) -> str:
    """As the setting CLOCK takes it: a shift. asked: such a shift, or a day (noon), or an instant, in UTC; or nothing.

    Raises ValueError for what the setting would not take.
    """
    if not asked:
        return ""
    found = asked if asked[0] in "+-" else _ahead(asked, now)
    read_shift(found)
    return found


def _ahead(asked: str, now: datetime) -> str:
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
