"""The address that one's calendar subscribes to: made and ended on the account's page, read by programs."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, request, url_for

from api.http.admission import PUBLIC, SIGNED_IN
from api.http.attempts import Tries
from portfolio.commission.calendars import feeds
from portfolio.errors import NotFound
from portfolio.policy.relations import Actor
from portfolio.store.connections import current
from web.everyone.account import account
from web.layout import page
from web.pages import Pages

pages = Pages("calendar_feed", __name__)

GUESSED = Tries("calendar_feed")


@pages.acts("/compte/agenda", SIGNED_IN, back=account)
def make(by: Actor, at: datetime) -> Response:
    """Makes the address, and shows it this once."""
    path = url_for("calendar_feed.feed", token=feeds.make(by, at))
    address = f"{current().settings.public_url}{path}"
    return page("everyone/calendar_feed.html", address=address)


@pages.acts("/compte/agenda/fin", SIGNED_IN, back=account)
def end(by: Actor, at: datetime) -> str:
    feeds.end(by, at)
    flash("L'adresse de votre agenda est fermée : plus aucun programme n'y lit rien.", "ok")
    return url_for("account.account")


@pages.shows("/agenda/<token>.ics", PUBLIC)
def feed(at: datetime, token: str) -> Response:
    """Returns the calendar of an address, or 304 to a program that has it as it is. Whoever guesses addresses is slowed
    down; who reads their own, as often as they like, is not.
    """
    try:
        known = feeds.read(token, at)
    except NotFound:
        GUESSED.take(at)
        raise
    answer = Response(known.data, content_type="text/calendar; charset=utf-8")
    answer.set_etag(known.version, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.make_conditional(request)
    return answer
