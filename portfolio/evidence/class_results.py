"""Records the results of a check for a whole class in one act of a teacher (arrêté, annexe II D, E5: nature b)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio.documents import Candidacy, Check, Evidence, Portfolio, School
from portfolio.documents.fields import by_id, place_of
from portfolio.documents.portfolios import PieceState, PortfolioState, Proof
from portfolio.enrolment.institutions import today_in
from portfolio.enrolment.pinned import referential_of
from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.evidence.piece_fields import wrong_codes
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import Nature
from portfolio.rules.texts.catalogue import CLASS_RESULT, catalogue
from portfolio.rules.unlikely_dates import asked_unless_confirmed, far_from_session, to_come
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Insert, commit
from portfolio.validation import check_fields, day

WHY = "Résultat d'un contrôle organisé par l'équipe enseignante."


class SubmittedMeanwhile(NotNow):
    code = "submitted_meanwhile"
    source = RuleSource.INTEGRITY
    detail = "Un portfolio de la classe vient d'être remis : recommencez, la ligne concernée sera indiquée."


def record_check(by: Actor, school: School, values: dict[str, Any], at: datetime) -> Check:
    """Adds one piece of nature `controle` to each candidate's portfolio, all or none, and returns the check. values:
    title, produced_on (ISO), confirmed (an unlikely day), maximum, competences, criteria, results [{candidacy, score}].
    Raises DateToConfirm; Invalid, each error at the path of its line (`results.3.score`), for instance if a portfolio
    is submitted; SubmittedMeanwhile.
    """
    require(by, Action.RECORD_CHECK, school)
    check = Check(id=new_id(), created_at=at, school=school.id, academy=school.academy, title=values["title"])
    check.entered_by = by.id
    check.produced_on = check_fields(values, {"produced_on": day})["produced_on"]
    ids = [result["candidacy"] for result in values["results"]]
    candidacies = {candidacy.id: candidacy for candidacy in Candidacy.objects(pk__in=ids, school=school.id)}
    portfolios = by_id(Portfolio, ids)
    errors: dict[str, list[str]] = {}
    changes: list[AnyChange] = [Insert(check)]
    still_here = {"state": PortfolioState.OPEN, "school": school.id}
    for index, candidacy_id in enumerate(ids):
        candidacy, portfolio = candidacies.get(candidacy_id), portfolios.get(candidacy_id)
        refusal = _refusal(candidacy, portfolio, twice=candidacy_id in ids[:index])
        if refusal or candidacy is None:
            errors[f"results.{index}"] = [refusal]
            continue
        try:
            piece = _piece(by, candidacy, check, values, index)
        except Invalid as invalid:
            errors |= invalid.errors
            continue
        check.pieces.append(piece.id)
        # Its place in the portfolio depends on nothing that the candidate may be changing at this moment.
        changes += [Change(portfolio, expected=still_here, any_revision=True), Insert(piece)]
    if errors:
        raise Invalid(errors)
    sessions = sorted({candidacy.session for candidacy in candidacies.values()})
    doubts = [doubt for session in sessions for doubt in far_from_session([check.produced_on], session)]
    doubts += to_come([check.produced_on], today_in(school.academy, at))
    data = {"pieces": [str(piece) for piece in check.pieces]} | asked_unless_confirmed(values, doubts)
    try:
        commit(changes, event_by(by, at, f"school:{school.id}", EventName.CHECK_RECORDED, check, data))
    except NotNow:
        raise SubmittedMeanwhile() from None
    return check


def _refusal(candidacy: Candidacy | None, portfolio: Portfolio | None, *, twice: bool) -> str:
    """Returns why this candidate cannot receive a result, in French; "" if they can. twice: whether they stand on an
    earlier line too.
    """
    if candidacy is None:
        return "Ce candidat n'est pas de cet établissement."
    if twice:
        return "Ce candidat figure déjà plus haut."
    if portfolio is None:
        return "Ce candidat passe l'épreuve ponctuelle : il n'a pas de portfolio."
    if portfolio.state == PortfolioState.ELIMINATED:
        return "Ce portfolio a été éliminé."
    if portfolio.state != PortfolioState.OPEN:
        return "Ce portfolio est remis : rouvrez-le d'abord."
    return ""


def _piece(by: Actor, candidacy: Candidacy, check: Check, values: dict[str, Any], index: int) -> Evidence:
    """Returns the piece of the result at this index, not yet written. Raises Invalid, at the paths of the teacher's
    fields.
    """
    wrong = wrong_codes(referential_of(candidacy), {name: values.get(name, []) for name in ("competences", "criteria")})
    if wrong:
        raise Invalid(wrong)
    assert by.person is not None
    typed = {"taken_on": check.produced_on, "author": by.person.name}
    typed |= {"score": values["results"][index]["score"], "maximum": values["maximum"]}
    try:
        details = catalogue(candidacy.exam).check_details(CLASS_RESULT, typed)
    except Invalid as invalid:
        paths = {"details.score": f"results.{index}.score", "details.maximum": "maximum"}
        raise Invalid({paths.get(path, path): sentences for path, sentences in invalid.errors.items()}) from None
    return Evidence(
        id=new_id(),
        created_at=check.created_at,
        **place_of(candidacy),
        type_code=CLASS_RESULT,
        title=check.title,
        nature=Nature.CONTROLE,
        produced_on=check.produced_on,
        competences=[Proof(competence=code, justification=WHY) for code in values["competences"]],
        criteria=values.get("criteria", []),
        details=details,
        entered_by=by.id,
        state=PieceState.READY,
    )
