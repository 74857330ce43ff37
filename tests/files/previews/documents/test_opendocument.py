"""What the page shows of an .odt, .odp or .odg is what LibreOffice shows, and what it hides is marked."""

from __future__ import annotations

import io

import odf.opendocument
from odf import draw, element, office, style, table, text
from odf.namespaces import DCNS, OFFICENS, TEXTNS

from portfolio.files.previews.renderers.documents import prose_notes
from tests.files.previews.documents.reading import shown, view
from tests.files.previews.documents.reading import text as text_of
from tests.support import containers


def saved(document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def with_words(made_element, words: str = ""):
    made_element.addText(words)
    return made_element


def tagged(space: str, name: str, *inner, words: str = "", **attributes: str):
    """An element that odfpy has no function for. attributes: of the same namespace."""
    of_space = {(space, key.replace("_", "-")): value for key, value in attributes.items()}
    made_element = element.Element(qname=(space, name), qattributes=of_space, check_grammar=False)
    for child in inner:
        made_element.addElement(child, check_grammar=False)
    if words:
        made_element.addText(words, check_grammar=False)
    return made_element


def information() -> element.Element:
    return tagged(
        OFFICENS, "change-info", tagged(DCNS, "creator", words="Zoé"), tagged(DCNS, "date", words="2026-03-02T10:00:00")
    )


def test_headings_lists_tables_and_hidden_words() -> None:
    document = odf.opendocument.OpenDocumentText()
    secret = style.Style(name="Secret", family="text")
    secret.addElement(style.TextProperties(display="none"))
    numbers = text.ListStyle(name="N")
    numbers.addElement(text.ListLevelStyleNumber(level=1, numformat="a", numsuffix=")", startvalue=2))
    numbers.addElement(text.ListLevelStyleBullet(level=2, bulletchar="-"))
    document.automaticstyles.addElement(secret)
    document.automaticstyles.addElement(numbers)
    body = document.text
    body.addElement(text.H(outlinelevel=2, text="Les faits"))
    seen = text.P(text="vu ")
    seen.addElement(text.Span(stylename="Secret", text="caché"))
    body.addElement(seen)
    listed = text.List(stylename="N")
    for words, inner in (("un", "sous"), ("deux", "")):
        item = text.ListItem()
        item.addElement(text.P(text=words))
        if inner:
            below = text.List()
            item_below = text.ListItem()
            item_below.addElement(text.P(text=inner))
            below.addElement(item_below)
            item.addElement(below)
        listed.addElement(item)
    body.addElement(listed)
    grid = table.Table(name="T")
    row = table.TableRow()
    row.addElement(with_cell(table.TableCell(numbercolumnsspanned=2), "large"))
    row.addElement(table.CoveredTableCell())
    hidden = table.TableRow(visibility="collapse")
    for words in ("a", "b"):
        hidden.addElement(with_cell(table.TableCell(), words))
    grid.addElement(row)
    grid.addElement(hidden)
    body.addElement(grid)
    assert text_of(saved(document), "odt") == [
        "## Les faits", "vu <hidden:caché|texte masqué>", "b) un", "  • sous", "c) deux",
        "| 2x1 large |", "| a | b | ligne masquée",
    ]  # fmt: skip


def with_cell(cell, words: str):
    cell.addElement(text.P(text=words))
    return cell


def test_tracked_changes_notes_comments_fields_and_links() -> None:
    document = odf.opendocument.OpenDocumentText()
    changes = tagged(
        TEXTNS, "tracked-changes",
        tagged(TEXTNS, "changed-region", tagged(TEXTNS, "insertion", information()), id="i"),
        tagged(TEXTNS, "changed-region", tagged(TEXTNS, "deletion", information(), text.P(text="ancien")), id="d"),
    )  # fmt: skip
    document.text.addElement(changes, check_grammar=False)
    line = text.P(text="reste ")
    for piece in (
        tagged(TEXTNS, "change-start", change_id="i"),
        text.Span(text="neuf"),
        tagged(TEXTNS, "change-end", change_id="i"),
    ):
        line.addElement(piece, check_grammar=False)
    line.addElement(tagged(TEXTNS, "change", change_id="d"), check_grammar=False)
    note = text.Note(noteclass="footnote", id="n")
    note.addElement(text.NoteCitation(text="1"))
    note_body = text.NoteBody()
    note_body.addElement(text.P(text="Art. L113-2"))
    note.addElement(note_body)
    line.addElement(note)
    comment = office.Annotation()
    comment.addElement(tagged(DCNS, "creator", words="Paul"), check_grammar=False)
    comment.addElement(tagged(DCNS, "date", words="2026-03-02T10:00:00"), check_grammar=False)
    comment.addElement(text.P(text="À revoir"))
    line.addElement(comment)
    document.text.addElement(line)
    fields = text.P()
    fields.addElement(with_words(text.PageNumber(), "3"))
    fields.addElement(tagged(TEXTNS, "database-display", words="Durand", column_name="Nom"), check_grammar=False)
    fields.addElement(text.A(href="https://a.example/", text="ici"))
    document.text.addElement(fields)
    sections = shown(saved(document), "odt")
    assert sections[""] == [
        "reste <inserted:neuf|ajouté par Zoé, le 02/03/2026 10:00>"
        "<deleted:ancien|supprimé par Zoé, le 02/03/2026 10:00>"
        "<reference:[note 1][commentaire 1]>",
        "<field:3|champ : numéro de page><field:Durand|champ de publipostage « Nom »><link:ici|https://a.example/>",
    ]
    assert sections["Notes de bas de page"] == ["[Note 1]", "> Art. L113-2"]
    assert sections["Commentaires"] == ["[Commentaire 1 de Paul, le 02/03/2026 10:00]", "> À revoir"]
    assert prose_notes.TRACKED in view(saved(document), "odt").notes


def test_headers_text_boxes_and_pictures() -> None:
    document = odf.opendocument.OpenDocumentText()
    document.automaticstyles.addElement(style.PageLayout(name="L"))
    master = style.MasterPage(name="Standard", pagelayoutname="L")
    for kind, words in ((style.Header, "Agence Durand"), (style.Footer, "Confidentiel")):
        side = kind()
        side.addElement(text.P(text=words))
        master.addElement(side)
    document.masterstyles.addElement(master)
    line = text.P(text="avant")
    frame, box = draw.Frame(), draw.TextBox()
    box.addElement(text.P(text="Encadré"))
    frame.addElement(box)
    line.addElement(frame)
    picture = draw.Frame()
    picture.addElement(draw.Image(href="Pictures/a.png"))
    picture.addElement(with_words(element.Element(qname=(SVG, "desc"), check_grammar=False), "Plan"))
    line.addElement(picture)
    document.text.addElement(line)
    assert shown(saved(document), "odt") == {
        "En-tête": ["Agence Durand"],
        "": ["avant<picture:Image : Plan>", "[Zone de texte]", "> Encadré"],
        "Pied de page": ["Confidentiel"],
    }


SVG = "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = " ".join(
    f'xmlns:{prefix}="{_OASIS}{name}:1.0"'
    for prefix, name in (
        ("o", "office"), ("t", "text"), ("d", "drawing"), ("s", "style"),
        ("pr", "presentation"), ("g", "svg-compatible"),
    )
)  # fmt: skip


