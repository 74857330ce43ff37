"""The office lifts the quarantine of a file, on the page of its candidate."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.http.routing import find
from api.http.schemas import Reason
from portfolio.documents import Candidacy
from portfolio.documents.portfolios import FileState
from portfolio.evidence.quarantine import lift as lifting
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office.candidates import candidate
from web.pages import Pages

pages = Pages("office_held", __name__, "office")


def _of_file(by: Actor, at: datetime, candidacy_id: ObjectId, file_id: ObjectId) -> Response:
    return candidate(by, at, candidacy_id)


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/retenus/<oid:file_id>", Action.LIFT_QUARANTINE, back=_of_file)
def lift(by: Actor, at: datetime, candidacy_id: ObjectId, file_id: ObjectId) -> str:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.LIFT_QUARANTINE, candidacy)
    lifted = lifting.lift(by, candidacy, file_id, read_form(Reason)["reason"], at)
    if lifted.state == FileState.VERIFIED:
        flash("La quarantaine est levée : le fichier s'ouvre, et ses lecteurs savent qu'il avait été signalé.", "ok")
    else:
        flash(f"La quarantaine est levée, mais le fichier reste refusé : {lifted.reason}", "warn")
    return url_for("office_candidates.candidate", candidacy_id=lifted.candidacy, _anchor="retenus")
