"""Puts the content of a sheet in French words, which the PDF, the XLSX and the page share."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from portfolio.counting import many
from portfolio.enrolment.lateness import late_in_words
from portfolio.identifiers import NUMBER_TO_COME
from portfolio.rules.marks import format_mark
from portfolio.rules.texts.exam import UnknownExam
from portfolio.rules.texts.referential import exam_of
from portfolio.sheet.content import (
    CandidateContent,
    CircularContent,
    CommissionContent,
    DegreeContent,
    PieceContent,
    PlacementContent,
    RowContent,
    SheetContent,
)
from portfolio.sheet.masking.sentences import HIDDEN
from portfolio.sheet.papers.words import (
    CommissionWords,
    Fact,
    GridWords,
    RowWords,
    SectionWords,
    SheetWords,
    SignatureWords,
)
from portfolio.sheet.printed_values import Communicated, SheetSignature
from portfolio.store.digests import digest

CHOSEN = "X"
SHORT = 16  # hexadecimal digits of a digest in a footer
LONG = 220  # characters of an observation beside its row; beyond, it goes below
PROVISIONAL = "Modèle provisoire – non conforme tant que non rapproché de l'annexe de la circulaire nationale."
REHEARSAL = "FICTIF – session de répétition : personnes et résultats fictifs, document sans valeur."
ANNEXED = (
    "Cette annexe porte la même empreinte que la fiche : elle dit sur quoi la commission s'est appuyée. "
    "Elle ne fait pas partie du modèle de la circulaire."
)
ANNEXED_MASKED = (
    "Cette annexe dit sur quoi la commission s'est appuyée. Elle ne fait pas partie du modèle de la circulaire."
)
ATTACHED = "Contenu signé de la fiche, octet pour octet"
ATTACHED_MASKED = "Copie du contenu de la fiche, où la note proposée est masquée"
DATA = "La feuille masquée « Données » porte chaque valeur signée, une par ligne."
DATA_MASKED = (
    "La feuille masquée « Données » porte chaque valeur de cette copie, une par ligne ; ce n'est pas ce qui est signé."
)
KINDS = {"competence": "Compétences", "criterion": "Critères d'évaluation"}
HEADINGS = {
    "candidate": "Candidat ou candidate",
    "school": "Établissement",
    "commission": "Commission d'évaluation",
    "placements": "Périodes en milieu professionnel",
    "reality": "Réalité des activités et missions",
    "grid": "Degré de maîtrise des compétences visées",
    "appreciation": "Appréciation de la commission",
    "signatures": "Signatures des membres de la commission",
    "pieces": "Éléments du portfolio retenus par la commission",
    "annex": "Annexe",
    "control": "Page de contrôle",
    "trace": "Traçabilité",
}
ABSENT = {
    "grid": "Aucun degré n'a été porté sur la grille.",
    "appreciation": "Aucune appréciation écrite.",
    "pieces": "Aucun élément retenu.",
}
BELOW = "Observation ci-dessous."
PASSAGES = (
    "Dans les textes libres (appréciation, observations, précisions…), chaque phrase où un nombre pourrait être une "
    f"note est masquée en entier, quel que soit ce nombre : on lit {HIDDEN} à sa place."
)
MASKED_DIGEST = "masquée : elle ferait retrouver la note proposée"


def put_in_words(
    content: SheetContent,
    signatures: Sequence[SheetSignature],
    banner: str | None,
    communicated: Communicated | None = None,
) -> SheetWords:
    """Returns the words of a sheet, ready to lay out; pure. `notices` are displayed first, repeated or boxed; facts are
    (label, value), without the empty ones; each row of the grid has one cell per column of `grid.columns`. banner,
    communicated: as for `render_pdf`.
    """
    masked = content.get("masked", False)
    return {
        "title": content["title"],
        "headings": HEADINGS,
        "absent": {**ABSENT, "annex": ANNEXED_MASKED if masked else ANNEXED},
        "attached": ATTACHED_MASKED if masked else ATTACHED,
        "data": DATA_MASKED if masked else DATA,
        "name": _name(content),
        "exam": _exam(content),
        "watermark": "FICTIF" if content["session"]["rehearsal"] else "",
        "notices": _notices(content, banner),
        "candidate": _candidate(content["candidate"]),
        "school": _school(content),
        "commission": _commission(content["commission"]),
        "placements": [_placement(placement) for placement in content["placements"]],
        "grid": _grid(content),
        "total": _total(content["placements"]),
        "reality": content["reality"],
        "evaluations": content.get("evaluations", []),
        "control": [(line["label"], line["value"]) for line in content.get("control", [])],
        "spaces": content.get("spaces", []),
        "appreciation": content["appreciation"],
        "result": _result(content),
        "signatures": _signatures(content, signatures),
        "pieces": [_piece(piece, content["academy"]["time_zone"]) for piece in content["portfolio"]["pieces"]],
        "trace": _trace(content),
        "running": _running(content),
        "marks": _marks(content, banner),
        "number": content["number"],
        "short_digest": "masquée" if masked else digest(content)[:SHORT],
        "short_head": content["chain_head"][:SHORT],
        "footer": _handed(content, communicated) if communicated else content["footer"],
    }


def _piece(piece: PieceContent, time_zone: str) -> list[str]:
    since = piece.get("late_since")
    late = f" ({late_in_words(datetime.fromisoformat(since), ZoneInfo(time_zone))})" if since else ""
    what = " – ".join(filter(None, [piece.get("nature", ""), piece.get("situation", "")]))
    return [piece["number"], piece["title"] + late, what, str(piece["revision"]), piece["digest"]]


def drawn_up(content: SheetContent) -> date:
    """Returns the date written inside the files: the day of the meeting, else 1 January of the session. From the
    content, not the clock, so that the same bytes result.
    """
    met_on = content["commission"]["met_on"]
    return date.fromisoformat(met_on) if met_on else date(int(content["session"]["code"][:4]), 1, 1)


def french_date(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"


def french_instant(iso: str, time_zone: str) -> str:
    """Returns « 03/03/2027 à 14:05:09 (fuseau Europe/Paris) ». iso: with its offset. Raises ValueError,
    ZoneInfoNotFoundError.
    """
    local = datetime.fromisoformat(iso).astimezone(ZoneInfo(time_zone))
    return f"{local:%d/%m/%Y à %H:%M:%S} (fuseau {time_zone})"


def _handed(content: SheetContent, communicated: Communicated) -> str:
    """Returns the footer of a communicated copy: the candidate then has a right to the sheet (CRPA, L. 311-6)."""
    on = datetime.fromisoformat(communicated.at).astimezone(ZoneInfo(content["academy"]["time_zone"]))
    given = f" Note proposée communiquée : {communicated.decision}." if communicated.decision else ""
    return (
        f"Document communiqué au candidat ou à la candidate, à sa demande, le {on:%d/%m/%Y} – demande : "
        f"{communicated.reference} – article L. 311-6 du CRPA.{given}"
    )


def _name(content: SheetContent) -> str:
    """Returns the title of the document, without any person's name: viewers display and index it."""
    exam, session = content["exam"], content["session"]
    words = (
        f"{content['title']} {exam['exam']} – {exam['diploma']} – session {session['code']} – n° {content['number']}"
    )
    return f"FICTIF – {words}" if session["rehearsal"] else words


