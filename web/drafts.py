"""Where the browser keeps what is being typed (`static/js/site.js`): asked for while typing, restored by the page."""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify, request

from api.http.admission import ANY_SIGN_IN
from portfolio.evidence import drafts
from portfolio.policy.relations import Actor
from web.forms import draft_fields
from web.layout import clock_time
from web.pages import FORM, Pages

pages = Pages("drafts", __name__)


@pages.sends("/brouillons", ANY_SIGN_IN)
def keep(by: Actor, at: datetime) -> Response:
    """Keeps the fields of one form, sent as the form would send them, and returns {saved_at: local time} as JSON;
    `_page` is the path that shows it. Raises DraftTooBig, TooManyDrafts.
    """
    drafts.keep(by, request.form.get("_page", ""), request.form.get(FORM, ""), draft_fields(), at)
    return jsonify(saved_at=clock_time(at))


@pages.sends("/brouillons/oublier", ANY_SIGN_IN)
def forget(by: Actor, at: datetime) -> Response:
    drafts.forget(by, request.form.get(FORM, ""))
    return jsonify(forgotten=True)
