"""Texts, slides and PDF tell which functions of their software they use."""

from __future__ import annotations

import io

import docx
import pikepdf
import pptx
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from tests.files.facts.told import counts, facts, functions, places
from tests.files.previews.documents import test_before_2007
from tests.support import specimens
from tests.support.containers import read_part, rewritten


def field(instruction: str, text: str = "x") -> str:
    run = "<w:r><w:fldChar w:fldCharType='{}'/></w:r>"
    said = f"<w:r><w:instrText xml:space='preserve'> {instruction} </w:instrText></w:r>"
    shown = f"<w:r><w:t>{text}</w:t></w:r>"
    return run.format("begin") + said + run.format("separate") + shown + run.format("end")


def letter() -> bytes:
    document = docx.Document()
    properties = document.core_properties
    properties.author, properties.last_modified_by, properties.revision = "Inès Moreau", "Paul Petit", 7
    document.add_heading("Résiliation", level=1)
    document.add_heading("Rappel des faits", level=2)
    document.add_paragraph("Premier point", style="List Bullet")
    document.add_table(2, 3)
    for instructions in (("MERGEFIELD Nom", 'MERGEFIELD "Prime due"'), ("PAGE",), ("TOC \\o",)):
        paragraph = document.add_paragraph()
        for instruction in instructions:
            for run in parse_xml(f"<w:p {nsdecls('w')}>{field(instruction)}</w:p>"):
                paragraph._p.append(run)
    document.sections[0].header.paragraphs[0].text = "Cabinet Durand"
    document.sections[0].footer.paragraphs[0].text = "Page"
    document.add_section().orientation = WD_ORIENT.LANDSCAPE
    buffer = io.BytesIO()
    document.save(buffer)
    changed = (
        "<w:p><w:ins w:id='1' w:author='A'><w:r><w:t>ajout</w:t></w:r></w:ins>"
        "<w:del w:id='2' w:author='A'><w:r><w:delText>retrait</w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>masqué</w:t></w:r></w:p>"
    )
    body = read_part(buffer.getvalue(), "word/document.xml").decode()
    return rewritten(buffer.getvalue(), {"word/document.xml": body.replace("<w:body>", f"<w:body>{changed}").encode()})


def test_a_letter_tells_its_styles_fields_tables_and_changes() -> None:
    assert functions(letter(), "docx") == {
        "heading: heading 1": 1, "heading: heading 2": 1, "style: List Bullet": 1, "list": 1, "table": 1,
        "mail_merge: Nom": 1, "mail_merge: Prime due": 1, "page_number": 1, "table_of_contents": 1, "header": 1,
        "footer": 1, "section": 1, "landscape": 1, "tracked_change: ajout": 1, "tracked_change: suppression": 1,
        "words": 13,
    }  # fmt: skip
    assert counts(facts(letter(), "docx")["risks"]) == {"tracked_changes": 2, "hidden_text": 1}
    assert places(letter(), "docx", "mail_merge", "Nom") == ["paragraphe 11"]


def test_who_wrote_a_letter_and_who_saved_it_last_is_told() -> None:
    provenance = facts(letter(), "docx")["provenance"]
    assert (provenance["authors"], provenance["last_author"]) == (["Inès Moreau"], "Paul Petit")
    assert provenance["revisions"] == 7


def test_a_letter_without_any_of_them_tells_its_words_alone() -> None:
    document = docx.Document()
    document.add_paragraph("Trois mots seulement")
    buffer = io.BytesIO()
    document.save(buffer)
    assert functions(buffer.getvalue(), "docx") == {"words": 3}


def test_slides_tell_their_notes_charts_tables_and_movement() -> None:
    presentation = pptx.Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[0])
    first.shapes.title.text = "Sinistres"
    first.notes_slide.notes_text_frame.text = "Lentement"
    second = presentation.slides.add_slide(presentation.slide_layouts[5])
    second.shapes.title.text = "Chiffres"
    second._element.append(parse_xml(f"<p:transition {nsdecls_of_slides()}><p:fade/></p:transition>"))
    second.shapes.add_table(2, 2, 0, 0, Inches(2), Inches(1)).table.cell(0, 0).text = "Auto"
    data = CategoryChartData()
    data.categories = ["a"]
    data.add_series("s", (1,))
    second.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(2), Inches(2), data)
    second._element.set("show", "0")
    buffer = io.BytesIO()
    presentation.save(buffer)
    told = facts(buffer.getvalue(), "pptx")
    assert counts(told["functions"]) == {
        "slide": 2, "master": 1, "notes_master": 1, "layout: Title Slide": 1, "layout: Title Only": 1, "slide_title": 2,
        "speaker_notes": 1, "transition": 1, "table": 1, "chart: pie": 1, "words": 4,
    }  # fmt: skip
    assert told["risks"] == [{"code": "hidden_slides", "count": 1, "places": ["diapositive 2"]}]


def nsdecls_of_slides() -> str:
    return 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'


def test_a_pdf_tells_its_pages_forms_and_producer() -> None:
    document = pikepdf.new()
    for _ in range(3):
        document.add_blank_page()
    box = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="Nom", V="x")
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link)
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Contents="À revoir")
    document.pages[1].obj.Annots = pikepdf.Array([document.make_indirect(each) for each in (box, link, note)])
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([document.pages[1].obj.Annots[0]]))
    document.docinfo["/Author"], document.docinfo["/Creator"] = "Inès Moreau", "Writer"
    document.docinfo["/CreationDate"] = "D:20261103140500+01'00'"
    buffer = io.BytesIO()
    document.save(buffer)
    told = facts(buffer.getvalue(), "pdf")
    assert counts(told["functions"]) == {"page": 3, "form_field: texte": 1, "link": 1, "comment": 1, "words": 3}
    assert told["provenance"] == {
        "authors": ["Inès Moreau"],
        "application": "Writer",
        "created": "2026-11-03T14:05:00+01:00",
    }
    assert told["risks"] == [{"code": "comments", "count": 1, "places": ["page 2"]}]


def test_texts_of_libreoffice_with_prefixes_of_their_own_are_read() -> None:
    told = functions(specimens.opendocument("odt"), "odt")
    assert told["words"] > 0


def test_a_rich_text_tells_what_its_outline_has() -> None:
    rich = test_before_2007.rich(r"{\info{\author Moreau}}{\s1 Titre\par}{\deleted x}\par{\v y}\par")
    told = facts(rich, "rtf")
    assert told["provenance"]["authors"] == ["Moreau"]
    assert counts(told["risks"]) == {"tracked_changes": 1, "hidden_text": 1}
