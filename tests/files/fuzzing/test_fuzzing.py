"""Files spoiled at random, of every kind that is parsed: nothing crashes the service, holds it, or stays behind."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import pytest

from portfolio.errors import Unavailable
from portfolio.files.confinement.bounds import PARSING
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.facts.asking import READER
from portfolio.files.previews.preview_spec import OUTLINE, RENDERER
from portfolio.files.previews.render import ALL, render
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.recognise import recognise
from portfolio.files.tables.any_table import read_tables
from portfolio.identifiers import Malformed
from portfolio.rules.file_kinds import UnacceptableFile
from tests.files.fuzzing import loop, specimens
from tests.files.fuzzing.mutations import mutated

ROOT = Path(__file__).parents[3]
ENDURED_S = float(os.environ.get("FUZZED_S", "60"))  # of each parser, and a third of that as in service
WARM, GROWN = 20, 48 << 20  # files, then bytes: a list read here takes up to 23 MB, which its allocator keeps
ENDED_BY_ITS_LIBRARY = "confined_reader"  # calamine asks for the memory of a sheet as large as a spoiled cell is far
FILES = ROOT / "portfolio" / "files"


def test_a_few_spoiled_files_of_every_kind_are_shown_or_refused(tmp_path: Path) -> None:
    read = _loop(",".join(parser for parser in specimens.PARSERS if parser != ENDED_BY_ITS_LIBRARY), 1, 0, tmp_path)
    assert all(outcome["shown"] > 0 for outcome in read.values()), read
    read |= _loop(ENDED_BY_ITS_LIBRARY, 1, 0, tmp_path)
    assert set(read) == set(specimens.PARSERS)


def test_every_reader_of_the_service_has_whole_files_to_spoil() -> None:
    spoiled = {kind for parser in set(specimens.PARSERS) - {"recognition"} for kind in specimens.PARSERS[parser]}
    assert set(RENDERER) <= spoiled
    assert not [parser for parser in specimens.PARSERS if not specimens.of_parser(parser)]


def test_every_module_that_reads_files_alone_in_its_process_is_spoiled() -> None:
    """A process of its own begins with `confine`, or with `sandbox.run`: what it reads is hostile."""
    alone = [
        path.stem
        for path in FILES.rglob("*.py")
        if re.search(r"^ +(?:run\(show\)|confine\(sys\.argv)", path.read_text("utf-8"), re.MULTILINE)
    ]
    spoiled = {parser.partition("-")[0] for parser in specimens.PARSERS}
    assert len(alone) > 9
    assert sorted(set(alone) - spoiled - {"sandbox"}) == []


@pytest.mark.endure
@pytest.mark.parametrize("parser", specimens.PARSERS)
def test_a_minute_of_spoiled_files_by_one_process(parser: str, tmp_path: Path) -> None:
    end, seed = time.monotonic() + ENDURED_S, time.time_ns()
    while (left := end - time.monotonic()) > 1:
        read = _loop(parser, seed, left, tmp_path)
        sys.stdout.write(f"{parser} {seed} {read}\n")
        seed += 1


@pytest.mark.endure
@pytest.mark.parametrize("parser", specimens.PARSERS)
def test_spoiled_files_as_in_service(parser: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seed = time.time_ns()
    chance, kinds, rooted = Random(seed), specimens.of_parser(parser), set(os.listdir(ROOT))
    end, count, weight = time.monotonic() + ENDURED_S / 3, 0, 0
    while count < 2 * WARM or time.monotonic() < end:
        specimen = chance.choice(kinds)
        _read_as_in_service(parser, specimen.kind, specimen.whole(mutated(specimen.data, chance)))
        count += 1
        if count == WARM:
            weight = _resident()
    assert _resident() - weight < GROWN, seed
    assert os.listdir(tmp_path) == []
    assert set(os.listdir(ROOT)) == rooted
    assert _children() == []


def _loop(parsers: str, seed: int, seconds: float, folder: Path) -> dict[str, dict[str, float]]:
    """Returns what the loop read. A library that crashed does so in its own process only: this is tried."""
    temporary, working = folder / "temporary", folder / "working"
    for place in (temporary, working):
        place.mkdir(exist_ok=True)
    ended = subprocess.run(
        [sys.executable, "-m", "tests.files.fuzzing.loop", parsers, str(seed), str(seconds)],
        cwd=working,
        env={"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "LC_ALL": "C.UTF-8"}
        | {name: os.environ[name] for name in (specimens.MORE,) if name in os.environ},
        capture_output=True,
        text=True,
        timeout=seconds * 2 + 120,
    )
    current = working / loop.CURRENT
    assert ended.returncode <= 0, f"{parsers} {seed} {current}\n{ended.stderr[-3000:]}"
    assert ended.returncode != -signal.SIGPROF, f"{parsers} {seed}: {current} takes more than {PARSING.cpu_s} s"
    assert os.listdir(temporary) == []
    assert os.listdir(working) == ([] if ended.returncode == 0 else [loop.CURRENT.name])
    if ended.returncode == 0:
        return json.loads(ended.stdout)
    data = current.read_bytes()
    for kind in {specimen.kind for specimen in specimens.of_parser(parsers)}:
        _read_as_in_service(parsers, kind, data)
    return {parsers: {"crashed": -ended.returncode}}


def _module(parser: str) -> str | None:
    """Returns the module that is asked for by its name; None where the kind of the file says it."""
    if parser.startswith("facts_reader-"):
        return READER
    return f"{ALL}.{loop.ALONE[parser]}" if parser in loop.ALONE else None


def _read_as_in_service(parser: str, kind: str, data: bytes) -> None:
    """Reads a file as the service does: what it costs is bounded, and only its own refusals come out."""
    before, computed = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            if parser in ("recognition", "inspection"):
                recognise(io.BytesIO(data), f"a.{kind}", len(data))
            elif kind.startswith("list-"):
                read_tables(data, {"Nom", "Prénom"}.__contains__, 500, reader=parser)
            elif parser in ("archives", "notifications"):
                loop.read(parser, kind, data, Random(0))
            else:
                render(file, kind, OUTLINE, renderer=_module(parser))
        except (CannotShow, OutOfTime, UnacceptableFile, Unavailable, Malformed):
            pass
    assert time.monotonic() - before < 2 * PARSING.wall_s + 15
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - computed < PARSING.cpu_s + 2


def _resident() -> int:
    """Returns the bytes of this process in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _children() -> list[str]:
    tasks = Path("/proc/self/task").iterdir()
    children = [child for task in tasks for child in (task / "children").read_text().split()]
    return [child for child in children if Path(f"/proc/{child}/cmdline").read_text().find("portfolio.files") >= 0]
