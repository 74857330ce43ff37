"""What must be so after each thing that happens to people, read as its readers get it: boards, inboxes, sign-offs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.boards import class_board, office_board
from portfolio.documents import (
    Activity,
    Assessment,
    Attestation,
    Candidacy,
    Commission,
    Evidence,
    Person,
    Placement,
    School,
    Sheet,
)
from portfolio.documents.commissions import CommissionState
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering.answers import ATTEST_AS
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.sign_offs.asking.deliveries import deliveries

ANSWERED = ("confirmed", "partly", "refused", "not_known", "waived")


def actor(person: ObjectId, at: datetime) -> Actor:
    return Actor(Person.objects.get(pk=person), at=at)


def can_come_in(person: Person) -> bool:
    return bool(person.state != "suspended")


def teaches(person: Person, school: ObjectId) -> bool:
    return any(grant.role == "teacher" and grant.school == school for grant in person.live_grants)


def waiting() -> list[Attestation]:
    return list(Attestation.objects(state="requested").order_by("id"))


def no_request_waits_for_whom_cannot_answer(at: datetime) -> None:
    """Whom it is asked of can come in, holds the seat, and has it before them; or the tutor is still to be named."""
    for request in waiting():
        activity = Activity.objects.get(pk=request.activity)
        placement = Placement.objects(pk=activity.placement).first()
        assert activity.withdrawn_at is None, "nobody is asked about an activity that was withdrawn"
        if request.seat == "tutor":
            assert placement is not None and request.placement == placement.id, "the activity is in another period"
            assert (placement.cancelled_at, placement.contested_at) == (None, None)
            assert placement.tutor == request.person, "somebody else tutors that period"
        if request.person is not None:
            _answers(request, activity, at)


def _answers(request: Attestation, activity: Activity, at: datetime) -> None:
    person = Person.objects.get(pk=request.person)
    assert can_come_in(person), "they cannot come in"
    by = Actor(person, at=at)
    assert may(by, ATTEST_AS[request.seat], activity), "they have no right to answer"
    shown = {pending.about.id for pending in inbox(by).sign_offs}
    in_ccf = Candidacy.objects.get(pk=request.candidacy).in_ccf
    assert (request.id in shown) == in_ccf, "they do not find it, or it is of nobody any more"


def to_ask_again(candidacy: Candidacy) -> set[tuple[ObjectId, str]]:
    """Seats whose last request ended as its addressee left, without an answer to anybody's: (activity, seat)."""
    found = set()
    for activity in Activity.objects(candidacy=candidacy.id, withdrawn_at=None):
        for seat in ("tutor", "teacher"):
            of_seat = list(Attestation.objects(activity=activity.id, seat=seat).order_by("id"))
            states = [one.state for one in of_seat]
            if states and states[-1] == "lapsed" and not set(states) & {"requested", *ANSWERED}:
                found.add((activity.id, seat))
    return found


def what_was_asked_waits_or_reads_to_be_asked_again(candidacy: Candidacy) -> None:
    """Of each seat that somebody was asked in: `requested`, answered, or `lapsed`; never as if nothing had been."""
    statuses = sign_offs(candidacy.id).statuses
    for activity, seat in to_ask_again(candidacy):
        assert statuses[activity][seat] in ("lapsed", "not_needed")
    for request in waiting():
        if request.candidacy == candidacy.id:
            assert statuses[request.activity][request.seat] in ("requested", "not_needed", *ANSWERED)
    for delivery in deliveries(candidacy.id):
        assert (delivery.state == "stopped") == (delivery.request.state in ("lapsed", "declined"))


def boards_count_the_living(schools: Iterable[tuple[School, Person]], session: str, at: datetime) -> None:
    for school, office in schools:
        board = office_board.office_board(actor(office.id, at), school, at, session)
        there = list(Candidacy.objects(school=school.id, session=session))
        live = [one for one in there if one.abandoned is None]
        assert sum(exam.counts.candidates for exam in board.exams) == len(live)
        assert sum(exam.counts.in_ccf for exam in board.exams) == sum(one.in_ccf for one in live)
        gone = {one.id for one in there if one.abandoned is not None}
        owed = {item.what for item in board.owed if item.candidacy.id in gone}
        assert owed <= {"convened_for_nothing", "transmit"}, "nobody owes what is of nobody"
        # A sheet that is not signed by both is the commission's alone: the office does not read that it is there.
        judged = set(Sheet.objects(live=True, state__ne="draft").scalar("candidacy"))
        _is_owed(board, [one for one in live if one.in_ccf and one.id not in judged], at)


