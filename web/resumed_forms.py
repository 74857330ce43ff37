"""A form that was sent after the session ended, or while a code was owed: kept, and shown again to its sender."""

from __future__ import annotations

from datetime import datetime
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
from web.forms import draft_fields
from web.pages import FORM, FormExpired, arguments_of, check_csrf

SESSION_KEY = "unsent"  # in the browser's session: what was kept of the form it sent
VISIT_OVER = {
    None: "Votre visite est terminée : demandez un nouveau lien ou un code. Ce qui était gardé vous y attend.",
    True: "Votre visite était terminée : rien n'est encore envoyé. Ce que vous avez tapé est gardé pendant un jour : "
    "demandez un nouveau lien ou un code, et ouvrez-le dans ce navigateur, vous le retrouverez pour l'envoyer.",
    False: "Votre visite était terminée : rien n'est envoyé, et ce formulaire n'a pas pu être gardé. "
    "Revenez en arrière pour copier ce que vous avez tapé, puis demandez un nouveau lien ou un code.",
}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def keep(at: datetime) -> bool:
    """Keeps the form that is refused now, but its secrets and its files. Returns True if it did. Not kept: a form that
    was not drawn for this browser, one of nobody who was signed in, one that no page shows.
    """
    person_id = _owner_id()
    if person_id is None or request.mimetype not in FORMS:
        return False
    try:
        check_csrf()
        typed = draft_fields()
    except (FormExpired, HTTPException):
        return False
    page, form = _page_of_form(), request.form.get(FORM, "")
    kept = unsent_forms.keep(person_id, page, form, typed, at) if page and form and typed else None
    if kept is not None:
        session[SESSION_KEY] = str(kept)
    return kept is not None


def tell_visit_over(kept: bool | None = None) -> None:
    """Says, on the next page, to a tutor who had come in that the visit is over. kept: whether the form they sent is;
    None for no form.
    """
    if "_user_id" in session:
        flash(VISIT_OVER[kept], "warn")


def is_kept() -> bool:
    """Returns True if this browser sent a form that is kept."""
    return bool(session.get(SESSION_KEY))


def take_back(by: Actor, at: datetime, kept: str | None = None) -> str | None:
    """Returns the page (path and query) where the form stands again, filled in and not yet sent; None where none of
    theirs is kept, or their drafts have no room. kept: what the browser's session held, where it was emptied since.
    """
    kept = session.pop(SESSION_KEY, kept)
    try:
        page = unsent_forms.take_back(by, ObjectId(kept), at) if kept else None
    except (DraftTooBig, TooManyDrafts) as refusal:
        session[SESSION_KEY] = kept  # there for a day: once there is room, at the next sign-in of this session
        flash(refusal.message, "warn")
        return None
    if page is not None:
        flash("Vous êtes de nouveau connecté. Rien n'est encore envoyé : relisez cette page, puis envoyez-la.", "ok")
    return page


def _owner_id() -> ObjectId | None:
    """Returns the id of the person signed in here, or of the one whose session ended; None for a visitor."""
    if current_user.is_authenticated:
        by: Actor = current_user.actor
        return by.id
    return sign_ins.owner_of(session["_user_id"]) if "_user_id" in session else None


def _page_of_form() -> str | None:
    """Returns the page (path and query) that shows this form: the one that sent it, else the one that its act shows
    again; None if there is neither.
    """
    referrer = urlsplit(request.referrer or "")
    if site_of(request.referrer or "") == site_of(current_app.config["PUBLIC_URL"]) and _opens(referrer.path):
        return f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
    back = getattr(current_app.view_functions.get(request.endpoint or ""), "back", None)
    if back is None or not hasattr(back, "endpoint"):
        return None
    ids = {name: value for name, value in (request.view_args or {}).items() if name in arguments_of(back)}
    return url_for(back.endpoint, **ids)


def _opens(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, "GET")
    except HTTPException:
        return False
    return True


def own_path(address: str) -> str:
    """Returns the address if it is a path of this site, else « / »."""
    plain = address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else "/"
