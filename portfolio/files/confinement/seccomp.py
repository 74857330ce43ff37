"""Forbids the system calls that reading one file does not need, by a seccomp filter (Linux 3.17).

Whatever is forbidden fails with EPERM. Reading, memory and threads are left; so is writing to what is open already.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from portfolio.files.confinement import kernel

_SECCOMP, _FILTER = 22, 2  # of prctl(2)
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # of classic BPF
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_CLONE_THREAD = 0x00010000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_X32 = 0x40000000  # a second set of numbers of x86_64

# {machine: (code of the kernel, openat, clone, prlimit64, forbidden, said not to exist)}. Numbers of the kernel's
# asm/unistd.h. Those said not to exist (clone3, openat2) have arguments that a filter cannot read: libraries then use
# the older ones.
_Machine = tuple[int, int, int, int, tuple[int, ...], tuple[int, ...]]
_EVERYWHERE = (425, 428, 429, 430, 434, 438, 424, 440, 442)  # io_uring, new mounts, pidfd
_MACHINES: dict[str, _Machine] = {
    "x86_64": (
        0xC000003E,
        *(257, 56, 302),
        (
            *(41, 42, 44, 53),  # socket, connect, sendto, socketpair
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(62, 129, 200, 234, 297, 101, 310, 311),  # signals, ptrace, memory of another process
            *(2, 85, 76, 87, 263, 82, 264, 316, 83, 258, 84, 86, 265, 88, 266, 133, 259),  # open, creat … mknodat
            *(90, 268, 92, 94, 260, 132, 235, 261, 280, 188, 189, 197, 198),  # chmod … lremovexattr
            *(165, 166, 155, 161, 272, 308, 303, 304),  # mounts, roots, namespaces, handles
            *(321, 298, 323, 248, 249, 250, 29, 68, 64, 240),  # bpf, perf, userfaultfd, keys, shared memory, queues
            319,  # files in memory, which no limit of addresses counts
            *_EVERYWHERE,
        ),
        (435, 437),
    ),
    "aarch64": (
        0xC00000B7,
        *(56, 220, 261),
        (
            *(198, 203, 206, 199, 221, 281),
            *(129, 138, 130, 131, 240, 117, 270, 271),
            *(45, 35, 38, 276, 34, 37, 36, 33, 53, 54, 88, 5, 6, 14, 15),
            *(40, 39, 41, 51, 97, 268, 264, 265),
            *(280, 241, 282, 217, 218, 219, 194, 186, 190, 180),
            279,
            *_EVERYWHERE,
        ),
        (435, 437),
    ),
}


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def forbid_calls() -> bool:
    """Forbids calls for good, to this thread and those that it begins later: call it first. Returns False where the
    kernel refuses, or on a machine whose numbers are not known here.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    steps = _filter(machine)
    return kernel.prctl(_SECCOMP, _FILTER, ctypes.byref(_Program(len(steps) // 8, steps)), 0, 0) == 0


def _filter(machine: _Machine) -> bytes:
    code, openat, clone, limits, forbidden, absent = machine
    refuse, unknown = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    steps = [
        _step(_LOAD, _MACHINE),
        _step(_EQUAL, code, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        _step(_AT_LEAST, _X32, 0, 1),
        _step(_RETURN, refuse),
    ]
    for numbers, answer in ((forbidden, refuse), (absent, unknown)):
        for number in numbers:
            steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, answer)]
    # openat: no flag that writes. clone: threads alone. prlimit64: of this process alone.
    steps += _looked_into(openat, 2, _step(_ANY_BIT, _WRITES, 0, 1), [refuse, _ALLOW])
    steps += _looked_into(clone, 0, _step(_ANY_BIT, _CLONE_THREAD, 0, 1), [_ALLOW, refuse])
    steps += _looked_into(limits, 0, _step(_EQUAL, 0, 0, 1), [_ALLOW, refuse])
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _looked_into(number: int, argument: int, test: bytes, answers: list[int]) -> list[bytes]:
    """Returns the steps of the filter for one system call, decided by the low half of one of its arguments. number: of
    the call. argument: from 0. test: a step. answers: [if `test` holds, if not].
    """
    low_half = _ARGUMENTS + 8 * argument  # both machines are little-endian
    return [
        _step(_EQUAL, number, 0, 4),
        _step(_LOAD, low_half),
        test,
        *(_step(_RETURN, answer) for answer in answers),
    ]


def _step(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    """Returns one instruction, a struct sock_filter. code: of the operation. value: its operand. if_so, if_not:
    instructions to jump over.
    """
    return struct.pack("=HBBI", code, if_so, if_not, value)
