"""Calls of Linux that the standard library does not have."""

from __future__ import annotations

import ctypes

_PDEATHSIG, _NO_NEW_PRIVS = 1, 38  # of prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, *values: object) -> int:
    """Calls prctl(2) with this option and its values. Returns 0, or -1 where the kernel refuses."""
    return int(_LIBC.prctl(option, *values))


def call(number: int, *values: object) -> int:
    """Makes a system call by its number. Returns its answer, or -1 where the kernel refuses."""
    return int(_LIBC.syscall(number, *values))


def end_with_parent(number: int) -> None:
    """Asks the kernel to send the signal of this number when the thread that started this process ends, however it
    ends.
    """
    prctl(_PDEATHSIG, number, 0, 0, 0)


def gain_nothing() -> None:
    """Forbids that a program run from here gains a right: Landlock and seccomp ask for it first. Raises nothing where
    the kernel refuses: these two then fail.
    """
    prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