def _is_owed(board: office_board.OfficeBoard, live: list[Candidacy], at: datetime) -> None:
    """Who is to be named, asked again and awaited of those who are there, and no other."""
    owed: dict[str, dict[ObjectId, str]] = defaultdict(dict)
    for item in board.owed:
        owed[item.what][item.thing or item.candidacy.id] = item.detail
    alone = {one.id for one in live if not any(_follows(follower, one) for follower in one.followers)}
    assert set(owed["follower"]) == alone, "who has nobody that follows them"
    again = {one.id: len(to_ask_again(one)) for one in live}
    assert {key: int(detail.rpartition("(")[2][:-1]) for key, detail in owed["ask_again"].items()} == {
        key: count for key, count in again.items() if count
    }
    ids = [one.id for one in live]
    awaited = [request for request in waiting() if request.candidacy in ids and request.seat == "tutor"]
    assert set(owed["answer"]) == {request.placement for request in awaited if request.person is not None}
    unnamed = Placement.objects(candidacy__in=ids, cancelled_at=None, tutor=None).scalar("id")
    assert set(owed["tutor"]) == set(unnamed)
    convened = Commission.objects(candidacy__in=ids, state=CommissionState.CONVENED)
    empty = {one.id for one in convened if not all(_sits(member, one, at) for member in one.members)}
    assert set(owed["seat"]) == empty, "a seat is held by nobody who can act, and the office is not told"


def _follows(follower: ObjectId, candidacy: Candidacy) -> bool:
    person = Person.objects.get(pk=follower)
    return can_come_in(person) and teaches(person, candidacy.school)


def _sits(member: ObjectId, commission: Commission, at: datetime) -> bool:
    person = Person.objects.get(pk=member)
    return can_come_in(person) and may(Actor(person, at=at), Action.APPRAISE, Assessment.objects.get(pk=commission.id))


def who_follows_teaches_there(candidacy: Candidacy) -> None:
    for follower in candidacy.followers:
        assert teaches(Person.objects.get(pk=follower), candidacy.school), "a follower is gone"


def a_teacher_has_their_own_before_them(teacher: Person, session: str, at: datetime) -> None:
    person = Person.objects.get(pk=teacher.id)
    lines = class_board.board(Actor(person, at=at), at, session).lines
    mine = [one for one in Candidacy.objects(followers=teacher.id, session=session) if one.in_ccf]
    assert {line.candidacy.id for line in lines} == {one.id for one in mine if teaches(person, one.school)}
    for line in lines:
        about = [request for request in waiting() if request.candidacy == line.candidacy.id]
        for seat, counted in (("tutor", line.tutor), ("teacher", line.teacher)):
            assert counted.waiting <= len({one.activity for one in about if one.seat == seat})
        assert line.waiting_since == min((one.created_at for one in about), default=None)


def every_piece_is_its_holders(pieces: dict[ObjectId, ObjectId], at: datetime) -> None:
    """pieces: {piece: its candidacy}, all that were ever deposited."""
    for piece in Evidence.objects(pk__in=list(pieces)):
        candidacy = Candidacy.objects.get(pk=pieces[piece.id])
        assert (piece.candidacy, piece.school) == (candidacy.id, candidacy.school) and piece.state != "withdrawn"
        readers = [candidacy.person, *(one for one in candidacy.followers)]
        for reader in readers:
            assert may(actor(reader, at), Action.READ_EVIDENCE, piece)
    assert Evidence.objects(pk__in=list(pieces)).count() == len(pieces)


def asked_of_each() -> dict[ObjectId, set[ObjectId]]:
    """{person: the requests that wait for them}."""
    asked: dict[ObjectId, set[ObjectId]] = defaultdict(set)
    for request in waiting():
        asked[request.person].add(request.id)
    return asked


def no_mail_went_to_who_is_gone(row: dict[str, Any], before: dict[ObjectId, set[ObjectId]], at: datetime) -> None:
    """A row of the outbox that has just been sent: to somebody who is there, about what they can answer. before: as of
    `asked_of_each`, that morning: a replacement may have ended after the mail left.
    """
    person = Person.objects.get(pk=row["person"])
    told = row["payload"].get("what")
    tells_it = (row["kind"], told) in (("abandonment", "abandoned"), ("transfer", "accepted"))
    if row["kind"] == "account_change" or tells_it:
        return
    assert can_come_in(person), f"{row['kind']}: they cannot come in"
    if row["kind"] == "convocation":
        if told not in ("left", "cancelled"):
            commission = Commission.objects.get(pk=row["payload"]["commission"])
            assert _sits(person.id, commission, at), "they are convoked where they can do nothing"
        return
    assert person.live_grants, f"{row['kind']}: they are gone"
    mine = {pending.about.id for pending in inbox(Actor(person, at=at)).sign_offs}
    mine |= {pending.about.id for pending in inbox(Actor(person, at=at)).reality}
    assert set(row.get("requests", ())) <= mine | before.get(person.id, set()), (
        f"{row['kind']}: it is not theirs to answer"
    )
