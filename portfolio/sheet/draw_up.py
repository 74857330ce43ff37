"""Draws up, signs and voids sheets. A sheet is frozen; both members sign its digest; it is voided, never edited."""

from __future__ import annotations

import json
from datetime import datetime

from portfolio.commission.amend import SheetIsOut
from portfolio.commission.assess import refuse_once_drawn_up
from portfolio.commission.grids import Incomplete, missing
from portfolio.commission.on_paper import readings
from portfolio.documents import Assessment, Jury, Result, Sheet
from portfolio.documents.commissions import AssessmentState, CommissionState, SheetState, Signature
from portfolio.documents.fields import place_of
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identity.sign_ins import confirm_identity
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.deciding import as_decided
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sheet import build
from portfolio.sheet.content import SheetContent
from portfolio.sheet.questions import SignatureToConfirm, questions
from portfolio.sheet.sheet_input import Sources, compose, gather, mark_of
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import event_by
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, Change, Hold, HoldNone, Insert, assessment_chain, commit

# More than the sheets that a whole school draws up in the same second.
TRIES = 50


class ResultPublished(NotNow):
    code = "result_published"
    source = RuleSource.INTEGRITY
    detail = "Ce résultat est publié : il ne change plus. Seule une erreur matérielle se rectifie, avec son motif."


class AssessmentIncomplete(Incomplete):
    code = "assessment_incomplete"
    source = RuleSource.ARRETE
    detail = "La fiche ne peut pas encore être établie : complétez ce qui manque."


class OtherContent(NotNow):
    code = "other_content"
    source = RuleSource.INTEGRITY
    detail = "La fiche affichée n'est pas celle qui est enregistrée : relisez-la avant de signer."


class AlreadySigned(NotNow):
    code = "already_signed"
    source = RuleSource.INTEGRITY
    detail = "Vous avez déjà signé cette fiche."


class NotADraft(NotNow):
    code = "not_a_draft"
    source = RuleSource.INTEGRITY
    detail = "Cette fiche n'attend plus de signature."


class SheetVoided(NotNow):
    code = "sheet_voided"
    source = RuleSource.INTEGRITY
    detail = "Cette fiche est annulée : la commission peut en établir une autre, sous un nouveau numéro."


class NumbersTaken(NotNow):
    code = "numbers_taken"
    source = RuleSource.LIMIT
    detail = "Beaucoup de fiches s'établissent en ce moment dans l'établissement : recommencez."


def draw_up(by: Actor, assessment: Assessment, at: datetime) -> Sheet:
    """Freezes the commission's decisions in a numbered draft, to be signed, and returns it. Raises
    AssessmentIncomplete, PaperNotReadAgain, SheetIsOut, NumbersTaken, Eliminated; Stale if a member wrote meanwhile.
    """
    require(by, Action.DRAW_UP, assessment)
    refuse_once_drawn_up(assessment)
    sources = gather(assessment)
    errors = lacking(sources)
    if errors:
        raise AssessmentIncomplete(errors)
    read_twice = readings.refuse_unread(sources.commission, assessment, sources.shared, sources.scan)
    for _ in range(TRIES):
        try:
            return _freeze(by, sources, read_twice, at)
        except AlreadyExists:
            if Sheet.objects(candidacy=assessment.candidacy, live=True).first():
                raise SheetIsOut() from None
    raise NumbersTaken()


def lacking(sources: Sources) -> dict[str, list[str]]:
    """Returns what is missing before a sheet can be drawn up, {field: French sentences}; {} if nothing, and always with
    an outcome. Pure.
    """
    assessment = sources.assessment
    if assessment.outcome:
        return {}
    errors = {}
    if all(grid.opened for grid in sources.own):
        errors = missing(sources.circular.grid, sources.shared)
    else:
        errors["grid"] = ["Chaque membre scelle d'abord sa propre grille."]
    if sources.circular.mark.binds and not assessment.appreciation:
        errors["appreciation"] = ["Écrivez l'appréciation de la commission."]
    if assessment.proposed_mark is None:
        errors["proposed_mark"] = ["Indiquez la note que la commission propose."]
    if sources.commission.meeting is None:
        errors["meeting"] = ["Enregistrez la réunion : le jour, le lieu, les présents. La fiche est établie ensuite."]
    return errors


