"""What processes weigh, as PSS: a page that several share counts in parts, so that the sum is what the machine gave."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

MIB = 1024 * 1024


def weight_of(pid: int) -> int:
    """Returns the bytes of PSS of one process. Raises OSError where it ended, or is somebody else's."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no Pss of {pid}")


def weight_of_all(root: int) -> dict[str, int]:
    """Returns {number and command: bytes of PSS} of a process and of all that it started, and these in their turn."""
    found: dict[str, int] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        with suppress(OSError):  # it ended meanwhile
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
            found[f"{pid} {_command_of(pid)}"] = weight_of(pid)
    return found


def _command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:60].strip()
