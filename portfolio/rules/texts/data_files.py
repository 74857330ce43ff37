"""Reads the versioned data files of `config/` strictly: an error names the file and the field.

A referential or a circular decides an exam: a misspelt key or a key written twice must stop the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml

CONFIG = Path(__file__).resolve().parents[3] / "config"

ReadFile = TypeVar("ReadFile")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LAST_STEP = re.compile(r"(?:^|\.)[^.\[\]]*$|\[\d+\]$")
_VERSION = re.compile(r"[1-9]\d*", re.ASCII)


class InvalidDataFile(ValueError):
    """A data file is invalid. The message is in French, for the operator who installs it. line: from 1; None for the
    whole file.
    """

    def __init__(self, file: str, field: str, problem: str, line: int | None = None) -> None:
        where = f"{file}, ligne {line}" if line else file
        super().__init__(f"{where} : {field} : {problem}" if field else f"{where} : {problem}")
        self.file = file
        self.line = line
        self.field = field
        self.problem = problem


class _WrittenTwice(yaml.constructor.ConstructorError):
    pass


class _Loader(yaml.SafeLoader):
    """A SafeLoader that rejects a duplicate key instead of keeping the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        known = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in known:
                raise _WrittenTwice(None, None, f"« {key} » est écrit deux fois", key_node.start_mark)
            known.add(key)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class DataFile:
    """The name and the bytes of a data file."""

    name: str
    data: bytes

    def line_of(self, path: str) -> int | None:
        """Returns the line, from 1, where the field at this path begins; that of the nearest one around it where it is
        missing; None for the whole file.
        """
        lines = dict(_lines(yaml.compose(self.data, Loader=yaml.SafeLoader), ""))
        while path and path not in lines:
            path = _LAST_STEP.sub("", path)
        return lines.get(path)


