"""`make asvs-trial`: takes controls out, one at a time, in a copy of the tree, and says which tests notice.

A test that still passes once its control is gone holds nothing: its row of docs/reference/security/asvs.md is not
« met ».
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from tests.security.patches import PATCHES, Patch
from tests.security.table import ROOT

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache")
LONGEST_S = 900


@click.command()
@click.option("--seed", type=int, default=None, help="The draw to play again; another one each time without it.")
@click.option("--count", type=int, default=20, show_default=True, help="How many controls are taken out.")
@click.argument("numbers", nargs=-1)
def main(seed: int | None, count: int, numbers: Sequence[str]) -> None:
    """Takes COUNT controls out, drawn at random, or those of the rows NUMBERS."""
    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    drawn = [patch for patch in PATCHES if patch.number in numbers] if numbers else _draw(seed, count)
    click.echo(f"seed {seed}: {len(drawn)} of {len(PATCHES)} controls: {', '.join(patch.number for patch in drawn)}")
    with tempfile.TemporaryDirectory(prefix="asvs-trial-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        (tree / ".venv").symlink_to((ROOT / ".venv").resolve())
        untouched, said = _run(tree, sorted({"::".join(patch.test) for patch in drawn}))
        if untouched != 0:
            raise click.ClickException(f"untouched, the tests do not pass:\n{said}")
        unseen = [patch for patch in drawn if not _is_noticed(tree, patch)]
    click.echo(f"{len(drawn) - len(unseen)} noticed, {len(unseen)} not (seed {seed})")
    if unseen:
        raise click.ClickException("not noticed: " + ", ".join(f"{patch.number} {patch.test[1]}" for patch in unseen))


def _draw(seed: int, count: int) -> list[Patch]:
    return random.Random(seed).sample(PATCHES, min(count, len(PATCHES)))


def _is_noticed(tree: Path, patch: Patch) -> bool:
    file = tree / patch.file
    whole = file.read_text()
    if whole.count(patch.old) != 1:
        raise click.ClickException(f"{patch.number}: the text to take out is not found once in {patch.file}")
    file.write_text(whole.replace(patch.old, patch.new))
    try:
        code, said = _run(tree, ["::".join(patch.test)])
    finally:
        file.write_text(whole)
    # An error while collecting or setting up is no verdict of the test: the patch is then a bad one.
    noticed = code == 1 and re.search(r"\d+ failed", said) is not None
    click.echo(f"  {patch.number:7} {'noticed    ' if noticed else 'NOT NOTICED'} {patch.test[1]}")
    if not noticed and code != 0:
        click.echo(said)
    return noticed


def _run(tree: Path, tests: list[str]) -> tuple[int, str]:
    """(pytest's exit code, the end of what it said)"""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    return done.returncode, done.stdout[-1500:] + done.stderr[-500:]


if __name__ == "__main__":
    main()
