"""`python -m rehearsal.run`, what `make run` starts: the embedded engines, a fictional class at work, the service."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click

from config.embedded import EngineError, Engines
from config.processes import is_free
from config.supervision import CannotBeKeptAlive, Supervisor
from portfolio.store.connections import close_connections
from rehearsal.beginning import AccountsLost, class_of
from rehearsal.clock import CLOCK_HELP, ZONE_HELP, read_clock
from rehearsal.people import ACADEMIES
from rehearsal.service import NotServing, Service, environment_of, prepare

LEAVING_S = 6
SHOWN = {"administrator": 2}  # one of each role, but for who needs a second person
LOOK_EVERY_S = 0.5


class PortTaken(RuntimeError):
    """Its text says what to type instead."""


def run(port: int, data: Path, clock: str, zone: str, say: Callable[[str], None]) -> None:
    """Serves until told to stop, by Ctrl-C or SIGTERM. Raises CannotBeKeptAlive where a child ends again and again."""
    _await_port(port)
    say("Moteurs embarqués : MongoDB et SeaweedFS…")
    with Engines.start(data, expiring=not clock) as engines:
        environment = environment_of(engines, port, clock)
        say("Base de données : migrations…")
        settings = prepare(environment, zone)
        accounts = class_of(data, settings, zone, say)
        close_connections()
        say("Service : gunicorn et processus de fond…")
        service = Service(environment, port)
        try:
            service.await_answer()
            _announce(service.address, data, accounts, say)
            _until_told(Supervisor((*engines.children, *service.children), say).look)
        finally:
            service.stop()


def _until_told(look: Callable[[], None]) -> None:
    told = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        told.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    while not told.wait(LOOK_EVERY_S):
        look()


def _await_port(port: int) -> None:
    """Workers of a run that was killed notice it within seconds; after that the port is somebody else's."""
    deadline = time.monotonic() + LEAVING_S
    while not is_free(port):
        if time.monotonic() > deadline:
            raise PortTaken(f"Le port {port} est déjà pris. Essayez : make run PORT={port + 1}")
        time.sleep(0.2)


def _announce(address: str, data: Path, accounts: list[dict[str, str]], say: Callable[[str], None]) -> None:
    say(f"\nPortfolio E5 – répétition, personnes fictives : {address} (API : {address}/api/v1/docs)")
    say(f"Courriels, avec les liens des tuteurs : {data / 'mail'}")
    say(f"Comptes (aussi dans {data / 'accounts.json'}) :")
    shown: Counter[str] = Counter()
    for account in accounts:
        if shown[account["role"]] < SHOWN.get(account["role"], 1):
            say(f"  {account['role']:<14} {account['email']:<42} {account['password']}")
            shown[account["role"]] += 1
    say("Ctrl-C arrête tout ; relancer retrouve tout.\n")


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True)
@click.option("--clock", default="", help=CLOCK_HELP, callback=read_clock)
@click.option("--zone", type=click.Choice(list(ACADEMIES)), default="Europe/Paris", help=ZONE_HELP)
def main(port: int, data: Path, clock: str, zone: str) -> None:
    """Sert une session de répétition : personnes fictives, moteurs embarqués. Jamais en production."""
    # Until it serves, being told to end is an exception like Ctrl-C: everything begun is ended on its way out. A shell
    # starts what it runs in the background deaf to SIGINT.
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, signal.default_int_handler)
    try:
        run(port, data, clock, zone, click.echo)
    except (EngineError, PortTaken, AccountsLost, NotServing, CannotBeKeptAlive) as refusal:
        raise click.ClickException(str(refusal)) from None
    except KeyboardInterrupt:
        click.echo("Arrêté avant de servir.")
        sys.exit(130)


if __name__ == "__main__":
    main(prog_name="python -m rehearsal.run")
