"""White words of slides on nothing but paper, and tiny ones, are shown and marked."""

from __future__ import annotations

import io
from typing import Any

import odf.opendocument
import pytest
from odf import draw, style
from odf.namespaces import DRAWNS, PRESENTATIONNS
from odf.style import DrawingPageProperties, GraphicProperties, MasterPage, PageLayout, TextProperties
from odf.text import P, Span
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from portfolio.files.previews.hidden_in_view import SEARCHED, codes_in
from portfolio.files.previews.renderers.documents import prose_notes
from tests.files.previews.documents.reading import saved, shown, view
from tests.support import containers
from tests.support import specimens as made

WHITE, TINY = "texte blanc", "caractères minuscules"
STYLE_OWNERS = {"draw": DRAWNS, "presentation": PRESENTATIONNS}
PAPER = RGBColor(255, 255, 255)


def new_slide() -> tuple[Any, Any]:
    presentation = Presentation()
    return presentation, presentation.slides.add_slide(presentation.slide_layouts[6])


def text_box(slide: Any, words: str, *, left: float = 1, colour: Any = PAPER, size: float = 0) -> Any:
    """A box of one inch by one, at one inch from the top."""
    box = slide.shapes.add_textbox(Inches(left), Inches(1), Inches(1), Inches(1))
    run = box.text_frame.paragraphs[0].add_run()
    run.text = words
    if isinstance(colour, RGBColor):
        run.font.color.rgb = colour
    elif colour is not None:
        run.font.color.theme_color = colour
    if size:
        run.font.size = Pt(size)
    return box


def lines(presentation: Any) -> list[str]:
    return shown(saved(presentation), "pptx")["Diapositive 1"]


def test_white_and_tiny_words_of_a_slide_are_marked() -> None:
    presentation, slide = new_slide()
    text_box(slide, "vu", colour=None)
    text_box(slide, "blanc")
    text_box(slide, "du thème", colour=MSO_THEME_COLOR.BACKGROUND_1)
    text_box(slide, "noir", colour=MSO_THEME_COLOR.TEXT_1)
    text_box(slide, "petit", colour=None, size=1)
    text_box(slide, "lisible", colour=None, size=8)
    grey = text_box(slide, "grisé", colour=MSO_THEME_COLOR.BACKGROUND_1)
    grey.text_frame.paragraphs[0].runs[0].font.color.brightness = -0.5
    assert lines(presentation) == [
        "vu", f"<hidden:blanc|{WHITE}>", f"<hidden:du thème|{WHITE}>", "noir", f"<hidden:petit|{TINY}>", "lisible",
        "grisé",
    ]  # fmt: skip
    seen = view(saved(presentation), "pptx")
    assert prose_notes.HIDDEN in seen.notes
    assert "hidden_text" in codes_in(seen)
    assert {"pptx", "ppsx", "potx", "odp", "otp", "odg"} <= SEARCHED


def test_white_words_of_a_placeholder_are_marked() -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Titre"
    slide.shapes.title.text_frame.paragraphs[0].runs[0].font.color.rgb = PAPER
    assert lines(presentation) == [f"# <hidden:Titre|{WHITE}>"]


def with_colour(placeholder: Any, colour: str, level: int = 1) -> None:
    """Gives a placeholder of a layout or a master words of this colour."""
    styles = placeholder._element.txBody.find(qn("a:lstStyle"))
    for child in list(styles):
        styles.remove(child)
    styles.append(
        parse_xml(
            f'<a:lvl{level}pPr xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:defRPr><a:solidFill>'
            f'<a:srgbClr val="{colour}"/></a:solidFill></a:defRPr></a:lvl{level}pPr>'
        )
    )


@pytest.mark.parametrize("of", ["layout", "master", "style"])
def test_words_that_a_layout_or_a_master_makes_white_are_marked(of: str) -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Titre"
    body = slide.placeholders[1].text_frame
    body.text = "un"
    second = body.add_paragraph()
    second.text, second.level = "deux", 1
    noir = body.add_paragraph().add_run()
    noir.text = "noir"
    noir.font.color.rgb = RGBColor(0, 0, 0)
    lien = body.add_paragraph().add_run()
    lien.text = "lien"
    lien.hyperlink.address = "https://a.example"
    if of == "style":
        master = slide.slide_layout.slide_master._element
        for level in master.iter(qn("a:lvl1pPr")):
            for colour in level.iter(qn("a:schemeClr")):
                colour.set("val", "bg1")
    else:
        page = slide.slide_layout if of == "layout" else slide.slide_layout.slide_master
        with_colour(page.placeholders[0], "FFFFFF")
        with_colour(page.placeholders[1], "FFFFFF")
    assert lines(presentation) == [
        f"# <hidden:Titre|{WHITE}>", f"• <hidden:un|{WHITE}>", "  • deux", "• noir", "• <link:lien|https://a.example>",
    ]  # fmt: skip


