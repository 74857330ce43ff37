"""Coming in, going out, and the first page of each reader."""

from __future__ import annotations

from datetime import datetime

from flask import Response, redirect, request, session, url_for
from flask_login import current_user

from api.http.admission import ANY_SIGN_IN, PUBLIC
from api.http.session import request_origin, start
from api.identity.signing_in import SIGNING_IN, Credentials
from portfolio.documents import Person
from portfolio.identity import second_factor, sign_ins
from portfolio.policy.relations import Actor
from web import resumed_forms
from web.forms import read_form
from web.layout import menu, page
from web.pages import Pages

pages = Pages("access", __name__)


@pages.shows("/", PUBLIC)
def home(at: datetime) -> Response:
    """Redirects to the reader's only page, or lists several; redirects a visitor to the sign-in."""
    if not current_user.is_authenticated:
        return redirect(url_for("access.sign_in"))  # type: ignore[return-value]
    entries = menu()
    if len(entries) == 1:
        return redirect(entries[0].address)  # type: ignore[return-value]
    return page("everyone/home.html", entries=entries)


@pages.shows("/connexion", PUBLIC)
def sign_in(at: datetime) -> Response:
    return page(
        "everyone/sign_in.html",
        next_page=resumed_forms.own_path(request.values.get("suite", "/")),
        form_kept=resumed_forms.is_kept(),
        form_lost=False,
    )


@pages.acts("/connexion", PUBLIC, back=sign_in, tries=SIGNING_IN)
def enter(at: datetime) -> str:
    values = read_form(Credentials, "email", "password")
    started, token = sign_ins.sign_in(
        values.get("email", ""), values.get("password", ""), "cookie", None, at, request_origin()
    )
    unsent_id = session.get(resumed_forms.SESSION_KEY)
    person = Person.objects.get(pk=started.person)
    by = Actor(person, at=at)
    start(token, started, by)
    next_page = resumed_forms.own_path(request.form.get("suite", "/"))
    if second_factor.is_asked(person, started):
        session[resumed_forms.SESSION_KEY] = unsent_id  # until the digits are typed
        return url_for("second_factor.second_factor_page", suite=next_page)
    return resumed_forms.take_back(by, at, unsent_id) or next_page


@pages.acts("/deconnexion", ANY_SIGN_IN, back=home)
def leave(by: Actor, at: datetime) -> str:
    sign_ins.leave(by, current_user.sign_in, at)
    session.clear()
    return url_for("access.sign_in")
