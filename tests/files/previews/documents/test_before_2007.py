"""What the page shows of .rtf, .doc and .ppt files, whose bytes are made here by the letter of their formats."""

from __future__ import annotations

import struct

import pytest

from portfolio.files.previews.renderers.documents import prose_notes
from portfolio.files.previews.renderers.word97.properties import character_shape
from portfolio.files.recognition.ole import Torn
from tests.files.previews.documents.reading import shown, text, view
from tests.support import containers
from tests.support import specimens as made

# --- rich text ------------------------------------------------------------------------------------


def rich(body: str) -> bytes:
    return (
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\stylesheet{\s1 heading 1;}{\s0 Normal;}}" + body + "}"
    ).encode("latin-1")


def test_words_headings_and_lists_of_rich_text() -> None:
    body = (
        r"\pard\s1 D\'e9claration\par\pard Sign\u233?e \uc0\u8364 12\~\'80\par"
        r"{\listtext 1.\tab}\ilvl0 un\par{\listtext\'b7\tab}\ilvl1 deux\par"
    )
    assert text(rich(body), "rtf") == ["# Déclaration", "Signée €12\u00a0€", "1. un", "  • deux"]


def test_a_table_of_rich_text_has_its_merged_cells() -> None:
    body = (
        r"\trowd\cellx200\clvmgf\cellx300\pard\intbl large\cell haute\cell\row"
        r"\trowd\cellx100\cellx200\clvmrg\cellx300\pard\intbl a\cell b\cell\cell\row\pard fin\par"
    )
    assert text(rich(body), "rtf") == ["| 2x1 large | 1x2 haute |", "| a | b |", "fin"]


def test_what_rich_text_tracks_hides_and_calculates_is_marked() -> None:
    moment = 126 << 20 | 3 << 16 | 2 << 11 | 10 << 6
    body = (
        rf"{{\*\revtbl {{Unknown;}}{{Zo\'e9 Petit;}}}}\pard reste {{\revised\revauth1\revdttm{moment} neuf}}"
        r"{\deleted\revauthdel1 ancien}{\v cach\'e9}\par"
        r"{\field{\*\fldinst MERGEFIELD Nom }{\fldrslt \'abNom\'bb}}"
        r'{\field{\*\fldinst HYPERLINK "https://a.example/"}{\fldrslt ici}}\par'
    )
    assert text(rich(body), "rtf") == [
        "reste <inserted:neuf|ajouté par Zoé Petit, le 02/03/2026 10:00><deleted:ancien|supprimé par Zoé Petit>"
        "<hidden:caché|texte masqué>",
        "<field:«Nom»|champ de publipostage « Nom »><link:ici|https://a.example/>",
    ]


def test_a_sign_of_optional_words_hides_a_group_only_at_its_start() -> None:
    body = (  # as OpenOffice writes the result of a link
        r'{\field{\*\fldinst HYPERLINK "https://a.example/"}{\fldrslt \*\cs12\cf2 Garanties}}'
        r"\par reste{\*\inconnu perdu}\par"
    )
    assert text(rich(body), "rtf") == ["<link:Garanties|https://a.example/>", "reste"]


def test_what_stands_around_rich_text_stands_around_it() -> None:
    body = (
        r"{\header Agence\par}{\footer Page\par}\pard Voir{\footnote {\chftn} Art. L113}"
        r"{\*\atnid PM}{\*\atnauthor Paul}\chatn{\*\annotation A revoir}"
        r"{\pict{\*\picprop{\sp{\sn wzDescription}{\sv Plan}}}ffd8}"
        r"{\shp{\*\shpinst{\shptxt Encadr\'e9\par}}{\shprslt deux fois}}\par"
    )
    assert shown(rich(body), "rtf") == {
        "En-tête": ["Agence"],
        "": [
            "Voir<reference:[note 1][commentaire 1]><picture:Image : Plan>", "[Zone de texte]", "> Encadré",
        ],
        "Pied de page": ["Page"],
        "Notes de bas de page": ["[Note 1]", "> Art. L113"],
        "Commentaires": ["[Commentaire 1 de Paul]", "> A revoir"],
    }  # fmt: skip


# --- Word 97 --------------------------------------------------------------------------------------

_HEADER, _TEXT_AT = 154 + 8 * 120, 2048


def old_word(
    words: str,
    lengths: tuple[int, ...],
    tables: dict[int, bytes] | None = None,
    *,
    pages: bytes = b"",
    stored: bytes = b"",
) -> bytes:
    """A .doc of one piece. words: of all stories. lengths: of the eight stories. pages: of 512 bytes, from 8192 on.
    stored: its stream of fields and pictures.
    """
    coded = words.encode("utf-16-le")
    piece = struct.pack("<II", 0, len(words)) + struct.pack("<HIH", 0, _TEXT_AT, 0)
    tables = {33: b"\x02" + struct.pack("<I", len(piece)) + piece, **(tables or {})}
    stream, places = b"", [(0, 0)] * 120
    for number, data in tables.items():
        places[number] = (len(stream), len(data))
        stream += data
    start = struct.pack("<HHHHHH", 0xA5EC, 0xC1, 0, 0x040C, 0, 0x0200).ljust(32, b"\0")
    start += struct.pack("<H", 14) + bytes(28) + struct.pack("<H", 22)
    start += bytes(12) + struct.pack("<8I", *lengths) + bytes(44) + struct.pack("<H", 120)
    start += b"".join(struct.pack("<II", *place) for place in places)
    text_and_pages = start.ljust(_TEXT_AT, b"\0") + coded
    streams = {"WordDocument": text_and_pages.ljust(8192, b"\0") + pages, "1Table": stream.ljust(4096, b"\0")}
    return containers.compound(streams | ({"Data": stored.ljust(4096, b"\0")} if stored else {}))


