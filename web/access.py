"""Coming in, going out, and the first page of each reader."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, session, url_for
from flask_login import current_user, login_user

from api.accounts import Credentials
from api.doors import PUBLIC, SIGNED_IN
from api.session import SignedIn, came_from
from portfolio import accounts, second_factor
from portfolio.documents import Person
from portfolio.relations import Actor
from web import unsent
from web.forms import read_form
from web.look import menu, page
from web.pages import Pages
from web.second_factor import to_confirm

pages = Pages("access", __name__)


@pages.shows("/", PUBLIC)
def home(at: Any) -> Response:
    """The one page of those who have one; else a choice."""
    if not current_user.is_authenticated:
        return redirect(url_for("access.sign_in"))  # type: ignore[return-value]
    opened = menu()
    if len(opened) == 1:
        return redirect(opened[0]["address"])  # type: ignore[return-value]
    return page("home.html", opened=opened)


@pages.shows("/connexion", PUBLIC)
def sign_in(at: Any) -> Response:
    kept_to, kept = unsent.carried()
    return page("sign_in.html", going=unsent.ours(request.values.get("suite", "/")), kept_to=kept_to, kept=kept)


@pages.acts("/connexion", PUBLIC, back=sign_in)
def enter(at: Any) -> str | Response:
    said = read_form(Credentials, "email", "password")
    started, token = accounts.sign_in(said.get("email", ""), said.get("password", ""), "cookie", None, at, came_from())
    session.clear()  # whoever was here before leaves nothing to the next one
    login_user(SignedIn(token, started, Actor(Person.objects.get(pk=started.person))))
    kept_to, kept = unsent.carried()
    if kept and second_factor.is_asked(current_user.actor.person, started):
        return to_confirm(kept_to, kept)
    if kept:
        return page("resume.html", to=kept_to, kept=kept)
    return unsent.ours(request.form.get("suite", "/"))


@pages.acts("/deconnexion", SIGNED_IN, back=home)
def leave(by: Actor, at: Any) -> str:
    accounts.end_sign_in(by, current_user.sign_in, at)
    session.clear()
    return url_for("access.sign_in")
