"""The certificate of a period, for all who may read the period: what is there, its file, another one to deposit."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.http.routing import find
from portfolio.documents import Candidacy, CertificateFile, Placement
from portfolio.enrolment.certificates import deposits
from portfolio.enrolment.institutions import academy_of
from portfolio.files.previews import show as previews
from portfolio.files.scans import LARGEST_SCAN
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.rules.training import OWED_CERTIFICATE
from web.everyone.file_previews import leads_to, picture_of, view_of
from web.forms import read_file
from web.layout import page
from web.pages import Pages

pages = Pages("certificates", __name__)


@pages.shows("/periodes/<oid:placement_id>/certificat", Action.READ_PLACEMENT)
def show(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    placement = find(Placement, placement_id)
    require(by, Action.READ_PLACEMENT, placement)
    candidacy = find(Candidacy, placement.candidacy)
    return page(
        "everyone/certificate.html",
        placement=placement,
        candidacy=candidacy,
        paper=OWED_CERTIFICATE[candidacy.status][0],
        file=deposits.last_of(placement),
        may_deposit=may(by, Action.DEPOSIT_CERTIFICATE, placement),
        may_amend=may(by, Action.AMEND_PLACEMENT, placement),
        is_mine=may(by, Action.READ_IDENTITY, candidacy) and candidacy.person == by.id,
        is_tutor=placement.tutor == by.id,
        fictional=is_rehearsal(candidacy.session),
        zone=academy_of(placement.academy).timezone,
    )


@pages.acts("/periodes/<oid:placement_id>/certificat", Action.DEPOSIT_CERTIFICATE, back=show, carries=LARGEST_SCAN)
def deposit(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    placement = find(Placement, placement_id)
    require(by, Action.DEPOSIT_CERTIFICATE, placement)
    deposits.deposit(by, placement, *read_file("file", "Choisissez le fichier ou la photo du certificat."), at)
    flash("Le certificat est déposé. Il est à voir par l'établissement.", "ok")
    return url_for("certificates.show", placement_id=placement_id)


# --- the file -------------------------------------------------------------------------------------


@pages.shows("/certificats/<oid:certificate_id>/vue", Action.READ_CERTIFICATE)
def view(by: Actor, at: datetime, certificate_id: ObjectId) -> Response:
    file = find(CertificateFile, certificate_id)
    return view_of(file, previews.preview_of(by, file))


@pages.acts("/certificats/<oid:certificate_id>/telecharger", Action.READ_CERTIFICATE, back=view)
def download(by: Actor, at: datetime, certificate_id: ObjectId) -> Response:
    """Records the download; shows a page that leads to the store. Raises what `deposits.link` raises."""
    file = find(CertificateFile, certificate_id)
    return leads_to(file, deposits.link(by, file, at))


@pages.shows("/certificats/<oid:certificate_id>/vignette", Action.READ_CERTIFICATE)
def thumbnail(by: Actor, at: datetime, certificate_id: ObjectId) -> Response:
    return picture_of(by, find(CertificateFile, certificate_id), previews.thumbnail)


@pages.shows("/certificats/<oid:certificate_id>/image", Action.READ_CERTIFICATE)
def picture(by: Actor, at: datetime, certificate_id: ObjectId) -> Response:
    return picture_of(by, find(CertificateFile, certificate_id), previews.picture)


@pages.shows("/certificats/<oid:certificate_id>/page/<int:number>", Action.READ_CERTIFICATE)
def page_picture(by: Actor, at: datetime, certificate_id: ObjectId, number: int) -> Response:
    file = find(CertificateFile, certificate_id)
    return picture_of(by, file, lambda by, file: previews.page_picture(by, file, number))
