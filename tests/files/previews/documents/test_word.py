"""What the page shows of a .docx is what Word shows, and what Word hides is marked."""

from __future__ import annotations

import docx

from portfolio.files.previews.renderers.documents import prose_notes
from tests.files.previews.documents.reading import (
    SPACES,
    W,
    made_with,
    paragraph,
    part,
    run,
    saved,
    shown,
    text,
    view,
    word,
)

_CHANGE = 'w:id="1" w:author="Zoé Petit" w:date="2026-03-02T10:00:00Z"'


def note(words: str, tag: str, number: int, more: str = "") -> str:
    return f'<w:{tag} w:id="{number}" {more}><w:p>{run(words)}</w:p></w:{tag}>'


# --- structure ------------------------------------------------------------------------------------


def test_headings_lists_and_tables_are_themselves() -> None:
    document = docx.Document()
    document.add_heading("Rapport", 0)
    document.add_heading("Les faits", 2)
    for words in ("Appeler", "Écrire"):
        document.add_paragraph(words, style="List Number")
    document.add_paragraph("Constat", style="List Bullet")
    table = document.add_table(rows=3, cols=3)
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"{row}{column}"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "large"
    table.cell(1, 2).merge(table.cell(2, 2)).text = "haute"
    assert text(saved(document), "docx") == [
        "# Rapport", "## Les faits", "1. Appeler", "2. Écrire", "• Constat",
        "| 2x1 large | 02 |", "| 10 | 11 | 1x2 haute |", "| 20 | 21 |",
    ]  # fmt: skip


