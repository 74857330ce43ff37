"""Boxes and lists of the forms of Word, in documents of before 2007 and in OpenDocument: what is ticked, and chosen."""

from __future__ import annotations

import struct

import odf.opendocument
import pytest
from odf import text as odf_text

from tests.files.previews.documents.reading import text
from tests.files.previews.documents.test_before_2007 import bins, old_word, page, rich
from tests.files.previews.documents.test_opendocument import saved, tagged

FIELD = "urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0"
BOX, LIST = "champ : case à cocher", "champ : liste déroulante"


def counted(words: str) -> bytes:
    return struct.pack("<H", len(words)) + words.encode("utf-16-le") + bytes(2)


def of_doc(kind: int, state: int, usual: int, *choices: str) -> bytes:
    """What a .doc stores of a field of a form: a picture that is none, then its numbers, texts and choices."""
    data = b"\xff\xff\xff\xff" + struct.pack("<HHH", kind | state << 2, 0, 20)
    data += counted("Case1") + struct.pack("<H", usual) + counted("") * 5
    if choices:
        data += b"\xff\xff" + struct.pack("<HH", len(choices), 0)
        data += b"".join(struct.pack("<H", len(words)) + words.encode("utf-16-le") for words in choices)
    return struct.pack("<IH", 68 + len(data), 68).ljust(68, b"\0") + data


@pytest.mark.parametrize(
    "stored,expected",
    [
        (of_doc(1, 1, 0), f"<field:☒|{BOX}>"),
        (of_doc(1, 0, 1), f"<field:☐|{BOX}>"),
        (of_doc(1, 25, 1), f"<field:☒|{BOX}>"),
        (of_doc(1, 25, 0), f"<field:☐|{BOX}>"),
        (of_doc(2, 1, 0, "Auto", "Habitation"), f"<field:Habitation|{BOX}>"),
        (of_doc(2, 7, 0, "Auto", "Habitation"), f"<field:valeur non enregistrée|{BOX}>"),
        (of_doc(0, 0, 0), f"<field:valeur non enregistrée|{BOX}>"),
        (of_doc(2, 1, 0, "Auto")[:90], f"<field:valeur non enregistrée|{BOX}>"),
        (b"\xff" * 200, f"<field:valeur non enregistrée|{BOX}>"),
    ],
)
def test_a_box_or_a_list_of_a_doc_is_shown(stored: bytes, expected: str) -> None:
    words = "\x13 FORMCHECKBOX \x01\x14\x15 accord\r"
    sign = words.index("\x01")
    changes = struct.pack("<HIHB", 0x6A03, 16, 0x0855, 1)
    shapes = page([(0, sign, b""), (sign, sign + 1, changes), (sign + 1, len(words), b"")], paragraphs=False)
    lengths = (len(words), 0, 0, 0, 0, 0, 0, 0)
    data = old_word(words, lengths, {12: bins(0, len(words))}, pages=shapes, stored=bytes(16) + stored)
    assert text(data, "doc") == [f"{expected} accord"]


@pytest.mark.parametrize(
    "instruction,expected",
    [
        (r"FORMCHECKBOX {\*\formfield{\fftype1\ffres1\ffhps20{\*\ffname C1}\ffdefres0}}", f"<field:☒|{BOX}>"),
        (r"FORMCHECKBOX {\*\formfield{\fftype1\ffres25\ffdefres1}}", f"<field:☒|{BOX}>"),
        (r"FORMCHECKBOX {\*\formfield{\fftype1\ffres25\ffdefres0}}", f"<field:☐|{BOX}>"),
        (r"FORMCHECKBOX {\*\formfield{\fftype1\ffdefres1\ffres0}}", f"<field:☐|{BOX}>"),
        (
            r"FORMDROPDOWN {\*\formfield{\fftype2\ffres1\ffhaslistbox{\*\ffl Auto}{\*\ffl D\'e9g\'e2ts}}}",
            f"<field:Dégâts|{LIST}>",
        ),
        ("FORMCHECKBOX ", f"<field:valeur non enregistrée|{BOX}>"),
    ],
)
def test_a_box_or_a_list_of_rich_text_is_shown(instruction: str, expected: str) -> None:
    body = rf"\pard{{\field{{\*\fldinst {{ {instruction}}}}}{{\fldrslt {{}}}}}} accord\par suite\par"
    assert text(rich(body), "rtf") == [f"{expected} accord", "suite"]


def test_each_field_of_rich_text_has_its_own_state() -> None:
    box = r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres%d}}}{\fldrslt }}"
    body = rf"\pard{box % 1} oui {box % 0} non {{\field{{\*\fldinst FORMCHECKBOX }}{{\fldrslt }}}}\par"
    assert text(rich(body), "rtf") == [f"<field:☒|{BOX}> oui <field:☐|{BOX}> non <field:valeur non enregistrée|{BOX}>"]


def test_boxes_and_lists_of_an_opendocument_text_are_shown() -> None:
    document = odf.opendocument.OpenDocumentText()
    kind = "vnd.oasis.opendocument.field."

    def parameter(name: str, value: str) -> object:
        made = tagged(FIELD, "param", value=value)
        made.setAttrNS(FIELD, "name", name)
        return made

    for words, name, parameters in (
        ("coché", "FORMCHECKBOX", [parameter("Checkbox_Checked", "true")]),
        ("vide", "FORMCHECKBOX", []),
        (
            "choisi",
            "FORMDROPDOWN",
            [
                parameter("Dropdown_ListEntry", "Auto"),
                parameter("Dropdown_ListEntry", "Habitation"),
                parameter("Dropdown_Selected", "1"),
            ],
        ),
        ("autre", "UNHANDLED", []),
    ):
        line = odf_text.P()
        line.addElement(tagged(FIELD, "fieldmark", *parameters, type=kind + name), check_grammar=False)
        line.addText(f" {words}")
        document.text.addElement(line)
    assert text(saved(document), "odt") == [
        f"<field:☒|{BOX}> coché", f"<field:☐|{BOX}> vide", f"<field:Habitation|{LIST}> choisi", "autre",
    ]  # fmt: skip
