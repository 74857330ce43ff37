"""Serves tutors who sign on paper: prints the statement, keeps its scan, records the answers a teacher copies from it.

Such answers are marked wherever they appear: the channel is `paper`, with the scan and the teacher who copied it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.documents import (
    Academy,
    Activity,
    Attestation,
    Candidacy,
    PaperScan,
    Person,
    Placement,
    School,
)
from portfolio.documents.attestations import SignOffChannel, SignOffState
from portfolio.documents.fields import place_of, read
from portfolio.enrolment.elimination_status import still_kept
from portfolio.enrolment.lateness import late_in_words
from portfolio.enrolment.placements import NoTutorYet
from portfolio.errors import Invalid, NotNow, Refusal, RuleSource
from portfolio.files import opening
from portfolio.files.scans import digest_of, inspected, refuse_too_large
from portfolio.identifiers import is_rehearsal
from portfolio.ids import new_id, new_token
from portfolio.papers.channels import ANSWERS
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.content import PieceShown, Shown, shown_of
from portfolio.sign_offs.answering.record import Answer, Signer, refuse_own_work, sign
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import Insert, commit, portfolio_chain

TEMPLATE = TEMPLATES / "attestation.typ"
MARK_LENGTH = 12  # hexadecimal digits of the digest, enough to compare by eye


class NothingToPrint(NotNow):
    code = "nothing_to_print"
    source = RuleSource.LIMIT
    detail = "Aucune activité n'attend la confirmation du tuteur sur cette période : demandez-la d'abord."


# --- the statement to print -----------------------------------------------------------------------


def statement(by: Actor, placement: Placement, at: datetime) -> bytes:
    """Returns a PDF/A of what waits for the tutor of this placement, with boxes to tick. Raises NotFound, Forbidden;
    NothingToPrint if nothing waits.
    """
    require(by, Action.READ_PLACEMENT, placement)
    requests = Attestation.objects(
        placement=placement.id, person=placement.tutor, seat=SignOffSeat.TUTOR, state=SignOffState.REQUESTED
    )
    ids = list(requests.scalar("activity"))
    activities = list(Activity.objects(pk__in=ids, placement=placement.id, withdrawn_at=None).order_by("id"))
    for activity in activities:
        require(by, Action.READ_ACTIVITY, activity)
    if not activities:
        raise NothingToPrint()
    candidacy = read(Candidacy, placement.candidacy)
    school = read(School, placement.school)
    zone = ZoneInfo(Academy.objects.get(code=placement.academy).timezone)
    today = at.astimezone(zone).date()
    by_activity = shown_of(activities, SignOffSeat.TUTOR)
    content = printed(placement, candidacy, school, list(by_activity.items()), today, zone)
    attached = canonical(content)
    marks = {activity["activity"]: activity["mark"] for activity in content["activities"]}
    return typeset(TEMPLATE, each(content, wrapping) | {"marks": marks}, attached, today)


def printed(
    placement: Placement,
    candidacy: Candidacy,
    school: School,
    activities: Sequence[tuple[ObjectId, Shown]],
    today: date,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """Returns every word of the paper, JSON-ready; pure. activities: (activity id, what the tutor is shown of it).
    zone: of the academy, for hours. mark, of each activity: the start of the digest, by which a teacher checks that
    nothing changed.
    """
    starts, ends = (f"{date.fromisoformat(day):%d/%m/%Y}" for day in (placement.starts_on, placement.ends_on))
    return {
        "title": "Attestation d'activités, à signer",
        "fictional": is_rehearsal(candidacy.session),
        "facts": [
            ["Candidat", candidacy.display_name],
            ["Établissement", f"{school.name}, {school.city}"],
            ["Entreprise", f"{placement.company_name}, {placement.company_city}"],
            ["Période", f"du {starts} au {ends}"],
            ["Tuteur ou tutrice", placement.shown_tutor],
            ["Imprimé le", f"{today:%d/%m/%Y}"],
        ],
        "choices": list(ANSWERS.values()),
        "activities": [_activity(activity_id, content, zone) for activity_id, content in activities],
        "statements": list(dict.fromkeys(content.statement.text for _, content in activities)),
        "reference": str(placement.id),
    }


def _activity(activity_id: ObjectId, content: Shown, zone: ZoneInfo) -> dict[str, str | list[str]]:
    about = content.activity
    return {
        "activity": str(activity_id),
        "title": about["title"],
        "mission": about["mission"] or "",
        "pieces": [_piece(piece, zone) for piece in content.pieces],
        "mark": content.digest[:MARK_LENGTH],
    }


def _piece(piece: PieceShown, zone: ZoneInfo) -> str:
    late = f", {late_in_words(piece.late_since, zone)}" if piece.late_since else ""
    return f"{piece.content['title']}{late}"


# --- the scan -------------------------------------------------------------------------------------


def deposit_scan(by: Actor, placement: Placement, data: bytes, name: str | None, at: datetime) -> PaperScan:
    """Stores the scan of a signed statement, verified by its content as any file, and returns it; the same bytes give
    the same scan. name: by default, one made from the recognised kind. Raises ScanTooLarge, a class of
    UnacceptableFile, NotAScan, OwnWork, Eliminated, Unavailable (the store).
    """
    require(by, Action.RELAY_PAPER, placement)
    refuse_own_work(by, placement)
    kept = still_kept(placement)
    refuse_too_large(data)
    sha256 = digest_of(data)
    earlier = PaperScan.objects(placement=placement.id, sha256=sha256).first()
    if earlier is not None:
        return earlier
    known = inspected(data, name, "attestation-signee", sha256)
    scan = PaperScan(
        id=new_id(),
        created_at=at,
        **place_of(placement),
        placement=placement.id,
        deposited_by=by.id,
        key=f"scan-{new_token()}",
        **asdict(known),
    )
    storage().put(scan.key, data, scan.media_type)
    facts = {"placement": str(placement.id), "sha256": sha256}
    try:
        event = event_by(by, at, portfolio_chain(placement), EventName.PAPER_DEPOSITED, scan, facts)
        commit([kept, Insert(scan)], event)
    except Refusal:
        storage().delete(scan.key)  # the same request was first: no record names these bytes
        raise
    return scan


def scan_link(by: Actor, scan: PaperScan, at: datetime) -> str:
    """Returns a link to the bytes of a scan, and records its opening, as `opening.recorded_link` does. Raises what that
    raises.
    """
    require(by, Action.READ_SCAN, scan)
    return opening.recorded_link(by, scan, at)


def to_copy(placement: Placement) -> list[tuple[Activity, bool]]:
    """Returns (activity, whether its tutor was asked here) for those of the period that wait for an answer on paper:
    asked for, or neither answered for nor waived, since a paper may be older than what is asked here. In the order in
    which they were added; two queries.
    """
    activities = list(Activity.objects(placement=placement.id, withdrawn_at=None).order_by("id"))
    of_tutor = Attestation.objects(activity__in=[activity.id for activity in activities], seat=SignOffSeat.TUTOR)
    states: dict[ObjectId, set[str]] = {}
    for activity_id, state, person in of_tutor.scalar("activity", "state", "person"):
        if state != SignOffState.REQUESTED or person == placement.tutor:
            states.setdefault(activity_id, set()).add(state)
    unanswered = {SignOffState.DECLINED, SignOffState.LAPSED}
    asked = {activity.id: SignOffState.REQUESTED in states.get(activity.id, ()) for activity in activities}
    open_ones = (item for item in activities if asked[item.id] or not states.get(item.id, set()) - unanswered)
    return [(activity, asked[activity.id]) for activity in open_ones]


# --- the answers ----------------------------------------------------------------------------------


def relay(
    by: Actor,
    placement: Placement,
    scan_id: ObjectId,
    answers: Sequence[Answer],
    signer_name: str,
    signer_function: str | None,
    at: datetime,
) -> list[Attestation]:
    """Records the answers that a tutor ticked and signed, copied by the teacher who follows the candidate, and returns
    the attestations in the order of `answers`. All are of one placement, for the tutor's seat. The tutor receives the
    receipt, which says that a teacher copied it. Raises NoTutorYet; Invalid if the scan or an activity is not of this
    placement; otherwise as `sign` does.
    """
    require(by, Action.RELAY_PAPER, placement)
    scan = PaperScan.objects(pk=scan_id, placement=placement.id).first()
    if scan is None:
        raise Invalid({"scan": ["Déposez d'abord le scan de l'attestation signée pour cette période."]})
    if any(given.activity.placement != placement.id or given.seat != SignOffSeat.TUTOR for given in answers):
        raise Invalid({"answers": ["Une de ces activités n'est pas de cette période."]})
    if placement.tutor is None:
        raise NoTutorYet()
    tutor = Person.objects.get(pk=placement.tutor)
    came = {"channel": SignOffChannel.PAPER, "scan": scan.id, "relayed_by": by.id}
    return sign(by, Signer(tutor, signer_name, signer_function or placement.tutor_function, came), answers, at)
