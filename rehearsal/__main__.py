"""`python -m rehearsal run | demo`: what `make run` and `make demo` start. Production never imports this package."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from config.embedded import EngineError
from rehearsal import journey, serve


@click.group()
def cli() -> None:
    """Répétition : personnes fictives, moteurs embarqués. Jamais en production."""


@cli.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True)
def run(port: int, data: Path) -> None:
    """Sert une session de répétition."""
    try:
        sys.exit(serve.run(port, data, click.echo))
    except (EngineError, serve.PortTaken) as refusal:
        raise click.ClickException(str(refusal)) from None


@cli.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
def demo(out: Path) -> None:
    """Joue tout le parcours par HTTP ; laisse la fiche, le bordereau, l'export et les durées."""
    sys.exit(journey.play(out, click.echo))


cli(prog_name="python -m rehearsal")