def _running(content: SheetContent) -> str:
    exam = content["exam"]
    return f"{exam['diploma']} – {content['title']} {exam['exam']} – session {content['session']['code']}"


def _marks(content: SheetContent, banner: str | None) -> list[str]:
    """Returns the French notices, of 60 characters at most each, for the header of every page: rehearsal, `banner`
    (None if there is none), provisional circular.
    """
    marks = ["FICTIF"] if content["session"]["rehearsal"] else []
    if banner:
        marks.append(banner if len(banner) <= 60 else f"{banner[:59]}…")
    if content["circular"]["provisional"]:
        marks.append("MODÈLE PROVISOIRE")
    return marks


def _exam(content: SheetContent) -> dict[str, str]:
    exam = content["exam"]
    return {
        "diploma": exam["diploma"],
        "title": f"Épreuve {exam['exam']} – {exam['title']}",
        "terms": (
            f"Unité {exam['unit']} – coefficient {exam['coefficient']} – modalité : {exam['modality']}"
            f" – session {content['session']['code']}"
        ),
    }


def _notices(content: SheetContent, banner: str | None) -> list[str]:
    notices = [banner] if banner else []
    if content["session"]["rehearsal"]:
        notices.append(REHEARSAL)
    if content["circular"]["provisional"]:
        notices.append(PROVISIONAL)
    return notices


