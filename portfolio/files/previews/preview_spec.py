"""Describes previews, without opening a file: data for both sides of the process boundary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NotRequired, TypedDict

OUTLINE, THUMBNAIL, PICTURE = "outline", "thumbnail", "picture"
FACTS: Final = "facts"  # what the file tells of itself, as JSON (facts/)
WEBP: Final = "image/webp"
LONGEST_SIDE: Final = {THUMBNAIL: 320, PICTURE: 1600}  # pixels
LONGEST_PAGE = 1600
MOST_PAGES = 200
MOST_SIGNS = 200_000  # of text, some 80 pages

_BY_RENDERER: Final = {
    "pictures": ("png", "jpeg", "heic", "webp", "gif"),
    "pages": ("pdf",),
    "tables": ("xlsx", "xltx", "xls", "ods", "ots", "csv"),
    "prose": (
        "docx",
        "dotx",
        "odt",
        "ott",
        "doc",
        "rtf",
        "pptx",
        "ppsx",
        "potx",
        "odp",
        "otp",
        "ppt",
        "odg",
    ),
    "texts": ("txt", "md", "json", "html"),
    "calendars": ("ics",),
    "messages": ("eml", "mbox", "mhtml", "msg"),
}
RENDERER: Final[dict[str, str]] = {kind: name for name, kinds in _BY_RENDERER.items() for kind in kinds}
LAID_OUT: Final = frozenset({"eml", "mbox", "mhtml", "msg"})  # kinds that may be shown as they looked
FILMS: Final = frozenset({"mp4", "mov", "webm"})
SOUNDS: Final = frozenset({"mp3", "m4a"})

CUT = "L'aperçu s'arrête ici : téléchargez le fichier pour lire la suite."
UNSEEN_WORDS = (
    "Des mots de ces pages ne s'y voient pas (calque masqué, texte couvert, ton sur ton ou minuscule) : ils sont dits "
    "à la fin du texte de leur page."
)
UNSEEN_ON_SCREEN = (
    "Des mots ne se voient pas à l'écran (masqués, blancs ou minuscules) : ils sont montrés ici, entre crochets."
)
UNSEEN_IN_CELLS = (
    "Des mots de ce classeur ne se voient pas dans leurs cases (blancs ou minuscules) : ils sont marqués à leur place."
)
# The same where the page says already that the file has such words.
WHERE_UNSEEN: Final = {
    UNSEEN_WORDS: "Ces mots sont dits à la fin du texte de leur page.",
    UNSEEN_ON_SCREEN: "Ces mots sont montrés ici, entre crochets.",
    UNSEEN_IN_CELLS: "Ces mots sont marqués à leur place, dans leurs cases.",
}
CUT_PICTURE = "Il manque une partie de cette image : ce qui manque est montré en gris, ou flou."
WORDS_ONLY = "Texte seul : téléchargez le fichier pour voir sa mise en page et ses images."


def page(number: int) -> str:
    """Returns the name of the view that is the picture of one page, counted from 1."""
    return f"page-{number}"


# What the worker alone makes, where the machine has the programs for it.
PRINT: Final = "print"  # the first pages of an office document, as PDF
PRINT_PAGES: Final = "print-pages"  # the outline of that
PRINT_THUMBNAIL: Final = "print-thumbnail"  # its first page, small
LEGIBLE: Final = "legible-"  # before the number of a page, from 1: PNG in grey for a reader of letters, not kept
READING: Final = "reading-"  # before the number of a page, from 1: the words recognised in it, as UTF-8
FOUND: Final = "found-1"  # other people's data; another number when the detectors change
GATHERING: Final = "portfolio.files.previews.renderers.whose_data.gathering"  # its renderer
MOST_PRINTED = 20  # pages of an office document
MOST_READ = 20  # pages whose words are recognised
LONGEST_LEGIBLE = 2500  # pixels: some 210 to the inch of a page
_BY_APPLICATION: Final = {
    "writer": ("docx", "dotx", "doc", "rtf", "odt", "ott"),
    "calc": ("xlsx", "xltx", "xls", "ods", "ots"),
    "impress": ("pptx", "ppsx", "potx", "ppt", "odp", "otp"),
    "draw": ("odg",),
}
PRINTED_BY: Final[dict[str, str]] = {kind: name for name, kinds in _BY_APPLICATION.items() for kind in kinds}

LAYOUT: Final = "layout-"  # before the number of a mail, from 1: the mail as it looked
MOST_LAYOUTS = 1000
ATTACHED: Final = "attached-"  # before the number of a file attached to a mail, from 1: its bytes, for its own view
MOST_OPENED = 1000
ALL_ATTACHED: Final = "attachments"  # the first files attached to a mail, one after the other, not kept


class LookView(TypedDict, total=False):
    """How cells look, without what is ordinary. kind: number | error | missing. colour: of the number format, in
    English. struck: a line is drawn through all of it. unseen: French words on why it is not seen. across, down:
    columns and rows that a merged cell spans, both or neither.
    """

    kind: str
    colour: str
    struck: bool
    unseen: str
    across: int
    down: int


class ColumnView(TypedDict):
    """name: letters, or « D à K » for several empty ones."""

    name: str
    empty: bool
    hidden: bool


class RowView(ColumnView):
    """name: a number, or « 51 à 900 » for several empty ones, which have no cells. texts: of its cells.

    looks: for each cell, the place of its look among those of the sheet, from 0: 12,000 cells have a few, and are so
    read back in milliseconds.
    """

    texts: list[str]
    looks: list[int]


class SheetView(TypedDict):
    """notes, objects: French sentences. formulas: [place, formula in French, text of the cell]. comments: [place, text
    of the cell, author, comment], by their cells.
    """

    name: str
    hidden: bool
    columns: list[ColumnView]
    rows: list[RowView]
    looks: list[LookView]
    notes: list[str]
    formulas: list[list[str]]
    more_formulas: bool
    objects: list[str]
    comments: list[list[str]]
    more_comments: bool


class MailView(TypedDict):
    """number: from 1, of all mails of the file. has_layout: whether it can be shown as it looked.

    headers: [French name, value]. attached: file names, and how many more there are; first_attached: the number of the
    first of them, from 1, of all that are attached in the file. messages: the mails inside.
    """

    number: int
    has_layout: bool
    headers: list[list[str]]
    text: str
    notes: list[str]
    attached: list[str]
    first_attached: int
    more_attached: int
    messages: list[MailView]


def attached(number: int, what: str) -> str:
    """Returns the name of a view of a file attached to a mail. number: of the file, from 1. what: outline, picture, or
    a page.
    """
    return f"{ATTACHED}{number}/{what}"


class MarkedRun(TypedDict):
    """A stretch of text that is not plain. label: French words that stand behind it, perhaps empty.

    kind: deleted | inserted | hidden | struck | field | link | picture | reference.
    """

    text: str
    kind: str
    label: str


class TableCellView(TypedDict):
    across: int
    down: int
    blocks: list[BlockView]


class TableRowView(TypedDict):
    """label: French words on the whole row (« ligne masquée »), or empty."""

    label: str
    cells: list[TableCellView]


class ItemView(TypedDict):
    """An item of a list. level: from 1. marker: the sign or number before it, perhaps empty."""

    level: int
    marker: str
    runs: list[str | MarkedRun]


class BlockView(TypedDict, total=False):
    """kind: heading (level from 1, runs) | paragraph (runs) | list (items) | table (rows) | box (title, blocks)."""

    kind: str
    level: int
    runs: list[str | MarkedRun]
    items: list[ItemView]
    rows: list[TableRowView]
    title: str
    blocks: list[BlockView]


class SectionView(TypedDict):
    """A part of a document, or a slide. title: French, empty for the text itself. hidden: not shown in a slide show."""

    title: str
    hidden: bool
    blocks: list[BlockView]


class PageView(TypedDict):
    """width, height: pixels of its picture. recognised: `text` was read off the picture."""

    width: int
    height: int
    text: str
    recognised: NotRequired[bool]


@dataclass(frozen=True)
class Preview:
    """A preview. notes: French sentences.

    shape: picture | pages | words | prose | tables | messages | film | sound | nothing.

    width, height: pixels of the picture. pages: [{width, height, text}] of the first ones among page_count; beside
    words or tables, as the document is printed. recognised: `text` was read off the picture; a page may have it too.
    Every string is plain text: the caller escapes it.
    """

    shape: str
    notes: list[str] = field(default_factory=list)
    width: int = 0
    height: int = 0
    page_count: int = 0
    pages: list[PageView] = field(default_factory=list)
    text: str = ""
    recognised: bool = False
    sections: list[SectionView] = field(default_factory=list)
    sheets: list[SheetView] = field(default_factory=list)
    messages: list[MailView] = field(default_factory=list)


def shape_of(kind: str | None) -> str:
    """Returns the shape of a preview from the kind of file alone: `document` is any view made of words or pages."""
    if kind in FILMS:
        return "film"
    if kind in SOUNDS:
        return "sound"
    renderer = RENDERER.get(kind or "")
    return "nothing" if renderer is None else "picture" if renderer == "pictures" else "document"
