"""Reads an invitation (iCalendar, RFC 5545) as French lines: what, when, where, who."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar.parser import Contentline

from portfolio.counting import grouped
from portfolio.files.previews.renderers.mails.header_words import joined_people

LONGEST_CALENDAR = 400_000
LONGEST_LINE = 20_000
MOST_EVENTS = 20
_PARIS = ZoneInfo("Europe/Paris")
_OF_PARIS = {"europe/paris", "romance standard time", "(utc+01:00) bruxelles, copenhague, madrid, paris"}
_ESCAPED = re.compile(r"\\([nN,;\\])")
_TIME = re.compile(r"\d{8}(T\d{6}(Z?))?")
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Rendez-vous annulé",
    "REPLY": "Réponse à une invitation",
    "COUNTER": "Autre horaire proposé",
}
_ANSWERS = {"ACCEPTED": "accepte", "DECLINED": "refuse", "TENTATIVE": "peut-être"}
_COMPONENTS = {"VEVENT", "VTODO"}


def invitation_words(calendar: str) -> str:
    """Returns what a calendar says, one line per thing; the calendar as it is written if it holds no event."""
    title = "Rendez-vous"
    events: list[_Event] = []
    count = 0
    event: _Event | None = None
    inside: list[str] = []
    for name, parameters, value in _lines(calendar[:LONGEST_CALENDAR]):
        if name == "BEGIN":
            inside.append(value.upper())
            if value.upper() in _COMPONENTS:
                count += 1
                event = _Event()
                if count <= MOST_EVENTS:
                    events.append(event)
        elif name == "END":
            del inside[-1:]
            event = event if any(component in _COMPONENTS for component in inside) else None
        elif name == "METHOD":
            title = _METHODS.get(value.upper(), title)
        elif event is not None and inside[-1] in _COMPONENTS:
            event.add(name, parameters, value)
    if not events:
        return calendar
    written = ["\n".join([title, *each.lines()]) for each in events]
    if count > MOST_EVENTS:
        written.append(f"Seuls les {MOST_EVENTS} premiers rendez-vous de {grouped(count)} sont montrés.")
    return "\n\n".join(written)


class _Event:
    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._guests: list[str] = []

    def add(self, name: str, parameters: dict[str, str], value: str) -> None:
        if name == "ATTENDEE":
            answer = _ANSWERS.get(parameters.get("PARTSTAT", "").upper(), "")
            self._guests.append(_person(parameters, value) + (f" ({answer})" if answer else ""))
        elif name == "ORGANIZER":
            self._texts.setdefault(name, _person(parameters, value))
        elif name in ("DTSTART", "DTEND", "DUE"):
            self._texts.setdefault(name, _moment(value, parameters.get("TZID", "")))
        elif name in ("SUMMARY", "LOCATION", "DESCRIPTION", "RRULE", "COMMENT"):
            self._texts.setdefault(name, _ESCAPED.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], value))

    def lines(self) -> list[str]:
        texts = self._texts
        labelled = [
            ("Objet", texts.get("SUMMARY", "")),
            ("Début", texts.get("DTSTART", "")),
            ("Fin", texts.get("DTEND", "") or texts.get("DUE", "")),
            ("Lieu", texts.get("LOCATION", "")),
            ("Organisé par", texts.get("ORGANIZER", "")),
            ("Invités", joined_people(self._guests, len(self._guests))),
            ("Commentaire", texts.get("COMMENT", "")),
        ]
        lines = [f"{label} : {text}" for label, text in labelled if text]
        if "RRULE" in texts:
            lines.append("Ce rendez-vous se répète.")
        return lines + [text for text in [texts.get("DESCRIPTION", "")] if text]


def _lines(calendar: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yields (name, parameters, value) of each line, names in capitals; a line that is none is left out."""
    for line in re.sub(r"\r?\n[ \t]", "", calendar).splitlines():
        try:
            name, parameters, value = Contentline(line[:LONGEST_LINE]).parts()  # type: ignore[no-untyped-call]
        except ValueError:
            continue
        yield name.upper(), {key.upper(): str(text) for key, text in parameters.items()}, value.strip()


def _person(parameters: dict[str, str], value: str) -> str:
    address = re.sub("^mailto:", "", value, flags=re.IGNORECASE)
    name = parameters.get("CN", "")
    return f"{name} <{address}>" if name and name != address else address


def _moment(value: str, zone: str) -> str:
    """Returns « 03/03/2027 », or « 03/03/2027 à 14 h 05 » with the zone that `zone` names, Paris for universal time;
    what is no day, unchanged.
    """
    match = _TIME.match(value)
    if match is None:
        return value
    try:
        moment = datetime.strptime(match[0].rstrip("Z"), "%Y%m%dT%H%M%S" if match[1] else "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return value
    if not match[1]:
        return f"{moment:%d/%m/%Y}"
    if match[2]:
        return f"{moment.astimezone(_PARIS):%d/%m/%Y à %H h %M} (heure de Paris)"
    named = "heure de Paris" if zone.casefold() in _OF_PARIS else f"fuseau « {zone} »"
    return f"{moment:%d/%m/%Y à %H h %M}" + (f" ({named})" if zone else "")
