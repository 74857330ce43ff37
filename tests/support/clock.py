"""The time of the tests: one day of one session, whatever day it is; other processes live at that time too.

Where the environment has CLOCK=+197d (`make any-day`), it is that many days from now instead, in the rehearsal under
way then: what follows from dates must hold on any. ZONE=Pacific/Noumea puts the academy there.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from config.setting_readers import read_shift
from portfolio.store.connections import current
from rehearsal.clock import shift
from rehearsal.dates import dates_of

ASKED, ZONE = os.environ.get("CLOCK", ""), os.environ.get("ZONE") or "Europe/Paris"
_NOW = datetime.now(UTC).replace(microsecond=0)
LIVED = _NOW + read_shift(shift(ASKED, _NOW)) if ASKED else _NOW  # when a demo that is asked for so is played
START = LIVED if ASKED else datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
# The setting CLOCK of every process that a run of the tests starts: by it, the run began at START.
SHIFT = f"{round((START - _NOW).total_seconds()):+d}s"
DATES = dates_of(START, ZONE)
SESSION = DATES.session if ASKED else "2027"
MEETS_AT = datetime.combine(DATES.deadline.date() - timedelta(days=25), datetime.min.time(), UTC) + timedelta(hours=12)


def now() -> datetime:
    """As other processes that work on this store see it: it goes on by itself."""
    return current().settings.now()
