"""Reads the types of evidence: what each usually proves, what it needs besides, what a deposit asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from portfolio.errors import Invalid
from portfolio.rules.file_kinds import KINDS as FILE_KINDS
from portfolio.rules.texts.data_files import Field, InvalidDataFile, name_and_version, read
from portfolio.rules.texts.exam import Exam, UnknownExam, exam, exams, folders_of
from portfolio.rules.texts.referential import NATURES, Referential, UnknownReferential, exam_of, referential
from portfolio.rules.texts.type_question import KINDS, Detail

UNSORTED, CLASS_RESULT = "TRI1", "QZ1"
# Types of pieces that this service begins itself: every catalogue has them, with what it fills in of them.
NEEDED = {
    UNSORTED: ("le type de ce qui est déposé sans être encore trié", frozenset[str]()),
    CLASS_RESULT: (
        "le type du résultat qu'un professeur saisit pour une classe",
        frozenset({"taken_on", "author", "score", "maximum"}),
    ),
}


@dataclass(frozen=True)
class EvidenceType:
    """A type of evidence. strong, partial: codes of competences and criteria. files: codes of the kinds usual for it.

    tools, nature: offered first. sole_proof: no production is advised beside it.
    file_required: a file is asked for.
    """

    code: str
    label: str
    files: tuple[str, ...]
    file_required: bool
    nature: str
    strong: tuple[str, ...]
    partial: tuple[str, ...]
    tools: tuple[str, ...]
    sole_proof: bool
    hint: str
    details: Mapping[str, Detail]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """A catalogue. exam: its code. types: by code. advice: what to capture, by competence, criterion or tool family."""

    id: str
    version: str
    sha256: str
    exam: str
    types: Mapping[str, EvidenceType]
    advice: Mapping[str, str]

    def types_for(self, code: str) -> tuple[str, ...]:
        """Returns the codes of the types that strongly prove this competence or criterion, or use this tool family; ()
        if none does, or if the code is unknown.
        """
        return tuple(kind.code for kind in self.types.values() if code in kind.strong or code in kind.tools)

    def evidence_type(self, code: str) -> EvidenceType:
        """Returns the type with this code. Raises Invalid on `type_code` where there is none."""
        kind = self.types.get(code)
        if kind is None:
            raise Invalid({"type_code": ["Ce type de preuve n'existe pas. Choisissez-en un dans la liste."]})
        return kind

    def check_details(self, type_code: str, details: Mapping[str, object], *, draft: bool = False) -> dict[str, Any]:
        """Returns the answers that this type asks for, cleaned and JSON-ready: ISO days, numbers as decimal texts.

        Leaves out empty answers. draft: required answers may still be missing.
        Raises Invalid with paths `details.<name>`, or on `type_code`.
        """
        asked = self.evidence_type(type_code).details
        cleaned: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for name in details.keys() - asked.keys():
            errors[f"details.{name}"] = ["Cette information n'est pas demandée pour ce type de preuve."]
        for name, detail in asked.items():
            try:
                value = detail.clean(details.get(name))
            except ValueError as refusal:
                errors[f"details.{name}"] = [str(refusal)]
                continue
            if value is not None:
                cleaned[name] = value
            elif detail.required and not draft:
                errors[f"details.{name}"] = ["Cette information est nécessaire."]
        errors.update(_above_their_maximum(asked, cleaned))
        if errors:
            raise Invalid(errors)
        return cleaned

    def valid_until(self, type_code: str, details: Mapping[str, Any]) -> date | None:
        """Returns the last day of validity that follows from the cleaned details (Pix: three years), the earliest where
        there are several, or None without a known limit. Raises Invalid on `type_code` where the type is unknown.
        """
        ends = [detail.valid_until(details.get(name)) for name, detail in self.evidence_type(type_code).details.items()]
        return min((end for end in ends if end is not None), default=None)


def catalogue(exam_code: str) -> Catalogue:
    """Returns the catalogue of an exam, read and checked once. Raises UnknownExam; InvalidDataFile where its file is
    wrong.
    """
    return _read_once(file_of(exam(exam_code)), exam_code)


def file_of(of_exam: Exam) -> Path:
    """Returns the path of the catalogue that an exam names."""
    identifier, version = of_exam.catalogue
    return folders_of("catalogues")[of_exam.code] / f"{identifier}.v{version}.yaml"


@cache
def _read_once(path: Path, exam_code: str) -> Catalogue:
    if not path.exists():
        raise InvalidDataFile(path.name, "", f"ce catalogue, que nomme l'épreuve {exam_code}, manque")
    made = read_catalogue(path)
    if made.exam != exam_code:
        raise InvalidDataFile(path.name, "referential.id", f"c'est celui d'une autre épreuve que {exam_code}")
    return made


def catalogue_faults() -> list[InvalidDataFile]:
    """Returns what is wrong with the catalogue of each installed exam, [] if nothing is."""
    faults = []
    for code in exams():
        try:
            catalogue(code)
        except InvalidDataFile as fault:
            faults.append(fault)
    return faults


def _above_their_maximum(asked: Mapping[str, Detail], cleaned: Mapping[str, Any]) -> dict[str, list[str]]:
    """Returns the French errors by path `details.<name>` for numbers above the one that bounds them (14 out of 10),
    whichever of the two is wrong; {} if there are none.
    """
    return {
        f"details.{name}": [f"Ce nombre ne peut pas dépasser « {asked[detail.at_most].label} »."]
        for name, detail in asked.items()
        if {name, detail.at_most} <= cleaned.keys() and Decimal(cleaned[name]) > Decimal(cleaned[detail.at_most])
    }


def read_catalogue(path: Path) -> Catalogue:
    """Returns the catalogue of a YAML file. Raises InvalidDataFile, which names the file and the field."""
    root, digest = read(path)
    root.only("id", "version", "referential", "types", "advice")
    identifier, version = name_and_version(root)
    root["referential"].only("id", "version")
    try:
        rules = referential(root["referential"]["id"].text(), root["referential"]["version"].text())
        of_exam = exam_of(rules.id).code
    except (UnknownReferential, UnknownExam):
        raise root["referential"].wrong("ce référentiel n'est pas installé") from None
    made = Catalogue(
        id=identifier,
        version=version,
        sha256=digest,
        exam=of_exam,
        types=MappingProxyType({code: _type(code, entry, rules) for code, entry in root["types"].items()}),
        advice=root["advice"].wordings(),
    )
    _check_needed(root["types"], made)
    _check_advice(root["advice"], made, rules)
    return made


def _check_needed(field: Field, made: Catalogue) -> None:
    for code, (what, details) in NEEDED.items():
        if code not in made.types:
            raise field.wrong(f"{code} manque : {what}")
        if lacking := sorted(details - made.types[code].details.keys()):
            raise field[code].wrong(f"details : il manque {', '.join(lacking)}")


def _type(code: str, field: Field, rules: Referential) -> EvidenceType:
    field.only(*(name for name in EvidenceType.__dataclass_fields__ if name != "code"))
    provable = (*rules.competences, *rules.criteria)
    made = EvidenceType(
        code=code,
        label=field["label"].text(),
        files=field["files"].choices(*FILE_KINDS),
        file_required=field["file_required"].boolean(),
        nature=field["nature"].choice(*NATURES),
        strong=field["strong"].choices(*provable),
        partial=field["partial"].choices(*provable),
        tools=field["tools"].choices(*rules.tool_families),
        sole_proof=field["sole_proof"].boolean(),
        hint=field["hint"].text(),
        details=MappingProxyType({name: _detail(entry) for name, entry in field["details"].items()}),
    )
    if set(made.strong) & set(made.partial):
        raise field["partial"].wrong("un code est ou bien « strong », ou bien « partial »")
    for name, detail in made.details.items():
        if detail.at_most and made.details.get(detail.at_most, detail).kind != "number":
            raise field["details"][name]["at_most"].wrong("le nom d'un nombre est attendu")
    return made


def _detail(field: Field) -> Detail:
    field.only(*Detail.__dataclass_fields__)
    pattern, hint, limit = field.get("pattern"), field.get("pattern_hint"), field.get("max_length")
    choices, at_most, years = field.get("choices"), field.get("at_most"), field.get("valid_years")
    kind = field["kind"].choice(*KINDS)
    if (kind == "choice") != (choices is not None):
        raise field["kind"].wrong("« choices » va avec le genre « choice », et avec lui seul")
    if (pattern is None) != (hint is None):
        raise field.wrong("« pattern » et « pattern_hint » vont ensemble")
    return Detail(
        label=field["label"].text(),
        kind=kind,
        required=field["required"].boolean(),
        choices=choices.wordings() if choices else MappingProxyType({}),
        pattern=re.compile(pattern.text()) if pattern else None,
        pattern_hint=hint.text() if hint else "",
        max_length=limit.integer(minimum=1) if limit else 4000,
        at_most=at_most.text() if at_most else "",
        valid_years=years.integer(minimum=1) if years else 0,
    )


def _check_advice(field: Field, made: Catalogue, rules: Referential) -> None:
    """Raises InvalidDataFile if a code has no sentence, or no type that proves it strongly or uses it."""
    codes = {*rules.competences, *rules.criteria, *rules.tool_families}
    if codes != set(made.advice):
        raise field.wrong(f"codes absents ou inconnus : {', '.join(sorted(codes ^ set(made.advice)))}")
    for code in made.advice:
        if not made.types_for(code):
            raise field[code].wrong("aucun type de preuve ne le montre fortement ni ne l'utilise")
