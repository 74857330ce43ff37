"""Wraps a program that is not ours by bubblewrap: namespaces of its own, no network, only what Debian installed
to read, one folder in memory to write. Nothing of it is on a disk, and it dies with the thread that started it.

Where the program or bubblewrap is missing, or the kernel lets no ordinary program make a namespace, it is not run.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache

from portfolio.files.confinement.bounds import Bounds

_MOST_WRITTEN = 256 << 20  # bytes of its folder in memory
_ISOLATED = [
    *("--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
    *("--setenv", "HOME", "/tmp", "--setenv", "PATH", "/usr/bin", "--setenv", "LC_ALL", "C.UTF-8"),  # noqa: S108
    *("--setenv", "OMP_THREAD_LIMIT", "1"),
    *("--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"),
    *("--symlink", "usr/bin", "/bin", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"),
    *("--ro-bind-try", "/etc/fonts", "/etc/fonts", "--ro-bind-try", "/etc/libreoffice", "/etc/libreoffice"),
    *("--dev", "/dev", "--size", str(_MOST_WRITTEN), "--tmpfs", "/tmp"),  # noqa: S108  # of its own
]
_ONE_FOLDER = ["--remount-ro", "/dev", "--remount-ro", "/"]  # both are memory without a bound; once all is in its place


@cache
def usable() -> bool:
    """Returns whether bubblewrap is there and may do its work, tried once per process."""
    program = shutil.which("bwrap")
    if program is None:
        return False
    try:
        tried = [program, *_ISOLATED, *_ONE_FOLDER, "true"]
        return subprocess.run(tried, capture_output=True, timeout=10, env={}).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


def wrapped(script: str, bounds: Bounds, options: Sequence[str] = ()) -> list[str]:
    """Returns the command that runs a script of ours for `sh`, within bounds that its programs inherit.

    options: of bubblewrap, before the script. Call `usable` first.
    """
    limits = f"ulimit -t {bounds.cpu_s}; ulimit -v {bounds.memory >> 10}; ulimit -f {bounds.output >> 9}; ulimit -c 0"
    return ["bwrap", *_ISOLATED, *options, *_ONE_FOLDER, "--", "/bin/sh", "-c", f"{limits}; {script}"]


def quoted(*words: str) -> str:
    """Returns words as one piece of such a script."""
    return shlex.join(words)
