"""Periods in companies that were proposed, as the pages of several readers list them, and a tutor whom nobody knows."""

from __future__ import annotations

from bson import ObjectId
from flask import request

from portfolio.documents import ProposedPlacement
from portfolio.documents.candidacies import ProposedState
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

PROPOSED_STATES: dict[str, tuple[str, str]] = {
    ProposedState.PROPOSED: ("attend la réponse de l'établissement", "wait"),
    ProposedState.ACCEPTED: ("acceptée", "ok"),
    ProposedState.REFUSED: ("refusée", "wrong"),
    ProposedState.WITHDRAWN: ("retirée", "plain"),
}
LISTED = 50


def proposed_of(by: Actor, candidacy: ObjectId, *, waiting: bool = False) -> list[ProposedPlacement]:
    """Returns the periods proposed for a candidate that this reader may see, the latest first, LISTED at most; with
    `waiting`, those without an answer alone.
    """
    readable = {"$and": [{"candidacy": candidacy}, scope(by, Action.READ_PROPOSED_PLACEMENT, ProposedPlacement)]}
    listed = ProposedPlacement.objects(__raw__=readable)
    return list((listed.filter(state=ProposedState.PROPOSED) if waiting else listed).order_by("-id").limit(LISTED))


def tutor_to_be_named() -> dict[str, None]:
    """Returns {"tutor": None} where the form names nobody, for `read_form`: the tutor is to be named; {} otherwise."""
    names = ("given_names", "family_name", "email", "function")
    return {} if any(request.form.get(f"tutor.{name}", "").strip() for name in names) else {"tutor": None}
