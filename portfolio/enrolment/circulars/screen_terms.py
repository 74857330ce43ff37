"""Turns the terms of a circular into what a form shows, and what was typed there into the file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from portfolio.errors import Invalid
from portfolio.rules.texts.circular_terms import Circular, SignOff
from portfolio.rules.texts.data_files import InvalidDataFile

Content = dict[str, Any]
# Where each value of the form stands in the file.
PATHS: Mapping[str, tuple[str, ...]] = {
    "effective_from": ("effective_from",),
    "source_title": ("source", "title"),
    "pilot_academy": ("source", "pilot_academy"),
    "reference": ("source", "reference"),
    "deadline": ("portfolio", "deadline"),
    "form": ("portfolio", "form"),
    "min_pieces": ("portfolio", "min_pieces", "count"),
    "max_pieces": ("portfolio", "max_pieces", "count"),
    "opens_on": ("commission", "calendar", "from"),
    "closes_on": ("commission", "calendar", "to"),
    "rows": ("grid", "rows"),
    "scale": ("grid", "scale"),
    "observation_below": ("grid", "observation_required_below"),
    "step": ("mark", "step"),
    "comment_below": ("mark", "comment_required_below"),
    "sheet_title": ("sheet", "title"),
    "footer": ("sheet", "footer"),
    "template_version": ("sheet", "template_version"),
    "tutor_statement": ("attestations", "tutor", "statement", "text"),
    "teacher_statement": ("attestations", "teacher", "statement", "text"),
}
OUTCOMES = "confirmed_outcomes"
SEPARATOR = ":"


def content_of(text: str) -> Content:
    """Returns the content of the file of a circular that was read once."""
    content: Content = yaml.safe_load(text)
    return content


def text_of(content: Content) -> str:
    """Returns the file that holds this content."""
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def values_of(text: str) -> Content:
    """Returns {field of the form: its value} of a file. scale: texts « code : label », from the lowest degree up."""
    content = content_of(text)
    values = {name: _around(content, path)[path[-1]] for name, path in PATHS.items()}
    values["scale"] = [f"{degree['code']} {SEPARATOR} {degree['label']}" for degree in values["scale"]]
    values[OUTCOMES] = [outcome["code"] for outcome in content["outcomes"] if not outcome["to_confirm"]]
    return values


def written(text: str, values: Mapping[str, object], before: Circular) -> str:
    """Returns the file with these values of the form; those that are absent stay. before: the version that it is made
    from: a statement that is no longer its own is another version. Raises Invalid on `scale`.
    """
    content = content_of(text)
    for name, path in PATHS.items():
        if name in values:
            value = _scale(values[name]) if name == "scale" else values[name]
            _around(content, path)[path[-1]] = value
    confirmed = values.get(OUTCOMES)
    if isinstance(confirmed, list):
        for outcome in content["outcomes"]:
            outcome["to_confirm"] = outcome["code"] not in confirmed
    for seat, sign_off in (("tutor", before.attestations.tutor), ("teacher", before.attestations.teacher)):
        content["attestations"][seat]["statement"] |= {"version": _statement_version(content, seat, sign_off)}
    return text_of(content)


def named(fault: InvalidDataFile) -> Invalid:
    """Returns what a form says of a fault of the file: under the field of the form where there is one."""
    for name, path in PATHS.items():
        where = ".".join(path[:-1] if path[-1] == "count" else path)
        if f"{fault.field}.".startswith(f"{where}.") or fault.field.startswith(f"{where}["):
            return Invalid({name: [f"{fault.problem[:1].upper()}{fault.problem[1:]}."]})
    return Invalid(
        {"scale" if fault.field.startswith("grid") else "source_title": [f"{fault.field} : {fault.problem}."]}
    )


def _statement_version(content: Content, seat: str, before: SignOff) -> str:
    same = content["attestations"][seat]["statement"]["text"].strip() == before.statement.text
    return before.statement.version if same else str(int(before.statement.version) + 1)


def _scale(lines: object) -> list[Content]:
    assert isinstance(lines, list)
    degrees = []
    for rank, line in enumerate(lines, 1):
        code, separator, label = (part.strip() for part in line.partition(SEPARATOR))
        if not (code and separator and label):
            raise Invalid(
                {"scale": [f"Écrivez chaque degré sous la forme « TI : Très insuffisant », et non « {line} »."]}
            )
        degrees.append({"code": code, "label": label, "key": str(rank)})
    return degrees


def _around(content: Content, path: tuple[str, ...]) -> Content:
    """Returns the mapping that holds the value at this path."""
    for step in path[:-1]:
        content = content[step]
    return content
