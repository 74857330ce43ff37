"""A form that was sent after the session ended, or while a code was owed: kept, and shown again to who sent it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bson import ObjectId
from flask import current_app, flash, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from api.http.session import site_of
from portfolio.evidence import unsent_forms
from portfolio.evidence.drafts import DraftTooBig, TooManyDrafts
from portfolio.identity import sign_ins
from portfolio.policy.relations import Actor
from web.forms import keepable
from web.pages import FORM, FormExpired, same_browser, taken_by

WHERE = "unsent"  # in the browser's session: what was kept of the form it sent
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def keep(at: datetime) -> bool:
    """Keeps the form that is refused now, but its secrets and its files.

    Nothing of a form that was not drawn for this browser, nor where nobody was signed in, nor where its act has no page
    to show it on.
    """
    person_id = _whose()
    if person_id is None or request.mimetype not in FORMS:
        return False
    try:
        same_browser()
        typed = keepable()
    except (FormExpired, HTTPException):
        return False
    page, form = _page(), request.form.get(FORM, "")
    kept = unsent_forms.keep(person_id, page, form, typed, at) if page and form and typed else None
    if kept is not None:
        session[WHERE] = str(kept)
    return kept is not None


def waits() -> bool:
    return bool(session.get(WHERE))


def take_back(by: Actor, at: datetime, kept: str | None = None) -> str | None:
    """Where to go to find the form again, filled in and not yet sent; None where there is none of theirs.

    kept: what the browser's session held, where it was emptied since.
    """
    kept = session.pop(WHERE, kept)
    try:
        page = unsent_forms.take_back(by, ObjectId(kept), at) if kept else None
    except (DraftTooBig, TooManyDrafts) as refused:
        session[WHERE] = kept  # there for a day: once there is room, at the next sign-in of this session
        flash(refused.message, "warn")
        return None
    if page is not None:
        flash("Vous êtes de nouveau connecté. Rien n'est encore envoyé : relisez cette page, puis envoyez-la.", "ok")
    return page


def _whose() -> Any:
    """Who is signed in here, or was when the session ended."""
    if current_user.is_authenticated:
        return current_user.actor.id
    return sign_ins.owner_of(session["_user_id"]) if "_user_id" in session else None


def _page() -> str | None:
    """The address of the page that shows this form: the one that sent it, else the one that its act shows again."""
    shown = urlsplit(request.referrer or "")
    if site_of(request.referrer or "") == site_of(current_app.config["PUBLIC_URL"]) and _opens(shown.path):
        return f"{shown.path}?{shown.query}" if shown.query else shown.path
    back = getattr(current_app.view_functions.get(request.endpoint or ""), "back", None)
    if back is None or not hasattr(back, "endpoint"):
        return None
    ids = {name: value for name, value in (request.view_args or {}).items() if name in taken_by(back)}
    return url_for(back.endpoint, **ids)


def _opens(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return False
    return True


def ours(address: str) -> str:
    """A path of this site; anything else leads home."""
    plain = address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"
