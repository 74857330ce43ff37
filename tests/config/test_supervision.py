import sys
import time
from pathlib import Path

import pytest

from config import processes, supervision
from config.processes import Child, shorten
from config.supervision import CannotBeKeptAlive, Supervisor
from tests.patience import await_until

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
        assert said[-1] == "moteur a redémarré."


def test_what_was_logged_before_a_death_is_still_there(child):
    die(child)
    child.start()
    await_until(lambda: child.log.read_text() == "je travaille\n" * 2)
    assert child.last_words() == "je travaille"


def test_a_child_that_cannot_be_kept_alive_ends_everything_with_the_end_of_its_log(tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "LONGEST_DELAY_S", 0)
    dies = [sys.executable, "-c", "print('le disque est plein'); raise SystemExit(3)"]
    child = Child("moteur", dies, {}, log=tmp_path / "moteur.log")
    supervisor = Supervisor([child], lambda _: None)
    with pytest.raises(CannotBeKeptAlive) as over:
        while True:
            child.popen.wait()
            supervisor.look()
    assert "moteur s'arrête sans cesse (code 3)" in str(over.value)
    assert str(over.value).endswith("le disque est plein")
    assert child.log.read_text().count("plein") == supervision.MOST_DEATHS


def test_a_log_stays_within_its_size_while_it_is_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_BYTES", 1000)
    log = tmp_path / "moteur.log"
    with log.open("ab", buffering=0) as writing:
        writing.write(b"a" * 1001)
        shorten(log)
        writing.write(b"b" * 10)
        shorten(log)
    assert log.read_bytes() == b"b" * 10
    assert (tmp_path / "moteur.log.1").read_bytes() == b"a" * 1001
