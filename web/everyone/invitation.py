"""The page an invitation leads to: one's own password, chosen once. Opening it changes nothing."""

from __future__ import annotations

from datetime import datetime

from flask import Response
from marshmallow import Schema

from api.http.admission import PUBLIC
from api.http.schemas import Secret
from api.identity.accounts import INVITED
from portfolio.errors import Invalid
from portfolio.identity import invitations
from web.forms import read_form
from web.layout import page
from web.pages import Pages

pages = Pages("invitation", __name__)


class ChosenPassword(Schema):
    password = Secret()
    again = Secret()


@pages.shows("/invitation/<token>", PUBLIC)
def invitation(at: datetime, token: str) -> Response:
    """Shows where a password is chosen; 410 where the link is over. Changes nothing, however often a mail scanner opens
    it.
    """
    if not invitations.invitation_holds(token, at):
        return page("everyone/invitation_over.html", 410)
    return page("everyone/invitation.html")


@pages.acts("/invitation/<token>", PUBLIC, back=invitation, tries=INVITED)
def choose_password(at: datetime, token: str) -> Response:
    values = read_form(ChosenPassword)
    if values["password"] != values["again"]:
        raise Invalid({"again": ["Les deux saisies diffèrent : retapez le mot de passe."]})
    try:
        invitations.accept_invitation(token, values["password"], at)
    except invitations.InvitationOver:
        return page("everyone/invitation_over.html", 410)
    return page("everyone/invitation_done.html")
