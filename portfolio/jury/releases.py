"""Releases a sheet to a candidate who asks for it, after publication; the proposed mark stays masked in it.

The arrêté (annexe II D, E5) withholds the proposed mark from candidates. A decision that cites the law it rests on may
give it all the same: it is recorded with its author and its time, and printed on the candidate's copy.
"""

from __future__ import annotations

from datetime import datetime

from portfolio.documents import Sheet
from portfolio.documents.commissions import Unmasking
from portfolio.errors import NotNow, RuleSource
from portfolio.jury.jury import published_result, seated_as_read
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, assessment_chain, commit


class AlreadyReleased(NotNow):
    code = "sheet_already_released"
    source = RuleSource.INTEGRITY
    detail = "Cette fiche est déjà communiquée au candidat."


class NotReleased(NotNow):
    code = "sheet_not_released"
    source = RuleSource.DISCLOSURE
    detail = "Cette fiche n'est pas communiquée au candidat : communiquez-la d'abord, sur sa demande."


class AlreadyUnmasked(NotNow):
    code = "proposal_already_unmasked"
    source = RuleSource.INTEGRITY
    detail = "Une décision a déjà donné au candidat la note proposée de cette fiche."


def release_sheet(by: Actor, sheet: Sheet, request_reference: str, at: datetime) -> Sheet:
    """Opens one sheet to its candidate, without the proposed mark, and returns it (CADA 20163901, 20234607:
    communicable to the candidate only, once final). request_reference: of the candidate's request. Raises NotPublished,
    AlreadyReleased, NoJury.
    """
    require(by, Action.RELEASE_SHEET, sheet)
    published_result(sheet)
    if sheet.released:
        raise AlreadyReleased()
    values = {"released": True, "released_at": at, "release_reference": request_reference}
    event = event_by(by, at, assessment_chain(sheet), EventName.SHEET_RELEASED, sheet, {"sheet": str(sheet.id)})
    commit([seated_as_read(by, sheet), Change(sheet, values)], event)
    return sheet


def unmask_proposal(by: Actor, sheet: Sheet, law: str, reference: str, at: datetime) -> Sheet:
    """Gives the candidate of a released sheet its proposed mark, by a decision, and returns the sheet. law: the text
    that the decision rests on; reference: of the decision. Raises NotReleased, AlreadyUnmasked, NoJury.
    """
    require(by, Action.UNMASK_PROPOSAL, sheet)
    if not sheet.released:
        raise NotReleased()
    if sheet.unmasked:
        raise AlreadyUnmasked()
    assert by.person is not None, "a decision has an author"
    decision = Unmasking(law=law, reference=reference, by=by.id, name=by.person.name, at=at)
    data = {"sheet": str(sheet.id), "digest": digest({"law": law, "reference": reference})}
    event = event_by(by, at, assessment_chain(sheet), EventName.PROPOSAL_UNMASKED, sheet, data)
    commit([seated_as_read(by, sheet), Change(sheet, {"unmasked": True, "unmasking": decision})], event)
    return sheet
