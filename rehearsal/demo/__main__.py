"""`python -m rehearsal.demo`: what `make demo` starts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from config.embedded import EngineError
from rehearsal.clock import CLOCK_HELP, ZONE_HELP, read_clock
from rehearsal.demo import journey
from rehearsal.people import ACADEMIES
from rehearsal.service import NotServing


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--clock", default="", help=CLOCK_HELP, callback=read_clock)
@click.option("--zone", type=click.Choice(list(ACADEMIES)), default="Europe/Paris", help=ZONE_HELP)
def main(out: Path, clock: str, zone: str) -> None:
    """Joue tout le parcours par HTTP ; laisse la fiche, le bordereau, l'export et les durées."""
    try:
        sys.exit(journey.play(out, click.echo, clock, zone))
    except (EngineError, NotServing) as refusal:
        raise click.ClickException(str(refusal)) from None


main(prog_name="python -m rehearsal.demo")
