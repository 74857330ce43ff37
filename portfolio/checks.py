"""Results of checks entered by a teacher for a whole class in one act (arrêté, annexe II D, E5: nature b)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio import catalogue
from portfolio.checking import check_fields, day
from portfolio.deposit import rules_of, touch
from portfolio.documents import Candidacy, Check, Evidence, Portfolio, School
from portfolio.documents.fields import place_of
from portfolio.documents.portfolios import Proof
from portfolio.entropy import new_id
from portfolio.errors import Invalid
from portfolio.journal import Event, Insert, commit
from portfolio.permissions import Action, may, require
from portfolio.relations import Actor

TYPE = "QZ1"


def record_check(by: Actor, school: School, values: dict[str, Any], at: datetime) -> Check:
    """One piece of nature `controle` per candidate, all or none.

    values: title, produced_on, maximum, competences, criteria, results [{candidacy, score}]. A submitted portfolio
    refuses its result: the error names the line.
    """
    require(by, Action.READ_SCHOOL, school)
    checked = check_fields(values, {"produced_on": day})
    ids = [result["candidacy"] for result in values["results"]]
    if len(set(ids)) != len(ids):
        raise Invalid({"results": ["Le même candidat figure deux fois."]})
    candidacies = {one.id: one for one in Candidacy.objects(pk__in=ids, school=school.id)}
    portfolios = {one.id: one for one in Portfolio.objects(pk__in=ids)}
    errors: dict[str, list[str]] = {}
    changes: list[Any] = []
    pieces: list[Evidence] = []
    for index, result in enumerate(values["results"]):
        candidacy = candidacies.get(result["candidacy"])
        refusal = _refusal(by, candidacy, portfolios.get(result["candidacy"]))
        if refusal or candidacy is None:
            errors[f"results.{index}"] = [refusal or ""]
            continue
        pieces.append(_piece(by, candidacy, values | checked, result, at))
        changes += [touch(portfolios[candidacy.id]), Insert(pieces[-1])]
    if errors:
        raise Invalid(errors)
    check = Check(created_at=at, school=school.id, academy=school.academy, title=values["title"], **checked)
    check.entered_by, check.pieces = by.id, [piece.id for piece in pieces]
    data = {"pieces": [str(piece.id) for piece in pieces]}
    commit([Insert(check), *changes], Event(f"school:{school.id}", "check_recorded", by.journal_name, at, check, data))
    return check


def _refusal(by: Actor, candidacy: Candidacy | None, portfolio: Portfolio | None) -> str | None:
    if candidacy is None or not may(by, Action.RECORD_CHECK, candidacy):
        return "Ce candidat n'est pas de cet établissement."
    if portfolio is None:
        return "Ce candidat passe l'épreuve ponctuelle : il n'a pas de portfolio."
    if portfolio.state != "open":
        return "Ce portfolio est remis : rouvrez-le d'abord."
    return None


def _piece(by: Actor, candidacy: Candidacy, values: dict[str, Any], result: dict[str, Any], at: datetime) -> Evidence:
    rules = rules_of(candidacy)
    unknown = set(values["competences"]) - set(rules.competences) | set(values.get("criteria", [])) - set(
        rules.criteria
    )
    if unknown:
        raise Invalid({"competences": [f"Code inconnu du référentiel : {', '.join(sorted(unknown))}."]})
    assert by.person is not None
    details = {"taken_on": values["produced_on"], "author": by.person.name}
    details |= {"score": result["score"], "maximum": values["maximum"]}
    why = "Résultat d'un contrôle organisé par l'équipe enseignante."
    return Evidence(
        id=new_id(),
        created_at=at,
        **place_of(candidacy),
        type_code=TYPE,
        title=values["title"],
        nature="controle",
        produced_on=values["produced_on"],
        competences=[Proof(competence=code, justification=why) for code in values["competences"]],
        criteria=values.get("criteria", []),
        details=catalogue.check_details(TYPE, details),
        entered_by=by.id,
        state="ready",
    )
