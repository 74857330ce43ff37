"""What the page shows of a .pptx is what PowerPoint shows, slide by slide, and what it hides is marked."""

from __future__ import annotations

import io

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from portfolio.files.previews.renderers.documents import prose_notes
from tests.files.previews.documents.reading import PACKAGE, SPACES, R, package, relations, shown, view
from tests.support import containers
from tests.support import specimens as made


def saved(presentation) -> bytes:
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def test_slides_stand_in_the_order_of_the_presentation_and_the_hidden_one_is_marked() -> None:
    presentation = Presentation()
    for words in ("un", "deux", "trois"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = words
    presentation.slides[1]._element.set("show", "0")
    order = presentation.slides._sldIdLst
    order.insert(0, order[2])
    seen = view(saved(presentation), "pptx")
    assert [(section["title"], section["hidden"]) for section in seen.sections] == [
        ("Diapositive 1", False), ("Diapositive 2", False), ("Diapositive 3", True),
    ]  # fmt: skip
    assert list(shown(saved(presentation), "pptx").values()) == [["# trois"], ["# un"], ["# deux"]]
    assert prose_notes.HIDDEN_SLIDES.format(names="3") in seen.notes


def test_lists_tables_charts_links_pictures_and_notes_of_a_slide() -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Garanties"
    frame = slide.placeholders[1].text_frame
    frame.text = "Vol"
    below = frame.add_paragraph()
    below.text, below.level = "Bris", 1
    table = slide.shapes.add_table(2, 2, 0, 0, Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text = "a", "b", "large"
    table.cell(1, 0).merge(table.cell(1, 1))
    data = CategoryChartData()
    data.categories = ["T1", "T2"]
    data.add_series("2026", (1.5, 2))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(2), Inches(2), data)
    picture = slide.shapes.add_picture(io.BytesIO(made.picture("PNG")), 0, 0)
    picture._element.nvPicPr.cNvPr.set("descr", "Le dégât")
    run = slide.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "site", "https://a.example/"
    slide.notes_slide.notes_text_frame.text = "Parler lentement"
    assert shown(saved(presentation), "pptx") == {
        "Diapositive 1": [
            "# Garanties", "• Vol", "  • Bris", "| a | b |", "| 2x1 large |",
            "[Graphique en secteurs.]", "> Série « 2026 » : T1 : 1,5 ; T2 : 2",
            "<picture:Image : Le dégât>", "<link:site|https://a.example/>",
            "[Notes de l'orateur]", "> Parler lentement",
        ]
    }  # fmt: skip


def slide_of(shapes: str, parts: dict[str, tuple[str, str]] | None = None) -> bytes:
    """A presentation of one slide in a folder of its own. parts: beside the slide, {name: (kind, content)}."""
    listed = f'<p:presentation {SPACES}><p:sldIdLst><p:sldId id="256" r:id="slide"/></p:sldIdLst></p:presentation>'
    slide = f"<p:sld {SPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
    authors = f'<p:cmAuthorLst {SPACES}><p:cmAuthor id="0" name="Paul Martin"/></p:cmAuthorLst>'
    data = package(
        "pptx", "p/main.xml", listed, {"s/one.xml": ("slide", slide), "p/a.xml": ("commentAuthors", authors)}
    )
    links = relations({kind: (kind, f"/{name}") for name, (kind, _) in (parts or {}).items()})
    beside = {name: content.encode() for name, (_, content) in (parts or {}).items()}
    return containers.rewritten(data, {"s/_rels/one.xml.rels": links.encode()} | beside)


def shape(words: str, about: str = "", inside: str = "") -> str:
    named = f'<p:nvSpPr><p:cNvPr id="2" name="x" {about}/><p:nvPr>{inside}</p:nvPr></p:nvSpPr>'
    return f"<p:sp>{named}<p:txBody><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:txBody></p:sp>"


def test_words_of_a_diagram_on_a_slide_are_said_once_and_in_their_order() -> None:
    points = "".join(
        f"<dgm:pt><dgm:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for words in ("Déclarer", "Instruire")
    )
    frame = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="Diagramme 3"/></p:nvGraphicFramePr><a:graphic>'
        '<a:graphicData><dgm:relIds r:dm="diagramData" r:lo="lay"/></a:graphicData></a:graphic></p:graphicFrame>'
    )
    drawn = f"<dgm:drawing {SPACES}><a:p><a:r><a:t>Déclarer</a:t></a:r></a:p></dgm:drawing>"
    parts = {
        "d/data1.xml": ("diagramData", f"<dgm:dataModel {SPACES}><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>"),
        "d/drawing1.xml": ("diagramDrawing", drawn),
    }
    assert shown(slide_of(frame, parts), "pptx")["Diapositive 1"] == ["[Diagramme]", "> Déclarer", "> Instruire"]


def test_comments_masters_and_hidden_objects_of_a_slide() -> None:
    comment = (
        f'<p:cmLst {SPACES}><p:cm authorId="0" dt="2026-03-02T10:00:00"><p:text>À revoir</p:text></p:cm></p:cmLst>'
    )
    shapes = shape("Logo") + shape("Titre ?", inside="<p:ph/>")
    layout = f"<p:sldLayout {SPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sldLayout>"
    data = slide_of(
        shape("caché", 'hidden="1"') + shape("4", inside='<p:ph type="sldNum"/>'),
        {"s/c.xml": ("comments", comment), "s/l.xml": ("slideLayout", layout)},
    )
    assert shown(data, "pptx") == {
        "Diapositive 1": [
            "<hidden:caché|objet masqué>", "[Commentaire de Paul Martin, le 02/03/2026 10:00]", "> À revoir",
        ],
        "Masque des diapositives, montré sous leurs textes": ["Logo"],
    }  # fmt: skip


@pytest.mark.parametrize("strict", [False, True])
def test_the_order_is_read_whatever_the_namespace(strict: bool) -> None:
    data = slide_of(shape("mot"))
    if strict:
        main = containers.read_part(data, "p/main.xml").decode()
        main = main.replace(R, "http://purl.oclc.org/ooxml/officeDocument/relationships")
        main = main.replace(SPACES_OF_SLIDES, "http://purl.oclc.org/ooxml/presentationml/main")
        data = containers.rewritten(data, {"p/main.xml": main.encode()})
    assert shown(data, "pptx") == {"Diapositive 1": ["mot"]}
    assert PACKAGE in containers.read_part(data, "_rels/.rels").decode()


SPACES_OF_SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main"
