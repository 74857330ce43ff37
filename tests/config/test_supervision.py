import os
import sys
import time
from pathlib import Path

import pytest

from config import processes, supervision
from config.processes import Child
from config.supervision import CannotBeKeptAlive, Supervisor
from tests.support.waiting import await_until

SPEAKS = "import time; print('je travaille', flush=True); time.sleep(60)"


@pytest.fixture
def child(tmp_path: Path):
    made = Child("moteur", [sys.executable, "-c", SPEAKS], {}, log=tmp_path / "moteur.log")
    yield made
    made.popen.kill()
    made.popen.wait()


def die(child: Child) -> None:
    await_until(child.last_words)
    child.popen.kill()
    child.popen.wait()


def test_a_child_that_dies_is_started_again_after_a_delay_with_a_word_why(child, monkeypatch):
    said: list[str] = []
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    supervisor = Supervisor([child], said.append)
    for delay in (1, 2, 4):
        monkeypatch.undo()
        die(child)
        monkeypatch.setattr(time, "monotonic", lambda: now[0])
        dead = child.popen
        supervisor.look()
        assert said[-1].startswith(f"moteur s'est arrêté (signal 9) : nouveau départ dans {delay} s.")
        assert str(child.log) in said[-1]
        now[0] += delay - 0.1
        supervisor.look()
        assert child.popen is dead
        now[0] += 0.2
        supervisor.look()
        assert child.popen is not dead and child.popen.poll() is None
        assert said[-1] == "moteur est relancé."


def test_what_was_logged_before_a_death_is_still_there(child):
    die(child)
    child.start()
    await_until(lambda: child.log.read_text() == "je travaille\n" * 2)
    assert child.last_words() == "je travaille"


def test_a_child_that_cannot_be_kept_alive_ends_everything_with_the_end_of_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "DELAYS_S", (0, 0, 0))
    dies = [sys.executable, "-c", "print('le disque est plein'); raise SystemExit(3)"]
    child = Child("moteur", dies, {}, log=tmp_path / "moteur.log")
    supervisor = Supervisor([child], lambda _: None)
    with pytest.raises(CannotBeKeptAlive) as over:
        while True:
            child.popen.wait()
            supervisor.look()
    assert "moteur s'arrête sans cesse (code 3)" in str(over.value)
    assert str(over.value).endswith("le disque est plein")
    assert child.log.read_text().count("plein") == 4


def test_a_child_whose_program_is_gone_ends_everything_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "DELAYS_S", (0, 0, 0))
    program = tmp_path / "moteur"
    program.write_text("#!/bin/sh\nexit 4\n")
    program.chmod(0o700)
    child = Child("moteur", [str(program)], {}, log=tmp_path / "moteur.log")
    child.popen.wait()
    program.unlink()
    supervisor = Supervisor([child], lambda _: None)
    with pytest.raises(CannotBeKeptAlive) as over:
        while True:
            child.popen.wait()
            supervisor.look()
    assert "moteur s'arrête sans cesse (code 4)" in str(over.value)


def test_a_log_stays_within_its_size_while_it_is_written_to_and_its_last_words_are_there(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_BYTES", 1000)
    log = tmp_path / "moteur.log"
    log.write_bytes(b"d'hier\n")
    writes = "import sys; print('a' * 1000, flush=True); open(sys.argv[1]).read(); print('la raison', flush=True)"
    child = Child("moteur", [sys.executable, "-c", writes, str(pipe(tmp_path))], {}, log=log)
    await_until(lambda: log.stat().st_size > 1000)
    child.shorten_log()
    assert log.read_bytes() == b""
    (tmp_path / "pipe").write_text("go on")
    child.popen.wait(30)
    assert child.last_words() == "la raison"
    assert (tmp_path / "moteur.log.1").read_bytes() == b"d'hier\n" + b"a" * 1000 + b"\n"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"
