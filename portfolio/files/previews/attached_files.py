"""Takes a file out of a mail and makes its views, as if it had been deposited alone."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from tempfile import TemporaryFile
from typing import BinaryIO

from portfolio.files.confinement.bounds import Bounds
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.previews.hidden_in_view import SEARCHED, codes_in
from portfolio.files.previews.preview_spec import ALL_ATTACHED, ATTACHED, OUTLINE, RENDERER, Preview
from portfolio.files.previews.render import render
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import UnacceptableFile
from portfolio.rules.file_warnings import for_reader, of_a_mail

UNREADABLE = "Cette pièce jointe n'a pas d'aperçu : {fact}."
NO_VIEW = "Pas d'aperçu pour ce type de fichier : téléchargez le message pour l'ouvrir."
WHY = {
    "damaged": "Cette pièce jointe ne se laisse pas lire en entier : aucun aperçu.",
    "locked": "Cette pièce jointe est protégée par un mot de passe : aucun aperçu.",
    "too_large": "Cette pièce jointe est trop lourde ou trop complexe pour un aperçu : ouvrez-la avec le message.",
}


@dataclass(frozen=True)
class AttachedView:
    """What a page shows of a file attached to a mail. label: what it is, in French, by its content; may be empty."""

    name: str
    label: str
    preview: Preview

    @classmethod
    def from_json(cls, text: bytes) -> AttachedView:
        """Returns what `view_of` wrote under `outline`."""
        stored = json.loads(text)
        return cls(stored["name"], stored["label"], Preview(**stored["preview"]))


def view_of(mail: BinaryIO, kind: str, name: str, bounds: Bounds) -> bytes:
    """Returns a view of a file attached to a mail: its outline as the JSON of an AttachedView, or a picture in WebP.

    mail: a real file of this kind. name: of the view, as `preview_spec.attached` writes it. Raises OutOfTime,
    InspectionBusy (of an attached PDF), and CannotShow, of reason `absent` where there is no such file or no such
    picture of it.
    """
    number, _, what = name.removeprefix(ATTACHED).partition("/")
    answer = render(mail, kind, f"{ATTACHED}{number}", bounds)
    head, _, data = answer.partition(b"\n")
    file_name = json.loads(head)
    with TemporaryFile() as copy:
        copy.write(data)
        copy.flush()
        if what != OUTLINE:
            return _picture(copy, file_name, len(data), what, bounds)
        return json.dumps(asdict(_outline(copy, file_name, len(data), bounds))).encode()


def _outline(copy: BinaryIO, name: str, size: int, bounds: Bounds) -> AttachedView:
    try:
        recognised = recognise(copy, name, size)
    except UnacceptableFile as refusal:
        return AttachedView(name, "", Preview("nothing", [UNREADABLE.format(fact=refusal.fact)]))
    kind, label = recognised.kind, recognised.label_fr
    if kind not in RENDERER:
        return AttachedView(name, label, Preview("nothing", [NO_VIEW]))
    try:
        preview = Preview(**json.loads(render(copy, kind, OUTLINE, bounds)))
    except CannotShow as refusal:
        return AttachedView(name, label, Preview("nothing", [WHY[refusal.reason]]))
    facts = for_reader([*recognised.warnings, *(codes_in(preview) if kind in SEARCHED else ())])
    return AttachedView(name, label, replace(preview, notes=facts + preview.notes))


def warnings_of(mail: BinaryIO, kind: str, bounds: Bounds) -> set[str]:
    """Returns the codes of `file_warnings.WARNINGS` on what is attached to a mail. mail: a real file of this kind.
    Raises CannotShow; OutOfTime, also where all of them take longer than one may; InspectionBusy (of an attached PDF).
    """
    head, _, data = render(mail, kind, ALL_ATTACHED, bounds).partition(b"\n")
    codes, at, end = set[str](), 0, time.monotonic() + bounds.wall_s
    for name, size in json.loads(head):
        if time.monotonic() > end:
            raise OutOfTime
        codes |= of_a_mail(_warnings(data[at : at + size], name, bounds))
        at += size
    return codes


def _warnings(data: bytes, name: str, bounds: Bounds) -> Iterator[str]:
    """Yields the codes of one attached file, as if it had been deposited alone. Raises OutOfTime."""
    with TemporaryFile() as copy:
        copy.write(data)
        copy.flush()
        try:
            recognised = recognise(copy, name, len(data))
            yield from recognised.warnings
            if recognised.kind not in RENDERER:
                yield "view_missing"
            if recognised.kind in SEARCHED:
                yield from codes_in(Preview(**json.loads(render(copy, recognised.kind, OUTLINE, bounds))))
        except UnacceptableFile:
            yield "view_missing"
        except CannotShow as refusal:
            yield f"view_{refusal.reason}"


def _picture(copy: BinaryIO, name: str, size: int, what: str, bounds: Bounds) -> bytes:
    try:
        kind = recognise(copy, name, size).kind
    except UnacceptableFile:
        raise CannotShow("absent") from None
    if RENDERER.get(kind) not in ("pictures", "pages"):
        raise CannotShow("absent")
    return render(copy, kind, what, bounds)
