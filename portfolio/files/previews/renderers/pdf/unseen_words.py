"""Finds words that a page has and that its picture does not show: covered, in the colour of what is under them, on a
layer that is off, or too small to be read.

No list of layers is needed, nor of what hides words: the picture itself tells where there is nothing to read.
"""

from __future__ import annotations

import ctypes
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageChops
from pypdfium2 import raw

MOST_OBJECTS = 5_000  # of a page
LONGEST_S = 1.0  # for a page: one that takes longer to draw is not looked at
_DEEPEST = 4  # drawings inside each other
_MOST_LAYERS = 8  # of a page, each of which is drawn once more
_LONGEST_SIDE = 1200  # pixels of the picture that is looked at
_FLATTEST = 8  # shades of grey, of 256, that nobody tells from each other
_SMALLEST = 2.0  # points
_MARGIN = 3  # pixels around a letter or two, which may fill their own place
_LONGEST = 2_000

ON_LAYER = "[sur un calque masqué : {words}]"
SMALL = "[en caractères minuscules : {words}]"
UNSEEN = "[texte que la page ne laisse pas voir : {words}]"


@dataclass(frozen=True)
class _WordsInPlace:
    """A stretch of text. place: of its corners, in pixels. layer: its name, perhaps empty. inside: the drawing that it
    stands in, or None for the page itself.
    """

    object: raw.FPDF_PAGEOBJECT
    inside: raw.FPDF_PAGEOBJECT | None
    text: str
    place: tuple[int, int, int, int]
    points: float
    layer: str


Matrix = tuple[float, float, float, float, float, float]
_PLAIN: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def take_out(page: pypdfium2.PdfPage) -> list[str]:
    """Takes the words that cannot be seen out of a page, for whoever asks for its text next; the others stay. Returns
    French lines that say them; [] for a page that takes long to draw.
    """
    scale = min(1.5, _LONGEST_SIDE / max(*page.get_size(), 1.0))
    end = time.monotonic() + LONGEST_S
    picture = _drawn(page, scale, end)
    if picture is None:
        return []
    written = page.get_textpage()
    layers: dict[str, list[raw.FPDF_PAGEOBJECT]] = {}
    all_words = list(_words(page, written, picture.size, layers, end))
    written.close()  # it leads to what is removed
    off = {
        name
        for name, objects in list(layers.items())[:_MOST_LAYERS]
        if _changes_nothing(page, scale, picture, objects, end)
    }
    unseen: dict[str, list[str]] = {}
    for words in all_words:
        if time.monotonic() > end:  # the others stay as they are
            break
        if line := _why_unseen(words, picture, off):
            unseen.setdefault(line, []).append(words.text)
            _remove(page, words)
    return [line.format(words=" ".join(" ".join(texts).split())[:_LONGEST]) for line, texts in unseen.items()]


def _why_unseen(words: _WordsInPlace, picture: Image.Image, off: set[str]) -> str:
    if words.layer in off:
        return ON_LAYER
    left, top, right, bottom = words.place
    if sum(map(str.isalnum, words.text)) <= 2:
        left, top, right, bottom = left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN
    counts = picture.crop((left, top, right, bottom)).histogram()
    shades = [shade for shade, count in enumerate(counts) if count]
    if shades[-1] - shades[0] <= _FLATTEST:
        return ON_LAYER if words.layer else SMALL if words.points < _SMALLEST else UNSEEN
    return SMALL if words.points < _SMALLEST else ""


def _drawn(page: pypdfium2.PdfPage, scale: float, end: float) -> Image.Image | None:
    """Returns the page in shades of grey; None where it takes longer than until `end`, on the monotonic clock."""
    width, height = (max(1, math.ceil(side * scale)) for side in page.get_size())
    bitmap = pypdfium2.PdfBitmap.new_native(width, height, raw.FPDFBitmap_Gray)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    pause = raw.IFSDK_PAUSE(version=1)
    pypdfium2.internal.set_callback(pause, "NeedToPauseNow", lambda _: time.monotonic() > end)
    flags = raw.FPDF_ANNOT | raw.FPDF_GRAYSCALE
    state = raw.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, width, height, 0, flags, pause)
    raw.FPDF_RenderPage_Close(page)
    if state != raw.FPDF_RENDER_DONE:
        return None
    drawn: Image.Image = bitmap.to_pil()
    return drawn.convert("L")


def _changes_nothing(
    page: pypdfium2.PdfPage, scale: float, picture: Image.Image, objects: list[raw.FPDF_PAGEOBJECT], end: float
) -> bool:
    """Returns whether the page looks the same (`picture`) without these objects: their layer is off."""
    for each in objects:
        raw.FPDFPageObj_SetIsActive(each, False)
    without = _drawn(page, scale, end)
    for each in objects:
        raw.FPDFPageObj_SetIsActive(each, True)
    return without is not None and ImageChops.difference(picture, without).getbbox() is None