def _stated(*facts: Fact) -> list[Fact]:
    return [(label, value) for label, value in facts if value]


def _candidate(candidate: CandidateContent) -> list[Fact]:
    return _stated(
        ("N° de candidat", candidate["number"] or NUMBER_TO_COME),
        ("Nom de naissance", candidate["birth_name"]),
        ("Nom d'usage", candidate["usage_name"]),
        ("Prénoms", candidate["given_names"]),
        ("Date de naissance", french_date(candidate["birth_date"])),
        ("Statut", candidate["status"]),
    )


def _school(content: SheetContent) -> list[Fact]:
    school = content["school"]
    return _stated(
        ("Académie", content["academy"]["name"]),
        ("Établissement", school["name"]),
        ("Commune", school["city"]),
        ("UAI", school["uai"]),
        ("Session", content["session"]["code"]),
        ("Fiche n°", content["number"]),
    )


def _commission(commission: CommissionContent) -> CommissionWords:
    met_on = commission["met_on"]
    return {
        "members": [[member["name"], member["quality"]] for member in commission["members"]],
        "facts": _stated(
            ("Réunie le", french_date(met_on) if met_on else ""),
            ("Lieu", commission["place"]),
            ("Présents", ", ".join(commission.get("present", []))),
            ("Précisions", commission.get("note", "")),
            ("Saisie", commission.get("way", "")),
            ("Mode d'appréciation", commission["mode"]),
            ("Absence du tuteur", commission["tutor_absence"] or ""),
        ),
    }


def _placement(placement: PlacementContent) -> list[str]:
    period = f"du {french_date(placement['starts'])} au {french_date(placement['ends'])}"
    days = str(placement["days"])
    return [placement.get("kind", ""), placement["company"], placement["city"], period, days, placement["tutor"]]


def _total(placements: Sequence[PlacementContent]) -> str:
    """Returns the days of all placements in words; "" where one line says it already."""
    if len(placements) < 2:
        return ""
    return f"Total : {many(sum(placement['days'] for placement in placements), 'jour')}"


def _grid(content: SheetContent) -> GridWords:
    grid = content["grid"]
    columns = [*grid["scale"], grid["not_evaluated"]]
    sections: list[SectionWords] = []
    for kind, title in KINDS.items():
        rows = [_row(row, columns) for row in grid["rows"] if row["kind"] == kind]
        if rows:
            sections.append({"title": title, "rows": rows})
    appraised = content["outcome"] is None or any(row["degree"] for row in grid["rows"])
    return {"columns": columns, "sections": sections if appraised else []}


def _row(row: RowContent, columns: list[DegreeContent]) -> RowWords:
    chosen = columns.index(row["degree"]) if row["degree"] else None
    long = len(row["observation"]) > LONG or row["observation"].count("\n") > 5
    return {
        "code": row["code"],
        "wording": row["wording"],
        "chosen": chosen,
        "cells": [CHOSEN if column == chosen else "" for column in range(len(columns))],
        "beside": BELOW if long else row["observation"],
        "below": row["observation"] if long else "",
        "evidence": ", ".join(row["evidence"]),
    }


