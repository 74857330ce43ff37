"""How a word is read, and whether the paper lets it be seen: readings, white and tiny words."""

from __future__ import annotations

from portfolio.files.previews.renderers.documents import prose_notes
from tests.files.previews.documents.reading import paragraph, part, run, text, view, word
from tests.support import containers


def test_how_a_word_is_read_stands_behind_it() -> None:
    guided = (
        '<w:r><w:ruby><w:rubyPr><w:hps w:val="11"/></w:rubyPr><w:rt><w:r><w:t>とう</w:t></w:r><w:r><w:t>きょう</w:t>'
        "</w:r></w:rt><w:rubyBase><w:r><w:t>東京</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    )
    unguided = "<w:r><w:ruby><w:rt/><w:rubyBase><w:r><w:t>海上</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    body = paragraph("Siège : ", guided, ", agence ", unguided, ".")
    assert text(word(body), "docx") == ["Siège : 東京 (とうきょう), agence 海上."]


def test_white_and_tiny_words_are_marked_where_they_stand_on_the_paper() -> None:
    white, tiny = '<w:color w:val="FFFFFF"/>', '<w:sz w:val="2"/>'
    styles = part(
        "styles",
        f'<w:style w:type="paragraph" w:styleId="Clair"><w:rPr>{white}</w:rPr></w:style>'
        f'<w:style w:type="paragraph" w:styleId="Titre"><w:pPr><w:shd w:val="clear" w:fill="1F3864"/></w:pPr>'
        f"<w:rPr>{white}</w:rPr></w:style>",
    )
    shaded = '<w:shd w:val="clear" w:color="auto" w:fill="1F3864"/>'
    body = (
        paragraph("vu ", run("blanc", white), run(" ", white + tiny), run("petit", tiny), run("noir"))
        + paragraph("par son style", shape='<w:pStyle w:val="Clair"/>')
        + paragraph("sur fond bleu", shape='<w:pStyle w:val="Titre"/>')
        + paragraph(run("fond du mot", white + shaded))
        + paragraph(run("surligné", white + '<w:highlight w:val="blue"/>'))
        + paragraph(run("fond du paragraphe", white), shape=shaded)
        + f"<w:tbl><w:tr><w:tc><w:tcPr>{shaded}</w:tcPr>{paragraph(run('en-tête', white))}</w:tc></w:tr></w:tbl>"
        + "<w:p><w:r><w:txbxContent>" + paragraph(run("encadré", white)) + "</w:txbxContent></w:r></w:p>"
    )  # fmt: skip
    data = word(body, {"word/styles.xml": ("styles", styles)})
    assert text(data, "docx") == [
        "vu <hidden:blanc|texte blanc> <hidden:petit|caractères minuscules>noir",
        "<hidden:par son style|texte blanc>",
        "sur fond bleu", "fond du mot", "surligné", "fond du paragraphe", "| en-tête |", "[Zone de texte]", "> encadré",
    ]  # fmt: skip
    assert prose_notes.HIDDEN in view(data, "docx").notes


def test_white_words_on_a_page_in_colour_are_seen() -> None:
    body = paragraph(run("clair", '<w:color w:val="FFFFFF"/>'))
    data = word(body)
    coloured = containers.rewritten(
        data,
        {
            "word/document.xml": containers.read_part(data, "word/document.xml").replace(
                b"<w:body>", b'<w:background w:color="002060"/><w:body>'
            )
        },
    )
    assert text(coloured, "docx") == ["clair"]
