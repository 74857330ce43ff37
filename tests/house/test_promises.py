"""What pages and mails promise is held by a test, and listed with it in docs/reference/promises.md."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "reference" / "promises.md"
WORDS = re.compile(
    r"vous recevez|recevr(?:ez|a)\b|\breçoit\b|\b(?:est|sont) gardée?s?\b|\brepr(?:end|endra)\b"
    r"|\b(?:revient|reviendra)\b|aussitôt|tout seul|\bjamais\b|\bexpire\b|sert une fois|pendant \w+ jours?\b"
    r"|prévenue?s?\b|\bpartir(?:a|ont)\b|\brepart\b|\b(?:sera|est) envoyée?\b|\bpart (?:à|vers|par)\b",
    re.IGNORECASE,
)
# Fragments with such a word that promise nothing: a state, an advice, a rule for who reads.
NO_PROMISE = (
    "ne reçoit plus",
    "Son adresse ne reçoit pas",
    "Adresse e-mail qui ne reçoit plus",
    "ne reçoit rien depuis une semaine",
    "l'adresse de {name} n'en reçoit plus",
    "tant que leur adresse en reçoit",
    "Celle où vous recevez les messages",
    "Cette personne reçoit ici quelques messages par an",
    "nous ne vous le demanderons jamais",
    "prévenez aussitôt l'établissement",
    "C'est envoyé et vérifié.",
    "C'est envoyé, mais un fichier au moins ne peut pas être affiché",
    "Tout est envoyé.",
    "jamais de motif médical",
    "jamais le motif médical",
    "Fait aussitôt",
    "jamais seulement coloré",
    "Ce qui est gardé, et pour quoi",
    "n'est gardée que sous forme d'empreinte",
    "jamais remis",
)


class Promise(NamedTuple):
    sentence: str
    file: str
    test: str


def _promises() -> list[Promise]:
    rows = re.findall(r"^\| (.+?) \| `([^`]+)` \| `([^`]+)` \|$", TABLE.read_text(), re.MULTILINE)
    return [Promise(*row) for row in rows]


def _files() -> list[Path]:
    found = [*ROOT.glob("web/*/templates/*.html"), *ROOT.glob("web/static/js/*.js")]
    for folder in ("web", "portfolio/mail"):
        found += (ROOT / folder).rglob("*.py")
    return sorted(found)


@cache
def _text(path: Path) -> str:
    """Returns what people may read of a file, on one line: without comments; of Python, its strings."""
    source = path.read_text()
    if path.suffix == ".py":
        source = "\n".join(_strings(ast.parse(source)))
    elif path.suffix == ".js":
        source = re.sub(r"//.*|/\*.*?\*/", "", source)
    else:
        source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    return re.sub(r"\s+", " ", source)


def _strings(module: ast.Module) -> list[str]:
    """Returns the strings of a module but its docstrings; what an f-string fills in is « {} »."""
    skipped: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in ast.walk(node) if part is not node)
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            found.append(node.value)
    return found


def _spans(text: str, fragment: str) -> list[tuple[int, int]]:
    return [(found.start(), found.end()) for found in re.finditer(re.escape(fragment), text)]


def _unlisted(path: Path) -> list[str]:
    """Returns what surrounds each word of promise that stands in no listed sentence and no fragment of NO_PROMISE."""
    text, name = _text(path), str(path.relative_to(ROOT))
    listed = [promise.sentence for promise in _promises() if promise.file == name]
    covered = [span for fragment in (*listed, *NO_PROMISE) for span in _spans(text, fragment)]
    return [
        f"{name}: … {text[max(0, found.start() - 80) : found.end() + 80]} …"
        for found in WORDS.finditer(text)
        if not any(start <= found.start() and found.end() <= end for start, end in covered)
    ]


def test_each_listed_sentence_stands_where_it_is_said_to() -> None:
    promises = _promises()
    assert len(promises) > 40
    assert [promise for promise in promises if promise.sentence not in _text(ROOT / promise.file)] == []


def test_each_test_that_holds_a_promise_exists() -> None:
    for promise in _promises():
        path, _, name = promise.test.partition("::")
        assert re.search(rf"^ *def {re.escape(name)}\(", (ROOT / path).read_text(), re.MULTILINE), promise


def test_each_sentence_that_promises_is_listed() -> None:
    assert [unlisted for path in _files() for unlisted in _unlisted(path)] == []


@pytest.mark.parametrize("fragment", NO_PROMISE)
def test_what_promises_nothing_is_still_written_somewhere(fragment: str) -> None:
    assert WORDS.search(fragment)
    assert any(fragment in _text(path) for path in _files()), "not written any more: take it out"
