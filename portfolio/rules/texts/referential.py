"""Reads the referential of an exam: official competences, criteria and words of the arrêté, frozen in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from portfolio.errors import NotFound, RuleSource
from portfolio.rules.terms import Nature, Situation, WorkContext
from portfolio.rules.texts.data_files import Field, InvalidDataFile, name_and_version, read, read_each
from portfolio.rules.texts.exam import Exam, UnknownExam, exam, folders_of

NATURES = tuple(Nature)
SITUATIONS = tuple(Situation)
CONTEXTS = tuple(WorkContext)


class UnknownReferential(NotFound):
    code = "unknown_referential"
    source = RuleSource.INTEGRITY
    detail = (
        "Le référentiel {id} version {version} n'est pas installé, ou son fichier a été modifié. "
        "Prévenez l'administrateur du service."
    )


@dataclass(frozen=True)
class ContextCompetence:
    """A competence of the activity domain that another unit evaluates: may be tagged, never scored here."""

    wording: str
    evaluated_in: str


@dataclass(frozen=True)
class Knowledge:
    """Associated knowledge. level: taxonomic level in DA3, 1 to 4."""

    wording: str
    level: int


@dataclass(frozen=True)
class CommissionRule:
    size: int
    members: tuple[str, ...]
    task: str


@dataclass(frozen=True, eq=False)
class Referential:
    """A referential. Mappings are code → official wording, in the order of the arrêté.

    competences: those evaluated here (nine).

    tool_groups: the families an activity must use, one of each group (« messagerie électronique et/ou instantanée »).
    sha256: of the file's bytes; with id and version, it identifies what a candidacy is pinned to.
    """

    id: str
    version: str
    sha256: str
    source: str
    diploma: str
    unit: str
    exam: str
    title: str
    coefficient: int
    activity_domain: str
    competences: Mapping[str, str]
    context_competences: Mapping[str, ContextCompetence]
    criteria: Mapping[str, str]
    natures: Mapping[str, str]
    situations: Mapping[str, str]
    contexts: Mapping[str, str]
    tool_families: Mapping[str, str]
    tool_groups: tuple[tuple[str, ...], ...]
    reality_of_activities: tuple[str, ...]
    commission: CommissionRule
    knowledge: Mapping[str, Knowledge]
    short: Mapping[str, str]

    def wording(self, code: str) -> str:
        """Returns the official wording of a competence, a criterion or a tool family. Raises KeyError for any other
        code.
        """
        return {**self.competences, **self.criteria, **self.tool_families}[code]


def referential(id: str, version: str, sha256: str | None = None) -> Referential:
    """Returns the installed referential of this id and version (`1`). sha256: hex digest that a candidacy is pinned to;
    an edited file then counts as not installed. Raises UnknownReferential where none is.
    """
    installed = referentials().get((id, version))
    if installed is None or sha256 not in (None, installed.sha256):
        raise UnknownReferential(id=id, version=version)
    return installed


def referentials() -> Mapping[tuple[str, str], Referential]:
    """Returns every installed referential by (id, version), read and checked once; a file that is wrong is left out
    (`referential_faults`).
    """
    return _installed().known


def exam_of(referential_id: str) -> Exam:
    """Returns the exam that a referential is of, in any version. Raises UnknownExam where none has one of this id."""
    code = _installed().exams.get(referential_id)
    if code is None:
        raise UnknownExam(exam=referential_id)
    return exam(code)


def referential_faults() -> Sequence[InvalidDataFile]:
    """Returns what is wrong with each file that cannot be used, () if nothing is."""
    return _installed().faults


class _InstalledReferentials(NamedTuple):
    """known: referentials by (id, version). exams: code of the exam by id of a referential."""

    known: Mapping[tuple[str, str], Referential]
    exams: Mapping[str, str]
    faults: Sequence[InvalidDataFile]


def _installed() -> _InstalledReferentials:
    return _installed_in(*folders_of("referentials").items())


@cache
def _installed_in(*folders: tuple[str, Path]) -> _InstalledReferentials:
    known: dict[tuple[str, str], Referential] = {}
    exams: dict[str, str] = {}
    faults: list[InvalidDataFile] = []
    for code, folder in folders:
        of_exam, wrong = read_each(folder, partial(_of_exam, code))
        faults += wrong
        for made in of_exam:
            if exams.setdefault(made.id, code) != code:
                name = f"{made.id}.v{made.version}.yaml"
                faults.append(InvalidDataFile(name, "id", "une autre épreuve a déjà un référentiel de ce nom"))
            else:
                known[made.id, made.version] = made
    return _InstalledReferentials(MappingProxyType(known), MappingProxyType(exams), tuple(faults))


def _of_exam(code: str, path: Path) -> Referential:
    """Returns the referential of a file. Raises InvalidDataFile, also where it is of another exam than its folder."""
    made, words = read_referential(path), exam(code)
    for field, expected in (("diploma", words.diploma), ("exam", words.name)):
        if getattr(made, field) != expected:
            raise read(path)[0][field].wrong(f"l'épreuve de ce dossier a « {expected} »")
    return made


def read_referential(path: Path) -> Referential:
    """Returns the referential of a YAML file. Raises InvalidDataFile, which names the file and the field."""
    root, digest = read(path)
    root.only(*(name for name in Referential.__dataclass_fields__ if name != "sha256"))
    identifier, version = name_and_version(root)
    families = root["tool_families"].wordings()
    made = Referential(
        id=identifier,
        version=version,
        sha256=digest,
        source=root["source"].text(),
        diploma=root["diploma"].text(),
        unit=root["unit"].text(),
        exam=root["exam"].text(),
        title=root["title"].text(),
        coefficient=root["coefficient"].integer(minimum=1),
        activity_domain=root["activity_domain"].text(),
        competences=root["competences"].wordings(),
        context_competences=_context_competences(root["context_competences"]),
        criteria=root["criteria"].wordings(),
        natures=_worded(root["natures"], NATURES),
        situations=_worded(root["situations"], SITUATIONS),
        contexts=_worded(root["contexts"], CONTEXTS),
        tool_families=families,
        tool_groups=tuple(group.choices(*families) for group in root["tool_groups"].elements()),
        reality_of_activities=root["reality_of_activities"].texts(),
        commission=_commission(root["commission"]),
        knowledge=_knowledge(root["knowledge"]),
        short=root["short"].wordings(),
    )
    _check_codes(root, made)
    return made


def _worded(field: Field, codes: tuple[str, ...]) -> Mapping[str, str]:
    """Returns code → text. Raises InvalidDataFile unless the file words exactly these codes, which the program uses."""
    field.only(*codes)
    return MappingProxyType({code: field[code].text() for code in codes})


def _context_competences(field: Field) -> Mapping[str, ContextCompetence]:
    competences = {}
    for code, entry in field.items():
        entry.only("wording", "evaluated_in")
        competences[code] = ContextCompetence(entry["wording"].text(), entry["evaluated_in"].text())
    return MappingProxyType(competences)


def _knowledge(field: Field) -> Mapping[str, Knowledge]:
    knowledge = {}
    for code, entry in field.items():
        entry.only("wording", "level")
        knowledge[code] = Knowledge(entry["wording"].text(), entry["level"].integer(minimum=1))
    return MappingProxyType(knowledge)


def _commission(field: Field) -> CommissionRule:
    field.only("size", "members", "task")
    size, members = field["size"].integer(minimum=1), field["members"].texts()
    if len(members) != size:
        raise field["members"].wrong(f"une phrase pour chacun des {size} membres est attendue")
    return CommissionRule(size, members, field["task"].text())


def _check_codes(root: Field, made: Referential) -> None:
    """Raises InvalidDataFile if a code is used twice, or if a scored or counted code has no short name."""
    coded = [made.competences, made.context_competences, made.criteria, made.tool_families]
    codes = [code for mapping in coded for code in mapping]
    for code in codes:
        if codes.count(code) > 1:
            raise root["competences"].wrong(f"{code} désigne deux choses")
    named = {*made.competences, *made.criteria, *made.tool_families}
    if named != set(made.short):
        raise root["short"].wrong(f"codes absents ou inconnus : {', '.join(sorted(named ^ set(made.short)))}")
