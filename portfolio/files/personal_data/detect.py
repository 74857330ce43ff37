"""Finds all kinds of personal data in one text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final

from portfolio.files.personal_data.numbers.account_numbers import cards, ibans, nirs
from portfolio.files.personal_data.numbers.phones import phones
from portfolio.files.personal_data.numbers.plates import plates
from portfolio.files.personal_data.numbers.references import references
from portfolio.files.personal_data.people.birth_dates import birth_dates
from portfolio.files.personal_data.people.header_names import header_names
from portfolio.files.personal_data.people.health import health
from portfolio.files.personal_data.people.mail_addresses import mail_addresses
from portfolio.files.personal_data.people.postal_addresses import postal_addresses
from portfolio.files.personal_data.surroundings import Surroundings
from portfolio.files.personal_data.traces.devices import devices
from portfolio.files.personal_data.traces.positions import positions
from portfolio.files.personal_data.value import PersonalValue

# In this order: what a key proves comes first, and what words alone say comes before what has only the form of it.
_DETECTORS: Final[tuple[Callable[[Surroundings], Iterator[PersonalValue]], ...]] = (
    mail_addresses,
    ibans,
    nirs,
    cards,
    positions,
    devices,
    references,
    birth_dates,
    phones,
    postal_addresses,
    plates,
    header_names,
    health,
)


def detect(text: str) -> list[PersonalValue]:
    """Returns what is found in a text, in the order of its places. None meets another: the first detector has it."""
    around = Surroundings(text)
    kept: list[PersonalValue] = []
    for detector in _DETECTORS:
        for finding in sorted(detector(around), key=lambda each: each.start):
            place = bisect_left(kept, finding.start, key=lambda each: each.start)
            neighbours = kept[max(0, place - 1) : place + 1]
            if not any(finding.meets(other) for other in neighbours):
                kept.insert(place, finding)
    return kept
