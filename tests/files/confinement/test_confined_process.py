"""What a process that reads a file of somebody's can still do: read it, think for a while, and answer."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from portfolio.files.confinement import bubblewrap, start
from portfolio.files.confinement.bounds import Bounds
from tests.files.confinement import attempt as tried

BOUNDS = Bounds(cpu_s=5, wall_s=30)
NAME = tried.__name__


def attempt(what: str, value: str = "", bounds: Bounds = BOUNDS) -> start.Ended:
    with tempfile.TemporaryFile() as source:
        source.write(b"le fichier")
        source.flush()
        return start.run(start.module(NAME, bounds, what, value), source, bounds)


def came_of(what: str, value: str = "") -> str:
    ended = attempt(what, value)
    assert ended.status == 0, ended
    return ended.output.decode().strip()


def test_it_reads_its_file_and_may_use_threads() -> None:
    assert came_of("standard_input") == "le fichier"
    assert came_of("thread") == "ran"
    assert "confine" in came_of("read", tried.confine.__globals__["__file__"])


@pytest.mark.parametrize("what", ["connect", "fork", "signal", "temporary", "file_in_memory", "secrets"])
def test_it_reaches_nobody(what: str) -> None:
    assert came_of(what).startswith(("PermissionError", "FileNotFoundError")), what


def test_it_runs_no_program() -> None:
    assert came_of("run", "/bin/true") == "PermissionError 1"


def test_it_writes_nothing_anywhere(tmp_path: Path) -> None:
    kept = tmp_path / "note.txt"
    kept.write_text("là")
    for what in ("write", "append", "remove"):
        assert came_of(what, str(kept)).startswith("PermissionError"), what
    assert came_of("write", str(tmp_path / "new")).startswith("PermissionError")
    assert (kept.read_text(), os.listdir(tmp_path)) == ("là", ["note.txt"])


def test_it_sees_no_file_but_what_python_needs(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    root = Path(start.__file__).parents[3]
    for path in (tmp_path / "secret", Path("/etc/passwd"), root / "commands.py"):
        assert came_of("read", str(path)) == "PermissionError 13", path
    assert came_of("list", str(tmp_path)) == "PermissionError 13"


def test_its_time_memory_and_answer_are_bounded() -> None:
    assert attempt("compute", bounds=Bounds(cpu_s=1, wall_s=60)).status < 0
    assert attempt("hoard", str(3 << 30)).output.startswith(b"MemoryError")
    flooded = attempt("flood", str(1 << 20), Bounds(cpu_s=5, wall_s=30, output=1 << 16))
    assert len(flooded.output) <= 1 << 16
    began = time.monotonic()
    with pytest.raises(start.OutOfTime):
        attempt("sleep", "60", Bounds(cpu_s=5, wall_s=1))
    assert time.monotonic() - began < 20


def test_it_does_not_outlive_who_started_it() -> None:
    """A parent that is killed with no time to tell anybody."""
    script = f"import os,subprocess,sys; child=subprocess.Popen({start.module(NAME, BOUNDS, 'sleep', '60')!r}); "
    script += "print(child.pid, flush=True); import time; time.sleep(60)"
    root = Path(start.__file__).parents[3]
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=root) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        while f"{NAME}".encode() not in (command := Path(f"/proc/{child}/cmdline").read_bytes()) or not _confined(
            child
        ):
            assert command is not None
            time.sleep(0.02)
        parent.kill()
    end = time.monotonic() + 20
    while _runs(child) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _runs(child)


def _confined(process: int) -> bool:
    return "Seccomp:\t2" in Path(f"/proc/{process}/status").read_text()


def _runs(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not bubblewrap.usable(), reason="bubblewrap cannot run here")
def test_a_program_of_others_is_wrapped_without_network_files_or_neighbours(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    script = f"""
cat {tmp_path}/secret; cat /etc/passwd; ls /proc/1; cat /sys/class/net/lo/operstate
echo written > /tmp/new && cat /tmp/new; echo no > /usr/no; cat -; env | cut -d= -f1 | sort | tr '\\n' ' '
"""
    with tempfile.TemporaryFile() as source:
        source.write(b"le fichier\n")
        source.flush()
        ended = start.run(bubblewrap.wrapped(script, BOUNDS), source, BOUNDS)
    assert ended.output.decode().split("\n") == ["written", "le fichier", "HOME LC_ALL OMP_THREAD_LIMIT PATH PWD "]
    assert not Path("/usr/no").exists() and not Path("/tmp/new").exists()


@pytest.mark.skipif(not bubblewrap.usable(), reason="bubblewrap cannot run here")
def test_a_program_of_others_writes_in_its_one_folder_of_bounded_size() -> None:
    script = """
for folder in / /dev /dev/shm /tmp; do echo x > $folder/new && echo $folder; done
for at in 1 2 3; do dd if=/dev/zero of=/tmp/$at bs=1M count=100; done; cat /tmp/1 /tmp/2 /tmp/3 | wc -c
"""
    bounds = Bounds(cpu_s=20, wall_s=60, output=128 << 20)
    with tempfile.TemporaryFile() as source:
        ended = start.run(bubblewrap.wrapped(script, bounds), source, bounds)
    folder, written = ended.output.decode().split()
    assert folder == "/tmp" and 200 << 20 < int(written) <= 256 << 20


def test_it_gives_way_to_whoever_waits_before_a_screen() -> None:
    waits = "import os, time\nwhile not os.nice(0): time.sleep(0.01)\nprint(os.nice(0))"
    with tempfile.TemporaryFile() as source:
        ended = start.run([sys.executable, "-c", waits], source, BOUNDS)
    assert ended == start.Ended(0, b"10\n")