def _lines(node: yaml.Node | None, path: str) -> Iterator[tuple[str, int]]:
    """Yields (path, line) of every field below a node. Paths are written as those of `Field`."""
    if isinstance(node, yaml.MappingNode):
        below = [(f"{path}.{key.value}" if path else str(key.value), key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        below = [(f"{path}[{rank}]", value, value) for rank, value in enumerate(node.value)]
    else:
        return
    for inner, begins, value in below:
        yield inner, begins.start_mark.line + 1
        yield from _lines(value, inner)


@dataclass(frozen=True)
class Field:
    """A value of a data file and its path. Each reading method raises InvalidDataFile for another type."""

    value: Any
    file: DataFile
    path: str = ""

    def wrong(self, problem: str) -> InvalidDataFile:
        """Returns the InvalidDataFile to raise about this field. problem: in French, for the operator who installs the
        file.
        """
        return InvalidDataFile(self.file.name, self.path, problem, self.file.line_of(self.path))

    def _below(self, key: str, value: object) -> Field:
        return Field(value, self.file, f"{self.path}.{key}" if self.path else key)

    def __getitem__(self, key: str) -> Field:
        if key not in self._entries():
            raise self._below(key, None).wrong("manque")
        return self._below(key, self.value[key])

    def only(self, *keys: str) -> None:
        """Raises InvalidDataFile if the mapping has any other key, or if this is not a mapping."""
        for key in self._entries():
            if key not in keys:
                raise self._below(str(key), None).wrong(f"inconnu ; sont attendus : {', '.join(keys)}")

    def get(self, key: str) -> Field | None:
        """Returns the field, or None if it is absent or null. Raises InvalidDataFile if this is not a mapping."""
        value = self._entries().get(key)
        return None if value is None else self._below(key, value)

    def _entries(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.wrong("une liste de champs « nom: valeur » est attendue")
        return self.value

    def items(self) -> Iterator[tuple[str, Field]]:
        """Yields (key, field) in the order of the file. Raises InvalidDataFile if this is not a mapping, or a key is no
        text.
        """
        for key, value in self._entries().items():
            if not isinstance(key, str):
                raise self._below(str(key), None).wrong("ce nom doit être écrit entre guillemets")
            yield key, self._below(key, value)

    def elements(self) -> list[Field]:
        if not isinstance(self.value, list):
            raise self.wrong("une liste est attendue")
        return [Field(value, self.file, f"{self.path}[{n}]") for n, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("un texte est attendu (un nombre ou une date s'écrit entre guillemets)")
        return self.value.strip()

    def integer(self, minimum: int = 0, maximum: int | None = None) -> int:
        known = isinstance(self.value, int) and not isinstance(self.value, bool)
        if not known or self.value < minimum or (maximum is not None and self.value > maximum):
            bounds = f"d'au moins {minimum}" if maximum is None else f"de {minimum} à {maximum}"
            raise self.wrong(f"un nombre entier {bounds} est attendu")
        return int(self.value)

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true ou false est attendu")
        return self.value

    def decimal(self) -> Decimal:
        """Returns the number, which is written between quotes: a YAML float would already have been rounded. Raises
        InvalidDataFile for anything else, infinity and NaN included.
        """
        try:
            number = Decimal(self.text())
        except InvalidOperation:
            raise self.wrong("un nombre décimal entre guillemets est attendu") from None
        if not number.is_finite():
            raise self.wrong("un nombre décimal entre guillemets est attendu")
        return number

    def day(self) -> date:
        if not isinstance(self.value, date) or isinstance(self.value, datetime):
            raise self.wrong("un jour comme 2027-05-07 est attendu")
        return self.value

    def wall_time(self) -> datetime:
        """Returns a naive local date and time: each academy reads it in its own zone. Raises InvalidDataFile where the
        text is none, or has an offset.
        """
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise self.wrong('une date et une heure comme "2027-05-07T18:00" sont attendues') from None
        if moment.tzinfo is not None:
            raise self.wrong("l'heure s'écrit sans décalage : chaque académie la lit dans son fuseau")
        return moment

    def digest(self) -> str:
        if not _SHA256.fullmatch(self.text()):
            raise self.wrong("une empreinte SHA-256, en hexadécimal minuscule, est attendue")
        return self.text()

    def choice(self, *values: str) -> str:
        if self.value not in values:
            raise self.wrong(f"« {self.value} » n'est pas attendu ; choisissez parmi : {', '.join(values)}")
        return str(self.value)

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.elements())

    def wordings(self) -> Mapping[str, str]:
        """Returns code → text, in the order of the file. Raises InvalidDataFile if this is not a mapping of texts."""
        return MappingProxyType({code: wording.text() for code, wording in self.items()})

    def choices(self, *values: str) -> tuple[str, ...]:
        """Returns the items of the list, in the order of the file. Raises InvalidDataFile if this is not a list, or an
        item is not one of `values` or stands twice.
        """
        chosen = tuple(item.choice(*values) for item in self.elements())
        if len(set(chosen)) < len(chosen):
            raise self.wrong("un élément est écrit deux fois")
        return chosen


def read(path: Path) -> tuple[Field, str]:
    """Returns what `parse` makes of a file. Raises InvalidDataFile, OSError where it cannot be read."""
    return parse(DataFile(path.name, path.read_bytes()))


def parse(file: DataFile) -> tuple[Field, str]:
    """Returns the root field of a YAML file and the SHA-256 of its bytes in hex. Raises InvalidDataFile where it is not
    YAML or writes a key twice.
    """
    try:
        root = yaml.load(file.data, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise InvalidDataFile(file.name, "", _syntax(problem), line) from problem
    except yaml.YAMLError as problem:
        raise InvalidDataFile(file.name, "", "le fichier n'est pas du texte en UTF-8") from problem
    return Field(root, file), sha256(file.data).hexdigest()


def read_each(folder: Path, reader: Callable[[Path], ReadFile]) -> tuple[list[ReadFile], list[InvalidDataFile]]:
    """Returns what the reader makes of each YAML file of a folder, in the order of their names, and the faults of those
    that it refuses.
    """
    known: list[ReadFile] = []
    faults: list[InvalidDataFile] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            known.append(reader(path))
        except InvalidDataFile as fault:
            faults.append(fault)
        except OSError as error:
            faults.append(InvalidDataFile(path.name, "", f"le fichier ne se lit pas ({error.strerror})"))
    return known, faults


def _syntax(problem: yaml.MarkedYAMLError) -> str:
    """Returns what is wrong with the writing of a file: our own sentence as it is, PyYAML's quoted."""
    if isinstance(problem, _WrittenTwice):
        return str(problem.problem)
    return f"cette ligne ne se lit pas en YAML ({problem.problem})"


def name_and_version(root: Field) -> tuple[str, str]:
    """Returns (`id`, `version`) of a data file. Raises InvalidDataFile where one is missing, the version is no whole
    number, or the file is not named <id>.v<version>.yaml: two files cannot share a version.
    """
    identifier, version = root["id"].text(), root["version"].text()
    if not _VERSION.fullmatch(version):
        raise root["version"].wrong('un nombre entier entre guillemets est attendu, comme "1"')
    if root.file.name != f"{identifier}.v{version}.yaml":
        raise root["version"].wrong(f"le fichier doit s'appeler {identifier}.v{version}.yaml")
    return identifier, version
