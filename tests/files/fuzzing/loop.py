"""Spoils specimens and reads them, fast: `python -m tests.files.fuzzing.loop PARSERS SEED SECONDS`.

Runs in the folder it is given, where each file stands before it is read (CURRENT): what ends the process by a signal is
known. Ends by itself with what was read, as JSON; with a traceback where an answer cannot be shown, or a refusal is
none of ours. SECONDS: of each parser; FEW files of each where it is 0.
"""

from __future__ import annotations

import io
import json
import resource
import signal
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast

import structlog

from portfolio.errors import Unavailable
from portfolio.files import archives
from portfolio.files.confinement.bounds import PARSING
from portfolio.files.facts import facts_reader
from portfolio.files.previews.preview_spec import FACTS, LAID_OUT, RENDERER
from portfolio.files.recognition.pdfs import inspection
from portfolio.files.recognition.recognise import recognise
from portfolio.files.tables import confined_reader
from portfolio.files.tables.delimited import read_table
from portfolio.identifiers import Malformed
from portfolio.identity.returns import notifications
from portfolio.rules.file_kinds import UnacceptableFile
from portfolio.store import connections
from tests.files.fuzzing import specimens
from tests.files.fuzzing.mutations import mutated

# {parser: its renderer}: of no kind that is deposited, since their files are what renderers answered, or of several.
ALONE = {"cards": "cards", "for_paper": "for_paper"} | {
    name: f"whose_data.{name}" for name in ("gathering", "kept_inside", "cleaning")
}
CURRENT, FEW = Path("current"), 25
RECEIVED_AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
_WHATS = {
    "pictures": ("outline", "thumbnail", "picture", "legible-1"),
    "pages": ("outline", "thumbnail", "page-1", "legible-1"),
    "messages": ("outline", "layout-1", "attached-1"),
}


def main(parsers: str, seed: str, seconds: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is the answer
    resource.setrlimit(resource.RLIMIT_AS, (PARSING.memory, PARSING.memory))
    read = {}
    for parser in parsers.split(","):
        read[parser] = _fuzzed(parser, Random(f"{parser} {seed}"), float(seconds))
    CURRENT.unlink(missing_ok=True)
    sys.stdout.write(json.dumps(read))


def _fuzzed(parser: str, chance: Random, seconds: float) -> dict[str, float]:
    kinds, end = specimens.of_parser(parser), time.monotonic() + seconds
    count = shown = 0
    slowest = 0.0
    while count < FEW or time.monotonic() < end:
        if not seconds and count == FEW:
            break
        specimen = chance.choice(kinds)
        data = specimen.whole(mutated(specimen.data, chance) if count >= len(kinds) else specimen.data)
        CURRENT.write_bytes(data)
        signal.setitimer(signal.ITIMER_PROF, PARSING.cpu_s)  # its own action: the end of the process
        before = time.process_time()
        shown += read(parser, specimen.kind, data, chance)
        slowest = max(slowest, time.process_time() - before)
        signal.setitimer(signal.ITIMER_PROF, 0)
        count += 1
    return {"files": count, "shown": shown, "slowest_s": round(slowest, 2)}


def read(parser: str, kind: str, data: bytes, chance: Random) -> bool:
    """Returns whether the file is shown or received. Raises what the service does not expect."""
    if parser == "recognition":
        try:
            recognise(io.BytesIO(data), f"a.{kind}", len(data))
        except (UnacceptableFile, Unavailable):
            return False
        return True
    if parser.startswith("facts_reader-"):
        return _facts(kind, data)
    if parser in BESIDE_THE_VIEWS:
        return BESIDE_THE_VIEWS[parser](kind, data)
    try:
        if parser == "inspection":
            inspection.inspect(io.BytesIO(data))
            return True
        renderer = ALONE.get(parser) or RENDERER[kind]
        what = chance.choice(_WHATS.get(renderer, ("outline",)))
        view = import_module(f"portfolio.files.previews.renderers.{renderer}").show(io.BytesIO(data), kind, what)
    except Exception:  # as `sandbox.run` does: each reader has its own for a damaged file
        return False
    if isinstance(view, bytes):
        if kind in LAID_OUT and what.startswith("layout"):
            view.decode()
        return True
    written = json.dumps(asdict(view), ensure_ascii=False).encode()  # a page is written in UTF-8
    assert len(written) <= PARSING.output
    return True


def _confined_list(kind: str, data: bytes) -> bool:
    try:
        sheets = confined_reader.sheets_of(io.BytesIO(data), kind.removeprefix("list-"))
    except Exception:  # as `confined_reader.main` does
        return False
    except BaseException as end:  # of the library that reads workbooks: it ends the process, which is a refusal
        if type(end).__name__ != "PanicException":
            raise
        return False
    assert len(json.dumps([asdict(sheet) for sheet in sheets])) <= PARSING.output
    return True


def _facts(kind: str, data: bytes) -> bool:
    try:
        facts = facts_reader.show(io.BytesIO(data), kind, FACTS)
    except Exception:  # as `sandbox.run` does
        return False
    assert len(facts) <= PARSING.output
    facts.decode()
    return True


def _csv(_kind: str, data: bytes) -> bool:
    try:
        read_table(data, {"Nom", "Prénom"}.__contains__, 500)
    except Malformed:
        return False
    return True


def _archive(_kind: str, data: bytes) -> bool:
    try:
        with archives.opened(io.BytesIO(data)) as archive:
            for file in archives.files_in(archive, len(data)):
                archives.unpack(archive, file, io.BytesIO())
    except UnacceptableFile:
        return False
    return True


def _notification(_kind: str, data: bytes) -> bool:
    """Reads a mail that came back, without an engine: none of the specimens names a mail of this domain."""
    opened = SimpleNamespace(settings=SimpleNamespace(mail_from="service@c.example"), keys_for=lambda _use: [b"key"])
    connections._opened[:] = [cast(connections.Connections, opened)]
    try:
        return notifications.read_notification(data, RECEIVED_AT) != "other"
    finally:
        connections._opened.clear()


BESIDE_THE_VIEWS = {
    "confined_reader": _confined_list,
    "delimited": _csv,
    "archives": _archive,
    "notifications": _notification,
}

if __name__ == "__main__":
    main(*sys.argv[1:])