def _words(
    page: pypdfium2.PdfPage,
    written: pypdfium2.PdfTextPage,
    size: tuple[int, int],
    layers: dict[str, list[raw.FPDF_PAGEOBJECT]],
    end: float,
) -> Iterator[_WordsInPlace]:
    """Yields the stretches of text that stand on the page, and adds what is on a layer to `layers`, by its name; until
    `end`, on the monotonic clock: each stretch is looked for among all words of the page. size: of the picture.
    """
    left = MOST_OBJECTS
    waiting: list[tuple[raw.FPDF_PAGEOBJECT, raw.FPDF_PAGEOBJECT | None, Matrix, str, int]] = [
        (raw.FPDFPage_GetObject(page, place), None, _PLAIN, "", 0)
        for place in reversed(range(min(raw.FPDFPage_CountObjects(page), MOST_OBJECTS)))
    ]
    while waiting and left and time.monotonic() < end:
        each, inside, around, layer, depth = waiting.pop()
        left -= 1
        if own := _layer_of(each):
            layer = layer or own
            layers.setdefault(own, []).append(each)
        kind = raw.FPDFPageObj_GetType(each)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            matrix = _times(_matrix_of(each), around)
            waiting += [
                (raw.FPDFFormObj_GetObject(each, place), each, matrix, layer, depth + 1)
                for place in reversed(range(min(raw.FPDFFormObj_CountObjects(each), MOST_OBJECTS)))
            ]
        elif kind == raw.FPDF_PAGEOBJ_TEXT:
            text = _text_of(each, written)
            place = _place_of(page, each, around, size) if any(map(str.isalnum, text)) else None
            if place is not None:
                points = _points_of(each) * math.hypot(around[2], around[3])
                yield _WordsInPlace(each, inside, text, place, points, layer)


def _layer_of(each: raw.FPDF_PAGEOBJECT) -> str:
    """Returns the name of the layer (ISO 32000-2, 8.11.3) that marks an object, « sans nom » for one whose name is not
    at hand; "" for an object on no layer.
    """
    for number in range(min(raw.FPDFPageObj_CountMarks(each), 20)):
        mark = raw.FPDFPageObj_GetMark(each, number)
        if _string(raw.FPDFPageObjMark_GetName, mark) == "OC":
            return _string(raw.FPDFPageObjMark_GetParamStringValue, mark, b"Name") or "sans nom"
    return ""


def _string(ask: object, mark: object, *key: bytes) -> str:
    length = ctypes.c_ulong()
    room = ctypes.create_string_buffer(512)
    taken = ask(mark, *key, ctypes.cast(room, ctypes.POINTER(raw.FPDF_WCHAR)), len(room), length)  # type: ignore[operator]
    return room.raw[: max(0, length.value - 2)].decode("utf-16-le", "replace") if taken else ""


def _text_of(each: raw.FPDF_PAGEOBJECT, written: pypdfium2.PdfTextPage) -> str:
    length = raw.FPDFTextObj_GetText(each, written, None, 0)
    room = ctypes.create_string_buffer(max(length, 2))
    raw.FPDFTextObj_GetText(each, written, ctypes.cast(room, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    return room.raw.decode("utf-16-le", "replace").replace("\0", "")


def _points_of(each: raw.FPDF_PAGEOBJECT) -> float:
    size, matrix = ctypes.c_float(), _matrix_of(each)
    return size.value * math.hypot(matrix[2], matrix[3]) if raw.FPDFTextObj_GetFontSize(each, size) else math.inf


def _matrix_of(each: raw.FPDF_PAGEOBJECT) -> Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(each, matrix):
        return _PLAIN
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    return (
        *(a * outer[0] + b * outer[2], a * outer[1] + b * outer[3]),
        *(c * outer[0] + d * outer[2], c * outer[1] + d * outer[3]),
        *(e * outer[0] + f * outer[2] + outer[4], e * outer[1] + f * outer[3] + outer[5]),
    )


def _place_of(
    page: pypdfium2.PdfPage, each: raw.FPDF_PAGEOBJECT, around: Matrix, size: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """Returns where an object stands in the picture, in pixels; None for one beside it, or without a place."""
    edges = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(each, *edges):
        return None
    x1, y1, x2, y2 = (edge.value for edge in edges)
    corners = []
    for x, y in ((x1, y1), (x1, y2), (x2, y1), (x2, y2)):
        on_page = (x * around[0] + y * around[2] + around[4], x * around[1] + y * around[3] + around[5])
        across, down = ctypes.c_int(), ctypes.c_int()
        if not all(map(math.isfinite, on_page)):
            return None
        if not raw.FPDF_PageToDevice(page, 0, 0, *size, 0, *on_page, across, down):
            return None
        corners.append((across.value, down.value))
    left, right = min(corner[0] for corner in corners), max(corner[0] for corner in corners) + 1
    top, bottom = min(corner[1] for corner in corners), max(corner[1] for corner in corners) + 1
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _remove(page: pypdfium2.PdfPage, words: _WordsInPlace) -> None:
    if words.inside is None:
        removed = raw.FPDFPage_RemoveObject(page, words.object)
    else:
        removed = raw.FPDFFormObj_RemoveObject(words.inside, words.object)
    if removed:
        raw.FPDFPageObj_Destroy(words.object)
