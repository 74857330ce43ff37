"""Names the elements of office XML by their namespace, whatever prefix a program chose for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat

from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.sandbox import CannotShow

Attributes = dict[str, str]
DEEPEST = 500  # elements inside each other; office programs write some fifty
MOST_ELEMENTS = 600_000  # of one part; the text that is shown at most has some 200,000

_OOXML = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
_PREFIXES = {
    f"{_OOXML}markup-compatibility/2006": "mc",
    f"{_OOXML}wordprocessingml/2006/main": "w",
    f"{_STRICT}wordprocessingml/main": "w",
    f"{_OOXML}presentationml/2006/main": "p",
    f"{_STRICT}presentationml/main": "p",
    f"{_OOXML}drawingml/2006/main": "a",
    f"{_STRICT}drawingml/main": "a",
    f"{_OOXML}drawingml/2006/chart": "c",
    f"{_STRICT}drawingml/chart": "c",
    "http://schemas.microsoft.com/office/drawing/2014/chartex": "c",
    f"{_OOXML}drawingml/2006/diagram": "dgm",
    f"{_STRICT}drawingml/diagram": "dgm",
    f"{_OOXML}drawingml/2006/picture": "pic",
    f"{_STRICT}drawingml/picture": "pic",
    f"{_OOXML}drawingml/2006/wordprocessingDrawing": "wp",
    f"{_STRICT}drawingml/wordprocessingDrawing": "wp",
    f"{_OOXML}officeDocument/2006/math": "m",
    f"{_STRICT}officeDocument/math": "m",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "http://schemas.microsoft.com/office/powerpoint/2018/8/main": "p188",
    "http://www.w3.org/1999/xlink": "xlink",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
    "urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0": "field",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
}
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_OASIS_PREFIXES = {"drawing": "draw", "svg-compatible": "svg"}  # the others are called as in the standard's text


def short_name(full: str) -> str:
    """Returns « w:p » for an element of Word, « text:p » for one of OpenDocument; « ?:p » for another one.

    full: « namespace local », as the parser says it.
    """
    space, _, local = full.rpartition(" ")
    if prefix := _PREFIXES.get(space):
        return f"{prefix}:{local}"
    if space.startswith(_OASIS):
        name = space[len(_OASIS) :].partition(":")[0]
        return f"{_OASIS_PREFIXES.get(name, name)}:{local}"
    if space.startswith("http://purl.org/dc/elements"):
        return f"dc:{local}"
    return f"?:{local}" if space else local


def local_attributes(qualified: Attributes) -> Attributes:
    return {key.rpartition(" ")[2]: value for key, value in qualified.items()}


def is_on(attributes: Attributes) -> bool:
    """Returns whether an element such as <w:vanish w:val="0"/> switches its property on; one without `val` does."""
    return attributes.get("val", "1") not in ("0", "false", "off")


def number(text: str | None, default: int = 0) -> int:
    """Returns the whole number of a text, held between minus and plus one million; the default if it is none."""
    try:
        return max(-(10**6), min(int(text or ""), 10**6))
    except ValueError:
        return default


def words_for(attributes: Attributes) -> str:
    """Returns the alternative text of a drawing, else its title; "" without either. Its name is one that the program
    gave.
    """
    return attributes.get("descr") or attributes.get("title", "")


class PartReader:
    """Reads a part: calls the handler of each element. A subclass fills `starts`, `ends` and `unread`, by short names.

    starts: take (attributes by local name). unread: elements that are passed over with all that is inside.
    """

    starts: dict[str, Callable[[Attributes], None]]
    ends: dict[str, Callable[[], None]]
    unread: frozenset[str]

    def __init__(self) -> None:
        self.damaged = False
        self.cut = False
        self.depth = self._elements = 0
        self._names: dict[str, str] = {}
        self._unread = 0

    def skip(self) -> None:
        """Passes over what is inside the element whose start is handled now; its end is not handled."""
        self._unread = 1

    def choose_forms(self) -> None:
        """Adds handlers by which, of several forms that say the same (mc:AlternateContent), the first one is read."""
        taken: list[bool] = []

        def choose(_attributes: Attributes) -> None:
            if taken and taken[-1]:
                self.skip()
            elif taken:
                taken[-1] = True

        self.starts["mc:AlternateContent"] = lambda _: taken.append(False)
        self.starts["mc:Choice"] = self.starts["mc:Fallback"] = choose
        self.ends["mc:AlternateContent"] = lambda: taken.__delitem__(-1)

    def read(self, pieces: Iterable[bytes], enough: Callable[[], bool]) -> None:
        """Reads a part until its end, damage (sets `damaged`), too many elements (sets `cut`), or `enough` is true.
        Raises CannotShow where it declares entities or nests too deep.
        """
        parser = Package.parser(namespaces=True)
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.characters
        self.depth = self._unread = 0
        try:
            for piece in pieces:
                parser.Parse(piece, False)
                if self.cut or enough():
                    return
            parser.Parse(b"", True)
        except expat.ExpatError:
            self.damaged = True

    def characters(self, text: str) -> None:
        """Handles text; to be called by nobody but the parser."""

    @property
    def passing(self) -> bool:
        return self._unread > 0

    def _start(self, full: str, attributes: Attributes) -> None:
        self.depth += 1
        self._elements += 1
        self.cut = self.cut or self._elements > MOST_ELEMENTS
        if self._unread or self.cut:
            self._unread += 1
            return
        if self.depth > DEEPEST:
            raise CannotShow("too_large")
        name = self._names.get(full)
        if name is None:
            name = short_name(full)
            if len(self._names) < 5_000:
                self._names[full] = name
        if name in self.unread:
            self._unread = 1
        elif handle := self.starts.get(name):
            handle(local_attributes(attributes))

    def _end(self, full: str) -> None:
        self.depth -= 1
        if self._unread:
            self._unread -= 1
            return
        if handle := self.ends.get(self._names.get(full) or short_name(full)):
            handle()
