"""The archive of a portfolio, which proves itself without this service."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response

from api.http.downloads import attached
from api.http.routing import Routes, find
from portfolio.documents import Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.submission import export as portfolio_export

routes = Routes("export", __name__, description="Archive du portfolio")


@routes.files(
    "/portfolios/<oid:portfolio_id>/export.zip",
    Action.EXPORT_PORTFOLIO,
    "application/zip",
    recorded=True,
    title="Télécharge le portfolio et de quoi le vérifier hors ligne ; la sortie est enregistrée.",
)
def export_portfolio(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    """Returns the whole portfolio as a zip, with the program that verifies it offline. That it was taken is recorded.
    Raises NotFound, Forbidden, Eliminated, Unavailable (the store).
    """
    export = portfolio_export.export(by, find(Portfolio, portfolio_id), at)
    return attached(export.chunks, "application/zip", export.name)