def _result(content: SheetContent) -> dict[str, str]:
    mark, outcome = content["mark"], content["outcome"]
    if content.get("masked"):
        if outcome is None:
            return _masked_result(content)
        value, detail = "", PASSAGES
    elif mark is None:
        value, detail = "", "Aucune note n'est proposée." if outcome else "Aucune note n'est encore proposée."
    else:
        step = format_mark(Decimal(mark["step"]))
        value = f"{format_mark(Decimal(mark['proposed']))} / {mark['out_of']}"
        detail = f"Notation par pas de {step} point."
    if outcome is None:
        return {"label": "Note proposée", "value": value, "detail": detail}
    reference = f"Référence : {outcome['reference']}." if outcome["reference"] else ""
    carried = f"Note portée : {value}." if mark else detail
    return {
        "label": "Situation",
        "value": outcome["label"],
        "detail": " ".join(filter(None, [reference, carried])),
    }


def _signatures(content: SheetContent, signatures: Sequence[SheetSignature]) -> list[SignatureWords]:
    """Returns one box per member, signed or not, then one for each signature of a person who is no member."""
    given = {(_nfc(signature.name), _nfc(signature.quality)): signature for signature in signatures}
    boxes: list[SignatureWords] = []
    for member in content["commission"]["members"]:
        signature = given.pop((member["name"], member["quality"]), None)
        boxes.append(_box(content, member["name"], member["quality"], signature))
    return boxes + [_box(content, left.name, left.quality, left) for left in given.values()]


def _box(content: SheetContent, name: str, quality: str, signature: SheetSignature | None) -> SignatureWords:
    if signature is None:
        return {"name": name, "quality": quality, "signed": "", "digest": "", "warning": ""}
    masked = content.get("masked", False)
    same = masked or signature.digest == digest(content)
    return {
        "name": name,
        "quality": quality,
        "signed": f"Signé le {french_instant(signature.at, content['academy']['time_zone'])}",
        "digest": MASKED_DIGEST if masked else signature.digest,
        "warning": "" if same else "Attention : cette signature porte sur un autre contenu que celui-ci.",
    }


def _trace(content: SheetContent) -> list[Fact]:
    circular, referential, portfolio = content["circular"], content["referential"], content["portfolio"]
    return _stated(
        ("Empreinte SHA-256 du contenu signé", MASKED_DIGEST if content.get("masked") else digest(content)),
        ("Tête de chaîne", content["chain_head"]),
        (f"Portfolio, remise n° {portfolio['revision']}", portfolio["manifest_sha256"]),
        (_rules_in_words(circular), circular["sha256"]),
        ("Annexe de la circulaire", circular["document_sha256"] or "non rapprochée"),
        (f"Référentiel {referential['id']}, version {referential['version']}", referential["sha256"]),
        ("Version du modèle", content["template_version"]),
    )


def _rules_in_words(circular: CircularContent) -> str:
    """Returns the French name of what the printed digest is the digest of: « Circulaire » or, for this service's own
    model of it, « Modèle provisoire de la circulaire », with id and version.
    """
    kind = "Modèle provisoire de la circulaire" if circular["provisional"] else "Circulaire"
    return f"{kind} {circular['id']}, version {circular['version']}"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _masked_result(content: SheetContent) -> dict[str, str]:
    """Returns the words of a mark that is masked; the text that wants it is named while its exam is installed."""
    try:
        text = f" ({exam_of(content['referential']['id']).citation})"
    except UnknownExam:
        text = ""
    detail = f"La proposition de note n'est pas communiquée aux candidats{text}. {PASSAGES}"
    return {"label": "Note proposée", "value": "Masquée", "detail": detail}
