"""The candidate's deposit: activities, pieces of evidence. Files are in `uploads.py`, checks in `checks.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio import catalogue
from portfolio.checking import check_fields, day, period
from portfolio.content import files_of, piece_content
from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile, EvidenceVersion, Placement, Portfolio
from portfolio.documents.fields import place_of
from portfolio.documents.portfolios import DESCRIPTION_PARTS, Link, Proof
from portfolio.entropy import new_id
from portfolio.errors import Invalid, NotNow
from portfolio.journal import Change, Event, Insert, commit, portfolio_chain
from portfolio.permissions import Action, require
from portfolio.referential import Referential, referential
from portfolio.relations import Actor

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


def open_portfolio_of(thing: Any) -> Portfolio:
    """The portfolio a thing belongs to. Raises PortfolioSubmitted where it is frozen."""
    portfolio = Portfolio.objects.get(pk=thing.candidacy)
    if portfolio.state != "open":
        raise PortfolioSubmitted()
    return portfolio


def touch(portfolio: Portfolio) -> Change:
    """Counts a change of content and refuses it, inside the transaction, when the portfolio was submitted meanwhile."""
    return Change(portfolio, expected={"state": "open"}, any_revision=True)


def rules_of(candidacy: Candidacy) -> Referential:
    pin = candidacy.referential
    return referential(pin.id, pin.version, pin.sha256)


# --- activities -----------------------------------------------------------------------------------


def add_activity(by: Actor, portfolio: Portfolio, values: dict[str, Any], at: datetime) -> Activity:
    """values: title, mission, context, placement, starts_on, ends_on."""
    require(by, Action.DEPOSIT, portfolio)
    open_portfolio_of(portfolio)
    activity = Activity(id=new_id(), created_at=at, **place_of(portfolio), **_activity_values(portfolio, values))
    event = Event(portfolio_chain(portfolio), "activity_added", by.journal_name, at, activity)
    commit([touch(portfolio), Insert(activity)], event)
    return activity


def _activity_values(thing: Any, values: dict[str, Any]) -> dict[str, Any]:
    checked: dict[str, Any] = check_fields(values, {"starts_on": day, "ends_on": day})
    period(checked.get("starts_on"), checked.get("ends_on"))
    checked |= {name: values.get(name) for name in ("title", "mission", "context", "placement")}
    if (checked["context"] == "pfmp") != (checked["placement"] is not None):
        raise Invalid(
            {"placement": ["Indiquez la période en entreprise, et seulement pour une activité en entreprise."]}
        )
    if checked["placement"] is not None:
        query = {"pk": checked["placement"], "candidacy": thing.candidacy, "cancelled_at": None}
        if Placement.objects(**query).first() is None:
            raise Invalid(
                {"placement": ["Cette période en entreprise n'est pas une des vôtres, ou elle a été annulée."]}
            )
    return checked


def amend_activity(by: Actor, activity: Activity, values: dict[str, Any], at: datetime) -> Activity:
    """values: as for add_activity; what is absent stays. Sign-offs become stale by computation."""
    require(by, Action.AMEND_ACTIVITY, activity)
    portfolio = open_portfolio_of(activity)
    _present(activity)
    fields = ("title", "mission", "context", "placement", "starts_on", "ends_on")
    changed = _activity_values(activity, {name: values.get(name, getattr(activity, name)) for name in fields})
    changes: list[Any] = [touch(portfolio), Change(activity, changed)]
    if "placement" in values:
        changes += [
            Change(piece, {"placement": activity.placement}) for piece in Evidence.objects(activity=activity.id)
        ]
        changes += _files_follow(Evidence.objects(activity=activity.id), activity.placement)
    event = Event(portfolio_chain(activity), "activity_amended", by.journal_name, at, activity)
    commit(changes, event)
    return activity


def withdraw_activity(by: Actor, activity: Activity, at: datetime) -> Activity:
    require(by, Action.AMEND_ACTIVITY, activity)
    portfolio = open_portfolio_of(activity)
    _present(activity)
    if Evidence.objects(activity=activity.id, state__ne="withdrawn").first():
        raise ActivityInUse()
    event = Event(portfolio_chain(activity), "activity_withdrawn", by.journal_name, at, activity)
    commit([touch(portfolio), Change(activity, {"withdrawn_at": at})], event)
    return activity


def _present(thing: Any) -> None:
    if thing.withdrawn_at is not None:
        raise Withdrawn()


# --- pieces ---------------------------------------------------------------------------------------


def add_piece(by: Actor, portfolio: Portfolio, values: dict[str, Any], at: datetime) -> Evidence:
    """A piece starts with a type and a title; the rest may come later, in as many changes as it takes."""
    require(by, Action.DEPOSIT, portfolio)
    open_portfolio_of(portfolio)
    piece = Evidence(id=new_id(), created_at=at, **place_of(portfolio))
    _fill(piece, values)
    piece.state = "draft" if missing_of(piece, []) else "ready"
    event = Event(portfolio_chain(portfolio), "evidence_added", by.journal_name, at, piece, {"type": piece.type_code})
    commit([touch(portfolio), Insert(piece)], event)
    return piece


def amend_piece(by: Actor, piece: Evidence, values: dict[str, Any], at: datetime) -> Evidence:
    """What is absent stays. An edit of a ready piece keeps the version before it."""
    require(by, Action.AMEND_EVIDENCE, piece)
    portfolio = open_portfolio_of(piece)
    _present(piece)
    if piece.entered_by is not None and set(values) - {"activity", "competences", "criteria", "tool_families"}:
        raise EnteredByTeacher()
    files = files_of([piece])[piece.id]
    kept = earlier_version(piece, files)
    before = piece.placement
    changed = _fill(piece, values)
    changed["state"] = "draft" if missing_of(piece, files) else "ready"
    changes = [touch(portfolio), Change(piece, changed), *kept]
    if piece.placement != before:
        changes += _files_follow([piece], piece.placement)
    data = {"fields": sorted(values), "state": changed["state"]}
    commit(changes, Event(portfolio_chain(piece), "evidence_amended", by.journal_name, at, piece, data))
    return piece


def _files_follow(pieces: Any, placement: Any) -> list[Change]:
    """A file repeats its piece's placement, so that the tutor of that placement may open it."""
    files = EvidenceFile.objects(evidence__in=[piece.id for piece in pieces], removed_at=None)
    return [Change(file, {"placement": placement}) for file in files]


