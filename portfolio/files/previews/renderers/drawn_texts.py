"""Says what charts and diagrams of office documents show, by the texts and numbers that are saved with them."""

from __future__ import annotations

from portfolio.files.previews.renderers.office_names import Attributes, PartReader
from portfolio.files.previews.renderers.package import Package
from portfolio.files.previews.renderers.workbooks.object_words import chart_words

LARGEST_DRAWING = 8 << 20
MOST_POINTS, MOST_SERIES, MOST_TEXTS, LONGEST_TEXT = 30, 20, 200, 300
_CATEGORIES, _VALUES = ("cat", "xVal", "strDim"), ("val", "yVal", "numDim")
_PLACES = ("title", "tx", *_CATEGORIES, *_VALUES, "bubbleSize", "catAx", "valAx", "dateAx", "serAx")


class _Series:
    def __init__(self) -> None:
        self.name: list[str] = []
        self.categories: list[str] = []
        self.values: list[str] = []


class _ChartReader(PartReader):
    """Reads a chart: its kinds, its titles, and the name, categories and values of each series."""

    unread = frozenset({"c:externalData", "c:spPr", "c:txPr", "c:dLbls", "c:extLst"})

    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[str] = []
        self.title: list[str] = []
        self.axes: list[str] = []
        self.series: list[_Series] = []
        self._path: list[str] = []
        self._text: list[str] | None = None
        self.starts = {"c:ser": self._start_series, "c:v": self._start_text, "a:t": self._start_text}
        self.ends = {"c:v": self._end_text, "a:t": self._end_text}

    def _start(self, full: str, attributes: Attributes) -> None:
        local = full.rpartition(" ")[2]
        if local.endswith("Chart") and local not in self.kinds and len(self.kinds) < 5:
            self.kinds.append(local)
        if local in _PLACES and not self.passing:
            self._path.append(local)
        super()._start(full, attributes)

    def _end(self, full: str) -> None:
        if not self.passing and self._path and self._path[-1] == full.rpartition(" ")[2]:
            self._path.pop()
        super()._end(full)

    def _start_series(self, _attributes: Attributes) -> None:
        if len(self.series) < MOST_SERIES:
            self.series.append(_Series())

    def _start_text(self, _attributes: Attributes) -> None:
        self._text = []

    def characters(self, text: str) -> None:
        if self._text is not None and len(self._text) < MOST_TEXTS:
            self._text.append(text[:LONGEST_TEXT])

    def _end_text(self) -> None:
        text, self._text = "".join(self._text or []).strip()[:LONGEST_TEXT], None
        place = self._path[-1] if self._path else ""
        if "title" in self._path:
            (self.axes if self._path[0].endswith("Ax") else self.title).append(text)
        elif self.series and place == "tx":
            self.series[-1].name.append(text)
        elif self.series and place in _CATEGORIES:
            self.series[-1].categories.append(text)
        elif self.series and place in _VALUES:
            self.series[-1].values.append(french_number(text))


def chart_lines(package: Package, part: str) -> tuple[str, list[str]]:
    """Returns (the sentence that names a chart of OOXML, lines with what it displays), without lines if the part is
    missing. Raises CannotShow if it is too large.
    """
    reader = _ChartReader()
    if package.has(part):
        reader.read(package.pieces(part, LARGEST_DRAWING), lambda: False)
    lines = [f"Axes : {', '.join(text for text in reader.axes if text)}"] if any(reader.axes) else []
    lines += [_line(series.name, series.categories, series.values) for series in reader.series]
    return chart_words(reader.kinds, "".join(reader.title), "", []), lines


def _line(name: list[str], categories: list[str], values: list[str]) -> str:
    points = [
        f"{category} : {value}" if category and value else category or value
        for category, value in zip(
            categories + [""] * (len(values) - len(categories)),
            values + [""] * (len(categories) - len(values)),
            strict=True,
        )
    ]
    more = " ; …" if len(points) > MOST_POINTS else ""
    return f"Série « {' '.join(name).strip() or 'sans nom'} » : {' ; '.join(points[:MOST_POINTS])}{more}"


def french_number(number: str) -> str:
    """Returns « 8,2 » for « 8.2 », with at most fifteen digits; a text that is no number, unchanged."""
    try:
        return f"{float(number):.15g}".replace(".", ",")
    except ValueError:
        return number


class _DiagramReader(PartReader):
    """Reads the texts of a diagram (SmartArt), one for each of its shapes."""

    unread = frozenset({"dgm:extLst"})

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._texts: list[str] = []
        self._within = False
        self.starts = {"a:t": lambda _: self._open(True)}
        self.ends = {"a:t": lambda: self._open(False), "a:p": self._end_line}

    def _open(self, within: bool) -> None:
        self._within = within

    def characters(self, text: str) -> None:
        if self._within and not self.passing and len(self._texts) < MOST_TEXTS:
            self._texts.append(text[:LONGEST_TEXT])

    def _end_line(self) -> None:
        if line := "".join(self._texts).strip():
            self.lines.append(line)
        self._texts = []


def diagram_lines(package: Package, part: str) -> list[str]:
    """Returns the texts of a diagram of OOXML, MOST_TEXTS at most; [] if the part is missing. Raises CannotShow if it
    is too large.
    """
    reader = _DiagramReader()
    if package.has(part):
        reader.read(package.pieces(part, LARGEST_DRAWING), lambda: len(reader.lines) >= MOST_TEXTS)
    return reader.lines[:MOST_TEXTS]
