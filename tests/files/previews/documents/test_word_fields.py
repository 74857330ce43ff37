"""What the page shows of the fields, links, pictures and charts of a .docx."""

from __future__ import annotations

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.shared import Mm
from PIL import Image

from tests.files.previews.documents.reading import SPACES, paragraph, run, saved, text, word


def field(instruction: str, result: str | None) -> str:
    separate = "" if result is None else f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(result)}'
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>{separate}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


@pytest.mark.parametrize(
    "instruction,result,expected",
    [
        ("MERGEFIELD Nom", "«Nom»", "<field:«Nom»|champ de publipostage « Nom »>"),
        ("PAGE", "3", "<field:3|champ : numéro de page>"),
        ("IF 1 = 1 oui", "oui", "<field:oui|champ : condition>"),
        ("GREETINGLINE", None, "<field:valeur non enregistrée|champ de publipostage, salutation>"),
        ("FORMCHECKBOX", None, "<field:valeur non enregistrée|champ : case à cocher>"),
        ('HYPERLINK "https://a.example/x"', "ici", "<link:ici|https://a.example/x>"),
        ('HYPERLINK \\l "chapitre"', "là", "là"),
        ("REF signet", "4.2", "4.2"),
        ("MACROBUTTON NoMacro [Cliquez ici]", None, "<field:[Cliquez ici]|champ : bouton>"),
        ("GOTOBUTTON fin Aller à la fin", None, "<field:Aller à la fin|champ : bouton>"),
        ("INCONNU x", "y", "<field:y|champ INCONNU>"),
    ],
)
def test_a_field_shows_its_saved_result_and_what_it_is(instruction: str, result: str | None, expected: str) -> None:
    assert text(word(paragraph(field(instruction, result))), "docx") == [expected]


def test_a_field_that_never_ends_hides_no_paragraph_behind_it() -> None:
    begun = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    assert text(word(paragraph(begun, "perdu") + paragraph("suite")), "docx") == ["suite"]


def test_a_link_says_its_address_and_a_picture_its_words() -> None:
    document = docx.Document()
    document.add_picture(_png(), width=Mm(20))._inline.docPr.set("descr", "Plan du carrefour")
    document.add_picture(_png(), width=Mm(20))
    link = document.part.relate_to("https://a.example/contrat", _HYPERLINK, is_external=True)
    added = document.add_paragraph("voir ")
    added._p.append(parse_xml(f'<w:hyperlink {SPACES} r:id="{link}">{run("le contrat")}</w:hyperlink>'))
    assert text(saved(document), "docx") == [
        "<picture:Image : Plan du carrefour>",
        "<picture:Image sans description>",
        "voir <link:le contrat|https://a.example/contrat>",
    ]


_HYPERLINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


def _png() -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(buffer, "PNG")
    buffer.seek(0)
    return buffer


def test_charts_and_diagrams_say_what_they_show() -> None:
    def points(tag: str, values: list[str]) -> str:
        return (
            f"<c:{tag}><c:cache>{''.join(f'<c:pt><c:v>{value}</c:v></c:pt>' for value in values)}</c:cache></c:{tag}>"
        )

    series = points("tx", ["2026"]) + points("cat", ["T1", "T2"]) + points("val", ["1.5", "2"])
    title = "<c:title><c:tx><a:p><a:r><a:t>Ventes</a:t></a:r></a:p></c:tx></c:title>"
    bars = f"<c:barChart><c:ser>{series}</c:ser></c:barChart>"
    chart = f"<c:chartSpace {SPACES}><c:chart>{title}{bars}</c:chart></c:chartSpace>"
    points_of_diagram = "".join(
        f"<dgm:pt><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:pt>" for words in ("Un", "Deux")
    )
    diagram = f"<dgm:dataModel {SPACES}>{points_of_diagram}</dgm:dataModel>"
    body = paragraph("<w:r><c:chart r:id='chart'/></w:r>", "<w:r><dgm:relIds r:dm='diagramData'/></w:r>")
    data = word(body, {"word/c.xml": ("chart", chart), "word/d.xml": ("diagramData", diagram)})
    assert text(data, "docx") == [
        "[Graphique en barres « Ventes ».]", "> Série « 2026 » : T1 : 1,5 ; T2 : 2", "[Diagramme]", "> Un", "> Deux",
    ]  # fmt: skip


def test_what_is_chosen_in_a_list_of_an_old_form_is_shown() -> None:
    def listed(chosen: str) -> bytes:
        choices = '<w:listEntry w:val="Non"/><w:listEntry w:val="Oui"/>'
        data = f"<w:ffData><w:ddList>{chosen}{choices}</w:ddList></w:ffData>"
        begins = f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
        instruction = "<w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r>"
        return word(paragraph(f'{begins}{instruction}<w:r><w:fldChar w:fldCharType="end"/></w:r>'))

    assert text(listed('<w:result w:val="1"/>'), "docx")[0].startswith("<field:Oui|")
    assert text(listed(""), "docx")[0].startswith("<field:Non|")
