"""Which sign-offs a portfolio still awaits, of whom, and what to do about each. Pure."""

from __future__ import annotations

from portfolio.rules.checked_portfolio import ActivityState, CheckedPortfolio
from portfolio.rules.conformity_report import CANDIDATE, OFFICE, TEACHER, TUTOR, Lack, quoted
from portfolio.rules.signatories import signatories
from portfolio.rules.terms import Nature, SignOffSeat, Standing

ANSWERED = frozenset({Standing.CONFIRMED, Standing.PARTLY, Standing.WAIVED, Standing.NOT_NEEDED})
UNPLACED = "unplaced"  # an activity in a company, of a period that the school has not recorded
NAMELESS = "nameless"  # asked of a tutor whom the school has not named yet
LOOSE = "loose"  # a piece of no activity, which no sign-off can reach

# Standing of a sign-off → what to do about it, and who must do it.
_FROM_TUTOR: dict[str, tuple[str, str]] = {
    Standing.MISSING: ("À demander au tuteur", CANDIDATE),
    Standing.LAPSED: ("À redemander au tuteur, la personne sollicitée n'y répond plus", CANDIDATE),
    Standing.STALE: ("Modifiée depuis la confirmation, à redemander au tuteur", CANDIDATE),
    Standing.REQUESTED: ("Réponse attendue du tuteur", TUTOR),
    Standing.REFUSED: ("Non confirmée par le tuteur, à revoir avec le professeur", CANDIDATE),
    UNPLACED: ("Période en entreprise à enregistrer par l'établissement, puis à choisir dans l'activité", OFFICE),
    NAMELESS: ("Tuteur à désigner par l'établissement, la demande lui parviendra dès qu'il le sera", OFFICE),
    Standing.NOT_KNOWN: (
        "Le tuteur ne peut pas se prononcer, le professeur peut l'en dispenser avec un motif",
        TEACHER,
    ),
}
_FROM_TEACHER: dict[str, tuple[str, str]] = {
    Standing.MISSING: ("À demander au professeur", CANDIDATE),
    Standing.LAPSED: ("À redemander au professeur, la personne sollicitée n'y répond plus", CANDIDATE),
    Standing.STALE: ("Modifiée depuis le visa, à redemander au professeur", CANDIDATE),
    Standing.REQUESTED: ("Visa attendu du professeur", TEACHER),
    Standing.REFUSED: ("Non visée par le professeur, à revoir avec lui", CANDIDATE),
    Standing.NOT_KNOWN: ("Le professeur ne peut pas se prononcer, un autre professeur doit viser", TEACHER),
}


def awaiting_tutor(state: CheckedPortfolio) -> Lack | None:
    """Returns what tutors must still sign off, or None: productions of activities in a company."""
    contexts = {activity.id: activity.context for activity in state.activities}
    owed = {
        piece.activity
        for piece in state.pieces
        if piece.activity in contexts and SignOffSeat.TUTOR in signatories(piece.nature, contexts[piece.activity])
    }
    awaited = [
        (_of_tutor(activity), activity.id, activity.title) for activity in state.activities if activity.id in owed
    ]
    return _lack_of(awaited, _FROM_TUTOR)


def _of_tutor(activity: ActivityState) -> str:
    if not activity.placed:
        return UNPLACED
    return NAMELESS if activity.tutor == Standing.REQUESTED and not activity.tutor_named else activity.tutor


def awaiting_teacher(state: CheckedPortfolio) -> Lack | None:
    """Returns what teachers must still sign off, or None: productions, and results of checks that no teacher
    entered.
    """
    activities = {activity.id for activity in state.activities}
    pieces = [
        p for p in state.pieces if p.nature == Nature.PRODUCTION or (p.nature == Nature.CONTROLE and not p.accepted)
    ]
    owed = {piece.activity for piece in pieces}
    awaited = [(activity.teacher, activity.id, activity.title) for activity in state.activities if activity.id in owed]
    loose = [(LOOSE, p.id, p.title) for p in pieces if p.activity not in activities and not p.accepted]
    phrases = {**_FROM_TEACHER, LOOSE: ("À rattacher à une activité", CANDIDATE)}
    return _lack_of([*awaited, *loose], phrases)


def _lack_of(awaited: list[tuple[str, str, str]], phrases: dict[str, tuple[str, str]]) -> Lack | None:
    """Returns what is still awaited, or None. awaited: (standing, id, title). phrases: standing to (what to do in
    French, who owes it). Raises KeyError for a standing that is neither an answer nor in `phrases`: a programming
    error.
    """
    waiting = [sign_off for sign_off in awaited if sign_off[0] not in ANSWERED]
    if not waiting:
        return None
    states = dict.fromkeys(state for state, _, _ in waiting)
    parts = [
        f"{phrases[state][0]} : {quoted(title for other, _, title in waiting if other == state)}" for state in states
    ]
    owed_by = tuple(dict.fromkeys(phrases[state][1] for state in states))
    return Lack(". ".join(parts) + ".", tuple(id for _, id, _ in waiting), owed_by)
