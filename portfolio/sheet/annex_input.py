"""Composes the annex of a sheet, from what was frozen: how real the activities were, and the control page. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portfolio.counting import many
from portfolio.documents.attestations import RealityState, SignOffChannel, SignOffState
from portfolio.papers.channels import BRIEFLY
from portfolio.rules.terms import Nature, SignOffSeat, Situation
from portfolio.sheet.printed_values import SheetEvaluation
from portfolio.sign_offs.answering.standing import ActivitySignOffs

REALITY: dict[str, str] = {
    RealityState.JOINT: "réalité des activités évaluée conjointement par les enseignants et le tuteur.",
    RealityState.TEACHER_ALONE: "réalité des activités évaluée par les enseignants.",
}
NOT_EVALUATED = "réalité des activités non évaluée conjointement."
IN_CLASS = "Classe et ateliers"
SEATS = {SignOffSeat.TUTOR: "le tuteur", SignOffSeat.TEACHER: "un professeur"}
STATUSES: dict[str, str] = {
    SignOffState.CONFIRMED: "confirmées",
    SignOffState.PARTLY: "confirmées en partie",
    SignOffState.REFUSED: "non confirmées",
    SignOffState.NOT_KNOWN: "sans avis",
    SignOffState.WAIVED: "confirmation levée avec un motif",
    SignOffState.REQUESTED: "sans réponse",
    SignOffState.LAPSED: "sans réponse",
    "missing": "sans réponse",
    "stale": "modifiées depuis leur confirmation",
}
ON_PAPER = "Aucune remise sur ce service : le portfolio a été présenté autrement à la commission."
NATURES: dict[str, str] = {
    Nature.PRODUCTION: "Production",
    Nature.CONTROLE: "Résultat de contrôle",
    Nature.AUTRE: "Autre élément, admis par la commission",
}
SITUATIONS: dict[str, str] = {Situation.REELLE: "Réel", Situation.SIMULEE: "Simulé"}

Control = tuple[str, str]
FrozenManifest = dict[str, Any]


def evaluations(manifest: FrozenManifest) -> Iterator[SheetEvaluation]:
    """Yields « une évaluation de la réalité des activités et missions » (arrêté) of each placement, as frozen, then of
    class and ateliers where there is one.
    """
    written = {evaluation["placement"]: evaluation for evaluation in manifest.get("reality", [])}
    for placement in manifest.get("placements", []):
        evaluation = written.get(placement["id"], {})
        evaluated = REALITY.get(evaluation.get("state", ""), NOT_EVALUATED)
        yield SheetEvaluation(placement["company_name"], _sentence(evaluated), evaluation.get("text") or "")
    if None in written:
        of_class = written[None]
        evaluated = REALITY.get(of_class["state"], NOT_EVALUATED)
        yield SheetEvaluation(IN_CLASS, _sentence(evaluated), of_class["text"])


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def sign_off_lines(activities: Iterable[ActivitySignOffs]) -> Iterator[str]:
    """Yields a French line for each seat: the number of activities by status, and how their answers came where not all
    came from an account. Answers given after the submission on the same content count.
    """
    activities = list(activities)
    for seat, words in SEATS.items():
        statuses = [getattr(activity, seat).status for activity in activities]
        counts = Counter(STATUSES[status] for status in statuses if status != "not_needed")
        if not counts:
            continue
        totals = ", ".join(f"{label} : {count}" for label, count in counts.items())
        ways = Counter(_ways(activities, seat))
        other = ways.keys() - {SignOffChannel.SIGNED_IN}
        came = ", ".join(f"{BRIEFLY[way]} ({count})" for way, count in sorted(ways.items())) if other else ""
        yield f"Activités à confirmer par {words} – {totals}." + (f" Réponses : {came}." if came else "")


def _ways(activities: Iterable[ActivitySignOffs], seat: SignOffSeat) -> Iterator[str]:
    """Yields the channel of each answer that counts; it is recorded and printed, never judged."""
    for activity in activities:
        answer, stale = getattr(activity, seat).attestation, getattr(activity, seat).stale
        if answer is not None and not stale and answer.state != SignOffState.WAIVED:
            yield answer.channel or SignOffChannel.SIGNED_IN


def control(manifest: FrozenManifest, placed: list[FrozenManifest], retained: int, zone: str) -> Iterator[Control]:
    """Yields the lines of the control page: when the portfolio came, what it held, what is missing. Nothing of it
    decides anything. placed: the placements printed. retained: the number of pieces. zone: the academy's (IANA).
    """
    if manifest:
        at = datetime.fromisoformat(manifest["at"]).astimezone(ZoneInfo(zone))
        yield "Portfolio remis", f"remise n° {manifest['number']}, le {at:%d/%m/%Y à %H h %M}"
        incomplete = len(manifest.get("missing", {}))
        held = f"{len(manifest['pieces'])} remis, {retained} retenus par la commission"
        yield "Éléments", held + (f" ; {incomplete} où une indication manque" if incomplete else "")
        late = len(manifest.get("late", {}))
        if late:
            yield "Déposés après la date limite", str(late)
        sessions = Counter(manifest.get("reused", {}).values())
        if sessions:
            taken = (f"{count} de la session {session}" for session, count in sorted(sessions.items()))
            yield "Repris d'une session antérieure", ", ".join(taken)
        left_out = len(manifest.get("left_out", []))
        if left_out:
            yield "Brouillons non remis", str(left_out)
    else:
        yield "Portfolio remis", "rien sur ce service"
    days = sum(placement["days"] for placement in placed)
    yield "Périodes en milieu professionnel", f"{len(placed)}, soit {many(days, 'jour')}" if placed else "aucune"
    if manifest and placed:
        evaluated = {row["placement"] for row in manifest.get("reality", []) if row["state"] in REALITY}
        count = sum(placement["id"] in evaluated for placement in placed)
        yield "Réalité évaluée", f"{count} sur {many(len(placed), 'période')}"
