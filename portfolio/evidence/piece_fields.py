"""Checks what is written of a piece, and says what it still lacks, and whether anything of it can be read.

No text asks that a piece be complete: whatever can be read is handed in. What it lacks is said to the candidate before,
and to the commission after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId

from portfolio.documents import Activity, Candidacy, Evidence, EvidenceFile, Placement
from portfolio.documents.portfolios import (
    DESCRIPTION_PARTS,
    FileState,
    Proof,
    WebLink,
)
from portfolio.enrolment.institutions import today_in
from portfolio.enrolment.pinned import referential_of
from portfolio.errors import Invalid
from portfolio.rules.terms import Nature, Situation
from portfolio.rules.texts.catalogue import UNSORTED, catalogue
from portfolio.rules.texts.referential import Referential
from portfolio.rules.unlikely_dates import Doubt, far_from_session, outside, to_come
from portfolio.validation import check_fields, day

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


def fill(piece: Evidence, values: dict[str, Any]) -> dict[str, Any]:
    """Checks the given fields and sets them on the piece, in memory; returns {field: value} of what was set. values:
    any fields of a piece by name; absent ones stay. Raises Invalid by field.
    """
    changed: dict[str, Any] = {name: values[name] for name in PLAIN if name in values}
    if "type_code" in changed:
        catalogue(piece.exam).evidence_type(changed["type_code"])
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
        changed |= activity_held(piece, values["activity"])
    if "details" in values or "type_code" in values:
        changed["details"] = details_of(piece, changed.get("type_code", piece.type_code), values.get("details"))
    for name, value in changed.items():
        setattr(piece, name, value)
    _check_codes(piece)
    return changed


def _links(links: list[dict[str, Any]]) -> list[WebLink]:
    given = {f"links.{index}.captured_on": link.get("captured_on") for index, link in enumerate(links)}
    days = check_fields(given, dict.fromkeys(given, day))
    return [WebLink(**link | {"captured_on": days.get(name)}) for link, name in zip(links, given, strict=True)]


def details_of(piece: Evidence, type_code: str, given: dict[str, Any] | None) -> dict[str, Any]:
    """Returns the details to store: those given, else the earlier ones that this type also asks. Raises Invalid with
    paths `details.<name>`, or on `type_code`.
    """
    types, before = catalogue(piece.exam), piece.details
    if given is None:
        given = {name: before[name] for name in types.evidence_type(type_code).details if name in before}
    return types.check_details(type_code, given, draft=True)


def activity_held(piece: Evidence, activity_id: ObjectId | None) -> dict[str, ObjectId | None]:
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


def readable(piece: Evidence, files: list[EvidenceFile]) -> bool:
    """Returns whether a piece gives something to read: a verified file, a link, a text, or a teacher's result.

    files: its own, removed ones left out. A title alone gives nothing to read.
    """
    verified = any(file.state == FileState.VERIFIED for file in files)
    written = any(piece.description.values()) or bool(piece.details)
    return bool(verified or piece.links or written or piece.entered_by)


def missing_of(piece: Evidence, files: list[EvidenceFile]) -> list[str]:
    """Returns what a piece still lacks, in French; one that lacks nothing can be read.

    None of it keeps the piece out of a submission, see `readable`.

    files: its own, removed ones left out.
    """
    states = {file["state"] for file in files}
    kind = catalogue(piece.exam).evidence_type(piece.type_code)
    details = [detail.label for name, detail in kind.details.items() if detail.required and name not in piece.details]
    lacking = {
        "le type de preuve": piece.type_code == UNSORTED,
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
        "un fichier, un lien ou une description": not kind.file_required and not files and not readable(piece, files),
        "si l'anonymisation est nécessaire et faite": piece.situation == Situation.REELLE and not piece.anonymisation,
        "la fin de l'envoi ou de la vérification des fichiers": FileState.PENDING in states,
        "le remplacement ou le retrait du fichier refusé": FileState.QUARANTINED in states,
        **dict.fromkeys(details, True),
    }
    return [words for words, lacks in lacking.items() if lacks]


# --- days that are probably slips of the hand -----------------------------------------------------


def unlikely_activity(session: str, values: Mapping[str, object]) -> Iterator[Doubt]:
    """Yields what is to be confirmed of an activity: days far from the session, or outside its period in a company.
    values: starts_on, ends_on (ISO), placement (id), each None where it is not said. One query.
    """
    days = [str(values[name]) if values[name] else None for name in ("starts_on", "ends_on")]
    yield from far_from_session(days, session)
    if any(days) and values["placement"] is not None:
        placement = Placement.objects(pk=values["placement"]).only("starts_on", "ends_on").get()
        yield from outside(days, (placement.starts_on, placement.ends_on), "la période en entreprise")


def unlikely_piece(piece: Evidence, at: datetime) -> Iterator[Doubt]:
    """Yields what is to be confirmed of a piece, and of when its links were seen: days to come, far from the session,
    or outside the activity. Two queries.
    """
    made, _, seen_on = days_of(piece)
    days = [made, *seen_on]
    if not any(days):
        return
    yield from to_come(days, today_in(piece.academy, at))
    yield from far_from_session(days, piece.session)
    if piece.activity is not None:
        activity = Activity.objects(pk=piece.activity).only("starts_on", "ends_on").get()
        yield from outside([made], (activity.starts_on, activity.ends_on), "l'activité")


def days_of(piece: Evidence) -> tuple[str | None, object, list[str | None]]:
    """Returns what the doubts about a piece depend on: its day (ISO), the activity (id), the days of its links."""
    return piece.produced_on, piece.activity, [link.captured_on for link in piece.links]
