"""Opens the archive of a portfolio, and runs the program in it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any


def opened(data: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(data))


def read_json(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def verified(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The exported program, as a stranger runs it: no network library, no environment of ours."""
    command = [sys.executable, "-I", str(folder / "verifier.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
