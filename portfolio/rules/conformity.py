"""Checks a portfolio against the circular: what is missing, and who must provide it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from portfolio.counting import many
from portfolio.rules.coverage import Coverage, CoveragePiece, coverage
from portfolio.rules.signatories import signatories
from portfolio.rules.terms import Nature, Severity, SignOffSeat, Situation, Standing
from portfolio.rules.texts.circular_terms import Circular, PieceCount, Requirement, SignOff
from portfolio.rules.texts.referential import Referential

ANSWERED = frozenset({Standing.CONFIRMED, Standing.PARTLY, Standing.WAIVED, Standing.NOT_NEEDED})
CANDIDATE, OFFICE, TEACHER, TUTOR = "candidate", "office", "teacher", "tutor"  # who owes what is missing
# « en situation réelle ou simulée », « des résultats de contrôles » (arrêté, annexe II D, E5, B): both are admitted.
DENIED_BY_THE_ARRETE = frozenset({"real_activity", "not_quiz_alone"})
OF_A_CIRCULAR = frozenset({"min_pieces", "max_pieces", "real_pieces_anonymised"})  # no other text could ask for them
UNPLACED = "unplaced"  # an activity in a company, of a period that the school has not recorded
LOOSE = "loose"  # a piece of no activity, which no sign-off can reach


@dataclass(frozen=True, kw_only=True)
class DeclaredPiece(CoveragePiece):
    """A piece with what the checks need. activity: id or None. real_unanonymised: real, and still `a_faire`."""

    activity: str | None = None
    real_unanonymised: bool = False


@dataclass(frozen=True)
class DraftPiece:
    """A piece that lacks something. missing: what, in French. readable: it is handed in all the same."""

    id: str
    title: str
    missing: tuple[str, ...] = ()
    readable: bool = False


@dataclass(frozen=True)
class ActivityState:
    """An activity. tutor, teacher: a `Standing`. placed: it belongs to a period in a company."""

    id: str
    title: str
    context: str
    tutor: str
    teacher: str
    placed: bool = True


@dataclass(frozen=True)
class PlacementState:
    """A placement. reality: `joint`, `teacher_alone` (« chaque fois que la situation le justifie ») or `missing`."""

    id: str
    company: str
    reality: str


@dataclass(frozen=True)
class CheckedPortfolio:
    """What the checks read of a portfolio. pieces: those that can be read. class_reality: of what was done in class and
    in ateliers, as `PlacementState.reality`; None where nothing was.
    """

    pieces: tuple[DeclaredPiece, ...]
    drafts: tuple[DraftPiece, ...]
    activities: tuple[ActivityState, ...]
    placements: tuple[PlacementState, ...]
    class_reality: str | None = None


@dataclass(frozen=True)
class ConformityCheck:
    """The result of a check. text: the rule if it is met, else what is missing and what to do.

    missing: codes or ids. owed_by: who must provide what is missing.
    """

    code: str
    severity: str
    passed: bool
    text: str
    missing: tuple[str, ...]
    owed_by: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """Returns the six fields by name, JSON-ready: tuples become lists."""
        return {
            "code": self.code,
            "severity": self.severity,
            "passed": self.passed,
            "text": self.text,
            "missing": list(self.missing),
            "owed_by": list(self.owed_by),
        }


@dataclass(frozen=True)
class Report:
    checks: tuple[ConformityCheck, ...]

    @property
    def blocking(self) -> bool:
        """Returns True if a check of severity `block` failed."""
        return any(check.severity == Severity.BLOCK and not check.passed for check in self.checks)

    def as_dict(self) -> dict[str, object]:
        return {"blocking": self.blocking, "checks": [check.as_dict() for check in self.checks]}


class Lack(NamedTuple):
    text: str
    missing: tuple[str, ...]
    owed_by: tuple[str, ...]


class ConformityFacts(NamedTuple):
    state: CheckedPortfolio
    coverage: Coverage
    referential: Referential


def conformity(circular: Circular, referential: Referential, state: CheckedPortfolio) -> Report:
    """Returns the number of pieces, then the checks of the circular in its order, then the sign-offs.

    A provisional circular blocks nothing, and asks nothing that the arrêté denies.
    """
    facts = ConformityFacts(state, coverage(referential, state.pieces), referential)
    rules = circular.portfolio
    if circular.provisional:
        kept = tuple(
            replace(rule, severity=Severity.WARN) for rule in rules.checks if rule.code not in DENIED_BY_THE_ARRETE
        )
        fewest, most = (replace(count, severity=Severity.WARN) for count in (rules.min_pieces, rules.max_pieces))
        rules = replace(rules, checks=kept, min_pieces=fewest, max_pieces=most)
    return Report(
        (
            _fewest(rules.min_pieces, len(state.pieces)),
            _most(rules.max_pieces, len(state.pieces)),
            *(_judged(rule.code, rule.severity, rule.text, CHECKS[rule.code](rule, facts)) for rule in rules.checks),
            _signed_off("tutor_sign_off", circular, circular.attestations.tutor, _awaiting_tutor(state)),
            _signed_off("teacher_sign_off", circular, circular.attestations.teacher, _awaiting_teacher(state)),
        )
    )


def is_provisional(circular: Circular, check: ConformityCheck) -> bool:
    """Returns whether only a circular could ask for what was checked, and nobody read it in one. Pure."""
    return circular.provisional and check.code in OF_A_CIRCULAR


def _judged(code: str, severity: str, rule: str, lack: Lack | None) -> ConformityCheck:
    if lack is None:
        return ConformityCheck(code, severity, True, rule, (), ())
    return ConformityCheck(code, severity, False, lack.text, lack.missing, lack.owed_by)


def _fewest(rule: PieceCount, count: int) -> ConformityCheck:
    lack = None
    if count < rule.count:
        text = f"{many(count, 'preuve')} pour {rule.count} au moins : il faut en déposer."
        lack = Lack(text, (), (CANDIDATE,))
    return _judged("min_pieces", rule.severity, f"Le portfolio compte au moins {many(rule.count, 'preuve')}.", lack)


def _most(rule: PieceCount, count: int) -> ConformityCheck:
    lack = None
    if count > rule.count:
        text = f"{many(count, 'preuve')} pour {rule.count} au plus : il faut en retirer."
        lack = Lack(text, (), (CANDIDATE,))
    return _judged("max_pieces", rule.severity, f"Le portfolio compte au plus {many(rule.count, 'preuve')}.", lack)


def _quoted(titles: Iterable[str]) -> str:
    return ", ".join(f"« {title} »" for title in titles)


def _named(referential: Referential, codes: Iterable[str]) -> str:
    return ", ".join(f"{code} ({referential.short[code]})" for code in codes)


# --- the circular's checks: (requirement, facts) -> what is lacking, or None ------------------------


def _competences(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    short = [line.code for line in facts.coverage.competences if len(line.proofs.declared) < rule.at_least]
    return _too_few(rule, facts, short)


def _criteria(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    short = [line.code for line in facts.coverage.criteria if len(line.proofs.declared) < rule.at_least]
    return _too_few(rule, facts, short)


def _too_few(rule: Requirement, facts: ConformityFacts, codes: list[str]) -> Lack | None:
    if not codes:
        return None
    need = "Aucune preuve" if rule.at_least == 1 else f"Moins de {many(rule.at_least, 'preuve')}"
    text = f"{need} pour {_named(facts.referential, codes)} : à déposer."
    return Lack(text, tuple(codes), (CANDIDATE,))


def _tools(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    codes = facts.coverage.gaps["declared"]["tool_families"]
    if not codes:
        return None
    short = facts.referential.short
    unused = [group for group in facts.referential.tool_groups if group[0] in codes]
    names = ", ".join(" ou ".join(f"{code} ({short[code]})" for code in group) for group in unused)
    return Lack(f"Aucune preuve ne met en œuvre {names} : à déposer.", codes, (CANDIDATE,))


def _real_activity(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    real = [p for p in facts.state.pieces if p.nature == Nature.PRODUCTION and p.situation == Situation.REELLE]
    if len(real) >= rule.at_least:
        return None
    count = many(len(real), "production issue", "productions issues")
    text = f"{count} d'une situation réelle pour {rule.at_least} au moins : à déposer."
    return Lack(text, (), (CANDIDATE,))


def _reality(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    placements = facts.state.placements
    bare = [placement for placement in placements if placement.reality == Standing.MISSING]
    lacks: list[Lack] = []
    if not placements:
        text = "Aucune période en milieu professionnel n'est enregistrée : à saisir par l'établissement."
        lacks.append(Lack(text, (), (OFFICE,)))
    if bare:
        names = _quoted(placement.company for placement in bare)
        text = f"Évaluation de la réalité à établir par le professeur avec le tuteur : {names}."
        lacks.append(Lack(text, tuple(placement.id for placement in bare), (TEACHER, TUTOR)))
    if facts.state.class_reality == Standing.MISSING:
        text = "Évaluation de la réalité à établir par un professeur : classe et ateliers."
        lacks.append(Lack(text, (), (TEACHER,)))
    return _together(lacks)


def _together(lacks: list[Lack]) -> Lack | None:
    """Returns the lacks as one, each role once; None without any."""
    if not lacks:
        return None
    missing = tuple(code for lack in lacks for code in lack.missing)
    owed = dict.fromkeys(role for lack in lacks for role in lack.owed_by)
    return Lack(" ".join(lack.text for lack in lacks), missing, tuple(owed))


def _quiz_alone(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    codes = facts.coverage.supported_only
    if not codes:
        return None
    text = (
        f"{_named(facts.referential, codes)} : seulement un contrôle, une certification ou une note. "
        "Il faut y ajouter une production."
    )
    return Lack(text, codes, (CANDIDATE,))


def _anonymised(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    bare = [piece for piece in facts.state.pieces if piece.real_unanonymised]
    if not bare:
        return None
    text = f"Données d'autres personnes à masquer : {_quoted(piece.title for piece in bare)}."
    return Lack(text, tuple(piece.id for piece in bare), (CANDIDATE,))


def _drafts(rule: Requirement, facts: ConformityFacts) -> Lack | None:
    drafts = facts.state.drafts
    if not drafts:
        return None
    bare = [draft for draft in drafts if not draft.readable]
    incomplete = [f"« {draft.title} » ({', '.join(draft.missing)})" for draft in drafts if draft.readable]
    parts = [f"Rien à lire, ne sera pas remis : {_quoted(draft.title for draft in bare)}."] if bare else []
    parts += [f"Remis tel quel, à compléter si possible : {' ; '.join(incomplete)}."] if incomplete else []
    return Lack(" ".join(parts), tuple(draft.id for draft in drafts), (CANDIDATE,))


CHECKS: dict[str, Callable[[Requirement, ConformityFacts], Lack | None]] = {
    "competences_declared": _competences,
    "criteria_declared": _criteria,
    "tools_used": _tools,
    "real_activity": _real_activity,
    "reality_evaluated": _reality,
    "not_quiz_alone": _quiz_alone,
    "real_pieces_anonymised": _anonymised,
    "no_draft": _drafts,
}


# --- sign-offs -----------------------------------------------------------------------------------

# Standing of a sign-off → what to do about it, and who must do it.
_FROM_TUTOR: dict[str, tuple[str, str]] = {
    Standing.MISSING: ("À demander au tuteur", CANDIDATE),
    Standing.STALE: ("Modifiée depuis la confirmation, à redemander au tuteur", CANDIDATE),
    Standing.REQUESTED: ("Réponse attendue du tuteur", TUTOR),
    Standing.REFUSED: ("Non confirmée par le tuteur, à revoir avec le professeur", CANDIDATE),
    UNPLACED: ("Période en entreprise à enregistrer par l'établissement, puis à choisir dans l'activité", OFFICE),
    Standing.NOT_KNOWN: (
        "Le tuteur ne peut pas se prononcer, le professeur peut l'en dispenser avec un motif",
        TEACHER,
    ),
}
_FROM_TEACHER: dict[str, tuple[str, str]] = {
    Standing.MISSING: ("À demander au professeur", CANDIDATE),
    Standing.STALE: ("Modifiée depuis le visa, à redemander au professeur", CANDIDATE),
    Standing.REQUESTED: ("Visa attendu du professeur", TEACHER),
    Standing.REFUSED: ("Non visée par le professeur, à revoir avec lui", CANDIDATE),
    Standing.NOT_KNOWN: ("Le professeur ne peut pas se prononcer, un autre professeur doit viser", TEACHER),
}


def _awaiting_tutor(state: CheckedPortfolio) -> Lack | None:
    contexts = {activity.id: activity.context for activity in state.activities}
    owed = {
        piece.activity
        for piece in state.pieces
        if piece.activity in contexts and SignOffSeat.TUTOR in signatories(piece.nature, contexts[piece.activity])
    }
    awaited = [
        (activity.tutor if activity.placed else UNPLACED, activity.id, activity.title)
        for activity in state.activities
        if activity.id in owed
    ]
    return _lack_of(awaited, _FROM_TUTOR)


def _awaiting_teacher(state: CheckedPortfolio) -> Lack | None:
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
        f"{phrases[state][0]} : {_quoted(title for other, _, title in waiting if other == state)}" for state in states
    ]
    owed_by = tuple(dict.fromkeys(phrases[state][1] for state in states))
    return Lack(". ".join(parts) + ".", tuple(id for _, id, _ in waiting), owed_by)


def _signed_off(code: str, circular: Circular, rule: SignOff, lack: Lack | None) -> ConformityCheck:
    return _judged(code, Severity.WARN if circular.provisional else rule.missing, rule.text, lack)
