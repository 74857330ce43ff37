"""Reads the exams: a folder for each, with its words and, beside them, its referentials, catalogues and circulars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from portfolio.errors import Invalid, NotFound, RuleSource
from portfolio.rules.texts.data_files import CONFIG, InvalidDataFile, read, read_each

FOLDER = CONFIG / "exams"
FILE = "exam.yaml"
BTS_ASSURANCE_E5 = "bts-assurance-e5"  # the exam that this service is shipped for


class UnknownExam(NotFound):
    code = "unknown_exam"
    source = RuleSource.INTEGRITY
    detail = "L'épreuve « {exam} » n'est pas installée, ou son fichier est à corriger. Prévenez l'administrateur."


@dataclass(frozen=True)
class Exam:
    """An exam, in the words that pages and papers have for it (`exam.yaml` says after which word each stands).

    code: the name of its folder, which candidacies keep. law, place: the text that governs it, and where in it.
    jury_note: what the jury is told of its mark. catalogue: (id, version) of its types of evidence.
    """

    code: str
    diploma: str
    preparing: str
    name: str
    in_full: str
    section: str
    law: str
    place: str
    jury_note: str
    catalogue: tuple[str, str]

    @property
    def with_diploma(self) -> str:
        """Returns what tells the exam from others in a list: « E5, BTS Assurance »."""
        return f"{self.name}, {self.diploma}"

    @property
    def citation(self) -> str:
        """Returns the text that governs the exam, with the place: « arrêté du 13 février 2017, annexe II D, E5 »."""
        return f"{self.law}, {self.place}"


def exam(code: str) -> Exam:
    """Returns the installed exam with this code. Raises UnknownExam where there is none."""
    known = exams().get(code)
    if known is None:
        raise UnknownExam(exam=code)
    return known


def named(code: str) -> str:
    """Returns what tells the exam of this code from others; the code itself where it is installed no more."""
    known = exams().get(code)
    return known.with_diploma if known else code


def installed_exam(code: str | None) -> Exam:
    """Returns the exam with this code or, where none is named, the only one that is installed. Raises Invalid on `exam`
    where it is not installed, or where none is named of several.
    """
    known = exams()
    if not code and len(known) == 1:
        return next(iter(known.values()))
    if code in known:
        return known[str(code)]
    asked = "Cette épreuve n'est pas installée ici : choisissez" if code else "Choisissez l'épreuve,"
    raise Invalid({"exam": [f"{asked} parmi {' ; '.join(exam.with_diploma for exam in known.values())}."]})


def exams() -> Mapping[str, Exam]:
    """Returns every installed exam by its code, read and checked once; one whose file is wrong is left out
    (`exam_faults`).
    """
    return _installed_in(*_folders).known


def exam_faults() -> Sequence[InvalidDataFile]:
    """Returns what is wrong with each exam that cannot be used, () if nothing is."""
    return _installed_in(*_folders).faults


def folders_of(kind: str) -> Mapping[str, Path]:
    """Returns {code of an installed exam: the folder of its files of this kind}. kind: `referentials`, `catalogues` or
    `circulars`.
    """
    return _folders_in(kind, *_folders)


_folders: tuple[Path, ...] = (FOLDER,)


def install_exams(folder: Path | None) -> None:
    """Adds a folder of exams to those that are shipped; None removes it."""
    global _folders
    _folders = (FOLDER, folder) if folder else (FOLDER,)


class _InstalledExams(NamedTuple):
    """known, folders: by code."""

    known: Mapping[str, Exam]
    folders: Mapping[str, Path]
    faults: Sequence[InvalidDataFile]


@cache
def _folders_in(kind: str, *around: Path) -> Mapping[str, Path]:
    return {code: folder / kind for code, folder in _installed_in(*around).folders.items()}


@cache
def _installed_in(*around: Path) -> _InstalledExams:
    known: dict[str, Exam] = {}
    folders: dict[str, Path] = {}
    faults: list[InvalidDataFile] = []
    for folder in (below for parent in around for below in sorted(parent.iterdir()) if below.is_dir()):
        good, wrong = read_each(folder, read_exam)
        faults += wrong
        if not good and not wrong:
            faults.append(InvalidDataFile(f"{folder.name}/{FILE}", "", "ce fichier manque"))
        for made in good:
            if made.code in known:
                faults.append(InvalidDataFile(f"{folder.name}/{FILE}", "code", "une autre épreuve a déjà ce code"))
            else:
                known[made.code], folders[made.code] = made, folder
    return _InstalledExams(MappingProxyType(known), MappingProxyType(folders), tuple(faults))


def read_exam(path: Path) -> Exam:
    """Returns the exam of a YAML file, which lies in the folder of its code. Raises InvalidDataFile, which names the
    file and the field; OSError where it cannot be read.
    """
    root, _ = read(path)
    root.only(*Exam.__dataclass_fields__)
    if path.name != FILE:
        raise root.wrong(f"le dossier d'une épreuve n'a qu'un fichier, {FILE} ; les autres sont rangés dessous")
    if root["code"].text() != path.parent.name:
        raise root["code"].wrong(f"le dossier s'appelle {path.parent.name} : les deux sont le code de l'épreuve")
    root["catalogue"].only("id", "version")
    words = {name: root[name].text() for name in Exam.__dataclass_fields__ if name != "catalogue"}
    return Exam(**words, catalogue=(root["catalogue"]["id"].text(), root["catalogue"]["version"].text()))
