"""A meeting without network: what is printed, for members and the office; what was written, for members alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.commission.commissions import blank_grid as download_blank_grid
from api.commission.paper_grids import GridScanWithdrawal, counting, of_commission
from api.http.routing import find
from portfolio.commission.on_paper import grid_scans, readings
from portfolio.commission.on_paper.blank_grids import code_of
from portfolio.documents import Assessment, Candidacy, Commission, GridScan
from portfolio.enrolment.institutions import academy_of
from portfolio.enrolment.pinned import referential_of
from portfolio.files.scans import LARGEST_SCAN
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.sheet.dossiers import printing
from portfolio.sheet.workspace import Desk, desk
from portfolio.store.together import read_several
from web.commission.queue import frame
from web.forms import read_file, read_form
from web.layout import page
from web.pages import Pages, find_unchanged

pages = Pages("commission_paper", __name__, "teacher", "tutor", "office", of_a_commission=True)

DEGREE = "degrees."


@pages.shows("/commissions/<oid:commission_id>/papier", Action.PRINT_DOSSIER)
def show(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    commission = find(Commission, commission_id)
    dossier = printing.latest(by, commission, at)
    read_several((Assessment, [commission_id]), (Candidacy, [commission.candidacy]))
    assessment, candidacy = find(Assessment, commission_id), find(Candidacy, commission.candidacy)
    workspace = desk(by, commission_id, with_evidence=False) if may(by, Action.READ_ASSESSMENT, assessment) else None
    bar = frame(by, at, workspace, "paper") if workspace else {"desk": None}
    return page(
        "commission/on_paper.html",
        commission=commission,
        candidacy=candidacy,
        code=code_of(commission.id),
        dossier=dossier,
        being_made=dossier is not None and printing.being_made(commission, dossier, at),
        too_late=dossier is not None and dossier.expires_at <= at,
        zone=academy_of(commission.academy).timezone,
        **{"fictional": is_rehearsal(commission.session), **bar},
        written=_written(workspace) if workspace else None,
    )


@dataclass(frozen=True)
class WrittenByHand:
    """What a member is shown of what was written by hand. scan: the one that counts. replaced: those before it.

    rows: (code, wording, observation) of the grid, which the second reader compares. labels: {code of a degree: label}.
    alike: whether both readings stand.
    """

    assessment: Assessment
    scan: GridScan | None
    replaced: list[GridScan]
    labels: dict[str, str]
    rows: list[tuple[str, str, str]]
    alike: bool


def _written(workspace: Desk) -> WrittenByHand:
    assessment, grid, official = workspace.assessment, workspace.shared, referential_of(workspace.candidacy)
    scans = grid_scans.standing_scans(assessment)
    scan, codes = next(iter(scans), None), workspace.circular.grid.rows
    return WrittenByHand(
        assessment=assessment,
        scan=scan,
        replaced=scans[1:],
        labels=readings.labels_of(grid),
        rows=[(code, official.wording(code), grid.observations.get(code, "")) for code in codes],
        alike=scan is not None and readings.read_alike(scan, workspace.commission, assessment, grid),
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
    return _leads_to(printing.link(by, commission, at), commission, "Dossier à imprimer")


def _leads_to(address: str, commission: Commission, title: str) -> Response:
    answer = page("commission/paper_download.html", commission=commission, address=address, title=title)
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


@pages.shows("/commissions/<oid:commission_id>/grille-vierge.pdf", Action.READ_COMMISSION)
def blank_grid(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    require(by, Action.READ_COMMISSION, find(Commission, commission_id))
    return download_blank_grid(by, at, commission_id)


# --- what was written by hand: its scan, its two readings -------------------------------------------


@pages.acts("/commissions/<oid:commission_id>/papier/scan", Action.APPRAISE, back=show, carries=LARGEST_SCAN)
def deposit(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    assessment = find(Assessment, commission_id)
    require(by, Action.APPRAISE, assessment)
    grid_scans.deposit_grid_scan(
        by, assessment, *read_file("scan", "Choisissez le scan ou la photo de la grille signée."), at
    )
    flash("Le scan est déposé. Saisissez maintenant ce qui y est écrit, puis déclarez-le ici.", "ok")
    return url_for("commission_paper.show", commission_id=commission_id)


@pages.acts("/commissions/<oid:commission_id>/papier/scan/telecharger", Action.READ_GRID_SCAN, back=show)
def download_scan(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    """Records the download; shows a page that leads to the store. Raises what `grid_scans.scan_link` raises."""
    commission = find(Commission, commission_id)
    return _leads_to(grid_scans.scan_link(by, find(Assessment, commission_id), at), commission, "Scan de la grille")


@pages.acts("/commissions/<oid:commission_id>/papier/scan/retirer", Action.APPRAISE, back=show)
def withdraw(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    counting(by, commission_id)
    values = read_form(GridScanWithdrawal)
    scan = of_commission(find_unchanged(GridScan, values["scan"]), commission_id)
    grid_scans.withdraw_grid_scan(by, scan, grid_scans.WhyWithdrawn(values["why"]), at)
    flash("Le scan est retiré : personne ne l'ouvre plus, et son contenu est effacé demain.", "ok")
    return url_for("commission_paper.show", commission_id=commission_id)


@pages.acts("/commissions/<oid:commission_id>/papier/saisie", Action.APPRAISE, back=show)
def declare_keyed(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    readings.declare_keyed(by, find_unchanged(GridScan, counting(by, commission_id).id), at)
    flash("Votre saisie est déclarée. L'autre membre la relit maintenant d'après le scan.", "ok")
    return url_for("commission_paper.show", commission_id=commission_id)


@pages.acts("/commissions/<oid:commission_id>/papier/lecture", Action.APPRAISE, back=show)
def read_again(by: Actor, at: datetime, commission_id: ObjectId) -> str:
    """Records the second reading (form: degrees.<row>, mark, words_match) and returns where to go. Raises
    ReadingDiffers, field by field, and what `readings.read_again` raises.
    """
    scan = find_unchanged(GridScan, counting(by, commission_id).id)
    typed = {name.removeprefix(DEGREE): value for name, value in request.form.items() if name.startswith(DEGREE)}
    mark, words_match = request.form.get("mark", "").strip()[:10], "words_match" in request.form
    readings.read_again(by, scan, readings.SecondReading(typed, mark, words_match), at)
    flash("Les deux lectures concordent : la fiche peut être établie.", "ok")
    return url_for("commission_accord.accord", commission_id=commission_id, _anchor="decision")
