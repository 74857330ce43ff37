"""What every page has: its frame, its menu, its dates in the reader's time zone, its files named by their content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Blueprint, Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_login import current_user
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader

from api.http.headers import CLOSED
from portfolio import VERSION
from portfolio.counting import agrees, grouped, many
from portfolio.dates_in_words import day_in_words
from portfolio.enrolment.elimination_status import words_of
from portfolio.enrolment.institutions import FRANCE, zone_of
from portfolio.policy.relations import Actor
from portfolio.rules import marks
from portfolio.rules.texts.exam import exam, exams
from portfolio.store.connections import current
from web.assets.joined import STATIC
from web.assets.served import address_of, send
from web.typography import NO_BREAK, FrenchSpacing, spaced

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    f"connect-src 'self'; font-src 'self'; frame-src 'self'; form-action 'self'; {CLOSED}; frame-ancestors 'none'"
)
DAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
# "office/home.html" is web/office/templates/home.html.
OF_READERS = {folder.parent.name: FileSystemLoader(folder) for folder in Path(__file__).parent.glob("*/templates")}

# In the page itself: nobody asks for it.
ICON = f"data:image/svg+xml,{quote((STATIC / 'icon.svg').read_text().strip())}"

# (role, what the menu says, the view that opens it)
MENU = (
    ("candidate", "Mon portfolio", "candidate.home"),
    ("tutor", "Mes confirmations", "tutor.inbox"),
    ("teacher", "Ma classe", "teacher.home"),
    ("teacher", "Confirmations", "teacher.inbox"),
    ("teacher", "Commissions", "commission.home"),
    ("tutor", "Commission", "commission.home"),
    ("office", "Établissement", "office.home"),
    ("jury", "Jury", "jury.home"),
    ("inspector", "Inspection", "inspector.home"),
    ("exam_service", "Service des examens", "exam_service.home"),
    ("inspector", "Circulaires", "making_circulars.home"),
    ("support", "Assistance", "support.home"),
    ("administrator", "Administration", "administrator.home"),
    ("administrator", "Circulaires", "making_circulars.home"),
)


@dataclass(frozen=True)
class MenuEntry:
    """here: the page being read is below this address."""

    label: str
    address: str
    here: bool


def content_policy() -> str:
    """Returns the Content-Security-Policy of this page: POLICY; those of a candidate, which send files straight to the
    store, may also connect to it.
    """
    settings = current().settings
    if settings.upload_way == "relayed" or not queues():
        return POLICY
    store = urlsplit(settings.s3_public_endpoint_url)
    return POLICY.replace("connect-src 'self'", f"connect-src 'self' {store.scheme}://{store.netloc}")


layout = Blueprint("layout", __name__)
layout.add_url_rule("/static/<path:filename>", "static", send)


def page(template: str, status: int = 200, **values: Any) -> Response:
    return make_response(render_template(template, **values), status)


def day(value: date | str | None) -> str:
    """Returns « 3 mars 2027 », and "" for None. A text is an ISO date or instant, whose day is taken as written. Raises
    ValueError for any other.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    return day_in_words(value)


def weekday(value: date | str) -> str:
    """Returns « mercredi 3 mars 2027 » (« lundi 1er … »). A text is an ISO date or instant, whose day is taken as
    written, without conversion. Raises ValueError for any other.
    """
    value = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{DAYS[value.weekday()]} {day(value)}"


def readers_zone() -> str:
    """Returns the time zone (IANA name) of the signed-in reader's academy, read once a request; Paris for a visitor."""
    if "zone" not in g:
        g.zone = zone_of(current_user.actor) if current_user.is_authenticated else FRANCE
    zone: str = g.zone
    return zone


def moment(value: datetime | None, zone: ZoneInfo | str | None = None) -> str:
    """Returns « 3 mars 2027 à 14 h 02 » in the given time zone (IANA name), or else in the reader's; "" for None."""
    if value is None:
        return ""
    zone = zone or readers_zone()
    local = value.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    return f"{day(local.date())} à {local:%H}{NO_BREAK}h{NO_BREAK}{local:%M}"


def clock_time(value: datetime, zone: ZoneInfo | str | None = None) -> str:
    """Returns « 14:02:11 » in the given time zone (IANA name), or else in the reader's."""
    zone = zone or readers_zone()
    return f"{value.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone):%H:%M:%S}"


def size(octets: int) -> str:
    """Returns a number of bytes in French, « 1,4 Mo »; a thousand bytes are a ko."""
    for unit in ("o", "ko", "Mo"):
        if octets < 1000:
            return (
                f"{octets:.0f} {unit}" if unit == "o" else f"{octets:.1f} {unit}".replace(".", ",").replace(",0 ", " ")
            )
        octets = octets / 1000  # type: ignore[assignment]
    return f"{octets:.1f} Go".replace(".", ",")


def mark(value: Decimal | str | int | None) -> str:
    """Returns the mark in French, « 12,5 »; "" for None. Raises InvalidOperation for a text that is no number."""
    if value is None:
        return ""
    return marks.format_mark(Decimal(str(value)))


def menu() -> list[MenuEntry]:
    """Returns the entries that the reader's live grants open, in one order for everyone; [] for a visitor."""
    if not current_user.is_authenticated:
        return []
    by: Actor = current_user.actor
    entries: dict[str, MenuEntry] = {}
    for role, label, endpoint in MENU:
        if by.has(role) and endpoint in current_app.view_functions and not (by.confined and endpoint != "tutor.inbox"):
            address = url_for(endpoint)
            entries[address] = MenuEntry(label, address, _is_under(address))
    return list(entries.values())


def queues(portfolio_id: ObjectId | None = None) -> list[ObjectId]:
    """Returns the portfolios whose chosen files leave from this page: the one it is about, else all that the reader has
    as a candidate; [] for others. portfolio_id: None where the page is about none.
    """
    if not current_user.is_authenticated or current_user.actor.confined:
        return []
    own: list[ObjectId] = current_user.actor.values("candidate", "candidacy")
    return [portfolio_id] if portfolio_id in own else own


def _is_under(address: str) -> bool:
    return request.path == address or request.path.startswith(f"{address.rstrip('/')}/")


def install(app: Flask) -> None:
    app.register_blueprint(layout)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(Path(app.root_path) / "templates"), PrefixLoader(OF_READERS)])
    app.config["OPEN_ENDPOINTS"].add("layout.static")
    # fictional: of a rehearsal, where a page does not say that it is.
    app.jinja_env.globals.update(
        asset=address_of,
        icon=ICON,
        menu=menu,
        queues=queues,
        many=many,
        agrees=agrees,
        grouped=grouped,
        version=VERSION,
        fictional=False,
        several_exams=lambda: len(exams()) > 1,
    )
    app.jinja_env.filters.update(day=day, weekday=weekday, moment=moment, clock_time=clock_time, size=size, mark=mark)
    app.jinja_env.filters.update(eliminated=words_of, spaced=spaced, exam=exam)
    app.jinja_env.add_extension(FrenchSpacing)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(_set_headers)


def _set_headers(answer: Response) -> Response:
    if answer.mimetype == "text/html" and not request.path.startswith("/api/"):
        answer.headers.setdefault("Content-Security-Policy", content_policy())
    return answer
