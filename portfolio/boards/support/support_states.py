"""Gathers what support is shown of a person who calls: states, counts and days, never what is written or deposited.

Nothing of a commission is read: neither its mails, nor what it makes of an account that it invites.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.boards.support.support_shown import (
    AccountStates,
    AskedOfThem,
    CandidacyStates,
    MailState,
    PersonStates,
    RefusedUploads,
    SeatCounts,
)
from portfolio.documents import (
    Academy,
    AskedWay,
    Attestation,
    Candidacy,
    Evidence,
    EvidenceFile,
    Feedback,
    Invitation,
    Person,
    Placement,
    Portfolio,
    ProposedPlacement,
    RealityEvaluation,
    School,
    SignIn,
    Submission,
)
from portfolio.documents.attestations import ENDED, SignOffState
from portfolio.documents.fields import read
from portfolio.documents.people import PersonState, Role, SignInWay
from portfolio.documents.portfolios import FileState, PieceState
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.standing import SeatStatus, SignOffs
from portfolio.sign_offs.answering.status import SEATS, sign_offs
from portfolio.store.connections import current
from portfolio.store.outbox import ErrandRow

ANSWERED = frozenset(
    {SeatStatus.CONFIRMED, SeatStatus.PARTLY, SeatStatus.REFUSED, SeatStatus.NOT_KNOWN, SeatStatus.WAIVED}
)
# Ways in that open a tutor's confirmations, and nothing of a commission.
TO_CONFIRM = (SignInWay.LINK, SignInWay.CODE, SignInWay.QR)
# Of what a mail may be about; each bears its academy.
CASES = (Attestation, RealityEvaluation, Feedback, Placement, ProposedPlacement, Submission, Portfolio)
ASKING = ("sign_offs", "teacher_sign_offs")
FAILED_WITHIN = timedelta(days=60)
MOST_MAILS = 50
OVERDUE_AFTER = timedelta(minutes=5)  # as deploy/prometheus-rules.yml wakes somebody: no worker is at work
# Rows whose payload names the person that they are sent to.
TO_THE_PERSON = (
    "account_change",
    "account_notice",
    "advice",
    "placement_answered",
    "placement_proposed",
    "sign_off_link",
    "sign_off_receipt",
    "sign_off_reminder",
    "sign_offs",
    "teacher_sign_offs",
)
# No convocation: when a commission sits is not support's to know. Nor that a jury corrected a result, nor that a
# deadline moved: of one candidate alone, it tells of an adaptation.
MAILS = (*TO_THE_PERSON, "acknowledgement", "address_failed", "invitation", "placement_contested", "sign_in_code")
# Mails that a commission alone may cause, by the role under which a person sits on one.
OF_A_SEAT = {Role.TUTOR: ("account_change", "invitation"), Role.TEACHER: ("account_change",)}


def states_of(academy: Academy, person: Person, at: datetime) -> PersonStates | None:
    """Returns the states at `at`, of this academy alone; None if the person holds no right there (one that still waits
    counts) and no office of its schools keeps them.
    """
    schools, candidacies = _schools_inside(academy, person), _candidacies_inside(academy, person)
    roles = _roles_in(academy, person, schools | {candidacy.id for candidacy in candidacies})
    if not roles and not schools & set(person.schools):
        return None
    own = [candidacy for candidacy in candidacies if candidacy.person == person.id]
    zone = ZoneInfo(academy.timezone)
    return PersonStates(
        family_name=person.family_name,
        given_names=person.given_names,
        roles=roles,
        account=_account(person, zone),
        mails=tuple(_mails(academy, person, [candidacy.id for candidacy in own], at)),
        candidacies=tuple(_candidacy(candidacy) for candidacy in own),
        asked_of_them=_asked_of(person, academy),
    )


def _schools_inside(academy: Academy, person: Person) -> set[ObjectId]:
    """Returns the ids of the academy's schools that the person's live rights or their offices name."""
    named = {grant.school for grant in person.live_grants} | set(person.schools)
    return set(School.objects(pk__in=named - {None}, academy=academy.code).scalar("id"))


def _candidacies_inside(academy: Academy, person: Person) -> list[Candidacy]:
    """Returns the academy's candidacies that are the person's or that a live right names, the last session first."""
    named = [grant.candidacy for grant in person.live_grants if grant.candidacy is not None]
    theirs = {"academy": academy.code, "$or": [{"person": person.id}, {"_id": {"$in": named}}]}
    return list(Candidacy.objects(__raw__=theirs).order_by("-session"))


def _roles_in(academy: Academy, person: Person, inside: set[ObjectId]) -> tuple[str, ...]:
    """Returns the roles of the person in the academy, in the order of `Role`. inside: its schools and candidacies."""
    held = {
        grant.role
        for grant in person.live_grants
        if academy.code in grant.region or grant.school in inside or grant.candidacy in inside
    }
    return tuple(role for role in Role if role in held)


def _account(person: Person, zone: ZoneInfo) -> AccountStates:
    tutor_alone = {grant.role for grant in person.live_grants or person.grants} == {Role.TUTOR}
    # A tutor signs in otherwise than to confirm where a commission has them: that day would tell that they sit.
    ways = TO_CONFIRM if tutor_alone else tuple(SignInWay)
    last = SignIn.objects(person=person.id, way__in=ways).order_by("-created_at").only("created_at").first()
    return AccountStates(
        state=None if tutor_alone and person.state != PersonState.SUSPENDED else person.state,
        last_sign_in_on=_day(last.created_at if last else None, zone),
        address_failed_on=_day(person.address_failed_at, zone),
        address_delayed_on=_day(person.address_delayed_at, zone),
        authenticator=None if tutor_alone else person.totp is not None,
    )


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment is not None else None


# --- mails ----------------------------------------------------------------------------------------


def _mails(academy: Academy, person: Person, own: list[ObjectId], at: datetime) -> list[MailState]:
    """Returns the mails that wait, then those that came back within FAILED_WITHIN before `at`, of the kinds that this
    reader may know of; MOST_MAILS of each at most. own: the person's candidacies of the academy.
    """
    zone = ZoneInfo(academy.timezone)
    of_a_seat = {kind for grant in person.live_grants for kind in OF_A_SEAT.get(grant.role, ())}
    kinds = [kind for kind in MAILS if kind not in of_a_seat]
    outbox = current().database.outbox
    waiting = outbox.find({"kind": {"$in": kinds}, "done_at": None, "$or": _to(person, own)}).sort("due_at", 1)
    back = {"kind": {"$in": kinds}, "person": person.id, "bounced_at": {"$gt": at - FAILED_WITHIN}}
    failed = outbox.find(back).sort("bounced_at", -1)
    rows = _of_here(academy, person, [*waiting.limit(MOST_MAILS), *failed.limit(MOST_MAILS)])
    return [_as_told(row, zone, at) for row in rows]


def _of_here(academy: Academy, person: Person, rows: list[ErrandRow]) -> list[ErrandRow]:
    """Returns the rows that are of the account alone, or about a case of this academy."""
    about = [_about(person, row) for row in rows]
    named = {thing for things in about for thing in things}
    if not named:
        return rows
    here = set(Attestation.objects(act__in=named, academy=academy.code).distinct("act"))
    for kind in CASES:
        here.update(kind.objects(pk__in=named, academy=academy.code).scalar("id"))
    return [row for row, things in zip(rows, about, strict=True) if not things or things & here]


def _about(person: Person, row: ErrandRow) -> set[ObjectId]:
    """Returns the ids of what a mail is about; where it is worked out when it leaves, of all that it may be about."""
    payload = row["payload"]
    things = {payload.get(name) for name in ("submission", "placement", "proposed", "act")}
    things.update(payload.get("requests", ()), row.get("requests") or (), row.get("advice") or ())
    if row.get("person") is None and row["kind"] in ASKING:
        things.update(Attestation.objects(person=person.id, state=SignOffState.REQUESTED).scalar("id"))
    if row.get("person") is None and row["kind"] == "advice":
        things.update(grant.candidacy for grant in person.grants)
    return things - {None}


def _to(person: Person, own: list[ObjectId]) -> list[dict[str, object]]:
    """Returns the MongoDB conditions, any of which a row that will be sent to this person meets; no submission of
    another academy.
    """
    invitations = list(Invitation.objects(person=person.id, used_at=None).scalar("id"))
    codes = list(AskedWay.objects(person=person.id).scalar("id"))
    submissions = list(Submission.objects(candidacy__in=own).scalar("id")) if own else []
    return [
        {"payload.person": person.id, "kind": {"$in": TO_THE_PERSON}},
        {"payload.reader": person.id},
        {"payload.invitation": {"$in": invitations}},
        {"payload.code_row": {"$in": codes}},
        {"payload.submission": {"$in": submissions}},
    ]


def _as_told(row: ErrandRow, zone: ZoneInfo, at: datetime) -> MailState:
    if row.get("done_at") is not None:
        state, moment = "failed", row["bounced_at"]
    elif row["due_at"] < at - OVERDUE_AFTER:
        state, moment = "overdue", row["due_at"]
    else:
        state, moment = "late" if row.get("failure") else "waiting", row["due_at"]
    return MailState(row["kind"], state, moment.astimezone(zone).date())


# --- candidacies ----------------------------------------------------------------------------------


def _candidacy(candidacy: Candidacy) -> CandidacyStates:
    school = read(School, candidacy.school)
    portfolio = read(Portfolio, candidacy.id)
    pieces = Counter(Evidence.objects(candidacy=candidacy.id).scalar("state"))
    files = EvidenceFile.objects(candidacy=candidacy.id, removed_at=None, discarded_at=None)
    refused = Counter(files.filter(state=FileState.QUARANTINED).scalar("reason_code"))
    signed = sign_offs(candidacy.id)
    return CandidacyStates(
        session=candidacy.session,
        school_name=school.name,
        school_city=school.city,
        division=candidacy.division,
        portfolio=portfolio.state,
        pieces_draft=pieces[PieceState.DRAFT],
        pieces_ready=pieces[PieceState.READY],
        pieces_withdrawn=pieces[PieceState.WITHDRAWN],
        sign_offs=tuple(_of_seat(seat, signed) for seat in SEATS),
        uploads_pending=files.filter(state=FileState.PENDING).count(),
        uploads_refused=tuple(RefusedUploads(code, count) for code, count in sorted(refused.items())),
    )


def _of_seat(seat: SignOffSeat, signed: SignOffs) -> SeatCounts:
    standing = [statuses[seat] for statuses in signed.statuses.values()]
    return SeatCounts(
        seat=seat,
        waiting=standing.count(SeatStatus.REQUESTED),
        answered=sum(status in ANSWERED for status in standing),
        stale=standing.count(SeatStatus.STALE),
    )


def _asked_of(person: Person, academy: Academy) -> AskedOfThem:
    states = Counter(Attestation.objects(person=person.id, academy=academy.code).scalar("state"))
    unanswered = states[SignOffState.REQUESTED]
    apart = unanswered + sum(states[ended] for ended in ENDED) + states[SignOffState.WAIVED]
    return AskedOfThem(waiting=unanswered, answered=states.total() - apart)
