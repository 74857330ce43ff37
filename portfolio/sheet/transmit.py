"""Transmits signed sheets from the office to the jury (arrêté, annexe II D, E5)."""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Candidacy, School, Sheet
from portfolio.documents.commissions import SheetState
from portfolio.errors import NotNow, RuleSource, Stale
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.sheet.draw_up import SheetVoided
from portfolio.sheet.exams_there import chosen_exam, exams_there
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, assessment_chain, commit


class CandidateNumberMissing(NotNow):
    code = "candidate_number_missing"
    source = RuleSource.INTEGRITY
    detail = "Le jury reconnaît la fiche au numéro de candidat : donnez-le d'abord, à la page de {name}."


class NotProposed(NotNow):
    code = "not_proposed"
    source = RuleSource.INTEGRITY
    detail = "Cette fiche est déjà transmise au jury."


def transmit(by: Actor, sheet: Sheet, at: datetime) -> Sheet:
    """Transmits one sheet to the jury and returns it. Raises NotProposed (both signatures are needed), SheetVoided,
    CandidateNumberMissing.
    """
    require(by, Action.TRANSMIT, sheet)
    if sheet.state == SheetState.VOIDED:
        raise SheetVoided()
    if sheet.state != SheetState.PROPOSED:
        raise NotProposed()
    candidacy = Candidacy.objects.get(pk=sheet.candidacy)
    if not candidacy.candidate_number:
        raise CandidateNumberMissing(name=candidacy.display_name)
    data = {"number": sheet.number, "digest": sheet.digest}
    event = event_by(by, at, assessment_chain(sheet), EventName.SHEET_TRANSMITTED, sheet, data)
    commit([Change(sheet, {"state": SheetState.TRANSMITTED, "transmitted_at": at})], event)
    return sheet


def transmit_all(by: Actor, school: School, session: str, at: datetime, exam: str | None = None) -> list[Sheet]:
    """Transmits every sheet of the school, exam and session that both members signed; returns those transmitted. Each
    sheet is one commit: after an interruption, a second call transmits the rest. A sheet that changed meanwhile is
    skipped, and one whose candidate has no number yet. exam: its code; None where the school has sheets of one alone.
    Raises Invalid on `exam`.
    """
    require(by, Action.TRANSMIT_SCHOOL, school)
    code = chosen_exam(exams_there(school, session), school.exams, exam)
    signed = {"school": school.id, "exam": code, "session": session, "state": SheetState.PROPOSED}
    sent = []
    for sheet in Sheet.objects(__raw__={"$and": [scope(by, Action.TRANSMIT, Sheet), signed]}).order_by("number"):
        try:
            sent.append(transmit(by, sheet, at))
        except (NotNow, Stale):
            continue
    return sent
