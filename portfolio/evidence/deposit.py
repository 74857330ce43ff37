"""Adds, amends and withdraws a candidate's activities and pieces.

Files are in `uploads.py`, results of a class in `class_results.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile, EvidenceVersion, Placement, Portfolio
from portfolio.documents.fields import CandidacyThing, place_of
from portfolio.documents.portfolios import DESCRIPTION_PARTS, FileState, PieceState, PortfolioState, Proof, WebLink
from portfolio.enrolment.elimination_status import refuse_eliminated
from portfolio.enrolment.pinned import referential_of
from portfolio.errors import Invalid, NotNow
from portfolio.evidence.retries import runs_again_if_stale
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules import catalogue
from portfolio.rules.referential import Referential
from portfolio.rules.terms import Nature, Situation, WorkContext
from portfolio.store.chains import event_by
from portfolio.store.digests import files_of, piece_content
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, Hold, Insert, commit, portfolio_chain
from portfolio.validation import check_fields, day, period

ACTIVITY_FIELDS = ("title", "mission", "context", "placement", "starts_on", "ends_on")
# Of a result that a teacher entered, the candidate may only set what it proves.
MAPPING = {"activity", "competences", "criteria", "tool_families"}
PLAIN = (
    "type_code",
    "title",
    "nature",
    "situation",
    "context",
    "collective",
    "criteria",
    "tool_families",
    "permission",
    "anonymisation",
    "assistance_used",
    "assistance_how",
)


# Our limits, not the circular's: above any real need, and what reading a whole portfolio can bear.
MOST: dict[type[Activity] | type[Evidence], int] = {Activity: 100, Evidence: 300}


class PortfolioFull(NotNow):
    code = "portfolio_full"
    detail = "Ce portfolio contient déjà {limit} éléments de ce genre, le maximum : retirez-en un avant d'en ajouter."


class PortfolioSubmitted(NotNow):
    code = "portfolio_submitted"
    detail = "Le portfolio est remis : il ne change plus. Demandez à votre enseignant de le rouvrir si besoin."


class Withdrawn(NotNow):
    code = "withdrawn"
    detail = "Cet élément a été retiré du portfolio."


class ActivityInUse(NotNow):
    code = "activity_in_use"
    detail = "Des preuves sont encore rangées dans cette activité : déplacez-les ou retirez-les d'abord."


class EnteredByTeacher(NotNow):
    code = "entered_by_teacher"
    detail = "Ce résultat a été saisi par un enseignant : vous pouvez le relier à des compétences, pas le modifier."


def open_portfolio_of(thing: CandidacyThing) -> Portfolio:
    """Returns the portfolio that a thing belongs to, if it is open.
    Raises PortfolioSubmitted if it is not, Eliminated.
    """
    portfolio = Portfolio.objects.get(pk=thing.candidacy)
    refuse_eliminated(portfolio)
    if portfolio.state != PortfolioState.OPEN:
        raise PortfolioSubmitted()
    return portfolio


def _refuse_full(portfolio: Portfolio, kind: type[Activity] | type[Evidence]) -> None:
    """Raises PortfolioFull if the portfolio has as many of this kind as it may. Concurrent additions cannot pass the
    limit: each `touch`es the portfolio.
    """
    if kind.objects(candidacy=portfolio.candidacy, withdrawn_at=None).count() >= MOST[kind]:
        raise PortfolioFull(limit=MOST[kind])


def touch(portfolio: Portfolio) -> Change:
    """Returns the change, not yet written, that counts a change of content; its commit raises Stale or MovedMeanwhile
    if the portfolio moved, or is no longer open.
    """
    return Change(portfolio, expected={"state": PortfolioState.OPEN})


# --- activities -----------------------------------------------------------------------------------


@runs_again_if_stale(as_seen=False)
def add_activity(by: Actor, portfolio: Portfolio, values: dict[str, Any], at: datetime) -> Activity:
    """Adds an activity and returns it. values: title, mission, context, placement (id or None), starts_on, ends_on
    (ISO). Raises PortfolioSubmitted, PortfolioFull, Invalid by field, Eliminated.
    """
    require(by, Action.DEPOSIT, portfolio)
    open_portfolio_of(portfolio)
    _refuse_full(portfolio, Activity)
    checked, held = _activity_values(portfolio, values)
    activity = Activity(id=new_id(), created_at=at, **place_of(portfolio), **checked)
    event = event_by(by, at, portfolio_chain(portfolio), EventName.ACTIVITY_ADDED, activity)
    commit([touch(portfolio), *held, Insert(activity)], event)
    return activity


def _activity_values(thing: CandidacyThing, values: dict[str, Any]) -> tuple[dict[str, Any], list[Hold]]:
    """Returns the fields to set, and a hold on the placement, which must not be cancelled meanwhile ([] without one).
    Raises Invalid by field.
    """
    checked: dict[str, Any] = {name: values.get(name) for name in ACTIVITY_FIELDS}
    checked |= check_fields(values, {"starts_on": day, "ends_on": day})
    period(checked["starts_on"], checked["ends_on"])
    if (checked["context"] == WorkContext.PFMP) != (checked["placement"] is not None):
        raise Invalid(
            {"placement": ["Indiquez la période en entreprise, et seulement pour une activité en entreprise."]}
        )
    if checked["placement"] is None:
        return checked, []
    query = {"pk": checked["placement"], "candidacy": thing.candidacy, "cancelled_at": None}
    placement = Placement.objects(**query).first()
    if placement is None:
        raise Invalid({"placement": ["Cette période en entreprise n'est pas une des vôtres, ou elle a été annulée."]})
    return checked, [Hold(placement, {"cancelled_at": None})]


@runs_again_if_stale(as_seen=True)
def amend_activity(by: Actor, activity: Activity, values: dict[str, Any], at: datetime) -> Activity:
    """Changes an activity and returns it. values: as for `add_activity`; absent fields stay. Sign-offs become stale by
    computation. Raises Withdrawn, PortfolioSubmitted, Stale, Invalid by field, Eliminated.
    """
    require(by, Action.AMEND_ACTIVITY, activity)
    portfolio = open_portfolio_of(activity)
    _present(activity)
    merged = {name: values.get(name, getattr(activity, name)) for name in ACTIVITY_FIELDS}
    changed, held = _activity_values(activity, merged)
    changes: list[AnyChange] = [touch(portfolio), *held, Change(activity, changed)]
    if changed["placement"] != activity.placement:
        pieces = list(Evidence.objects(activity=activity.id))
        changes += [Change(piece, {"placement": changed["placement"]}) for piece in pieces]
        changes += _files_follow(pieces, changed["placement"])
    event = event_by(by, at, portfolio_chain(activity), EventName.ACTIVITY_AMENDED, activity)
    commit(changes, event)
    return activity


@runs_again_if_stale(as_seen=True)
def withdraw_activity(by: Actor, activity: Activity, at: datetime) -> Activity:
    """Withdraws an activity and returns it. Raises ActivityInUse while pieces are in it, Withdrawn (already),
    PortfolioSubmitted, Stale, Eliminated.
    """
    require(by, Action.AMEND_ACTIVITY, activity)
    portfolio = open_portfolio_of(activity)
    _present(activity)
    if Evidence.objects(activity=activity.id, state__ne=PieceState.WITHDRAWN).first():
        raise ActivityInUse()
    event = event_by(by, at, portfolio_chain(activity), EventName.ACTIVITY_WITHDRAWN, activity)
    commit([touch(portfolio), Change(activity, {"withdrawn_at": at})], event)
    return activity


def _present(thing: Activity | Evidence) -> None:
    """Raises Withdrawn if the activity or piece was withdrawn."""
    if thing.withdrawn_at is not None:
        raise Withdrawn()


# --- pieces ---------------------------------------------------------------------------------------


@runs_again_if_stale(as_seen=False)
def add_piece(by: Actor, portfolio: Portfolio, values: dict[str, Any], at: datetime) -> Evidence:
    """Adds a piece and returns it: a draft, or ready if nothing is missing. values: fields of Evidence; type_code and
    title suffice, the rest may come in later changes. Raises PortfolioSubmitted, PortfolioFull, Invalid by field,
    Eliminated.
    """
    require(by, Action.DEPOSIT, portfolio)
    open_portfolio_of(portfolio)
    _refuse_full(portfolio, Evidence)
    piece = Evidence(id=new_id(), created_at=at, **place_of(portfolio))
    _fill(piece, values)
    piece.state = PieceState.DRAFT if missing_of(piece, []) else PieceState.READY
    event = event_by(by, at, portfolio_chain(portfolio), EventName.EVIDENCE_ADDED, piece, {"type": piece.type_code})
    commit([touch(portfolio), Insert(piece)], event)
    return piece


@runs_again_if_stale(as_seen=True)
def amend_piece(by: Actor, piece: Evidence, values: dict[str, Any], at: datetime) -> Evidence:
    """Changes a piece and returns it, a draft or ready by what is missing; absent fields stay. An edit of a ready piece
    keeps the version before it. Raises EnteredByTeacher if a candidate changes more than MAPPING of a teacher's result,
    Withdrawn, PortfolioSubmitted, Stale, Invalid by field, Eliminated.
    """
    require(by, Action.AMEND_EVIDENCE, piece)
    portfolio = open_portfolio_of(piece)
    _present(piece)
    if piece.entered_by is not None and set(values) - MAPPING:
        raise EnteredByTeacher()
    files = files_of([piece])[piece.id]
    kept = earlier_version(piece, files)
    before = piece.placement
    changed = _fill(piece, values)
    missing = missing_of(piece, files)
    if piece.entered_by is not None and missing:
        raise Invalid({"competences": [f"Ce résultat reste au portfolio. Il manque : {', '.join(missing)}."]})
    changed["state"] = PieceState.DRAFT if missing else PieceState.READY
    changes: list[AnyChange] = [touch(portfolio), Change(piece, changed), *kept]
    if piece.placement != before:
        changes += _files_follow([piece], piece.placement)
    data = {"fields": sorted(values), "state": changed["state"]}
    commit(changes, event_by(by, at, portfolio_chain(piece), EventName.EVIDENCE_AMENDED, piece, data))
    return piece


def _files_follow(pieces: Iterable[Evidence], placement: ObjectId | None) -> list[Change]:
    """Returns the changes that copy a piece's placement to its files, so that the placement's tutor may open them."""
    files = EvidenceFile.objects(evidence__in=[piece.id for piece in pieces], removed_at=None)
    return [Change(file, {"placement": placement}) for file in files]


@runs_again_if_stale(as_seen=True)
def withdraw_piece(by: Actor, piece: Evidence, at: datetime) -> Evidence:
    """Withdraws a piece from the portfolio and returns it; its record stays, since earlier submissions name it and its
    files. Raises Withdrawn (already), EnteredByTeacher, PortfolioSubmitted, Stale, Eliminated.
    """
    require(by, Action.AMEND_EVIDENCE, piece)
    portfolio = open_portfolio_of(piece)
    _present(piece)
    if piece.entered_by is not None:
        raise EnteredByTeacher()
    kept = earlier_version(piece, files_of([piece])[piece.id])
    changes: list[AnyChange] = [
        touch(portfolio),
        Change(piece, {"state": PieceState.WITHDRAWN, "withdrawn_at": at}),
        *kept,
    ]
    commit(changes, event_by(by, at, portfolio_chain(piece), EventName.EVIDENCE_WITHDRAWN, piece))
    return piece


def earlier_version(piece: Evidence, files: list[EvidenceFile]) -> list[Insert]:
    """Returns the insertion, not yet written, that keeps a ready piece as it is before it changes; [] for a draft."""
    if piece.state != PieceState.READY:
        return []
    content = piece_content(piece, files)
    return [Insert(EvidenceVersion(id=new_id(), evidence=piece.id, revision=piece.revision, content=content))]


def _fill(piece: Evidence, values: dict[str, Any]) -> dict[str, Any]:
    """Checks the given fields and sets them on the piece, in memory; returns {field: value} of what was set. Raises
    Invalid by field.
    """
    changed: dict[str, Any] = {name: values[name] for name in PLAIN if name in values}
    if "type_code" in changed:
        catalogue.evidence_type(changed["type_code"])
    if values.get("produced_on") is not None:
        changed |= check_fields(values, {"produced_on": day})
    if "description" in values:
        changed["description"] = {
            part: values["description"][part] for part in DESCRIPTION_PARTS if values["description"].get(part)
        }
    if "competences" in values:
        changed["competences"] = [Proof(**claimed) for claimed in values["competences"]]
    if "links" in values:
        changed["links"] = _links(values["links"])
    if "activity" in values:
        changed |= _activity_of(piece, values["activity"])
    if "details" in values or "type_code" in values:
        changed["details"] = _details(changed.get("type_code", piece.type_code), values.get("details"), piece.details)
    for name, value in changed.items():
        setattr(piece, name, value)
    _check_codes(piece)
    return changed


def _links(links: list[dict[str, Any]]) -> list[WebLink]:
    given = {f"links.{index}.captured_on": link.get("captured_on") for index, link in enumerate(links)}
    days = check_fields(given, dict.fromkeys(given, day))
    return [WebLink(**link | {"captured_on": days.get(name)}) for link, name in zip(links, given, strict=True)]


def _details(type_code: str, given: dict[str, Any] | None, before: dict[str, Any]) -> dict[str, Any]:
    """Returns the details to store: those given, else the earlier ones that this type also asks. Raises Invalid with
    paths `details.<name>`, or on `type_code`.
    """
    if given is None:
        given = {name: before[name] for name in catalogue.evidence_type(type_code).details if name in before}
    return catalogue.check_details(type_code, given, draft=True)


def _activity_of(piece: Evidence, activity_id: ObjectId | None) -> dict[str, ObjectId | None]:
    if activity_id is None:
        return {"activity": None, "placement": None}
    activity = Activity.objects(pk=activity_id, candidacy=piece.candidacy, withdrawn_at=None).first()
    if activity is None:
        raise Invalid({"activity": ["Cette activité n'existe pas dans ce portfolio, ou elle a été retirée."]})
    return {"activity": activity.id, "placement": activity.placement}


def _check_codes(piece: Evidence) -> None:
    claimed = [proof.competence for proof in piece.competences]
    given = {"competences": claimed, "criteria": list(piece.criteria), "tool_families": list(piece.tool_families)}
    errors = wrong_codes(referential_of(Candidacy.objects.get(pk=piece.candidacy)), given)
    if errors:
        raise Invalid(errors)


def wrong_codes(rules: Referential, given: dict[str, list[str]]) -> dict[str, list[str]]:
    """Returns {axis: French sentences} for codes that the referential does not know or that are given twice.

    given: codes by axis.
    Competences that the exam does not evaluate (C3, C12) may be named as context.
    """
    known = {"competences": {*rules.competences, *rules.context_competences}, "criteria": {*rules.criteria}}
    known["tool_families"] = {*rules.tool_families}
    errors: dict[str, list[str]] = {}
    for axis, codes in given.items():
        unknown = [code for code in codes if code not in known[axis]]
        if unknown:
            errors[axis] = [f"Code inconnu du référentiel : {', '.join(unknown)}."]
        elif len(set(codes)) != len(codes):
            errors[axis] = ["Le même code est donné deux fois."]
    return errors


def missing_of(piece: Evidence, files: list[EvidenceFile]) -> list[str]:
    """Returns what a piece still lacks to be ready, in French; [] if nothing. Pure. files: those of the piece, without
    removed ones. Raises Invalid on `type_code` if its type does not exist.
    """
    states = {file.state for file in files}
    kind = catalogue.evidence_type(piece.type_code)
    has_body = bool(files or piece.links or piece.nature == Nature.CONTROLE or any(piece.description.values()))
    details = [detail.label for name, detail in kind.details.items() if detail.required and name not in piece.details]
    lacking = {
        "le type de preuve": piece.type_code == catalogue.UNSORTED,
        "la nature (production, contrôle, autre)": not piece.nature,
        "la situation (réelle ou simulée)": piece.nature == Nature.PRODUCTION and not piece.situation,
        "le contexte (classe, atelier, entreprise)": piece.nature == Nature.PRODUCTION and not piece.context,
        "l'activité à laquelle elle se rattache": piece.nature == Nature.PRODUCTION and not piece.activity,
        "la date": not piece.produced_on,
        "au moins une compétence": not piece.competences,
        "pour chaque compétence, pourquoi la pièce la prouve": any(
            not proof.justification for proof in piece.competences
        ),
        "un fichier, que ce type de preuve demande": kind.file_required and not files,
        "un fichier, un lien ou une description": not kind.file_required and not has_body,
        "si l'anonymisation est nécessaire et faite": piece.situation == Situation.REELLE and not piece.anonymisation,
        "la fin de l'envoi ou de la vérification des fichiers": FileState.PENDING in states,
        "le remplacement ou le retrait du fichier refusé": FileState.QUARANTINED in states,
        **dict.fromkeys(details, True),
    }
    return [words for words, lacks in lacking.items() if lacks]
