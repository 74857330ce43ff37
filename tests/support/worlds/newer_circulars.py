"""A session with two versions of its circular: everybody was enrolled under the first, the second came since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from portfolio.rules.texts.circular import FOLDER, install_rehearsals
from portfolio.store.connections import current

SESSION = "2027R"


def _write(folder: Path, version: str, content: dict[str, Any]) -> None:
    said = content | {"id": SESSION, "version": version}
    (folder / f"{SESSION}.v{version}.yaml").write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False))


def terms() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / "2027.v1.yaml").read_bytes())
    return content


@contextmanager
def only_the_first(folder: Path) -> Iterator[None]:
    """Installs version 1 of `SESSION` alone."""
    installed = folder / "before"
    installed.mkdir()
    _write(installed, "1", terms())
    install_rehearsals(installed)
    try:
        yield
    finally:
        install_rehearsals(current().settings.rehearsal_circulars_dir)


def publish(folder: Path, changed: dict[str, Any]) -> None:
    """Installs version 2 beside version 1. changed: sections of it, by name."""
    installed = folder / "after"
    installed.mkdir()
    _write(installed, "1", terms())
    _write(installed, "2", terms() | {"effective_from": date(2026, 12, 15)} | changed)
    install_rehearsals(installed)
