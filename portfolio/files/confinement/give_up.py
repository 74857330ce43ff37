"""Gives up, in a process of ours, all that reading one file does not need (side of the child).

By the kernel alone, so that it holds in a hardened service and in a container, where no program may make a namespace:
limits of time, memory and output; no connection, program, signal or file written (`seccomp.py`); no file read but the
code of the service and the libraries (`landlock.py`). Where a kernel lacks one of the last two, the others hold.
"""

from __future__ import annotations

import os
import resource
import signal

from portfolio.files.confinement import kernel, landlock, seccomp
from portfolio.files.confinement.bounds import Bounds


def confine(arguments: list[str]) -> None:
    """Sets the bounds of this process, and takes from it for good every file and call that reading one file does not
    need, as far as this kernel can. arguments: of `Bounds.as_arguments`. Ends the process if its parent died meanwhile.
    """
    bounds = Bounds.from_arguments(arguments)
    for limit, most in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_CPU, bounds.cpu_s),
        (resource.RLIMIT_FSIZE, bounds.output),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.prlimit(0, limit, (most, most))  # not setrlimit, which a hardened service may not call
    parent = os.getppid()
    kernel.end_with_parent(signal.SIGKILL)
    if os.getppid() != parent:  # it died meanwhile
        os._exit(1)
    kernel.gain_nothing()
    landlock.hide_files()
    seccomp.forbid_calls()
