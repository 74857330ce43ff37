"""A file is seen whole by whoever may read it: the candidate, the tutor, the teacher and the commission.

With VIEWS_OF=folder:folder, the files of these folders are opened too, after the worker drew them; with SCREENS=folder,
each view is photographed.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page
from pptx import Presentation

from portfolio.documents import EvidenceFile, Person
from portfolio.files import notices
from portfolio.files.previews.preview_spec import shape_of
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.rules.file_kinds import UnacceptableFile
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.support import specimens as made
from tests.support.browser.looks import DESK, PHONE
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World

SEEN = "() => [...document.images].every(one => one.complete && one.naturalWidth > 0)"
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TALLEST = 2600  # pixels of a photograph


def slides() -> bytes:
    deck, written = Presentation(), io.BytesIO()
    for layout in (5, 6):
        deck.slides.add_slide(deck.slide_layouts[layout])
    deck.slides[0].shapes.title.text = "Bilan"
    deck.slides[1]._element.set("show", "0")
    deck.save(written)
    return written.getvalue()


def specimens() -> dict[str, bytes]:
    return {
        "photo.jpg": made.picture("JPEG", located=True),
        "capture.png": made.picture("PNG"),
        "contrat.pdf": made.pdf(script=True),
        "suivi.docx": made.word_with_tracked_changes(),
        "base.xlsx": made.workbook(hidden=True),
        "diapositives.pptx": slides(),
        "texte.odt": made.opendocument("odt"),
        "barré.rtf": rb"{\rtf1\ansi\pard Prime {\strike 30 euros} " + b"mot" * 300 + rb"\par}",
        "dos.csv": "Assuré;Réglé\nHélène;30\n".encode("cp850"),
        "lettre.eml": made.html_message(made.picture("JPEG"), "constat.jpg"),
        "page.html": b"<table><tr><td>" + b"mot" * 200 + b"<td><s>30</s></table>",
        "note.md": b"# Titre\n" + b"mot" * 300,
    }


def elsewhere() -> Iterator[tuple[str, bytes]]:
    for folder in filter(None, os.environ.get("VIEWS_OF", "").split(":")):
        for path in sorted(Path(folder).iterdir()):
            if path.is_file() and path.suffix != ".txt" and path.name != "README.md":
                yield path.name, path.read_bytes()


@pytest.fixture
def files(world: World) -> list[EvidenceFile]:
    """Those that were received, in a portfolio that was submitted; whoever sits on its commission is convened."""
    received = []
    others = dict(elsewhere())
    for name, data in (others or specimens()).items():
        with suppress(UnacceptableFile) if others else nullcontext():
            file = world.upload(world.new_piece(), data, name)
            assert others or file.state == "verified", file.reason
            received += [file] * (file.state == "verified")
    if others:
        while deliver_due(DRAWERS, world.clock, lane=DRAWINGS):
            pass
    world.sign_off()
    world.submit()
    convened(world, second=world.second_teacher.id, tutor_absence="En congé")
    return received


def whole(page: Page) -> list[str]:
    """What is wrong with the view that is open."""
    page.evaluate("document.querySelectorAll('img').forEach(one => { one.loading = 'eager'; })")
    faults = []
    try:
        page.wait_for_function(SEEN, timeout=20_000)
    except Exception:  # noqa: BLE001  # whichever it is, the picture is not there
        faults.append("a picture is broken")
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if (wide := page.evaluate(WIDE)) > 0:
            faults.append(f"scrolls sideways by {wide} px at {size['width']} px")
    return faults


def photograph(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENS")
    for size in (PHONE, DESK) if folder else ():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
        path = Path(folder or "") / f"{re.sub(r'[^A-Za-z0-9._-]', '_', name)}-{size['width']}.png"
        clip = {"x": 0, "y": 0, "width": size["width"], "height": tall}
        page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ["candidate", "tutor", "teacher", "commission"])
def test_each_reader_sees_each_file_whole_with_what_is_to_be_known_of_it(
    world: World, files: list[EvidenceFile], page_for: Callable[..., Page], role: str
) -> None:
    readers: dict[str, Person] = {
        "candidate": world.candidate,
        "tutor": world.tutor,
        "teacher": world.follower,
        "commission": world.second_teacher,
    }
    page, faults = page_for(readers[role], viewport=PHONE), dict[str, list[str]]()
    for file in files:
        answer = page.goto(f"/fichiers/{file.id}/vue")
        assert answer is not None and answer.status == 200, (file.name, answer and answer.status)
        found = whole(page)
        words = page.inner_text("main").replace("\u00a0", " ")
        if notices.is_shown(file) and shape_of(file.kind) != "nothing":
            found += [f"not said: {sentence}" for sentence in notices.for_reader(file) if sentence not in words]
        photograph(page, f"{file.name}-{role}")
        if found:
            faults[file.name] = found
    assert faults == {}
