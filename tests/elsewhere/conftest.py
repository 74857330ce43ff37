"""A real clamd, which knows the harmless file that every antivirus takes for a virus (EICAR)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from config.processes import HOST, EngineProcess, free_ports
from portfolio.store.connections import Connections

# In two halves, so that no antivirus holds this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GRACE_S = 5
LARGEST = 2_000_000  # bytes that this clamd reads of a file
CONF = """
DatabaseDirectory {folder}/signatures
TCPAddr {host}
TCPSocket {port}
Foreground yes
StreamMaxLength {largest}
PidFile {folder}/pid
"""


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a clamd at work, whose only signature is that of EICAR."""
    folder = tmp_path_factory.mktemp("clamd")
    folder.chmod(0o755)
    (folder / "signatures").mkdir()
    known = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
    (folder / "signatures" / "local.hdb").write_text(f"{known}:{len(EICAR)}:Eicar-Test\n")
    (port,) = free_ports(folder, 1)
    configuration = folder / "clamd.conf"
    configuration.write_text(CONF.format(folder=folder, host=HOST, port=port, largest=LARGEST))
    with ExitStack() as leaving:
        command = ("clamd", "-c", str(configuration))
        everywhere = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
        process = EngineProcess("clamd", folder / "log", command, everywhere)
        leaving.callback(process.await_end, GRACE_S)
        leaving.callback(process.popen.terminate)
        process.await_port(port)
        yield f"tcp://{HOST}:{port}"


@pytest.fixture
def examined(clamd: str, store: Connections, monkeypatch: pytest.MonkeyPatch) -> str:
    """The service shows files to that clamd; its address."""
    ask(monkeypatch, store, clamd)
    return clamd


def ask(monkeypatch: pytest.MonkeyPatch, store: Connections, url: str | None) -> None:
    """Makes the service show files to the antivirus of this address from now on."""
    settings = replace(store.settings, clamd_url=url)
    monkeypatch.setattr("portfolio.store.connections._opened", [replace(store, settings=settings)])


def nowhere(folder: Path) -> str:
    """The address of an antivirus that is away."""
    return f"unix://{folder}/nobody.ctl"
