"""`python -m rehearsal.run`, what `make run` starts: the embedded engines, a fictional class at work, the service."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from config.embedded import EngineError, Engines
from config.processes import is_free
from portfolio.connections import close_connections
from rehearsal.people import load
from rehearsal.service import Service, prepare

LEAVING_S = 6


class PortTaken(RuntimeError):
    """Its text says what to type instead."""


def until_told(tick: Callable[[], bool]) -> None:
    """Returns on Ctrl-C, SIGTERM, or when `tick` answers that it is over."""
    told = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not told.wait(0.5):
        if tick():
            return


def _await_port(port: int) -> None:
    """Workers of a run that was killed notice it within seconds; after that the port is somebody else's."""
    deadline = time.monotonic() + LEAVING_S
    while not is_free(port):
        if time.monotonic() > deadline:
            raise PortTaken(f"Le port {port} est déjà pris. Essayez : make run PORT={port + 1}")
        time.sleep(0.2)


def run(port: int, data: Path, say: Callable[[str], None]) -> int:
    """Serves until told to stop. Exit code 0 when told, 1 when a child ended by itself."""
    _await_port(port)
    say("Moteurs embarqués : MongoDB et SeaweedFS…")
    with Engines.start(data) as engines:
        environment = engines.environment() | {"PUBLIC_URL": f"http://127.0.0.1:{port}"}
        say("Base de données : migrations…")
        prepare(environment)
        say("Classe fictive : huit candidats au travail…")
        accounts = load(data / "accounts.json", datetime.now(UTC))
        close_connections()
        say("Service : gunicorn et processus de fond…")
        service = Service(environment, port)
        try:
            service.await_answer()
            _announce(service.address, data, accounts, say)
            until_told(lambda: service.ended() is not None)
            return 0 if service.ended() is None else 1
        finally:
            service.stop()


def _announce(address: str, data: Path, accounts: list[dict[str, str]], say: Callable[[str], None]) -> None:
    say(f"\nPortfolio E5 – répétition, personnes fictives : {address} (API : {address}/api/v1/docs)")
    say(f"Courriels, avec les liens des tuteurs : {data / 'mail'}")
    say(f"Comptes (aussi dans {data / 'accounts.json'}) :")
    shown = set()
    for account in accounts:
        if account["role"] not in shown:
            say(f"  {account['role']:<14} {account['email']:<42} {account['password']}")
            shown.add(account["role"])
    say("Ctrl-C arrête tout ; relancer retrouve tout.\n")


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True)
def main(port: int, data: Path) -> None:
    """Sert une session de répétition : personnes fictives, moteurs embarqués. Jamais en production."""
    try:
        sys.exit(run(port, data, click.echo))
    except (EngineError, PortTaken) as refusal:
        raise click.ClickException(str(refusal)) from None


if __name__ == "__main__":
    main(prog_name="python -m rehearsal.run")
