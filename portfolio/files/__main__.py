"""Says what files are: `python -m portfolio.files FILE…` prints one JSON object a line, and needs no engine.

Each is read as in service, in confined processes. A file that cannot be read has an `error`, a code, and the others
follow; the exit status is 1 then.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from portfolio.errors import Refusal
from portfolio.files.confinement.bounds import DRAWING
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.facts.asking import facts_of
from portfolio.files.facts.facts_reader import READERS
from portfolio.files.facts.gathered import FactEntry, GatheredFacts
from portfolio.files.previews.preview_spec import FILMS, OUTLINE, RENDERER, SOUNDS, shape_of
from portfolio.files.previews.render import render
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.names import extension
from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import MacrosInFile

_GPS: Final = {"photo_gps": "gps", "video_gps": "gps"}
_WITH_MACROS: Final = {  # ending: the kind without macros, whose reader says what they are beside
    **dict.fromkeys(("xlsm", "xltm"), "xlsx"),
    **dict.fromkeys(("docm", "dotm"), "docx"),
    **dict.fromkeys(("pptm", "ppsm", "potm"), "pptx"),
}


def described(path: Path) -> dict[str, object]:
    """Returns what the command prints of one file. It has an `error` where the service would not receive it or its
    facts could not be read: the code of a refusal, or `unreadable`, `damaged`, `locked`, `too_large`, `out_of_time`.
    """
    begun = time.monotonic()
    answer: dict[str, object] = {"file": str(path), "kind": None, "functions": [], "provenance": {}}
    answer |= {"personal_data": [], "risks": [], "view": None}
    try:
        with path.open("rb") as source:
            answer |= _read(source, path)
    except OSError:
        answer["error"] = "unreadable"
    return answer | {"seconds": round(time.monotonic() - begun, 3)}


def _read(source: BinaryIO, path: Path) -> dict[str, object]:
    answer: dict[str, object] = {}
    warnings: tuple[str, ...] = ()
    try:
        recognised = recognise(source, path.name, path.stat().st_size)
        kind, warnings = recognised.kind, recognised.warnings
    except MacrosInFile as refusal:
        kind = _WITH_MACROS.get(extension(path.name), extension(path.name))
        answer["error"] = refusal.code
        warnings = ("macros",)
    except Refusal as refusal:
        return {"error": refusal.code}
    answer["kind"] = kind
    try:
        facts = facts_of(source, kind) if kind in READERS else None
    except CannotShow as refusal:
        answer["error"], facts = refusal.reason, None
    except OutOfTime:
        answer["error"], facts = "out_of_time", None
    if facts is not None:
        answer |= {name: facts[name] for name in ("functions", "provenance", "personal_data")}
    answer["risks"] = _risks(facts, warnings)
    answer["view"] = _view(source, kind)
    return answer


def _risks(facts: GatheredFacts | None, warnings: Sequence[str]) -> list[FactEntry]:
    """Returns the risks that facts tell, and those that recognition alone knows."""
    risks = list(facts["risks"]) if facts is not None else []
    known = {risk["code"] for risk in risks}
    codes = dict.fromkeys(_GPS.get(code, code) for code in warnings)
    return risks + [{"code": code, "count": 1, "places": []} for code in codes if code not in known]


def _view(source: BinaryIO, kind: str) -> dict[str, str]:
    """Returns how pages show the file: the shape of its view, and why it has none."""
    if kind in FILMS | SOUNDS:
        return {"shape": shape_of(kind)}
    if kind not in RENDERER:
        return {"shape": "nothing", "refused": "no_view_of_this_kind"}
    try:
        return {"shape": json.loads(render(source, kind, OUTLINE, DRAWING))["shape"]}
    except CannotShow as refusal:
        return {"shape": "nothing", "refused": refusal.reason}
    except OutOfTime:
        return {"shape": "nothing", "refused": "out_of_time"}


def _paths(arguments: Sequence[str]) -> Iterator[Path]:
    """Yields the files that are named, and those in folders that are, in the order of their names."""
    for argument in arguments:
        path = Path(argument)
        if path.is_dir():
            yield from (inner for inner in sorted(path.rglob("*")) if inner.is_file())
        else:
            yield path


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        sys.stderr.write(f"{__doc__}")
        return 2
    failed = False
    for path in _paths(arguments):
        answer = described(path)
        failed = failed or "error" in answer
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
