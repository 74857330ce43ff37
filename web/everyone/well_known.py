"""What browsers, robots and those who found a weakness ask of any site, at the addresses where they look for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Response, current_app, redirect, url_for

from api.http.admission import PUBLIC
from portfolio.store.connections import current
from web.assets.joined import STATIC
from web.pages import Pages

pages = Pages("well_known", __name__)

CACHED_FOR_A_DAY = "public, max-age=86400"
# RFC 9116, 2.5.5: less than a year ahead. It says that somebody still answers: as long as the service runs.
GOOD_FOR = timedelta(days=180)


@pages.shows("/favicon.ico", PUBLIC)
def icon(at: datetime) -> Response:
    """Returns the icon (SVG) for what looks at no page: bookmarks, previews of links. Pages name it by its content."""
    return _cached_for_a_day(Response((STATIC / "icon.svg").read_bytes(), mimetype="image/svg+xml"))


@pages.shows("/robots.txt", PUBLIC)
def robots(at: datetime) -> Response:
    """Returns the robots.txt that tells search engines that nothing here is for them; links of mails least of all."""
    return _plain("User-agent: *\nDisallow: /\n")


@pages.shows("/.well-known/change-password", PUBLIC)
def change_password(at: datetime) -> Response:
    """Redirects password managers' users to where their password is changed (W3C, A well-known URL for changing
    passwords).
    """
    return redirect(url_for("account.account") + "#mot-de-passe", 302)  # type: ignore[return-value]


@pages.shows("/.well-known/security.txt", PUBLIC)
def security(at: datetime) -> Response:
    """Returns the security.txt that says whom to tell of a weakness (RFC 9116)."""
    site = current_app.config["PUBLIC_URL"]
    expires = (at + GOOD_FOR).replace(hour=0, minute=0, second=0, microsecond=0)
    return _plain(
        f"Contact: {current().settings.security_contact}\n"
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}\n"
        "Preferred-Languages: fr, en\n"
        f"Canonical: {site}{url_for('well_known.security')}\n"
    )


def _plain(body: str) -> Response:
    return _cached_for_a_day(Response(body, content_type="text/plain; charset=utf-8"))


def _cached_for_a_day(answer: Response) -> Response:
    answer.headers["Cache-Control"] = CACHED_FOR_A_DAY
    return answer
