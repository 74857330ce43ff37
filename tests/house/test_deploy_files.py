"""What the files of deploy/ say of the project is so: the files that they name, the command that follows the image."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def test_each_file_of_the_project_that_a_comment_names_is_there() -> None:
    told = {
        (path.name, name)
        for path in DEPLOY.iterdir()
        for line in path.read_text().splitlines()
        if line.lstrip().startswith("#")
        for name in re.findall(r"(?<![\w/.])(?:\.ci|api|config|deploy|docs|portfolio|web)/[\w./-]*\w\.\w+", line)
    }
    assert len(told) > 5
    assert not [(file, name) for file, name in told if not (ROOT / name).exists()]


def test_no_comment_names_a_target_that_make_does_not_have() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = {name for path in DEPLOY.iterdir() for name in re.findall(r"`make ([a-z-]+)`", path.read_text())}
    told |= set(re.findall(r"`make ([a-z-]+)", (ROOT / "docs" / "how-to" / "operations.md").read_text()))
    assert told <= targets


def test_the_command_that_plays_the_image_knows_each_of_its_instructions() -> None:
    text = re.sub(r"(?m)^\s*#.*\n", "", (DEPLOY / "Containerfile").read_text()).replace("\\\n", " ")
    written = {line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip()}
    tree = ast.parse((ROOT / ".ci" / "container.py").read_text())
    cases = [case.pattern for node in ast.walk(tree) if isinstance(node, ast.Match) for case in node.cases]
    known = {pattern.value.value for pattern in cases if isinstance(pattern, ast.MatchValue)}  # type: ignore[attr-defined]
    assert written <= known
