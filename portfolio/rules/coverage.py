"""Counts the pieces by competence, criterion and tool family, and advises what to capture next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from portfolio.rules.terms import Nature
from portfolio.rules.texts.catalogue import Catalogue, EvidenceType, catalogue
from portfolio.rules.texts.referential import Referential, exam_of


@dataclass(frozen=True, kw_only=True)
class CoveragePiece:
    """A ready piece, with what coverage needs of it.

    accepted: signed off and not stale, or a result of checks that a teacher entered. For the nature `autre` it must
    not depend on the commission's admission, which the candidate may not guess.
    retained: by the commission; None if the reader may not know.
    """

    id: str
    title: str
    type_code: str
    nature: str
    situation: str | None
    competences: tuple[str, ...]
    criteria: tuple[str, ...]
    tool_families: tuple[str, ...]
    accepted: bool
    retained: bool | None = None


@dataclass(frozen=True)
class Proofs:
    """Piece ids in three layers. retained None: the reader may not know, so the output leaves that layer out."""

    declared: tuple[str, ...]
    accepted: tuple[str, ...]
    retained: tuple[str, ...] | None

    def layers(self) -> dict[str, tuple[str, ...]]:
        """Returns {layer: piece ids} for the layers that the reader may know: `declared`, `accepted` and, where it is
        known, `retained`.
        """
        known = {"declared": self.declared, "accepted": self.accepted}
        return known if self.retained is None else {**known, "retained": self.retained}

    def as_dict(self) -> dict[str, object]:
        return {layer: {"count": len(ids), "pieces": list(ids)} for layer, ids in self.layers().items()}


@dataclass(frozen=True)
class CoverageLine:
    code: str
    wording: str
    short: str
    proofs: Proofs

    def as_dict(self) -> dict[str, object]:
        return {"code": self.code, "wording": self.wording, "short": self.short, **self.proofs.as_dict()}


@dataclass(frozen=True)
class Advice:
    """Advice on one gap. codes: the gap. types: evidence types that fill it, for a button beside the sentence."""

    codes: tuple[str, ...]
    text: str
    types: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        return {"codes": list(self.codes), "text": self.text, "types": list(self.types)}


@dataclass(frozen=True)
class Coverage:
    """The coverage of a portfolio by these pieces.

    gaps: layer → axis → codes without any piece. A tool family is a gap if its whole group is missing.
    supported_only: competences declared only by a certificate, an attestation or a note, which a production completes.
    """

    competences: tuple[CoverageLine, ...]
    criteria: tuple[CoverageLine, ...]
    tool_families: tuple[CoverageLine, ...]
    pieces: tuple[CoveragePiece, ...] = field(repr=False, compare=False)
    gaps: Mapping[str, Mapping[str, tuple[str, ...]]]
    supported_only: tuple[str, ...]
    advice: tuple[Advice, ...]

    @cached_property
    def cross(self) -> Mapping[tuple[str, str], Proofs]:
        """Returns (competence, criterion) → the pieces that declare both: nobody but the API asks for them."""
        known = _retention_is_known(self.pieces)
        both = product([line.code for line in self.competences], [line.code for line in self.criteria])
        return {
            (c, k): _proofs((p for p in self.pieces if c in p.competences and k in p.criteria), known) for c, k in both
        }

    def as_dict(self) -> dict[str, object]:
        """Returns {field: JSON-ready value}: lines, gaps ({layer: {axis: codes}}), supported_only, advice; `cross` is
        nested by competence, then criterion.
        """
        cross: dict[str, dict[str, object]] = {}
        for (competence, criterion), proofs in self.cross.items():
            cross.setdefault(competence, {})[criterion] = proofs.as_dict()
        return {
            "competences": [line.as_dict() for line in self.competences],
            "criteria": [line.as_dict() for line in self.criteria],
            "tool_families": [line.as_dict() for line in self.tool_families],
            "cross": cross,
            "gaps": {layer: {axis: list(codes) for axis, codes in axes.items()} for layer, axes in self.gaps.items()},
            "supported_only": list(self.supported_only),
            "advice": [advice.as_dict() for advice in self.advice],
        }


def coverage(referential: Referential, pieces: Iterable[CoveragePiece]) -> Coverage:
    """Returns the coverage of the pieces. Codes that the referential does not evaluate (C3, C12) count nowhere.

    One piece with an unknown `retained` removes that layer for all: a partial layer would reveal what it hides.
    """
    pieces = tuple(pieces)
    competences = _lines(referential, referential.competences, pieces, lambda piece: piece.competences)
    criteria = _lines(referential, referential.criteria, pieces, lambda piece: piece.criteria)
    families = _lines(referential, referential.tool_families, pieces, lambda piece: piece.tool_families)
    gaps = _gaps(referential, competences, criteria, families)
    supported_only = _supported_only(referential, pieces)
    return Coverage(
        competences=competences,
        criteria=criteria,
        tool_families=families,
        pieces=pieces,
        gaps=gaps,
        supported_only=supported_only,
        advice=(
            *_empty(referential, gaps["declared"]),
            *_supported(referential, supported_only),
            *_not_signed_off(referential, competences, pieces),
        ),
    )


def _retention_is_known(pieces: tuple[CoveragePiece, ...]) -> bool:
    return bool(pieces) and all(piece.retained is not None for piece in pieces)


def _proofs(pieces: Iterable[CoveragePiece], known: bool) -> Proofs:
    pieces = tuple(pieces)
    return Proofs(
        declared=tuple(piece.id for piece in pieces),
        accepted=tuple(piece.id for piece in pieces if piece.accepted),
        retained=tuple(piece.id for piece in pieces if piece.retained) if known else None,
    )


def _lines(
    referential: Referential,
    wordings: Mapping[str, str],
    pieces: tuple[CoveragePiece, ...],
    codes_of: Callable[[CoveragePiece], tuple[str, ...]],
) -> tuple[CoverageLine, ...]:
    known = _retention_is_known(pieces)
    declaring: dict[str, list[CoveragePiece]] = {code: [] for code in wordings}
    for piece in pieces:
        for code in wordings.keys() & set(codes_of(piece)):
            declaring[code].append(piece)
    return tuple(
        CoverageLine(code, wording, referential.short[code], _proofs(declaring[code], known))
        for code, wording in wordings.items()
    )


def _gaps(
    referential: Referential,
    competences: tuple[CoverageLine, ...],
    criteria: tuple[CoverageLine, ...],
    families: tuple[CoverageLine, ...],
) -> dict[str, dict[str, tuple[str, ...]]]:
    gaps = {}
    for layer in competences[0].proofs.layers():
        used = {line.code for line in families if line.proofs.layers()[layer]}
        gaps[layer] = {
            "competences": tuple(line.code for line in competences if not line.proofs.layers()[layer]),
            "criteria": tuple(line.code for line in criteria if not line.proofs.layers()[layer]),
            "tool_families": tuple(
                code for group in referential.tool_groups if not used & set(group) for code in group
            ),
        }
    return gaps


def _supported_only(referential: Referential, pieces: tuple[CoveragePiece, ...]) -> tuple[str, ...]:
    types = catalogue(exam_of(referential.id).code).types
    proved = {code for piece in pieces if _may_prove_alone(types.get(piece.type_code)) for code in piece.competences}
    declared = {code for piece in pieces for code in piece.competences}
    return tuple(code for code in referential.competences if code in declared - proved)


def _may_prove_alone(known: EvidenceType | None) -> bool:
    return known is None or known.sole_proof


def _named(referential: Referential, codes: Iterable[str]) -> str:
    return " ou ".join(f"{code} ({referential.short[code]})" for code in codes)


def _empty(referential: Referential, gaps: Mapping[str, tuple[str, ...]]) -> list[Advice]:
    listed = catalogue(exam_of(referential.id).code)
    groups = [group for group in referential.tool_groups if group[0] in gaps["tool_families"]]
    lonely = [(code,) for code in (*gaps["competences"], *gaps["criteria"])]
    return [_capture(referential, listed, codes) for codes in (*lonely, *groups)]


def _capture(referential: Referential, listed: Catalogue, codes: tuple[str, ...]) -> Advice:
    captures = " ; ou ".join(listed.advice[code] for code in codes)
    types = dict.fromkeys(type_code for code in codes for type_code in listed.types_for(code))
    return Advice(codes, f"Aucune preuve pour {_named(referential, codes)} : {captures}.", tuple(types))


def _supported(referential: Referential, codes: tuple[str, ...]) -> list[Advice]:
    """Advises a production for each code that only a certificate, an attestation or a note shows."""
    listed = catalogue(exam_of(referential.id).code)
    return [
        Advice(
            (code,),
            f"{_named(referential, [code])} n'est montrée que par une certification, une attestation ou une note. "
            f"Une production la compléterait : {listed.advice[code]}.",
            listed.types_for(code),
        )
        for code in codes
    ]


def _not_signed_off(
    referential: Referential, competences: tuple[CoverageLine, ...], pieces: tuple[CoveragePiece, ...]
) -> list[Advice]:
    """Returns one advice for each competence whose declared pieces await a sign-off, none being accepted; pieces of
    nature `autre`, which the commission admits, are left out.
    """
    waiting = {piece.id for piece in pieces if piece.nature != Nature.AUTRE and not piece.accepted}
    advice = []
    for line in competences:
        if waiting & set(line.proofs.declared) and not line.proofs.accepted:
            name = _named(referential, [line.code])
            text = f"{name} : aucune preuve n'est encore confirmée. Demandez la confirmation de l'activité."
            advice.append(Advice((line.code,), text, ()))
    return advice