def test_words_that_a_layout_makes_white_on_a_colour_are_seen() -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Titre"
    slide.placeholders[1].text_frame.text = "un"
    for page in (slide.slide_layout, slide.slide_layout.slide_master):
        with_colour(page.placeholders[0], "FFFFFF")
    with_colour(slide.slide_layout.slide_master.placeholders[1], "FFFFFF")
    with_colour(slide.slide_layout.placeholders[1], "1F3864")
    slide.slide_layout.background.fill.solid()
    slide.slide_layout.background.fill.fore_color.rgb = RGBColor(31, 56, 100)
    assert lines(presentation) == ["# Titre", "• un"]
    slide.slide_layout.background.fill.fore_color.rgb = PAPER
    assert lines(presentation) == [f"# <hidden:Titre|{WHITE}>", "• un"]


def test_words_of_a_shape_without_its_colour_are_white_by_its_style() -> None:
    presentation, slide = new_slide()
    for left, emptied in ((1, True), (5, False)):
        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(left), Inches(1), Inches(2), Inches(2))
        shape.text_frame.text = "sans fond" if emptied else "sur son fond"
        if emptied:
            shape.fill.background()
    assert lines(presentation) == [f"<hidden:sans fond|{WHITE}>", "sur son fond"]


def test_white_words_on_a_colour_of_a_slide_are_seen() -> None:
    presentation, slide = new_slide()
    filled = text_box(slide, "sur son fond")
    filled.fill.solid()
    filled.fill.fore_color.rgb = RGBColor(31, 56, 100)
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(3), Inches(1), Inches(2), Inches(2))
    shape.text_frame.text = "du style"
    shape.text_frame.paragraphs[0].runs[0].font.color.rgb = PAPER
    text_box(slide, "sur la forme", left=3.5)
    slide.shapes.add_picture(io.BytesIO(made.picture("PNG")), Inches(6), Inches(1), Inches(2), Inches(1))
    text_box(slide, "sur l'image", left=6.2)
    white_box = text_box(slide, "boîte blanche", left=3.5)
    white_box.fill.solid()
    white_box.fill.fore_color.rgb = PAPER
    text_box(slide, "à côté", left=5)
    cell = slide.shapes.add_table(1, 1, Inches(8), Inches(1), Inches(1), Inches(1)).table.cell(0, 0)
    cell.text = "case"
    cell.text_frame.paragraphs[0].runs[0].font.color.rgb = PAPER
    assert [line for line in lines(presentation) if "hidden" in line] == [
        f"<hidden:boîte blanche|{WHITE}>", f"<hidden:à côté|{WHITE}>",
    ]  # fmt: skip


@pytest.mark.parametrize("where", ["slide", "layout", "master"])
def test_white_words_on_a_page_in_colour_are_seen(where: str) -> None:
    presentation, slide = new_slide()
    text_box(slide, "clair")
    page = {"slide": slide, "layout": slide.slide_layout, "master": slide.slide_layout.slide_master}[where]
    page.background.fill.solid()
    page.background.fill.fore_color.rgb = RGBColor(31, 56, 100)
    assert lines(presentation) == ["clair"]


def test_white_words_on_a_picture_of_the_master_are_seen() -> None:
    presentation, slide = new_slide()
    text_box(slide, "clair")
    other = Presentation()
    with_picture = other.slides.add_slide(other.slide_layouts[6])
    picture = with_picture.shapes.add_picture(io.BytesIO(made.picture("PNG")), 0, 0, Inches(10), Inches(8))
    slide.slide_layout.slide_master.shapes._spTree.append(picture._element)
    assert lines(presentation) == ["clair"]


def test_a_master_or_a_theme_that_cannot_be_read_hides_nothing_and_stops_nothing() -> None:
    presentation, slide = new_slide()
    text_box(slide, "du thème", colour=MSO_THEME_COLOR.BACKGROUND_1)
    data = saved(presentation)
    for part in ("ppt/slideMasters/slideMaster1.xml", "ppt/theme/theme1.xml"):
        assert shown(containers.rewritten(data, {part: b"<p:"}), "pptx")["Diapositive 1"]


