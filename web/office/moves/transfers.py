"""Candidates who go to another school, and those whom another school proposes: the list, each one, both answers."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.enrolment.transfers import Arrival, NewTransfer
from api.http.routing import find
from api.http.schemas import Reason
from portfolio.documents import Candidacy, School, Transfer
from portfolio.documents.candidacies import TransferState
from portfolio.documents.fields import by_id
from portfolio.enrolment.moves import arrivals, transfers
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office import labels
from web.office.candidates import candidate, teachers_of
from web.office.first_page import framed, selection_of
from web.pages import Pages, find_unchanged, made_once

pages = Pages("office_transfers", __name__, "office")

MOST = 200


@pages.shows("/etablissement/<oid:school_id>/transferts", Action.ENROL)
def listed(by: Actor, at: datetime, school_id: ObjectId) -> Response:
    selection = selection_of(by, school_id, at)
    here = {"$or": [{"school": school_id}, {"to_school": school_id}]}
    mine = {"$and": [scope(by, Action.READ_TRANSFER, Transfer), here]}
    latest = list(Transfer.objects(__raw__=mine).order_by("-id")[:MOST])
    schools = by_id(School, {school for transfer in latest for school in (transfer.school, transfer.to_school)})
    return framed("transfers.html", selection, "candidates", transfers=latest, schools=schools, states=labels.TRANSFERS)


@pages.shows("/etablissement/transferts/<oid:transfer_id>", Action.READ_TRANSFER)
def show(by: Actor, at: datetime, transfer_id: ObjectId) -> Response:
    transfer = find(Transfer, transfer_id)
    require(by, Action.READ_TRANSFER, transfer)
    offices = by.values("office", "school")
    mine = transfer.to_school if transfer.to_school in offices else transfer.school
    waits = transfer.state == TransferState.PROPOSED
    return framed(
        "transfer.html",
        selection_of(by, mine, at),
        "candidates",
        session=transfer.session,
        transfer=transfer,
        candidacy=find(Candidacy, transfer.candidacy),
        schools=by_id(School, (transfer.school, transfer.to_school)),
        states=labels.TRANSFERS,
        may_answer=waits and may(by, Action.ANSWER_TRANSFER, transfer),
        may_withdraw=waits and may(by, Action.WITHDRAW_TRANSFER, transfer),
        teachers=teachers_of(transfer.to_school) if waits and transfer.to_school in offices else [],
        is_here=may(by, Action.AMEND_CANDIDACY, find(Candidacy, transfer.candidacy)),
    )


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/transfert", Action.PROPOSE_TRANSFER, back=candidate)
def propose(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.PROPOSE_TRANSFER, candidacy)
    values = transfers.TransferValues(**read_form(NewTransfer))  # type: ignore[typeddict-item]
    transfer = made_once(by, lambda: transfers.propose(by, candidacy, values, at))
    flash("Le transfert est proposé : il se fait quand l'autre établissement l'accepte.", "ok")
    return _open(transfer.id)


@pages.acts("/etablissement/transferts/<oid:transfer_id>/accueil", Action.ANSWER_TRANSFER, back=show)
def accept(by: Actor, at: datetime, transfer_id: ObjectId) -> str:
    require(by, Action.ANSWER_TRANSFER, find(Transfer, transfer_id))
    values = arrivals.ArrivalValues(**read_form(Arrival))  # type: ignore[typeddict-item]
    transfer = arrivals.accept(by, find_unchanged(Transfer, transfer_id), values, at)
    flash("Le candidat est accueilli, avec son portfolio.", "ok")
    return url_for("office_candidates.candidate", candidacy_id=transfer.candidacy)


@pages.acts("/etablissement/transferts/<oid:transfer_id>/refus", Action.ANSWER_TRANSFER, back=show)
def decline(by: Actor, at: datetime, transfer_id: ObjectId) -> str:
    require(by, Action.ANSWER_TRANSFER, find(Transfer, transfer_id))
    transfers.decline(by, find_unchanged(Transfer, transfer_id), read_form(Reason)["reason"], at)
    flash("Le transfert est décliné : le candidat reste dans son établissement.", "ok")
    return _open(transfer_id)


@pages.acts("/etablissement/transferts/<oid:transfer_id>/retrait", Action.WITHDRAW_TRANSFER, back=show)
def withdraw(by: Actor, at: datetime, transfer_id: ObjectId) -> str:
    require(by, Action.WITHDRAW_TRANSFER, find(Transfer, transfer_id))
    transfers.withdraw(by, find_unchanged(Transfer, transfer_id), read_form(Reason)["reason"], at)
    flash("Le transfert n'est plus proposé.", "ok")
    return _open(transfer_id)


def _open(transfer_id: ObjectId) -> str:
    return url_for("office_transfers.show", transfer_id=transfer_id)
