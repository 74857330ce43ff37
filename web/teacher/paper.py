"""For a tutor who signs on paper: what to print, the scan, and the answers that the teacher copies from it."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.http.routing import find
from api.sign_offs.paper import print_statement
from portfolio.documents import Activity, Candidacy, PaperScan, Person, Placement
from portfolio.errors import Invalid
from portfolio.files.scans import LARGEST_SCAN
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering import paper
from portfolio.sign_offs.answering.content import shown_of
from portfolio.sign_offs.answering.record import Answer, ShownHasChanged
from web.forms import read_file
from web.mail_words import ON_THE_PERIOD, if_it_leaves
from web.pages import Pages, made_once
from web.teacher.first_pages import framed

pages = Pages("teacher_paper", __name__, "teacher")

LONGEST = 2000


@pages.shows("/classe/periodes/<oid:placement_id>/papier", Action.RELAY_PAPER)
def show(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    placement = find(Placement, placement_id)
    require(by, Action.RELAY_PAPER, placement)
    waiting = paper.to_copy(placement)
    activities = [activity for activity, _ in waiting]
    return framed(
        "paper.html",
        placement,
        placement=placement,
        candidacy=find(Candidacy, placement.candidacy),
        activities=activities,
        asked=[activity.id for activity, asked in waiting if asked],
        contents=shown_of(activities, SignOffSeat.TUTOR) if activities else {},
        scans=list(PaperScan.objects(placement=placement.id).order_by("-id")),
    )


@pages.shows("/classe/periodes/<oid:placement_id>/attestation.pdf", Action.RELAY_PAPER)
def printed(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    placement = find(Placement, placement_id)
    require(by, Action.RELAY_PAPER, placement)
    return print_statement(by, at, placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/papier/scan", Action.RELAY_PAPER, back=show, carries=LARGEST_SCAN)
def deposit(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    placement = find(Placement, placement_id)
    require(by, Action.RELAY_PAPER, placement)
    paper.deposit_scan(by, placement, *read_file("scan", "Choisissez le scan ou la photo de la page signée."), at)
    flash("Le scan est déposé. Copiez maintenant les réponses du tuteur.", "ok")
    return url_for("teacher_paper.show", placement_id=placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/papier/reponses", Action.RELAY_PAPER, back=show)
def copy(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    """Records the copied answers, and returns where to go; an activity left without one goes on waiting. Raises Invalid
    and ShownHasChanged (at the fields of this form), and what `paper.relay` raises.
    """
    placement = find(Placement, placement_id)
    require(by, Action.RELAY_PAPER, placement)
    form = request.form
    answered = [activity for activity, _ in paper.to_copy(placement) if form.get(f"answer-{activity.id}")]
    answers = [
        Answer(
            activity,
            SignOffSeat.TUTOR,
            form[f"answer-{activity.id}"],
            form.get(f"digest-{activity.id}", "")[:64],
            form.get(f"comment-{activity.id}", "").replace("\r\n", "\n")[:LONGEST] or None,
        )
        for activity in answered
    ]
    scan, signer = form.get("scan", ""), form.get("signer_name", "").strip()[:200]
    if not answers or not signer or not ObjectId.is_valid(scan):
        raise Invalid(_lacking(answers, signer, scan))
    function = form.get("signer_function", "").strip()[:200] or None
    try:
        made_once(by, lambda: paper.relay(by, placement, ObjectId(scan), answers, signer, function, at)[0])
    except (Invalid, ShownHasChanged) as refusal:
        raise type(refusal)({_field(path, answered): lines for path, lines in refusal.errors.items()}) from refusal
    tutor = find(Person, placement.tutor)
    sent = if_it_leaves(tutor, "Le tuteur en reçoit le récapitulatif par courriel.", ON_THE_PERIOD)
    flash(f"Les réponses sont copiées. {sent}", "ok")
    return url_for("teacher_candidate.show", candidacy_id=placement.candidacy)


def _lacking(answers: list[Answer], signer: str, scan: str) -> dict[str, list[str]]:
    errors = {} if ObjectId.is_valid(scan) else {"scan": ["Choisissez le scan d'où viennent ces réponses."]}
    errors |= {} if signer else {"signer_name": ["Écrivez le nom de qui a signé."]}
    return errors | ({} if answers else {"signer_name": ["Copiez la réponse à une activité au moins."]})


def _field(path: str, answered: list[Activity]) -> str:
    """Returns the field of this form that stands for a path: `answers.1.comment` is that of the activity of rank 1."""
    parts = path.split(".")
    if parts[0] == "answers" and len(parts) == 3 and parts[1].isdecimal():
        field = "answer" if parts[2] == "shown_digest" else parts[2]
        return f"{field}-{answered[int(parts[1])].id}"
    return path


def _of_scan(by: Actor, at: datetime, scan_id: ObjectId) -> Response:
    return show(by, at, find(PaperScan, scan_id).placement)


@pages.acts("/classe/scans/<oid:scan_id>/telecharger", Action.READ_SCAN, back=_of_scan)
def download(by: Actor, at: datetime, scan_id: ObjectId) -> Response:
    """Records the download; shows a page that leads to the store, as for any file (web/everyone/file_previews.py).
    Raises what `paper.scan_link` raises.
    """
    scan = find(PaperScan, scan_id)
    address = paper.scan_link(by, scan, at)
    answer = framed("scan.html", scan, scan=scan, address=address)
    answer.headers["Refresh"] = f"0; url={address}"
    return answer
