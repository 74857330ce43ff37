"""Joins a style sheet or a module (JavaScript) with all that it imports, so that a page asks once for each. In the
sources they stay files of their own, which a browser could also load as they are.
"""

from __future__ import annotations

import re
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"
_SHEET = re.compile(r'^@import "([\w./]+\.css)";\n', re.MULTILINE)
_IMPORT = re.compile(r'^import (?:\{ ([\w, ]+) \} from )?"\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import|export|@import)\b.*", re.MULTILINE)


class CannotJoin(ValueError):
    """A form of import or export that is not joined here."""


def joined(file: Path) -> bytes:
    """Returns the content of the file, with all that it imports where it is a style sheet or a module. Raises
    CannotJoin.
    """
    if file.suffix == ".css":
        return _checked(file, _sheet(file)).encode()
    if file.suffix == ".js":
        return _script(file).encode()
    return file.read_bytes()


def _sheet(file: Path) -> str:
    """Returns the sheet with each one that it imports at the place of the import, in its order."""
    return _SHEET.sub(lambda line: _sheet(file.parent / line[1]), file.read_text())


def _script(file: Path) -> str:
    """Returns one module: those that it imports, in the order in which a browser would run them, each in a function of
    its own that gives what it exports, so that no name of one is seen in another.
    """
    parts: dict[Path, str] = {}
    _add(file, parts)
    return "".join(parts.values()) if len(parts) > 1 else file.read_text()


def _add(file: Path, parts: dict[Path, str]) -> None:
    source = file.read_text()
    for imported in [file.parent / f"{name}.js" for _, name in _IMPORT.findall(source)]:
        if imported not in parts:
            _add(imported, parts)
    given = ", ".join(_EXPORT.findall(source))
    body = _EXPORT.sub("", _IMPORT.sub(_taken, source))
    parts[file] = f"const ${file.stem} = (() => {{\n{_checked(file, body)}return {{ {given} }};\n}})();\n"


def _taken(line: re.Match[str]) -> str:
    """Returns what stands for an import: the names that it takes, if any, of what the other module gives."""
    return f"const {{ {line[1]} }} = ${line[2]};\n" if line[1] else ""


def _checked(file: Path, text: str) -> str:
    """Returns the text. Raises CannotJoin where it still imports or exports something."""
    left = _OTHER.search(text)
    if left:
        raise CannotJoin(f"{file.name}: {left[0]}")
    return text