def withdraw_piece(by: Actor, piece: Evidence, at: datetime) -> Evidence:
    """Out of the portfolio, never out of the record: earlier submissions keep naming it and its files."""
    require(by, Action.AMEND_EVIDENCE, piece)
    portfolio = open_portfolio_of(piece)
    _present(piece)
    if piece.entered_by is not None:
        raise EnteredByTeacher()
    kept = earlier_version(piece, files_of([piece])[piece.id])
    changes = [touch(portfolio), Change(piece, {"state": "withdrawn", "withdrawn_at": at}), *kept]
    commit(changes, Event(portfolio_chain(piece), "evidence_withdrawn", by.journal_name, at, piece))
    return piece


def earlier_version(piece: Evidence, files: list[EvidenceFile]) -> list[Insert]:
    """What must be kept of a ready piece before it changes."""
    if piece.state != "ready":
        return []
    content = piece_content(piece, files)
    return [Insert(EvidenceVersion(id=new_id(), evidence=piece.id, revision=piece.revision, content=content))]


def _fill(piece: Evidence, values: dict[str, Any]) -> dict[str, Any]:
    """Checks and sets the given fields; returns what was set."""
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
        changed["links"] = [Link(**link) for link in values["links"]]
    if "activity" in values:
        changed |= _activity_of(piece, values["activity"])
    if "details" in values or "type_code" in values:
        details = values.get("details", piece.details)
        changed["details"] = catalogue.check_details(changed.get("type_code", piece.type_code), details, draft=True)
    for name, value in changed.items():
        setattr(piece, name, value)
    _check_codes(piece)
    return changed


def _activity_of(piece: Evidence, activity_id: Any) -> dict[str, Any]:
    if activity_id is None:
        return {"activity": None, "placement": None}
    activity = Activity.objects(pk=activity_id, candidacy=piece.candidacy, withdrawn_at=None).first()
    if activity is None:
        raise Invalid({"activity": ["Cette activité n'existe pas dans ce portfolio, ou elle a été retirée."]})
    return {"activity": activity.id, "placement": activity.placement}


def _check_codes(piece: Evidence) -> None:
    """Only codes of the referential the candidacy is pinned to; each competence once."""
    rules = rules_of(Candidacy.objects.get(pk=piece.candidacy))
    claimed = [proof.competence for proof in piece.competences]
    known = {"competences": {*rules.competences, *rules.context_competences}, "criteria": set(rules.criteria)}
    known["tool_families"] = set(rules.tool_families)
    given = {"competences": claimed, "criteria": list(piece.criteria), "tool_families": list(piece.tool_families)}
    errors: dict[str, list[str]] = {}
    for field, codes in given.items():
        unknown = [code for code in codes if code not in known[field]]
        if unknown:
            errors[field] = [f"Code inconnu du référentiel : {', '.join(unknown)}."]
        elif len(set(codes)) != len(codes):
            errors[field] = ["Le même code est donné deux fois."]
    if errors:
        raise Invalid(errors)


def missing_of(piece: Evidence, files: list[EvidenceFile]) -> list[str]:
    """What a piece still lacks to be ready, in words: pure."""
    live = [file for file in files if file.removed_at is None]
    verified = [file for file in live if file.state == "verified"]
    awaited = len(live) - len(verified)
    quarantined = any(file.state == "quarantined" for file in live)
    has_body = bool(verified or piece.links or piece.nature == "controle" or any(piece.description.values()))
    asked = catalogue.evidence_type(piece.type_code).details
    details = [detail.label for name, detail in asked.items() if detail.required and name not in piece.details]
    lacking = {
        "la nature (production, contrôle, autre)": not piece.nature,
        "la situation (réelle ou simulée)": piece.nature == "production" and not piece.situation,
        "le contexte (classe, atelier, entreprise)": piece.nature == "production" and not piece.context,
        "l'activité à laquelle elle se rattache": piece.nature == "production" and not piece.activity,
        "la date": not piece.produced_on,
        "au moins une compétence": not piece.competences,
        "pour chaque compétence, pourquoi la pièce la prouve": any(not p.justification for p in piece.competences),
        "un fichier, un lien ou une description": not has_body,
        "si l'anonymisation est nécessaire et faite": piece.situation == "reelle" and not piece.anonymisation,
        "la fin de l'envoi ou de la vérification des fichiers": awaited > 0 and not quarantined,
        "le remplacement ou le retrait du fichier refusé": quarantined,
        **dict.fromkeys(details, True),
    }
    return [words for words, lacks in lacking.items() if lacks]
