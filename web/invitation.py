"""The page an invitation leads to: one's own password, chosen once. Opening it changes nothing."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from api.doors import PUBLIC
from portfolio import invitations
from portfolio.errors import Invalid
from web.look import page
from web.pages import Pages

pages = Pages("pages", __name__)


@pages.shows("/invitation/<token>", PUBLIC)
def invitation(at: Any, token: str) -> Response:
    """However often it is opened, and by whatever mail scanner, nothing happens."""
    if not invitations.invitation_holds(token, at):
        return page("invitation_over.html", 410)
    return page("invitation.html")


@pages.acts("/invitation/<token>", PUBLIC, back=invitation)
def choose_password(at: Any, token: str) -> Response:
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        raise Invalid({"again": ["Les deux saisies diffèrent : retapez le mot de passe."]})
    try:
        invitations.accept_invitation(token, password, at)
    except invitations.InvitationOver:
        return page("invitation_over.html", 410)
    return page("invitation_done.html")