def page(stretches: list[tuple[int, int, bytes]], *, paragraphs: bool) -> bytes:
    """A page that says what holds for stretches of signs, (first, after the last, changes)."""
    edges = [_TEXT_AT + 2 * first for first, _, _ in stretches] + [_TEXT_AT + 2 * stretches[-1][1]]
    head, body, at = struct.pack(f"<{len(edges)}I", *edges), b"", 510
    for _, _, changes in stretches:
        shape = bytes([len(changes) // 2 + 1]) + changes if paragraphs else bytes([len(changes)]) + changes
        at -= len(shape) + len(shape) % 2
        body = shape.ljust(len(shape) + len(shape) % 2, b"\0") + body
        head += bytes([at // 2]) + bytes(12 if paragraphs else 0)
    return (head.ljust(at, b"\0") + body).ljust(511, b"\0") + bytes([len(stretches)])


def bins(number: int, signs: int) -> bytes:
    return struct.pack("<III", _TEXT_AT, _TEXT_AT + 2 * signs, 16 + number)


def test_a_word_97_text_with_notes_comments_and_changes() -> None:
    body = "Voir\x02 ceci caché neuf\x05\r"
    words = body + "\x02 Note\r" + "\x05Avis\r"
    shapes = [(0, 11, b""), (11, 16, struct.pack("<HB", 0x083C, 1)),
              (16, 17, b""),
              (17, 21, struct.pack("<HBHH", 0x0801, 1, 0x4804, 1)), (21, len(words), b"")]  # fmt: skip
    places = {
        2: struct.pack("<IIH", 4, len(body), 0), 3: struct.pack("<III", 0, 7, 7),
        4: struct.pack("<II", 21, len(body)) + bytes(30), 5: struct.pack("<III", 0, 6, 6),
        12: bins(0, len(words)), 36: struct.pack("<H", 4) + "Paul".encode("utf-16-le"),
        51: b"\xff\xff" + struct.pack("<HH", 2, 0) + b"".join(
            struct.pack("<H", len(name)) + name.encode("utf-16-le") for name in ("Unknown", "Zoé")),
    }  # fmt: skip
    data = old_word(words, (len(body), 7, 0, 0, 6, 0, 0, 0), places, pages=page(shapes, paragraphs=False))
    assert shown(data, "doc") == {
        "": [
            "Voir<reference:[note 1]> ceci <hidden:caché|texte masqué> <inserted:neuf|ajouté par Zoé>"
            "<reference:[commentaire 1]>"
        ],
        "Notes de bas de page": ["[Note 1]", "> Note"],
        "Commentaires": ["[Commentaire 1 de Paul]", "> Avis"],
    }
    assert prose_notes.OLD_WORD in view(data, "doc").notes


def test_a_word_97_table_with_its_merged_cells_and_a_heading() -> None:
    words = "Titre\rlarge\x07c\x07\x07a\x07b\x07c\x07\x07fin\r"

    def row(*edges: int) -> bytes:
        defined = bytes([len(edges)]) + struct.pack(f"<{len(edges) + 1}h", 0, *edges) + bytes(20 * len(edges))
        return struct.pack("<HBHBHH", 0x2416, 1, 0x2417, 1, 0xD608, len(defined) + 1) + defined

    def at(first: int, last: int, style: int, changes: bytes) -> tuple[int, int, bytes]:
        coded = struct.pack("<H", style) + changes
        return first, last, coded + bytes(1 - len(coded) % 2)

    within = struct.pack("<HB", 0x2416, 1)
    stretches = [at(0, 6, 1, b""), at(6, 12, 0, within), at(12, 14, 0, within), at(14, 15, 0, row(2000, 3000)),
                 at(15, 17, 0, within), at(17, 19, 0, within), at(19, 21, 0, within),
                 at(21, 22, 0, row(1000, 2000, 3000)), at(22, 26, 0, b"")]  # fmt: skip
    data = old_word(
        words, (len(words), 0, 0, 0, 0, 0, 0, 0), {13: bins(0, len(words))}, pages=page(stretches, paragraphs=True)
    )
    assert text(data, "doc") == ["# Titre", "| 2x1 large | c |", "| a | b | c |", "fin"]


def test_fields_of_word_97_show_their_result() -> None:
    words = "\x13 MERGEFIELD Nom \x14Durand\x15 et \x13 PAGE \x15\r"
    assert text(old_word(words, (len(words), 0, 0, 0, 0, 0, 0, 0)), "doc") == [
        "<field:Durand|champ de publipostage « Nom »> et <field:valeur non enregistrée|champ : numéro de page>"
    ]


def test_pictures_that_follow_each_other_are_told_apart() -> None:
    words = "\x01\x01\r"
    pages = page([(0, 3, struct.pack("<HB", 0x0855, 1))], paragraphs=False)
    assert text(old_word(words, (3, 0, 0, 0, 0, 0, 0, 0), {12: bins(0, 3)}, pages=pages), "doc") == [
        "<picture:Image sans description Image sans description>"
    ]


def test_a_word_97_whose_tables_lie_is_read_or_refused_never_for_ever() -> None:
    huge = struct.pack("<III", 0, 0xFFFFFFFF, 0xFFFFFFFF) * 100
    words = "mot\r"
    for number in (2, 3, 4, 5, 11, 12, 13, 36, 51):
        assert text(old_word(words, (4, 0, 0, 0, 0, 0, 0, 0), {number: huge}), "doc") == ["mot"]
    lengths = (4, *[0x7FFFFFFF] * 7)
    assert text(old_word(words, lengths, {3: huge, 5: huge, 11: huge}), "doc") == ["mot"]
    assert character_shape(b"\x3c\x08") == character_shape(b"") == character_shape(b"\x08\xd6\xff\xff")


# --- PowerPoint 97 --------------------------------------------------------------------------------


def record(kind: int, data: bytes, instance: int = 0, *, container: bool = False) -> bytes:
    return struct.pack("<HHI", instance << 4 | (15 if container else 0), kind, len(data)) + data


def holding(kind: int, *records: bytes, instance: int = 0) -> bytes:
    return record(kind, b"".join(records), instance, container=True)


def words_of(kind: int, words: str) -> bytes:
    return record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA0, words.encode("utf-16-le"))


def drawing(*boxes: bytes) -> bytes:
    return holding(0x040C, holding(0xF002, holding(0xF003, *(holding(0xF004, holding(0xF00D, box)) for box in boxes))))


def old_slides(*slides: bytes, notes: bytes = b"", environment: bytes = b"", styles: bytes = b"") -> bytes:
    """A .ppt that lists its slides backwards; the first one's outline is in the list. environment: what stands before
    the list. styles: of that outline.
    """
    stream, offsets = b"", []
    for content in (*slides, *([notes] if notes else [])):
        offsets.append(len(stream))
        stream += content
    order = list(range(len(slides)))[::-1]
    listed = b"".join(
        record(0x03F3, struct.pack("<IIiII", number + 2, 0, 0, 256 + number, 0))
        + (words_of(0, "Titre") + record(0x0FA1, styles) if number == 0 else b"")
        for number in order
    )
    noted = (
        holding(0x0FF0, record(0x03F3, struct.pack("<IIiII", len(slides) + 2, 0, 0, 1, 0)), instance=2)
        if notes
        else b""
    )
    offsets.insert(0, len(stream))
    stream += holding(0x03E8, environment, holding(0x0FF0, listed), noted)
    directory = len(stream)
    stream += record(0x1772, struct.pack("<I", len(offsets) << 20 | 1) + struct.pack(f"<{len(offsets)}I", *offsets))
    edit = len(stream)
    stream += record(0x0FF5, struct.pack("<IIIIII", 0, 0, 0, directory, 1, 0) + bytes(4))
    user = record(0x0FF6, struct.pack("<III", 20, 0xE391C05F, edit))
    return containers.compound({"Current User": user, "PowerPoint Document": stream.ljust(5000, b"\0")})


def test_slides_of_powerpoint_97_stand_in_their_order_with_notes() -> None:
    first = holding(0x03EE, drawing(record(0x0F9E, struct.pack("<I", 0)), words_of(1, "Vol\rBris")))
    hidden = record(0x03F9, struct.pack("<IIBBH", 0, 0, 0, 0, 4) + bytes(4))
    second = holding(0x03EE, hidden, drawing(words_of(4, "Libre")))
    notes = holding(0x03F0, record(0x03F1, struct.pack("<II", 256, 0)), drawing(words_of(2, "Lentement")))
    data = old_slides(first, second, notes=notes)
    assert shown(data, "ppt") == {
        "Diapositive 1": ["Libre"],
        "Diapositive 2": ["# Titre", "• Vol", "• Bris", "[Notes de l'orateur]", "> Lentement"],
    }
    assert [section["hidden"] for section in view(data, "ppt").sections] == [True, False]


def test_slides_that_no_list_names_are_shown_as_they_are_stored() -> None:
    stream = holding(0x03EE, drawing(words_of(4, "seule"))).ljust(5000, b"\0")
    assert shown(containers.compound({"PowerPoint Document": stream}), "ppt") == {"Diapositive 1": ["seule"]}


@pytest.mark.parametrize("kind", ["doc", "ppt"])
def test_a_torn_file_of_before_2007_is_refused(kind: str) -> None:
    with pytest.raises(Torn):
        view(made.old_word()[:3000], kind)
