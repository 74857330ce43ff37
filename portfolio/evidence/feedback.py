"""Gives formative feedback: a teacher who follows comments a piece, the candidate reads it and may answer in a line.

Kept apart from certification: in a chain of its own, never in a frozen submission, a sheet or what a commission reads,
and only while the portfolio is open, so that no comment is about what is being appraised.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio import working_days
from portfolio.documents import Candidacy, Evidence, Feedback, Portfolio, School
from portfolio.documents.fields import instant, place_of
from portfolio.documents.portfolios import PortfolioState
from portfolio.enrolment.institutions import academy_of
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Errand, Hold, Insert, commit

TOLD_AT = time(18)  # local time: lessons are over, and the day's advice makes one mail
SETTLES = timedelta(minutes=30)


class NotFormativeAnyMore(NotNow):
    code = "not_formative_any_more"
    source = RuleSource.CHOICE
    detail = (
        "Ce portfolio est remis, ou cette preuve est retirée : un conseil n'y changerait plus rien. "
        "Rouvrez d'abord le portfolio si le candidat doit le reprendre."
    )


def give(by: Actor, piece: Evidence, revision: int, text: str, at: datetime) -> Feedback:
    """Records a teacher's comment, plans the mail that announces it, and returns it. revision: of the piece, as the
    teacher read it; the candidate may have changed it since. Raises Invalid (on `text`, `revision`),
    NotFormativeAnyMore if the portfolio is no longer open or the piece was withdrawn.
    """
    require(by, Action.GIVE_FEEDBACK, piece)
    if not text.strip():
        raise Invalid({"text": ["Écrivez ce que le candidat peut améliorer, ou ce qui est réussi."]})
    if not 1 <= revision <= piece.revision:
        raise Invalid({"revision": ["Cette version de la preuve n'existe pas : rechargez la page."]})
    assert by.person is not None
    given = Feedback(
        id=new_id(),
        created_at=at,
        **place_of(piece),
        evidence=piece.id,
        evidence_revision=revision,
        author=by.id,
        author_name=by.person.name,
        text=text.strip(),
    )
    portfolio = Portfolio.objects.get(pk=piece.candidacy)
    still = [
        Hold(portfolio, {"state": PortfolioState.OPEN, "school": piece.school}),
        Hold(piece, {"withdrawn_at": None}),
    ]
    candidate = Candidacy.objects.only("person").get(pk=given.candidacy).person
    try:
        commit(
            [*still, Insert(given)],
            _event(EventName.FEEDBACK_GIVEN, by, given, at),
            [feedback_mail(candidate, given, at)],
        )
    except NotNow:
        raise NotFormativeAnyMore() from None
    return given


def acknowledge(by: Actor, given: Feedback, reply: str | None, at: datetime) -> Feedback:
    """Records that the candidate has read it, and returns it. reply: an optional line that replaces an earlier one."""
    require(by, Action.ACKNOWLEDGE_FEEDBACK, given)
    values = {"seen_at": given.seen_at or at, "reply": (reply or "").strip() or given.reply}
    commit([Change(given, values)], _event(EventName.FEEDBACK_ACKNOWLEDGED, by, given, at))
    return given


# --- the mail that announces it -------------------------------------------------------------------


def feedback_mail(candidate: ObjectId, given: Feedback, at: datetime) -> Errand:
    """Returns the errand of one mail for all new feedback to this candidate (person id): it leaves at TOLD_AT on a
    working day, SETTLES or more after `at`.
    """
    uai, zone = School.objects.only("uai").get(pk=given.school).uai, _zone(given)
    day = (at + SETTLES).astimezone(zone).date()
    if not working_days.is_worked(day, uai) or at + SETTLES > datetime.combine(day, TOLD_AT, zone):
        day = working_days.after(day, 1, uai)
    due_at = instant(datetime.combine(day, TOLD_AT, zone))
    return Errand("advice", {"person": candidate}, f"advice:{candidate}", due_at)


def local_day(given: Feedback, moment: datetime) -> date:
    """Returns the day of an instant in the time zone of this candidate's academy."""
    return moment.astimezone(_zone(given)).date()


def _zone(given: Feedback) -> ZoneInfo:
    return ZoneInfo(academy_of(given.academy).timezone)


def _event(name: EventName, by: Actor, given: Feedback, at: datetime) -> Event:
    data = {"evidence": str(given.evidence), "revision": given.evidence_revision}
    return event_by(by, at, f"formative:{given.candidacy}", name, given, data)
