"""A meeting without network: the dossier to print and the blank grid, for the members and the office."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.commission.commissions import blank_grid as download_blank_grid
from api.http.routing import find
from portfolio.commission.on_paper.blank_grids import code_of
from portfolio.documents import Assessment, Candidacy, Commission
from portfolio.enrolment.institutions import academy_of
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.sheet.dossiers import printing
from portfolio.sheet.workspace import desk
from web.commission.queue import frame
from web.layout import page
from web.pages import Pages

pages = Pages("commission_paper", __name__, of_a_commission=True)


@pages.shows("/commissions/<oid:commission_id>/papier", Action.PRINT_DOSSIER)
def show(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    commission = find(Commission, commission_id)
    dossier = printing.latest(by, commission, at)
    sits = may(by, Action.READ_ASSESSMENT, find(Assessment, commission_id))
    bar = frame(by, at, desk(by, commission_id, with_evidence=False), "paper") if sits else {"desk": None}
    return page(
        "commission/on_paper.html",
        commission=commission,
        candidacy=find(Candidacy, commission.candidacy),
        code=code_of(commission.id),
        dossier=dossier,
        zone=academy_of(commission.academy).timezone,
        **{"fictional": is_rehearsal(commission.session), **bar},
    )


@pages.acts("/commissions/<oid:commission_id>/papier/dossier", Action.PRINT_DOSSIER, back=show)
def ask(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    printing.ask(by, find(Commission, commission_id), at)
    flash("Le dossier se prépare : cette page dira quand il est prêt.", "ok")
    return url_for("commission_paper.show", commission_id=commission_id)


@pages.acts("/commissions/<oid:commission_id>/papier/dossier/telecharger", Action.PRINT_DOSSIER, back=show)
def download(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    """Records the download; shows a page that leads to the store, as for any file (web/everyone/file_previews.py).
    Raises what `printing.link` raises.
    """
    commission = find(Commission, commission_id)
    address = printing.link(by, commission, at)
    answer = page("commission/dossier_download.html", commission=commission, address=address)
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


@pages.shows("/commissions/<oid:commission_id>/grille-vierge.pdf", Action.READ_COMMISSION)
def blank_grid(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    require(by, Action.READ_COMMISSION, find(Commission, commission_id))
    return download_blank_grid(by, at, commission_id)
