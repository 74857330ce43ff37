"""Hides every file but those that Python and its libraries read, by Landlock (Linux 5.13)."""

from __future__ import annotations

import ctypes
import mimetypes
import os
import struct
import sys
from pathlib import Path

from portfolio.files.confinement import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every machine
_VERSION = 1  # flag of _CREATE: tells the version
_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 2, 1 << 3
_ALL = (1 << 13) - 1  # of the first version
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_ROOT = Path(__file__).parents[3]


def hide_files() -> bool:
    """Hides files for good: from then on one can be read only in the folders of `_readable`, and none written;
    descriptors that are open already stay. Returns False where the kernel cannot do it.
    """
    version = kernel.call(_CREATE, None, 0, _VERSION)
    if version < 1:
        return False
    handled = _ALL | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = kernel.call(_CREATE, struct.pack("=Q", handled), 8, 0)
    if rules < 0:
        return False
    for folder in _readable():
        _allow(rules, folder)
    done = kernel.call(_RESTRICT, rules, 0) == 0
    os.close(rules)
    return done


def _readable() -> set[str]:
    """Returns the paths, of those that exist here, of the interpreter and its packages, of our code, of the system's
    libraries and fonts, and of the lists of media types.
    """
    ours = {str(_ROOT / "portfolio")}
    known = {str(path) for path in mimetypes.knownfiles}
    python = {sys.prefix, sys.base_prefix, *filter(os.path.isdir, sys.path)} - {str(_ROOT), ""}
    system = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/dev/null", "/dev/urandom", "/proc/cpuinfo"}
    return {path for path in ours | python | system | known if os.path.exists(path)}


def _allow(rules: int, path: str) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rights = _READ_FILE | (_READ_FOLDER if os.path.isdir(path) else 0)
    rule = struct.pack("=Qi", rights, opened)
    kernel.call(_ADD, rules, _BENEATH, ctypes.c_char_p(rule), 0)
    os.close(opened)
