"""What the proxy in front asks before it takes a long body: whether who sends it is signed in (deploy/nginx.conf)."""

from __future__ import annotations

from typing import Any

from flask import Response

from api.doors import ANY_SIGN_IN, Doors
from portfolio.policy.relations import Actor

doors = Doors("proxy", __name__, description="Pour le serveur mandataire")

PERSON = "X-Person"


@doors.tells("/signed-in", ANY_SIGN_IN)
def show_signed_in(by: Actor, at: Any) -> Response:
    """204, or 401 as any other door. X-Person: whose bodies they are, so that they are counted by person."""
    return Response(status=204, headers={PERSON: str(by.id)})
