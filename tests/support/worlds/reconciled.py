"""A session whose circular was read: the only one whose values refuse. Ours is a copy of the provisional one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from portfolio.documents import Candidacy
from portfolio.documents.candidacies import Pin
from portfolio.rules.texts.circular import FOLDER, install_rehearsals
from portfolio.rules.texts.circular_reader import read_circular
from portfolio.store.connections import current
from rehearsal.dates import move_circular
from tests.support.clock import DATES
from tests.support.worlds.world import World

DOCUMENT = "ab" * 32  # the digest of an annex that was read


@contextmanager
def reconciled(world: World, folder: Path, **changed: Any) -> Iterator[World]:
    """Pins the candidacy of this world to a circular that was reconciled; `changed`: sections of it, by name."""
    content = yaml.safe_load((FOLDER / "2027.v1.yaml").read_bytes())
    move_circular(content, DATES)  # true on any day
    content |= changed
    content["source"] |= {"document_sha256": DOCUMENT, "compared_by": "Inès Pecteur", "compared_on": date(2026, 12, 14)}
    written = folder / f"{DATES.session}.v1.yaml"
    written.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
    read = read_circular(written)
    pin = Pin(id=read.id, version=read.version, sha256=read.sha256)
    Candidacy.objects(pk=world.candidacy.id).update(set__circular=pin)
    world.candidacy.reload()
    install_rehearsals(folder)
    try:
        yield world
    finally:
        install_rehearsals(current().settings.rehearsal_circulars_dir)