def slides_of(pages: str, kind: str, styles: str = "") -> bytes:
    content = (
        f"<o:document-content {_SPACES}><o:automatic-styles>{styles}</o:automatic-styles>"
        f"<o:body><o:{kind}>{pages}</o:{kind}></o:body></o:document-content>"
    )
    return containers.zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content})


def test_slides_stand_in_order_with_their_notes_and_the_hidden_one_is_marked() -> None:
    """Prefixes are not the usual ones: elements are known by their namespace."""
    hidden = '<s:style s:name="H" s:family="drawing-page"><s:drawing-page-properties pr:visibility="hidden"/></s:style>'
    notes = "<pr:notes><d:frame><d:text-box><t:p>Lentement</t:p></d:text-box></d:frame></pr:notes>"
    first = (
        '<d:page><d:frame pr:class="title"><d:text-box><t:p>Titre</t:p></d:text-box></d:frame>'
        f"<d:custom-shape><t:p>Flèche</t:p></d:custom-shape>{notes}</d:page>"
    )
    seen = view(slides_of(first + '<d:page d:style-name="H"/>', "presentation", hidden), "odp")
    assert [(section["title"], section["hidden"]) for section in seen.sections] == [
        ("Diapositive 1", False), ("Diapositive 2", True),
    ]  # fmt: skip
    assert shown(slides_of(first, "presentation"), "odp") == {
        "Diapositive 1": ["# Titre", "Flèche", "[Notes de l'orateur]", "> Lentement"],
    }
    assert prose_notes.HIDDEN_SLIDES.format(names="2") in seen.notes


def test_a_drawing_is_shown_by_its_words_page_by_page() -> None:
    pages = (
        "<d:page><d:g><d:rect><t:p>Assuré</t:p></d:rect>"
        "<d:line><g:desc>Flèche vers l'expert</g:desc></d:line></d:g></d:page>"
        "<d:page><d:ellipse><t:p>Expert</t:p></d:ellipse></d:page>"
    )
    assert shown(slides_of(pages, "drawing"), "odg") == {
        "Page 1": ["Assuré", "<picture:Dessin : Flèche vers l'expert>"],
        "Page 2": ["Expert"],
    }


def test_how_a_word_is_read_stands_behind_it() -> None:
    document = odf.opendocument.OpenDocumentText()
    paragraph = with_words(text.P(), "Siège : ")
    for base, guide in (("東京", "とうきょう"), ("海上", "")):
        ruby = text.Ruby()
        ruby.addElement(with_words(text.RubyBase(), base))
        ruby.addElement(with_words(text.RubyText(), guide))
        paragraph.addElement(ruby)
    paragraph.addText(".")
    document.text.addElement(paragraph)
    assert text_of(saved(document), "odt") == ["Siège : 東京 (とうきょう)海上."]
