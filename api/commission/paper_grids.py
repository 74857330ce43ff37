"""Grids filled in by hand: the scan, who keyed it, who read it again. The two members only."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from bson import ObjectId
from flask import request
from marshmallow import Schema, fields, validate

from api.commission.assessments import ROW
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, LinkOut, ThingOut, one_of, read_named, represents, text
from portfolio.commission.on_paper import grid_scans, readings
from portfolio.commission.on_paper.grid_scans import WhyWithdrawn
from portfolio.documents import Assessment, GridScan
from portfolio.errors import NotFound
from portfolio.files.opening import LINK_LASTS_S
from portfolio.files.scans import LARGEST_SCAN
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor

routes = Routes("paper grids", __name__, description="Grilles remplies à la main : scan, saisie, seconde lecture")


class PaperReading(Schema):
    degrees = fields.Dict(keys=ROW, values=text(10), required=True, validate=validate.Length(max=50))
    mark = text(10, required=True, metadata={"description": "la note telle que lue sur le scan"})
    words_match = fields.Boolean(
        required=True, metadata={"description": "observations, appréciation, jour et lieu sont ceux du scan"}
    )


class GridScanWithdrawal(Schema):
    scan = Id(required=True, metadata={"description": "celui qui compte, ou un autre qu'il remplace"})
    why = one_of(*WhyWithdrawn, required=True)


class WithdrawalValues(TypedDict):
    """What GridScanWithdrawal loads."""

    scan: ObjectId
    why: str


@represents(GridScan)
class GridScanOut(ThingOut):
    commission = Id(required=True)
    candidacy = Id(required=True)
    deposited_by = Id(required=True)
    created_at = Instant(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    kind = fields.String(required=True)
    media_type = fields.String(required=True)
    keyed_by = Id(allow_none=True)
    keyed_at = Instant(allow_none=True)
    read_by = Id(allow_none=True)
    read_at = Instant(allow_none=True)
    discarded_at = Instant(allow_none=True, metadata={"description": "quand il a été retiré"})


@routes.sends(
    "/commissions/<oid:commission_id>/grid-scans/<digest>",
    Action.APPRAISE,
    GridScanOut,
    title="Dépose le scan de la grille remplie à la main, nommé par son empreinte.",
)
def deposit_grid_scan(by: Actor, at: datetime, commission_id: ObjectId, digest: str) -> GridScan:
    """Stores a scan sent as raw bytes, named by its SHA-256 (`digest`), and returns it: sending it again is harmless.
    Raises NotFound, Forbidden, and what `read_named` and `grid_scans.deposit_grid_scan` raise.
    """
    assessment = find(Assessment, commission_id)
    require(by, Action.APPRAISE, assessment)
    return grid_scans.deposit_grid_scan(by, assessment, read_named(request, digest, LARGEST_SCAN), None, at)


@routes.reads(
    "/commissions/<oid:commission_id>/grid-scan",
    Action.READ_GRID_SCAN,
    GridScanOut,
    title="Montre le scan qui compte, qui l'a saisi et qui l'a relu.",
)
def show_grid_scan(by: Actor, at: datetime, commission_id: ObjectId) -> GridScan:
    return counting(by, commission_id)


@routes.asks(
    "/commissions/<oid:commission_id>/grid-scan/link",
    Action.READ_GRID_SCAN,
    LinkOut,
    title="Donne un lien pour ouvrir le scan de la grille ; l'ouverture est enregistrée.",
)
def open_grid_scan(by: Actor, at: datetime, commission_id: ObjectId) -> dict[str, object]:
    """Returns {url, expires_in: seconds} of a download, and records it. Asking again gives another one. Raises
    NotFound, Forbidden, NoGridScan, NotAsSealed, Unavailable (the store).
    """
    url = grid_scans.scan_link(by, find(Assessment, commission_id), at)
    return {"url": url, "expires_in": LINK_LASTS_S}


@routes.acts(
    "/commissions/<oid:commission_id>/grid-scan/withdrawal",
    Action.APPRAISE,
    GridScanOut,
    takes=GridScanWithdrawal,
    title="Retire un scan déposé par erreur, tant qu'il n'a pas servi : son contenu est effacé.",
)
def withdraw_grid_scan(
    by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: WithdrawalValues
) -> GridScan:
    """Withdraws the scan named in the body, whose revision is that of If-Match, and returns it. Raises NoGridScan and
    what `grid_scans.withdraw_grid_scan` raises.
    """
    counting(by, commission_id)
    scan = of_commission(find(GridScan, values["scan"], expected), commission_id)
    return grid_scans.withdraw_grid_scan(by, scan, WhyWithdrawn(values["why"]), at)


@routes.acts(
    "/commissions/<oid:commission_id>/grid-scan/keyed",
    Action.APPRAISE,
    GridScanOut,
    title="Déclare avoir saisi toute la grille d'après son scan.",
)
def declare_keyed(by: Actor, at: datetime, expected: int, commission_id: ObjectId) -> GridScan:
    return readings.declare_keyed(by, find(GridScan, counting(by, commission_id).id, expected), at)


@routes.acts(
    "/commissions/<oid:commission_id>/grid-scan/reading",
    Action.APPRAISE,
    GridScanOut,
    takes=PaperReading,
    title="Relit la grille d'après son scan, sans voir les degrés saisis ; ce qui diffère est dit champ par champ.",
)
def read_again(
    by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: readings.ReadingValues
) -> GridScan:
    scan = find(GridScan, counting(by, commission_id).id, expected)
    return readings.read_again(by, scan, readings.SecondReading(**values), at)


def counting(by: Actor, commission_id: ObjectId) -> GridScan:
    """Returns the scan that counts of this commission. Raises NotFound, Forbidden, NoGridScan without any."""
    assessment = find(Assessment, commission_id)
    require(by, Action.READ_ASSESSMENT, assessment)
    scan = grid_scans.last_scan(assessment)
    if scan is None:
        raise grid_scans.NoGridScan()
    require(by, Action.READ_GRID_SCAN, scan)
    return scan


def of_commission(scan: GridScan, commission_id: ObjectId) -> GridScan:
    """Returns the scan. Raises NotFound if it is of another commission."""
    if scan.commission != commission_id:
        raise NotFound()
    return scan
