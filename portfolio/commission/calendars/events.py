"""Writes the meetings of commissions as events of calendars (RFC 5545), sent by mail (RFC 6047) or read from a file.

An event gives the place, the hour, the candidate's number and the address of the page to read once signed in. It names
nobody: calendars are synchronised to other services. Its UID outlives a change of the service's address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from config.on_demand import on_demand
from portfolio.documents import Candidacy, Commission, Person
from portfolio.documents.commissions import CommissionState
from portfolio.identifiers import is_rehearsal, numbered
from portfolio.rules.texts.exam import exam
from portfolio.store.connections import current

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = on_demand("icalendar")


def calendar_file(commissions: Iterable[Commission], at: datetime, *, member: Person | None = None) -> bytes:
    """Returns an iCalendar file with one event per commission, to import or subscribe to. member: for whom a meeting
    where they sit no more is cancelled too; None where the reader is no member. One query.
    """
    commissions = list(commissions)
    ids = {commission.candidacy for commission in commissions}
    numbers = dict(Candidacy.objects(pk__in=ids).scalar("id", "candidate_number"))
    calendar = _calendar("PUBLISH")
    for commission in commissions:
        calendar.add_component(_event(commission, numbers[commission.candidacy], at, member))
    return bytes(calendar.to_ical())


def message_to(member: Person, commission: Commission, number: str | None, at: datetime) -> tuple[str, bytes]:
    """Returns (method, iCalendar text) of what the calendar of this person is told (RFC 5546): REQUEST while they sit,
    CANCEL once they do not, or nobody does. number: the candidate's. No answer is asked for: nobody reads any.
    """
    event = _event(commission, number, at, member)
    method = "CANCEL" if event["status"] == "CANCELLED" else "REQUEST"
    called = icalendar.vCalAddress(f"mailto:{member.email}")
    called.params["ROLE"] = "REQ-PARTICIPANT"
    called.params["PARTSTAT"] = "NEEDS-ACTION"
    called.params["RSVP"] = "FALSE"
    event.add("attendee", called)
    calendar = _calendar(method)
    calendar.add_component(event)
    return method, bytes(calendar.to_ical())


def _calendar(method: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Portfolio E5//BTS Assurance//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(commission: Commission, number: str | None, at: datetime, member: Person | None) -> icalendar.Event:
    settings = current().settings
    fictional = "FICTIF " if is_rehearsal(commission.session) else ""
    left = member is not None and member.id not in commission.members
    held = commission.state == CommissionState.CONVENED and not left
    organizer = icalendar.vCalAddress(f"mailto:{settings.mail_from}")
    organizer.params["CN"] = "Portfolio E5"
    event = icalendar.Event()
    event.add("uid", f"commission-{commission.id}@portfolio-e5")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("sequence", commission.revision - 1)
    event.add("dtstart", commission.meets_at.astimezone(UTC))
    event.add("duration", timedelta(minutes=commission.lasts_min))
    event.add("summary", f"{fictional}Commission {exam(commission.exam).name}, candidat {numbered(number)}")
    event.add("organizer", organizer)
    if not left:  # what they no longer sit at may be held elsewhere since
        event.add("location", commission.place)
        page = "commissions" if member else "classe/commissions"
        event.add("url", f"{settings.public_url}/{page}/{commission.id}")
    event.add("status", "CONFIRMED" if held else "CANCELLED")
    event.add("class", "PRIVATE")
    return event
