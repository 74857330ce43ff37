"""`python -m rehearsal.demo`: what `make demo` starts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rehearsal.demo import journey


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
def main(out: Path) -> None:
    """Joue tout le parcours par HTTP ; laisse la fiche, le bordereau, l'export et les durées."""
    sys.exit(journey.play(out, click.echo))


main(prog_name="python -m rehearsal.demo")
