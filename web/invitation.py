"""The page an invitation leads to: one's own password, chosen once. Opening it changes nothing."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from api.doors import PUBLIC
from api.session import now
from portfolio import accounts
from portfolio.errors import Invalid

pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def page(template: str, status: int = 200, **values: object) -> Response:
    answer = make_response(render_template(template, **values), status)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@pages.get("/invitation/<token>")
def invitation(token: str) -> Response:
    """However often it is opened, and by whatever mail scanner, nothing happens."""
    if not accounts.invitation_holds(token, now()):
        return page("invitation_over.html", 410)
    return page("invitation.html", faults=[])


@pages.post("/invitation/<token>")
def choose_password(token: str) -> Response:
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        return page("invitation.html", 422, faults=["Les deux saisies diffèrent : retapez le mot de passe."])
    try:
        accounts.accept_invitation(token, password, now())
    except accounts.InvitationOver:
        return page("invitation_over.html", 410)
    except Invalid as invalid:
        return page("invitation.html", 422, faults=invalid.errors.get("password", [invalid.message]))
    return page("invitation_done.html")


for _view in (invitation, choose_password):
    _view.declares = PUBLIC  # type: ignore[attr-defined]