def _freeze(by: Actor, sources: Sources, read_twice: list[Hold | HoldNone], at: datetime) -> Sheet:
    assessment = sources.assessment
    content = build.build(compose(sources, _next_number(sources)))
    sheet = Sheet(
        id=new_id(),
        created_at=at,
        **place_of(assessment),
        number=content["number"],
        commission=assessment.id,
        members=sources.commission.members,
        content=canonical(content).decode(),
        digest=digest(content),
        proposed_mark=mark_of(sources),
        outcome=assessment.outcome,
    )
    # A member admitted just before the commission was cancelled must not draw up: it would block the next commission.
    unmoved = [
        Hold(sources.commission, {"revision": sources.commission.revision, "state": CommissionState.CONVENED}),
        Hold(sources.shared, {"revision": sources.shared.revision}),
        *read_twice,
    ]
    number = sources.submission.number if sources.submission else None
    settled = {"state": AssessmentState.DRAWN_UP, "submission": number}
    data = {"number": sheet.number, "digest": sheet.digest}
    event = event_by(by, at, assessment_chain(sheet), EventName.SHEET_DRAWN_UP, sheet, data)
    commit([Insert(sheet), Change(assessment, settled), *unmoved], event)
    return sheet


def _next_number(sources: Sources) -> str:
    """Returns the next number in the series of the school and session.

    The unique index decides between two sheets drawn up at once.
    """
    series = f"{sources.candidacy.session}-{sources.school.uai}-"
    last = Sheet.objects(number__startswith=series).order_by("-number").only("number").first()
    return f"{series}{int(last.number.removeprefix(series)) + 1 if last else 1:04}"


def sign(by: Actor, sheet: Sheet, digest: str, password: str, at: datetime, *, confirmed: bool = False) -> Sheet:
    """Signs the sheet and returns it; the second signature makes it proposed. digest: of the content displayed to the
    member. password: theirs, checked again. confirmed: whether they confirmed what `questions` asks. Raises
    AlreadySigned, NotADraft, SheetVoided, OtherContent, WrongCredentials, TooMany, SignatureToConfirm.
    """
    require(by, Action.SIGN_SHEET, sheet)
    if sheet.state == SheetState.VOIDED:
        raise SheetVoided()
    if any(signature.person == by.id for signature in sheet.signatures):
        raise AlreadySigned()
    if sheet.state != SheetState.DRAFT:
        raise NotADraft()
    if digest != sheet.digest:
        raise OtherContent()
    confirm_identity(by, password, at)
    content: SheetContent = json.loads(sheet.content)
    asked = questions(content)
    if asked and not confirmed:
        raise SignatureToConfirm(questions=" ".join(asked))
    member = content["commission"]["members"][sheet.members.index(by.id)]
    signature = Signature(person=by.id, digest=digest, at=at, **member)
    if by.sign_in is not None:
        signature.network, signature.device = by.sign_in.network, by.sign_in.device
    state = SheetState.PROPOSED if sheet.signatures else SheetState.DRAFT
    data = {"number": sheet.number, "digest": digest, "state": state}
    if asked:
        data["confirmed"] = True
    event = event_by(by, at, assessment_chain(sheet), EventName.SHEET_SIGNED, sheet, data)
    commit([Change(sheet, {"state": state}, push={"signatures": signature})], event)
    return sheet


def void(by: Actor, sheet: Sheet, reason: str, at: datetime) -> Sheet:
    """Voids the sheet, with a reason, and returns it; its commission may draw up another one, under a new number.
    POLICY allows it to members until transmission, to the office until the jury decides, to the jury until publication.
    Raises SheetVoided, ResultPublished, Invalid without a reason.
    """
    require(by, Action.VOID_SHEET, sheet)
    if sheet.state == SheetState.VOIDED:
        raise SheetVoided()
    if not reason.strip():
        raise Invalid({"reason": ["Dites pourquoi : le motif est imprimé sur la fiche annulée."]})
    assessment = Assessment.objects.get(pk=sheet.commission)
    changes = [
        Change(sheet, {"state": SheetState.VOIDED, "live": False, "voided_reason": reason.strip(), "voided_at": at}),
        Change(assessment, {"state": AssessmentState.OPEN}, any_revision=True),
        *_withdrawn_from_jury(by, sheet),
    ]
    data = {"number": sheet.number, "digest": sheet.digest, "from": sheet.state}
    commit(changes, event_by(by, at, assessment_chain(sheet), EventName.SHEET_VOIDED, sheet, data))
    return sheet


def _withdrawn_from_jury(by: Actor, sheet: Sheet) -> list[Change | Hold]:
    """Returns the changes, not yet written, that keep a publication from crossing the voiding: it guards on the jury's
    revision; [] before transmission. Raises ResultPublished if the sheet's result is published.
    """
    if sheet.state not in (SheetState.TRANSMITTED, SheetState.FINAL):
        return []
    jury = Jury.objects(academies=sheet.academy, exam=sheet.exam, session=sheet.session).first()
    changes: list[Change | Hold] = []
    if jury is not None:
        changes.append(Change(jury, expected=as_decided(by, jury), any_revision=True))
    result = Result.objects(sheet=sheet.id).first()
    if result is None:
        return changes
    if result.published:
        raise ResultPublished()
    return [*changes, Hold(result, {"published": False})]
