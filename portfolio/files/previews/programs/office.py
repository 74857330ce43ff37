"""Prints an office document as PDF by LibreOffice, so that its first pages can be drawn. No macro runs, no link is
followed: there is no network, and no file but the document.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from portfolio.files.confinement import bubblewrap, start
from portfolio.files.confinement.bounds import PRINTING
from portfolio.files.previews.preview_spec import MOST_PRINTED, PRINTED_BY
from portfolio.files.previews.sandbox import CannotShow

_PROGRAM = Path("/usr/lib/libreoffice/program")
_KEPT = 1 << 30  # bytes of memory: the bound on addresses holds as before
_SETTINGS = Path(__file__).with_name("office_settings.xcu")
_OPTIONS = (
    *("--setenv", "LD_LIBRARY_PATH", str(_PROGRAM), "--ro-bind", str(_SETTINGS), "/settings.xcu"),
    # Large pieces of memory that it gives back and asks for again cost the kernel a second; kept, a third of one.
    *("--setenv", "MALLOC_MMAP_THRESHOLD_", str(_KEPT), "--setenv", "MALLOC_TRIM_THRESHOLD_", str(_KEPT)),
)
_START = (
    f"{_PROGRAM / 'soffice.bin'} -env:UserInstallation=file:///tmp/profile"
    " --headless --norestore --nologo --nodefault {acts} </dev/null >/dev/null"
)
_MAKE_PROFILE = f"""
mkdir -p /tmp/profile/user
cp /settings.xcu /tmp/profile/user/registrymodifications.xcu
{_START} && tar -c -C /tmp profile
"""
_PRINT = f"""
tar -xf /tmp/profile.tar -C /tmp
{_START}
cat /tmp/printed/document.pdf
"""


@cache
def available() -> bool:
    """Returns whether documents can be printed here; looked up once per process."""
    return (_PROGRAM / "soffice.bin").exists() and bubblewrap.usable()


def print_pages(source: BinaryIO, kind: str) -> bytes:
    """Returns the first pages as PDF, MOST_PRINTED and one more, so that a longer document is known. source: a real
    file. kind: of PRINTED_BY. Raises CannotShow (`damaged`) where nothing is printed, OutOfTime.
    """
    pages = f'{{"PageRange":{{"type":"string","value":"1-{MOST_PRINTED + 1}"}}}}'
    form, document = f"pdf:{PRINTED_BY[kind]}_pdf_Export:{pages}", f"/tmp/document.{kind}"  # noqa: S108  # of its own
    script = _PRINT.format(acts=bubblewrap.quoted("--convert-to", form, "--outdir", "/tmp/printed", document))  # noqa: S108
    with TemporaryFile() as profile:
        profile.write(_profile())
        profile.seek(0)
        files = ("--file", "0", document, "--file", str(profile.fileno()), "/tmp/profile.tar")  # noqa: S108
        command = bubblewrap.wrapped(script, PRINTING, [*_OPTIONS, *files])
        ended = start.run(command, source, PRINTING, beside=[profile])
    if ended.status != 0 or not ended.output.startswith(b"%PDF"):
        raise CannotShow("damaged")
    return ended.output


@cache
def _profile() -> bytes:
    """Returns the profile of a LibreOffice that has seen no document, as a tar, made once per process: one without it
    would start twice for each document. Raises OutOfTime, which says nothing of a document, if it is not made.
    """
    script = _MAKE_PROFILE.format(acts="--terminate_after_init")
    with TemporaryFile() as nothing:
        ended = start.run(bubblewrap.wrapped(script, PRINTING, _OPTIONS), nothing, PRINTING)
    if ended.status != 0:
        raise start.OutOfTime
    return ended.output