def opendocument(*, page: str = "", master: str = "") -> Any:
    """A presentation of one slide, with styles to draw by. page, master: the colours of their grounds."""
    document = odf.opendocument.OpenDocumentPresentation()
    layout = PageLayout(name="L")
    document.automaticstyles.addElement(layout)
    for name, family, properties in (
        ("Page", "drawing-page", DrawingPageProperties(**({"fill": "solid", "fillcolor": page} if page else {}))),
        ("Fond", "drawing-page", DrawingPageProperties(**({"fill": "solid", "fillcolor": master} if master else {}))),
        ("Vide", "graphic", GraphicProperties(fill="none")),
        ("Bleu", "graphic", GraphicProperties(fill="solid", fillcolor="#1f3864")),
        ("Blanc", "text", TextProperties(color="#ffffff")),
        ("Noir", "text", TextProperties(color="#000000")),
        ("Petit", "text", TextProperties(fontsize="1pt")),
    ):
        each = style.Style(name=name, family=family)
        each.addElement(properties)
        document.automaticstyles.addElement(each)
    document.masterstyles.addElement(MasterPage(name="M", pagelayoutname=layout, stylename="Fond"))
    slide = draw.Page(name="1", masterpagename="M", stylename="Page")
    document.presentation.addElement(slide)
    return document, slide


def drawn(shape: Any, look: str, left: str, size: str = "1cm") -> Any:
    named = {"stylename": style.Style(name=look, family="graphic")} if look else {}
    return shape(x=left, y="1cm", width=size, height=size, **named)


def frame(name: str, words: str, *, left: int = 1, look: str = "Vide") -> Any:
    """A frame of one centimetre by one, at one from the top."""
    around, box, line = drawn(draw.Frame, look, f"{left}cm"), draw.TextBox(), P()
    line.addElement(Span(stylename=name, text=words)) if name else line.addText(words)
    box.addElement(line)
    around.addElement(box)
    return around


def test_white_and_tiny_words_of_an_opendocument_slide_are_marked() -> None:
    document, slide = opendocument()
    for element in (frame("", "vu"), frame("Blanc", "blanc"), frame("Petit", "petit"), frame("Blanc", "net", look="")):
        slide.addElement(element)
    assert shown(saved(document), "odp")["Diapositive 1"] == [
        "vu", f"<hidden:blanc|{WHITE}>", f"<hidden:petit|{TINY}>", f"<hidden:net|{WHITE}>",
    ]  # fmt: skip


@pytest.mark.parametrize("family", ["graphic", "presentation"])
def test_words_that_the_style_of_a_shape_makes_white_are_marked(family: str) -> None:
    document, slide = opendocument()
    above = style.Style(name="Titre", family=family)
    above.addElement(TextProperties(color="#ffffff"))
    document.styles.addElement(above)
    for name, fill in (("Clair", "none"), ("Foncé", "solid")):
        own = style.Style(name=name, family=family, parentstylename=above)
        own.addElement(GraphicProperties(fill=fill, **({"fillcolor": "#1f3864"} if fill == "solid" else {})))
        document.automaticstyles.addElement(own)
    for left, (words, look, of_words) in enumerate(
        (("hérité", "Clair", ""), ("sur bleu", "Foncé", ""), ("noir", "Clair", "Noir"), ("vu", "Vide", ""))
    ):
        around = frame(of_words, words, left=1 + 3 * left, look="")
        qualified = "presentation" if family == "presentation" else "draw"
        around.attributes[(STYLE_OWNERS[qualified], "style-name")] = look
        slide.addElement(around)
    assert shown(saved(document), "odp")["Diapositive 1"] == [
        f"<hidden:hérité|{WHITE}>", "sur bleu", "noir", "vu",
    ]  # fmt: skip


def test_white_words_on_a_colour_of_an_opendocument_slide_are_seen() -> None:
    document, slide = opendocument()
    slide.addElement(frame("Blanc", "sur son fond", look="Bleu"))
    slide.addElement(drawn(draw.Rect, "Bleu", "3cm", "2cm"))
    slide.addElement(frame("Blanc", "sur la forme", left=4))
    picture = drawn(draw.Frame, "", "7cm", "3cm")
    picture.addElement(draw.Image(href="a.png"))
    slide.addElement(picture)
    slide.addElement(frame("Blanc", "sur l'image", left=8))
    shape = drawn(draw.CustomShape, "", "12cm")
    line = P()
    line.addElement(Span(stylename="Blanc", text="d'une forme"))
    shape.addElement(line)
    slide.addElement(shape)
    slide.addElement(frame("Blanc", "à côté", left=20))
    found = shown(saved(document), "odp")["Diapositive 1"]
    assert [line for line in found if "hidden" in line] == [f"<hidden:à côté|{WHITE}>"]


@pytest.mark.parametrize("of", ["page", "master"])
@pytest.mark.parametrize("colour,line", [("#1f3864", "clair"), ("#ffffff", f"<hidden:clair|{WHITE}>")])
def test_white_words_on_an_opendocument_page_in_colour_are_seen(of: str, colour: str, line: str) -> None:
    document, slide = opendocument(**{of: colour})
    slide.addElement(frame("Blanc", "clair"))
    assert shown(saved(document), "odp")["Diapositive 1"] == [line]
