"""Reads what a circular says of judging: the grid and its scale, the mark, the outcomes without a mark."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from portfolio.identifiers import Malformed
from portfolio.rules.marks import BY_LAW, HIGHEST, STEPS_BY_LAW
from portfolio.rules.texts.circular_terms import (
    Degree,
    GridTerms,
    MarkRule,
    Outcome,
)
from portfolio.rules.texts.data_files import Field
from portfolio.rules.texts.referential import Referential


def read_grid(field: Field, rules: Referential, binds: bool) -> GridTerms:
    """Returns the grid that `field` holds, its rows among those of `rules`. Raises InvalidDataFile."""
    field.only("rows", "scale", "not_evaluated", "observation_required_below")
    rows = field["rows"].choices(*rules.competences, *rules.criteria)
    scale = tuple(_degree(degree) for degree in field["scale"].elements())
    not_evaluated = _degree(field["not_evaluated"])
    if not rows or len(scale) < 2:
        raise field.wrong("une ligne et deux degrés au moins sont attendus")
    distinct(field["scale"], [degree.code for degree in (*scale, not_evaluated)])
    distinct(field["scale"], [degree.key for degree in (*scale, not_evaluated)])
    below = field.get("observation_required_below")
    asked = below.choice(*(degree.code for degree in scale)) if below else None
    return GridTerms(rows, scale, not_evaluated, asked, binds)


def _degree(field: Field) -> Degree:
    field.only("code", "label", "key")
    return Degree(field["code"].text(), field["label"].text(), field["key"].choice(*"0123456789"))


def read_mark(field: Field, binds: bool) -> MarkRule:
    """Returns how a mark is given, within the law. Raises InvalidDataFile."""
    field.only("minimum", "maximum", "step", "comment_required_below")
    lowest, highest, step = (field[name].decimal() for name in ("minimum", "maximum", "step"))
    if lowest != 0:
        raise field["minimum"].wrong(f'une note se compte à partir de "0" ({BY_LAW})')
    if highest != HIGHEST:
        raise field["maximum"].wrong(f'une note va jusqu\'à "{HIGHEST}" ({BY_LAW})')
    if step not in STEPS_BY_LAW:
        raise field["step"].wrong(f'une note se donne par points ("1") ou demi-points ("0.5") ({BY_LAW})')
    comment = field.get("comment_required_below")
    asked_below = comment.decimal() if comment else None
    if comment and asked_below is not None and not lowest <= asked_below <= highest:
        raise comment.wrong("ce n'est pas une note de l'échelle")
    return MarkRule(lowest, highest, step, asked_below, binds)


def read_outcomes(field: Field, rule: MarkRule) -> Mapping[str, Outcome]:
    """Returns the outcomes by code, their marks read by `rule`. Raises InvalidDataFile."""
    outcomes = []
    for element in field.elements():
        element.only(*Outcome.__dataclass_fields__)
        outcomes.append(
            Outcome(
                code=element["code"].text(),
                label=element["label"].text(),
                mark=_outcome_mark(element.get("mark"), rule),
                explanation=element["explanation"].text(),
                needs_reference=element["needs_reference"].boolean(),
                to_confirm=element["to_confirm"].boolean(),
            )
        )
    distinct(field, [outcome.code for outcome in outcomes])
    return MappingProxyType({outcome.code: outcome for outcome in outcomes})


def _outcome_mark(field: Field | None, rule: MarkRule) -> Decimal | None:
    if field is None:
        return None
    try:
        return rule.read(field.text())
    except Malformed:
        raise field.wrong("ce n'est pas une note de l'échelle") from None


def distinct(field: Field, codes: list[str]) -> None:
    """Raises InvalidDataFile where a code is written twice."""
    for code in codes:
        if codes.count(code) > 1:
            raise field.wrong(f"{code} est écrit deux fois")
