"""The machine's sans-serif, chosen by FONT=dejavu, noto or liberation: pages hold whichever it is (`make fonts`)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

FONTS = {"dejavu": "DejaVu Sans", "noto": "Noto Sans", "liberation": "Liberation Sans"}
CONFIGURATION = """<?xml version="1.0"?>
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern"><edit name="family" mode="append" binding="strong"><string>{family}</string></edit></match>
</fontconfig>
"""


def environment(cache: Path) -> dict[str, str]:
    """What to start a browser with, so that it knows the fonts of one folder alone. cache: an empty folder."""
    chosen = os.environ.get("FONT")
    if not chosen:
        return {}
    family = FONTS[chosen]
    found = subprocess.run(
        ["fc-list", f":family={family}", "file"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert found, f"{family} is missing: make system-tests"
    folder = Path(found[0].rstrip(": ")).parent
    written = cache / "fonts.conf"
    written.write_text(CONFIGURATION.format(folder=folder, cache=cache, family=family))
    return {"FONTCONFIG_FILE": str(written)}