def test_numbers_of_lists_are_those_that_word_displays() -> None:
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for level, start, form, pattern in (
            (0, 3, "upperRoman", "%1 -"),
            (1, 1, "lowerLetter", "%1.%2)"),
            (2, 1, "bullet", "·"),
        )
    )
    numbering = part(
        "numbering",
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        '<w:num w:numId="7"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="8"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>',
    )  # fmt: skip

    def item(words: str, level: int, of: int = 7) -> str:
        return paragraph(words, shape=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{of}"/></w:numPr>')

    body = item("a", 0) + item("b", 1) + item("c", 1) + item("d", 2) + item("e", 0) + item("f", 1) + item("g", 0, 8)
    assert text(word(body, {"word/numbering.xml": ("numbering", numbering)}), "docx") == [
        "III - a", "  III.a) b", "  III.b) c", "    • d", "IV - e", "  IV.a) f", "I - g",
    ]  # fmt: skip


def test_a_table_inside_a_cell_stands_in_it() -> None:
    def table(*cells: str) -> str:
        return f"<w:tbl><w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr></w:tbl>"

    inner = table(paragraph("dedans"))
    body = table(paragraph("avant") + inner + paragraph("après"), paragraph("b"))
    assert text(word(body), "docx") == ["| avant / | dedans | / après | b |"]


def test_a_text_box_stands_once_behind_its_paragraph() -> None:
    box = f"<w:txbxContent>{paragraph('Encadré')}</w:txbxContent>"
    choice, fallback = f"<mc:Choice Requires='wps'>{box}</mc:Choice>", f"<mc:Fallback>{box}</mc:Fallback>"
    for forms in (choice + fallback, fallback):
        inside = f"<w:r><mc:AlternateContent>{forms}</mc:AlternateContent></w:r>"
        assert text(word(paragraph("Avant ", inside, "après")), "docx") == [
            "Avant après", "[Zone de texte]", "> Encadré",
        ]  # fmt: skip


# --- what Word hides or tracks --------------------------------------------------------------------


def test_a_day_that_does_not_exist_is_not_told() -> None:
    change = f"<w:ins w:id='1' w:author='Ali' w:date='0-00-00T00:00:00Z'>{run('a')}</w:ins>"
    other = f"<w:ins w:id='2' w:author='Zoé' w:date='0000-00-00T00:00:00Z'>{run('b')}</w:ins>"
    assert text(word(paragraph(change, other)), "docx") == ["<inserted:a|ajouté par Ali><inserted:b|ajouté par Zoé>"]


def test_added_and_deleted_words_say_by_whom_and_when() -> None:
    body = paragraph(
        "reste ",
        f"<w:ins {_CHANGE}>{run('nouveau')}</w:ins>",
        f"<w:del {_CHANGE}><w:r><w:delText>ancien</w:delText></w:r></w:del>",
        f'<w:moveFrom w:id="2" w:author="Ali">{run("parti")}</w:moveFrom>',
        f'<w:moveTo w:id="3" w:author="Ali">{run("venu")}</w:moveTo>',
    ) + paragraph("fin", shape=f"<w:rPr><w:ins {_CHANGE}/></w:rPr>")
    assert text(word(body), "docx") == [
        "reste <inserted:nouveau|ajouté par Zoé Petit, le 02/03/2026 10:00>"
        "<deleted:ancien|supprimé par Zoé Petit, le 02/03/2026 10:00>"
        "<deleted:parti|déplacé ailleurs par Ali><inserted:venu|déplacé ici par Ali>",
        "fin<inserted:¶|ajouté par Zoé Petit, le 02/03/2026 10:00>",
    ]
    notes = view(word(body), "docx").notes
    assert prose_notes.TRACKED in notes and prose_notes.HIDDEN not in notes


def test_rows_added_deleted_or_hidden_say_so() -> None:
    rows = "".join(
        f"<w:tr><w:trPr>{shape}</w:trPr><w:tc>{paragraph(words)}</w:tc></w:tr>"
        for words, shape in (
            ("a", f"<w:ins {_CHANGE}/>"),
            ("b", '<w:del w:id="1" w:author="Ali"/>'),
            ("c", "<w:hidden/>"),
        )
    )
    assert text(word(f"<w:tbl>{rows}</w:tbl>"), "docx") == [
        "| a | ligne ajoutée par Zoé Petit, le 02/03/2026 10:00",
        "| b | ligne supprimée par Ali",
        "| c | ligne masquée",
    ]


def test_hidden_words_are_marked_whether_by_themselves_or_by_a_style() -> None:
    styles = part(
        "styles",
        '<w:style w:type="character" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Base"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Note"><w:basedOn w:val="Base"/></w:style>',
    )
    body = (
        paragraph("vu ", run("seul", "<w:vanish/>"), run("non", '<w:vanish w:val="0"/>'))
        + paragraph(run("style", '<w:rStyle w:val="Secret"/>'))
        + paragraph("hérité", run("montré", '<w:vanish w:val="false"/>'), shape='<w:pStyle w:val="Note"/>')
        + paragraph(run("avant", "<w:rPrChange w:id='1'><w:rPr><w:vanish/></w:rPr></w:rPrChange>"))
    )
    data = word(body, {"word/styles.xml": ("styles", styles)})
    assert text(data, "docx") == [
        "vu <hidden:seul|texte masqué>non",
        "<hidden:style|texte masqué>",
        "<hidden:hérité|texte masqué>montré",
        "avant",
    ]
    assert {prose_notes.HIDDEN, prose_notes.OTHER_FORMATS} <= set(view(data, "docx").notes)


# --- around the text ------------------------------------------------------------------------------


def test_headers_footers_notes_and_comments_stand_around_the_text() -> None:
    body = (
        paragraph(
            "Voir", '<w:r><w:footnoteReference w:id="4"/></w:r>', '<w:r><w:endnoteReference w:id="2"/></w:r>',
            '<w:commentRangeStart w:id="9"/>', run("le constat"), '<w:commentRangeEnd w:id="9"/>',
            '<w:r><w:commentReference w:id="9"/></w:r>',
        )
        + '<w:sectPr><w:headerReference w:type="first" r:id="header"/></w:sectPr>'
    )  # fmt: skip
    notes = note("", "footnote", 0, 'w:type="separator"') + note("Art. L113-2", "footnote", 4)
    comment = note("À revoir", "comment", 9, 'w:author="Paul Martin" w:date="2026-03-02T10:00:00Z"')
    data = word(body, {
        "word/h.xml": ("header", part("hdr", paragraph("Agence Durand"))),
        "word/f.xml": ("footer", part("ftr", paragraph("Page 1"))),
        "word/n.xml": ("footnotes", part("footnotes", notes)),
        "word/e.xml": ("endnotes", part("endnotes", note("Fin", "endnote", 2))),
        "word/c.xml": ("comments", part("comments", comment)),
    })  # fmt: skip
    sections = shown(data, "docx")
    assert list(sections) == [
        "En-tête, première page", "", "Pied de page", "Notes de bas de page", "Notes de fin", "Commentaires",
    ]  # fmt: skip
    assert sections[""] == [
        "Voir<reference:[note 1][note de fin 1]>le constat<reference:[commentaire 1]>",
    ]
    assert sections["Notes de bas de page"] == ["[Note 1]", "> Art. L113-2"]
    assert sections["Commentaires"] == [
        "[Commentaire 1 de Paul Martin, le 02/03/2026 10:00, sur « le constat »]", "> À revoir",
    ]  # fmt: skip


def test_parts_that_nothing_leads_to_are_shown_and_said_to_be_so() -> None:
    orphans = {
        "word/header1.xml": part("hdr", paragraph("EN-TETE")),
        "word/comments.xml": part("comments", "<w:comment><w:p><w:r><w:t>COMMENTAIRE</w:t></w:r></w:p></w:comment>"),
    }
    assert shown(made_with(word(paragraph("texte")), orphans), "docx") == {
        "En-tête, que rien ne relie au texte": ["EN-TETE"],
        "": ["texte"],
        "Commentaires, que rien ne relie au texte": ["[Commentaire]", "> COMMENTAIRE"],
    }


def test_the_text_is_found_by_its_relation_whatever_its_name() -> None:
    assert text(word(paragraph("Contrat"), main="word/document2.xml"), "docx") == ["Contrat"]


# --- fields, links, pictures ----------------------------------------------------------------------


# --- names ----------------------------------------------------------------------------------------


def test_elements_are_known_by_their_namespace_strict_or_not_whatever_their_prefix() -> None:
    strict = word("<w:p><w:r><w:t>mot</w:t></w:r></w:p>")
    for space in (W, "http://purl.oclc.org/ooxml/wordprocessingml/main"):
        document = f'<x:document xmlns:x="{space}"><x:body><x:p><x:r><x:t>mot</x:t></x:r></x:p></x:body></x:document>'
        assert text(made_with(strict, {"word/document.xml": document}), "docx") == ["mot"]
    other = '<w:document xmlns:w="urn:autre"><w:body><w:p><w:r><w:t>mot</w:t></w:r></w:p></w:body></w:document>'
    assert text(made_with(strict, {"word/document.xml": other}), "docx") == []


def test_a_text_that_is_damaged_half_way_shows_what_comes_before_and_says_so() -> None:
    broken = f"<w:document {SPACES}><w:body>{paragraph('avant')}<w:p><w:r><w:t>après</w:p>"
    seen = view(made_with(word(""), {"word/document.xml": broken}), "docx")
    assert seen.sections[0]["blocks"][0]["runs"] == ["avant"] and prose_notes.DAMAGED in seen.notes
