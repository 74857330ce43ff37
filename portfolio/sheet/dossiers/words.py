"""Words a dossier: its cover, its activities with what was signed, its pieces. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from portfolio.counting import many
from portfolio.identifiers import TO_BE_NAMED
from portfolio.papers.channels import channel_words
from portfolio.papers.labels import DESCRIPTION, SEATS
from portfolio.rules.terms import SignOffSeat
from portfolio.rules.texts.referential import Referential
from portfolio.sheet.annex_input import NATURES, FrozenManifest
from portfolio.sheet.dossiers.pictures import FilePrinted
from portfolio.sheet.shown_submission import AppraisedPiece, ShownActivity
from portfolio.sign_offs.answering.standing import ActivitySeat, SeatStatus

STATUSES: dict[str, str] = {
    SeatStatus.CONFIRMED: "confirmée",
    SeatStatus.PARTLY: "confirmée en partie",
    SeatStatus.REFUSED: "non confirmée",
    SeatStatus.NOT_KNOWN: "sans avis",
    SeatStatus.WAIVED: "tuteur dispensé",
    SeatStatus.REQUESTED: "demandée, sans réponse",
    SeatStatus.LAPSED: "sans réponse",
    SeatStatus.MISSING: "sans réponse",
    SeatStatus.STALE: "modifiée depuis sa confirmation",
}
WITHOUT_ACTIVITY = "Sans activité"
CONFIRMED = {True: "confirmée par ses signataires", False: "pas confirmée par tous ses signataires"}


class PieceWords(TypedDict):
    """One piece. about: label, nature, réel or simulé, date. claims, description: (name, words). files: as printed."""

    number: str
    title: str
    about: str
    states: list[str]
    claims: list[tuple[str, str]]
    description: list[tuple[str, str]]
    links: list[str]
    files: list[FilePrinted]


class ActivityWords(TypedDict):
    """One activity. signed: one sentence for each seat that signs."""

    title: str
    about: str
    mission: str
    signed: list[str]
    pieces: list[PieceWords]


def activity_words(
    activity: ShownActivity, official: Referential, zone: ZoneInfo, printed: dict[str, list[FilePrinted]]
) -> ActivityWords:
    """Returns the words of one activity and of its pieces. printed: {piece id: its files}."""
    pieces = [piece_words(piece, official, zone, printed.get(piece.id, [])) for piece in activity.pieces]
    content, signed_off = activity.content, activity.signed_off
    if content is None or signed_off is None:
        return {"title": WITHOUT_ACTIVITY, "about": "", "mission": "", "signed": [], "pieces": pieces}
    seats = {SignOffSeat.TUTOR: signed_off.tutor, SignOffSeat.TEACHER: signed_off.teacher}
    return {
        "title": content["title"],
        "about": " · ".join([official.contexts[content["context"]], *_days(content)]),
        "mission": content["mission"] or "",
        "signed": [
            f"{SEATS[name]} : {signed(seat, zone)}"
            for name, seat in seats.items()
            if seat.status != SeatStatus.NOT_NEEDED
        ],
        "pieces": pieces,
    }


def signed(seat: ActivitySeat, zone: ZoneInfo) -> str:
    """Returns where a seat stands, by whom, when and how: « confirmée, Mme Roy, le 04/05/2027 (compte) »."""
    words, answer = STATUSES[seat.status], seat.attestation
    if answer is not None and answer.answered_at is not None:
        elsewhere = answer.given_in if answer.seat == SignOffSeat.TEACHER else None
        taken = f"reprise de la session {answer.reused.session}" if answer.reused else None
        who = ", ".join(filter(None, (answer.signer_name, answer.signer_function, elsewhere, taken)))
        how = "" if seat.status == SeatStatus.WAIVED else f" ({channel_words(answer.channel)})"
        words += f", {who}, le {answer.answered_at.astimezone(zone):%d/%m/%Y}{how}"
        words += f". « {answer.comment} »" if answer.comment else ""
    return " ".join((words, *seat.changes))


def piece_words(piece: AppraisedPiece, official: Referential, zone: ZoneInfo, files: list[FilePrinted]) -> PieceWords:
    """Returns the words of one piece, with its files as they are printed. What the commission decides is not there."""
    content = piece.content
    return {
        "number": piece.number,
        "title": content["title"],
        "about": " · ".join(_about(piece, official)),
        "states": list(_states(piece, zone)),
        "claims": list(_claims(content, official)),
        "description": list(_described(content)),
        "links": [_link(link) for link in content["links"]],
        "files": files,
    }


def _about(piece: AppraisedPiece, official: Referential) -> Iterator[str]:
    content = piece.content
    yield piece.label
    yield NATURES[content["nature"]]
    if content["situation"]:
        yield official.situations[content["situation"]]
    if content["produced_on"]:
        yield f"{date.fromisoformat(content['produced_on']):%d/%m/%Y}"
    if content["collective"]:
        yield "travail à plusieurs"


def _states(piece: AppraisedPiece, zone: ZoneInfo) -> Iterator[str]:
    if piece.accepted or piece.admitted is None:
        yield CONFIRMED[piece.accepted]
    if piece.reused_from is not None:
        yield f"reprise de la session {piece.reused_from}"
    if piece.late_since is not None:
        yield f"déposée après la date limite, le {piece.late_since.astimezone(zone):%d/%m/%Y à %H h %M}"
    if piece.missing:
        yield f"le candidat n'a pas dit : {' ; '.join(piece.missing)}"


def _claims(content: FrozenManifest, official: Referential) -> Iterator[tuple[str, str]]:
    for claim in content["competences"]:
        yield claim["competence"], claim["justification"] or ""
    for code in content["criteria"]:
        yield code, official.wording(code)
    if content["tool_families"]:
        yield "Outils", ", ".join(official.wording(code) for code in content["tool_families"])


def _described(content: FrozenManifest) -> Iterator[tuple[str, str]]:
    described = content["description"] or {}
    for part, label in DESCRIPTION.items():
        if described.get(part):
            yield label, described[part]
    if content["assistance_used"]:
        yield "Assistance utilisée", content["assistance_how"] or "oui"


def _link(link: FrozenManifest) -> str:
    captured = link.get("captured_on")
    when = f" (vu le {date.fromisoformat(captured):%d/%m/%Y})" if captured else ""
    return f"{link.get('label') or 'Lien'} : {link['url']}{when}"


def _days(content: FrozenManifest) -> Iterator[str]:
    if content["starts_on"]:
        until = f" au {date.fromisoformat(content['ends_on']):%d/%m/%Y}" if content["ends_on"] else ""
        yield f"du {date.fromisoformat(content['starts_on']):%d/%m/%Y}{until}"


def placement_words(placement: FrozenManifest) -> str:
    """Returns a placement on one line, from the manifest: « Cabinet Roy, Lyon, du … au … (35 jours), tuteur … »."""
    starts, ends = (f"{date.fromisoformat(placement[day]):%d/%m/%Y}" for day in ("starts_on", "ends_on"))
    where = f"{placement['company_name']}, {placement['company_city']}"
    tutor = placement["tutor_name"] or TO_BE_NAMED
    return f"{where}, du {starts} au {ends} ({many(placement['days'], 'jour')}), tuteur : {tutor}"


def submission_words(manifest: FrozenManifest, zone: ZoneInfo) -> str:
    """Returns which submission is printed: « n° 2, le 15/05/2027 à 18 h 00, 12 pièces »."""
    at = datetime.fromisoformat(manifest["at"]).astimezone(zone)
    return f"n° {manifest['number']}, le {at:%d/%m/%Y à %H h %M}, {many(len(manifest['pieces']), 'pièce')}"
