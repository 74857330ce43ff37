"""What the proxy in front asks before it takes a long body: whether who sends it is signed in (deploy/nginx.conf)."""

from __future__ import annotations

from datetime import datetime

from flask import Response

from api.http.admission import ANY_SIGN_IN
from api.http.routing import Routes
from portfolio.policy.relations import Actor

routes = Routes("proxy", __name__, description="Pour le serveur mandataire")

PERSON = "X-Person"


@routes.tells("/signed-in", ANY_SIGN_IN, title="Dit si la session ou le jeton vaut encore : 204 ou 401, sans contenu.")
def show_signed_in(by: Actor, at: datetime) -> Response:
    """Returns 204 to whoever is signed in (any other gets 401, as on every route). The header X-Person has the id of
    the person, by which the proxy counts the bodies that it lets through.
    """
    return Response(status=204, headers={PERSON: str(by.id)})
