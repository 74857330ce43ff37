"""The views of files: the first and the next look at a megabyte by kind, twenty megabytes, memory, files a minute.

All lines are absolute: of this machine, with its load of the moment. Looks are of `/fichiers/…/vue` over HTTP in this
process; the first one starts the confined process and keeps what it made, the next one reads that.
"""

from __future__ import annotations

import os
import random
import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from portfolio.files.confinement import kernel
from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.store.outbox import DRAW, DRAWINGS, ErrandOutcome, ErrandRow, deliver_due
from tests.benchmarks.harness import Line, Stage, at_least, at_most, median, timed
from tests.files.previews.documents import reading
from tests.support import containers
from tests.support import specimens as made

MB = 1_000_000
FILES, WORKERS = 6, 2
_SUBREAPER = 36  # of prctl(2): children of children that are left alone become ours


def lines(stage: Stage) -> Iterator[Line]:
    chance = random.Random(1)
    for kind, data in ((kind, make(MB, chance)) for kind, make in _MAKERS.items()):
        yield from _looks(stage, kind, data)
    heaviest = 0
    for kind, make in _MAKERS.items():
        data = make(20 * MB, chance)
        seconds, memory = _first(stage, data, kind)
        heaviest = max(heaviest, memory)
        yield at_most(f"absolute: first view of {len(data) / MB:.0f} MB, {kind}", seconds, "s", 15)
    yield at_most("absolute: most memory of a process that reads 20 MB", heaviest / 1024, "MiB", 1536)
    yield from _a_minute(stage)


def _looks(stage: Stage, kind: str, data: bytes) -> Iterator[Line]:
    file = _received(stage, data, kind)
    client, path = stage.client(stage.world.follower), f"/fichiers/{file.id}/vue"
    start = time.perf_counter()
    stage.get(client, path)
    name = f"of {len(data) / MB:.1f} MB, {kind}"
    yield at_most(f"absolute: first view {name}", time.perf_counter() - start, "s", 1)
    own = time.process_time()
    times = timed(lambda: stage.get(client, path), rounds=15)
    own = (time.process_time() - own) * 1000 / 18  # with three of warm-up
    yield at_most(f"absolute: second view {name}", median(times), "ms", 30)
    yield at_most(f"absolute: second view {name}, of our processor", own, "ms", 30)


def _received(stage: Stage, data: bytes, kind: str) -> Any:
    file = stage.world.upload(stage.world.new_piece(title=f"{kind} {time.time_ns()}"), data, f"a.{kind}")
    assert file.state == "verified", file.reason
    return file


def _first(stage: Stage, data: bytes, kind: str) -> tuple[float, int]:
    """Returns the seconds of a first look, and the most memory, in KiB, of the process that read the file."""
    client, path = stage.client(stage.world.follower), f"/fichiers/{_received(stage, data, kind).id}/vue"
    watched = _Watched()
    start = time.perf_counter()
    with watched:
        stage.get(client, path)
    return time.perf_counter() - start, watched.most


class _Watched:
    """Looks at the memory of the children of this process that read files, every few milliseconds."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            for task in Path("/proc/self/task").iterdir():
                for child in _text(task / "children").split():
                    if b"previews.renderers" in _text(Path(f"/proc/{child}/cmdline")).encode():
                        status = _text(Path(f"/proc/{child}/status")).partition("VmHWM:")[2].split()
                        self.most = max(self.most, int(status[0]) if status else 0)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it ended meanwhile
        return ""


def left_undrawn(_row: ErrandRow, _at: datetime) -> ErrandOutcome:
    """Leaves a file undrawn after its deposit: over twenty megabytes, LibreOffice takes all the time that it may."""
    return ErrandOutcome("left", kept=False)


def _a_minute(stage: Stage) -> Iterator[Line]:
    """Deposits of every kind, of 100 kB each, drawn by two at once, as the worker does.

    Seconds of a processor are those of all its programs: a busy machine does not change them.
    """
    kernel.prctl(_SUBREAPER, 1, 0, 0, 0)  # what bubblewrap leaves behind is waited for, and so counted, here
    chance = random.Random(2)
    deliver_due({DRAW: left_undrawn}, stage.world.clock, lane=DRAWINGS)
    for number in range(FILES):
        kind = list(_MAKERS)[number % len(_MAKERS)]
        _received(stage, _MAKERS[kind](MB // 10, chance), kind)
    drawers = [
        threading.Thread(target=deliver_due, args=(DRAWERS, stage.world.clock), kwargs={"lane": DRAWINGS})
        for _ in range(WORKERS)
    ]
    start, computed = time.perf_counter(), _computed_s()
    for drawer in drawers:
        drawer.start()
    for drawer in drawers:
        drawer.join()
    speed = FILES * 60 / (time.perf_counter() - start)
    name = "absolute: files of 100 kB drawn by two workers"
    yield at_least(f"{name}, on {os.cpu_count()} processors", speed, "/min", 30, speed)
    yield at_most(f"{name}, of a processor for each", (_computed_s() - computed) / FILES, "s", 4)


def _computed_s() -> float:
    """Returns the seconds of a processor of this process and of every program that has ended under it."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return sum(sum(resource.getrusage(whose)[:2]) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


# --- files of about so many bytes -------------------------------------------------------------------


def _words(size: int, chance: random.Random) -> Iterator[str]:
    """Yields paragraphs of some 800 characters that shrink to half when they are packed."""
    for _ in range(size // 700):
        yield chance.randbytes(350).hex(" ", 4)


def _workbook(size: int, chance: random.Random) -> bytes:
    """Written as XML: openpyxl would take a minute for the largest."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>Sinistre {n}</t></is></c><c r="B{n}"><v>{n}</v></c>'
        f'<c r="C{n}"><v>{chance.random()}</v></c><c r="D{n}"><v>{chance.getrandbits(30)}</v></c></row>'
        for n in range(1, size // 34)
    )
    sheet = f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    return containers.rewritten(made.workbook(), {"xl/worksheets/sheet1.xml": sheet})


def _document(size: int, chance: random.Random) -> bytes:
    return reading.word("".join(reading.paragraph(words) for words in _words(size * 2, chance)))


def _mail(size: int, chance: random.Random) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", "Suivi"
    mail.set_content("\n".join(_words(size // 4, chance)))
    mail.add_attachment(chance.randbytes(size // 2), "application", "octet-stream", filename="a.bin")
    return mail.as_bytes()


def _csv(size: int, chance: random.Random) -> bytes:
    return b"".join(b"%d;%d;Zo\xc3\xa9;12,50\r\n" % (n, chance.getrandbits(28)) for n in range(size // 30))


def _text_file(size: int, chance: random.Random) -> bytes:
    return "\n".join(_words(size, chance)).encode()


def _pdf(size: int, chance: random.Random) -> bytes:
    return made.pdf(attached=(("a.txt", chance.randbytes(size // 2).hex().encode()),))


_MAKERS: dict[str, Callable[[int, random.Random], bytes]] = {
    "xlsx": _workbook,
    "csv": _csv,
    "docx": _document,
    "eml": _mail,
    "txt": _text_file,
    "pdf": _pdf,
}
