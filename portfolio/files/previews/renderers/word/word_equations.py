"""Writes the equations of a .docx (OMML) on one line, as a person would: « (a + b)/2 », « √(x + 1) »."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.files.previews.renderers.documents.equation_fields import one_thing, root_words, summed_words
from portfolio.files.previews.renderers.office_names import Attributes

_NODES = (
    "m:oMath", "m:f", "m:num", "m:den", "m:rad", "m:deg", "m:e", "m:sSup", "m:sSub", "m:sSubSup", "m:sPre", "m:sup",
    "m:sub", "m:nary", "m:d", "m:func", "m:fName", "m:lim", "m:limLow", "m:limUpp", "m:m", "m:mr", "m:eqArr",
)  # fmt: skip
_DEEPEST = 60


class _EquationNode:
    """parts: (name of the element, its words), in order. signs: what the element says of itself."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.parts: list[tuple[str, str]] = []
        self.signs: dict[str, str] = {}

    def all_of(self, tag: str) -> list[str]:
        return [words for name, words in self.parts if name == tag]

    def part(self, tag: str) -> str:
        return "".join(self.all_of(tag))

    def words(self) -> str:
        write = _WRITTEN.get(self.tag)
        return write(self) if write else "".join(words for _, words in self.parts)


class WordEquations:
    """Handles the elements of equations for the reader of a part. emit: writes words where they stand."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit = emit
        self._nodes: list[_EquationNode] = []
        self._beyond = 0
        self.starts: dict[str, Callable[[Attributes], None]] = {tag: self._starter(tag) for tag in _NODES}
        self.starts |= {tag: self._sign_noter(tag) for tag in ("m:chr", "m:begChr", "m:endChr", "m:sepChr")}
        self.ends: dict[str, Callable[[], None]] = dict.fromkeys(_NODES, self._end)

    @property
    def is_open(self) -> bool:
        """Returns whether what is read now stands in an equation: `add` takes its words."""
        return bool(self._nodes)

    def add(self, text: str) -> None:
        self._nodes[-1].parts.append(("", text))

    def _starter(self, tag: str) -> Callable[[Attributes], None]:
        def start(_attributes: Attributes) -> None:
            if not self._nodes and tag != "m:oMath" or len(self._nodes) >= _DEEPEST:
                self._beyond += 1
            else:
                self._nodes.append(_EquationNode(tag))

        return start

    def _sign_noter(self, tag: str) -> Callable[[Attributes], None]:
        def note(attributes: Attributes) -> None:
            if self._nodes:
                self._nodes[-1].signs[tag] = attributes.get("val", "")[:4]

        return note

    def _end(self) -> None:
        if self._beyond:
            self._beyond -= 1
            return
        node = self._nodes.pop()
        if self._nodes:
            self._nodes[-1].parts.append((node.tag, node.words()))
        elif words := node.words():
            self._emit(words)


def _shifted(node: _EquationNode) -> str:
    below, above = node.part("m:sub"), node.part("m:sup")
    return node.part("m:e") + (f"_{one_thing(below)}" if below else "") + (f"^{one_thing(above)}" if above else "")


def _bracketed(node: _EquationNode) -> str:
    opening, closing = node.signs.get("m:begChr", "("), node.signs.get("m:endChr", ")")
    return opening + node.signs.get("m:sepChr", " | ").join(node.all_of("m:e")) + closing


def _rows(node: _EquationNode) -> str:
    return "[" + " | ".join(words for _, words in node.parts) + "]"


_WRITTEN: dict[str, Callable[[_EquationNode], str]] = {
    "m:f": lambda node: f"{one_thing(node.part('m:num'))}/{one_thing(node.part('m:den'))}",
    "m:rad": lambda node: root_words(node.part("m:deg").strip(), node.part("m:e")),
    "m:nary": lambda node: summed_words(
        node.signs.get("m:chr", "∫"), node.part("m:sub"), node.part("m:sup"), node.part("m:e")
    ),
    "m:d": _bracketed,
    "m:func": lambda node: f"{node.part('m:fName')} {one_thing(node.part('m:e'))}",
    "m:mr": lambda node: " ; ".join(node.all_of("m:e")),
    "m:m": _rows,
    "m:eqArr": _rows,
    **dict.fromkeys(("m:sSup", "m:sSub", "m:sSubSup", "m:sPre"), _shifted),
}
