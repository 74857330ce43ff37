"""Joint decisions of the two members: submission, pieces, appreciation, and a proposed mark or an outcome.

Degrees are in `grids.py`. Members type the mark; no code computes it from degrees.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from bson import ObjectId

from portfolio.commission.amend import SheetIsOut
from portfolio.documents import Assessment, Grid, Portfolio, Submission
from portfolio.documents.commissions import AssessmentState
from portfolio.documents.fields import CandidacyThing
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.enrolment.pinned import circular_of_candidate
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.identifiers import Malformed
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import Nature
from portfolio.rules.texts.circular_terms import Circular
from portfolio.store.chains import Event, event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Hold, assessment_chain, commit


class NothingSubmitted(NotNow):
    code = "nothing_submitted"
    source = RuleSource.INTEGRITY
    detail = "Aucun portfolio n'a été remis sur ce service : il n'y a pas de preuve à retenir."


class NotInSubmission(Invalid):
    code = "not_in_submission"
    source = RuleSource.INTEGRITY
    detail = "Cette preuve n'est pas dans la remise n° {number}, que la commission apprécie."


class AdmittedByNature(Invalid):
    code = "admitted_by_nature"
    source = RuleSource.ARRETE
    detail = (
        "L'arrêté admet de lui-même les productions et les résultats de contrôles : "
        "cette preuve n'a pas à être admise, la commission la retient ou non."
    )


class NotAdmitted(NotNow):
    code = "not_admitted"
    source = RuleSource.ARRETE
    detail = "Cet élément n'est ni une production ni un contrôle : la commission l'admet d'abord, puis le retient."


class SubmissionMoved(NotNow):
    code = "submission_moved"
    source = RuleSource.INTEGRITY
    detail = "La dernière remise du candidat est la n° {number} : relisez-la avant de la prendre en compte."


class OtherCandidate(Invalid):
    code = "other_candidate"
    source = RuleSource.INTEGRITY
    detail = "Cette saisie nomme un autre candidat que celui de cette page : rien n'a été enregistré."


class OtherSubmission(NotNow):
    code = "other_submission"
    source = RuleSource.INTEGRITY
    detail = (
        "Cette saisie a été faite devant une autre remise que celle que la commission apprécie : rien n'a été "
        "enregistré. Rechargez la page et relisez les preuves."
    )


def name_the_candidate(values: dict[str, object], thing: CandidacyThing) -> None:
    """Raises OtherCandidate if the form (values: candidacy, an id) was filled in for another candidate than the one of
    `thing`.
    """
    if values["candidacy"] != thing.candidacy:
        raise OtherCandidate({"candidacy": ["Rouvrez la page de ce candidat et recommencez."]})


def name_the_submission(values: dict[str, object], submission: Submission | None) -> None:
    """Raises OtherSubmission if the page (values: submission, a number) showed another submission than this one; passes
    values that name none.
    """
    if "submission" in values and values["submission"] != (submission.number if submission else None):
        raise OtherSubmission()


def refuse_once_drawn_up(assessment: Assessment) -> None:
    """Raises SheetIsOut unless the assessment is open."""
    if assessment.state != AssessmentState.OPEN:
        raise SheetIsOut()


def submission_of(assessment: Assessment) -> Submission | None:
    """Returns the submission that the commission appraises: the latest one until its first act, None without any.

    Raises Eliminated if the portfolio was eliminated and no submission remains.
    """
    submissions = Submission.objects(candidacy=assessment.candidacy).order_by("-number")
    if assessment.submission is not None:
        submissions = submissions.filter(number=assessment.submission)
    submission = submissions.first()
    if submission is None:
        refuse_eliminated(Portfolio.objects.get(pk=assessment.candidacy))
    return submission


def appraised(assessment: Assessment) -> Submission:
    """Returns the submission that the commission appraises. Raises NothingSubmitted, Eliminated."""
    submission = submission_of(assessment)
    if submission is None:
        raise NothingSubmitted()
    return submission


def guard_of_appraisal(assessment: Assessment, submission: Submission | None) -> Change | Hold:
    """Returns the guard of an act on a grid: the assessment must be open and appraise this submission, or none.

    The first act records which submission is appraised.
    """
    if submission is None:
        return Hold(assessment, {"state": AssessmentState.OPEN, "submission": None})
    if assessment.submission is not None:
        return Hold(assessment, {"state": AssessmentState.OPEN, "submission": submission.number})
    same = {"state": AssessmentState.OPEN, "submission": {"$in": [None, submission.number]}}
    return Change(assessment, {"submission": submission.number}, expected=same, any_revision=True)


def manifest_of(submission: Submission) -> dict[str, Any]:
    """Returns the parsed manifest of a submission, as `submit.manifest` made it."""
    content: dict[str, Any] = json.loads(submission.content)
    return content


def _nature_of(submission: Submission, evidence: ObjectId) -> str:
    """Returns the nature of a piece of the submission. Raises NotInSubmission if it has no such piece."""
    for piece in manifest_of(submission)["pieces"]:
        if piece["id"] == str(evidence):
            return str(piece["nature"])
    raise NotInSubmission({"evidence": ["Choisissez une preuve de cette remise."]}, number=submission.number)


def admit(by: Actor, assessment: Assessment, evidence: ObjectId, admitted: bool, at: datetime) -> Assessment:
    """Admits or no longer admits a piece (id) of nature « autre », and returns the assessment: « tout autre élément
    jugé pertinent par les membres de la commission » (arrêté, annexe II D, E5). Raises AdmittedByNature,
    NotInSubmission, NothingSubmitted, Eliminated, SheetIsOut.
    """
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    submission = appraised(assessment)
    if _nature_of(submission, evidence) != Nature.AUTRE:
        raise AdmittedByNature({"evidence": ["Cette preuve n'a pas à être admise."]})
    key = str(evidence)
    values = {"submission": submission.number, "admitted": {**assessment.admitted, key: admitted}}
    if not admitted:
        values["retained"] = {name: kept for name, kept in assessment.retained.items() if name != key}
    data = {"evidence": key, "admitted": admitted}
    commit([Change(assessment, values)], _event(by, assessment, EventName.PIECE_ADMITTED, at, data))
    return assessment


def retain(by: Actor, assessment: Assessment, evidence: ObjectId, retained: bool, at: datetime) -> Assessment:
    """Retains or releases a piece (id) on which the appraisal rests, and returns the assessment: the sheet names the
    piece. Raises NotAdmitted, NotInSubmission, NothingSubmitted, Eliminated, SheetIsOut.
    """
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    submission = appraised(assessment)
    key = str(evidence)
    nature = _nature_of(submission, evidence)
    if retained and nature == Nature.AUTRE and not assessment.admitted.get(key):
        raise NotAdmitted()
    values = {"submission": submission.number, "retained": {**assessment.retained, key: retained}}
    data = {"evidence": key, "retained": retained}
    commit([Change(assessment, values)], _event(by, assessment, EventName.PIECE_RETAINED, at, data))
    return assessment


def choose_submission(by: Actor, assessment: Assessment, number: int, at: datetime) -> Assessment:
    """Makes the commission appraise the latest submission, and returns the assessment. Decisions on unchanged pieces
    are kept; sealed grids return to their authors, who confirm their degrees. Raises SubmissionMoved if `number` is not
    the latest, NothingSubmitted, Eliminated, SheetIsOut.
    """
    require(by, Action.APPRAISE, assessment)
    refuse_once_drawn_up(assessment)
    latest = Submission.objects(candidacy=assessment.candidacy).order_by("-number").first()
    if latest is None:
        raise NothingSubmitted()
    if number != latest.number:
        raise SubmissionMoved(number=latest.number)
    if number == assessment.submission:
        return assessment
    same = _unchanged(submission_of(assessment), latest)
    decided = {
        name: {key: yes for key, yes in getattr(assessment, name).items() if key in same}
        for name in ("admitted", "retained")
    }
    changes = [Change(assessment, {"submission": number, **decided}), *_unsealed(assessment)]
    commit(changes, _event(by, assessment, EventName.SUBMISSION_TAKEN_OVER, at, {"number": number}))
    return assessment


def _unchanged(earlier: Submission | None, latest: Submission) -> set[str]:
    """Returns the ids of the pieces whose digest is the same in both submissions."""
    digests = {piece["id"]: piece["digest"] for piece in manifest_of(earlier)["pieces"]} if earlier else {}
    return {piece["id"] for piece in manifest_of(latest)["pieces"] if digests.get(piece["id"]) == piece["digest"]}


def _unsealed(assessment: Assessment) -> list[Change]:
    grids = list(Grid.objects(commission=assessment.id, live=True))
    consensus = any(grid.member for grid in grids)
    return [Change(grid, {"sealed_at": None, "opened": False} if grid.member else _blank(consensus)) for grid in grids]


def _blank(consensus: bool) -> dict[str, Any]:
    """Returns the values that a shared grid takes after a new submission: emptied if it is a consensus, drawn from
    sealed degrees; {} if its degrees were given together, which stay, to be confirmed.
    """
    return {"degrees": {}, "observations": {}} if consensus else {}


def appraise(by: Actor, assessment: Assessment, values: dict[str, Any], at: datetime) -> Assessment:
    """Records the appreciation, the proposed mark or an outcome. values: candidacy; any of appreciation, proposed_mark
    (as typed), outcome, outcome_reference (None erases); submission, if given: the number displayed. A portfolio that
    was shown otherwise, on paper, is appraised without any. Raises Invalid, OtherCandidate, OtherSubmission,
    SheetIsOut, Eliminated.
    """
    require(by, Action.APPRAISE, assessment)
    name_the_candidate(values, assessment)
    refuse_once_drawn_up(assessment)
    rules = circular_of_candidate(assessment)
    texts = ("appreciation", "outcome", "outcome_reference")
    changed: dict[str, Any] = {name: (values[name] or "").strip() or None for name in texts if name in values}
    if "proposed_mark" in values:
        changed["proposed_mark"] = _mark(rules, values["proposed_mark"])
    if changed.get("outcome", assessment.outcome) is None:
        changed["outcome_reference"] = None
    after = {name: changed.get(name, getattr(assessment, name)) for name in (*texts, "proposed_mark")}
    errors = _faults(rules, after)
    if errors:
        raise Invalid(errors)
    submission = submission_of(assessment)
    name_the_submission(values, submission)
    changed["submission"] = submission.number if submission else None
    event = _event(
        by,
        assessment,
        EventName.ASSESSMENT_APPRAISED,
        at,
        {"fields": sorted(set(values) - {"candidacy", "submission"})},
    )
    commit([Change(assessment, changed)], event)
    return assessment


def _mark(rules: Circular, typed: str | None) -> Decimal | None:
    if typed is None:
        return None
    try:
        return rules.mark.read(typed)
    except Malformed as malformed:
        raise Invalid({"proposed_mark": [malformed.message]}) from None


def _faults(rules: Circular, after: dict[str, Any]) -> dict[str, list[str]]:
    mark, outcome = after["proposed_mark"], after["outcome"]
    if outcome is not None:
        return _outcome_faults(rules, after)
    if rules.mark.binds and mark is not None and rules.mark.needs_comment(mark) and not after["appreciation"]:
        return {"appreciation": [f"Une note inférieure à {rules.mark.comment_required_below} s'explique par écrit."]}
    return {}


def _outcome_faults(rules: Circular, after: dict[str, Any]) -> dict[str, list[str]]:
    outcome = rules.outcomes.get(after["outcome"])
    if outcome is None:
        return {"outcome": [f"Situation inconnue. Situations possibles : {', '.join(rules.outcomes)}."]}
    errors: dict[str, list[str]] = {}
    if after["proposed_mark"] not in (None, outcome.mark) and outcome.sets_the_mark:
        errors["proposed_mark"] = [f"« {outcome.label} » : aucune note n'est proposée, effacez-la."]
    if outcome.demands_reference and not after["outcome_reference"]:
        errors["outcome_reference"] = [outcome.explanation]
    return errors


def _event(by: Actor, assessment: Assessment, name: EventName, at: datetime, data: dict[str, Any]) -> Event:
    return event_by(by, at, assessment_chain(assessment), name, assessment, data)
