"""Prints an office document as PDF by LibreOffice, so that its first pages can be drawn. No macro runs, no link is
followed: there is no network, and no file but the document.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import BinaryIO

from portfolio.files.confinement import bubblewrap, start
from portfolio.files.confinement.bounds import PRINTING
from portfolio.files.previews.preview_spec import MOST_PRINTED, PRINTED_BY
from portfolio.files.previews.sandbox import CannotShow

_PROGRAM = Path("/usr/lib/libreoffice/program")
_SETTINGS = Path(__file__).with_name("office_settings.xcu")
_STARTS_AGAIN = 81  # once it has made its profile
_OPTIONS = (
    *("--setenv", "LD_LIBRARY_PATH", str(_PROGRAM), "--ro-bind", str(_SETTINGS), "/settings.xcu"),
    *("--dir", "/tmp/profile/user"),  # noqa: S108  # of its own
)
_SCRIPT = """
cp /settings.xcu /tmp/profile/user/registrymodifications.xcu
print() {{
    {program} -env:UserInstallation=file:///tmp/profile --headless --norestore --nologo --nodefault \
        --convert-to {form} --outdir /tmp/printed /tmp/document.{kind} </dev/null >/dev/null
}}
print
[ $? -eq {again} ] && print
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
    script = _SCRIPT.format(
        program=_PROGRAM / "soffice.bin",
        form=bubblewrap.quoted(f"pdf:{PRINTED_BY[kind]}_pdf_Export:{pages}"),
        kind=kind,
        again=_STARTS_AGAIN,
    )
    document = ("--file", "0", f"/tmp/document.{kind}")  # noqa: S108  # of its own
    ended = start.run(bubblewrap.wrapped(script, PRINTING, [*_OPTIONS, *document]), source, PRINTING)
    if ended.status != 0 or not ended.output.startswith(b"%PDF"):
        raise CannotShow("damaged")
    return ended.output
