"""Reads what deploy/ holds."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"
ENVIRONMENT = DEPLOY / "portfolio.env"


def unit(name: str, section: str = "Service") -> dict[str, str]:
    """Returns a section of a systemd unit; of a word that stands twice, the last value."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / name)
    return dict(parser[section])


def environment_file() -> dict[str, str]:
    """Returns the settings that deploy/portfolio.env offers, as systemd reads them: without their quotes."""
    lines = [line for line in ENVIRONMENT.read_text().splitlines() if line and not line.startswith("#")]
    return dict(shlex.split(line)[0].split("=", 1) for line in lines)
