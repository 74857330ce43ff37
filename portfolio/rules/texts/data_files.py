"""Reads the versioned data files of `config/` strictly: an error names the file and the field.

A referential or a circular decides an exam: a misspelt key or a key written twice must stop the start.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

CONFIG = Path(__file__).resolve().parents[3] / "config"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[1-9]\d*", re.ASCII)


class InvalidDataFile(ValueError):
    """A data file is invalid. The message is for the person who installs it, never for a reader of the portfolio."""

    def __init__(self, file: str, field: str, problem: str) -> None:
        super().__init__(f"{file}: {field or 'the file'}: {problem}")
        self.file = file
        self.field = field
        self.problem = problem


class _Loader(yaml.SafeLoader):
    """A SafeLoader that rejects a duplicate key instead of keeping the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is written twice", node.start_mark)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Field:
    """A value of a data file and its path. Each reading method raises InvalidDataFile for another type."""

    value: Any
    file: str
    path: str = ""

    def wrong(self, problem: str) -> InvalidDataFile:
        """Returns the InvalidDataFile to raise about this field. problem: in English, for who installs the file."""
        return InvalidDataFile(self.file, self.path, problem)

    def _below(self, key: str, value: object) -> Field:
        return Field(value, self.file, f"{self.path}.{key}" if self.path else key)

    def __getitem__(self, key: str) -> Field:
        if key not in self._entries():
            raise self._below(key, None).wrong("missing")
        return self._below(key, self.value[key])

    def only(self, *keys: str) -> None:
        """Raises InvalidDataFile if the mapping has any other key, or if this is not a mapping."""
        for key in self._entries():
            if key not in keys:
                raise self._below(str(key), None).wrong(f"unknown; expected one of {', '.join(keys)}")

    def get(self, key: str) -> Field | None:
        """Returns the field, or None if it is absent or null. Raises InvalidDataFile if this is not a mapping."""
        value = self._entries().get(key)
        return None if value is None else self._below(key, value)

    def _entries(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.wrong("a mapping is needed")
        return self.value

    def items(self) -> Iterator[tuple[str, Field]]:
        """Yields (key, field) in the order of the file. Raises InvalidDataFile if this is not a mapping, or a key is no
        text.
        """
        for key, value in self._entries().items():
            if not isinstance(key, str):
                raise self._below(str(key), None).wrong("this key must be written between quotes")
            yield key, self._below(key, value)

    def elements(self) -> list[Field]:
        if not isinstance(self.value, list):
            raise self.wrong("a list is needed")
        return [Field(value, self.file, f"{self.path}[{n}]") for n, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong("a text is needed (a number or a date is written between quotes)")
        return self.value.strip()

    def integer(self, minimum: int = 0) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < minimum:
            raise self.wrong(f"a whole number of at least {minimum} is needed")
        return self.value

    def boolean(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("true or false is needed")
        return self.value

    def decimal(self) -> Decimal:
        """Returns the number, which is written between quotes: a YAML float would already have been rounded. Raises
        InvalidDataFile for anything else, infinity and NaN included.
        """
        try:
            number = Decimal(self.text())
        except InvalidOperation:
            raise self.wrong("a decimal number between quotes is needed") from None
        if not number.is_finite():
            raise self.wrong("a decimal number between quotes is needed")
        return number

    def day(self) -> date:
        if not isinstance(self.value, date) or isinstance(self.value, datetime):
            raise self.wrong("a day like 2027-05-07 is needed")
        return self.value

    def wall_time(self) -> datetime:
        """Returns a naive local date and time: each academy reads it in its own zone. Raises InvalidDataFile where the
        text is none, or has an offset.
        """
        try:
            moment = datetime.fromisoformat(self.text())
        except ValueError:
            raise self.wrong('a local time like "2027-05-07T18:00" is needed') from None
        if moment.tzinfo is not None:
            raise self.wrong("a local time has no offset: each academy reads it in its own zone")
        return moment

    def digest(self) -> str:
        if not _SHA256.fullmatch(self.text()):
            raise self.wrong("a SHA-256 in lower-case hexadecimal is needed")
        return self.text()

    def choice(self, *values: str) -> str:
        if self.value not in values:
            raise self.wrong(f"{self.value!r} is not one of {', '.join(values)}")
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
            raise self.wrong("an item is written twice")
        return chosen


def read(path: Path) -> tuple[Field, str]:
    """Returns the root field of a YAML file and the SHA-256 of its bytes in hex. Raises InvalidDataFile where it is not
    YAML or writes a key twice, OSError where it cannot be read.
    """
    data = path.read_bytes()
    try:
        root = yaml.load(data, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as problem:
        raise InvalidDataFile(path.name, "", " ".join(str(problem).split())) from problem
    return Field(root, path.name), sha256(data).hexdigest()


def name_and_version(root: Field) -> tuple[str, str]:
    """Returns (`id`, `version`) of a data file. Raises InvalidDataFile where one is missing, the version is no whole
    number, or the file is not named <id>.v<version>.yaml: two files cannot share a version.
    """
    identifier, version = root["id"].text(), root["version"].text()
    if not _VERSION.fullmatch(version):
        raise root["version"].wrong('a whole number between quotes is needed, like "1"')
    if root.file != f"{identifier}.v{version}.yaml":
        raise root["version"].wrong(f"the file must be named {identifier}.v{version}.yaml")
    return identifier, version
