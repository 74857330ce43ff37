"""What somebody wrote or drew over the pages of a PDF is shown with them, and keeps none of them from being shown."""

from __future__ import annotations

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from portfolio.files.previews.preview_spec import THUMBNAIL, page
from portfolio.files.previews.renderers.pdf import remarks
from portfolio.files.recognition.recognise import recognise
from tests.files.previews.drawn import outline, rendered

_AREA = Array([50, 745, 150, 765])
_QUAD = Array([50, 765, 150, 765, 50, 745, 150, 745])


def annotated(*annotations: Dictionary) -> bytes:
    document = pikepdf.new()
    written = document.add_blank_page(page_size=(595, 842))
    font = document.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    written.Resources = Dictionary(Font=Dictionary(F1=font))
    written.Contents = document.make_stream(b"BT /F1 14 Tf 50 750 Td (Prime de 30 euros) Tj ET")
    written.Annots = Array([document.make_indirect(each) for each in annotations])
    return saved(document)


def saved(document: pikepdf.Pdf) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def annotation(kind: str, **more: object) -> Dictionary:
    return Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=_AREA, F=4, **more)


def warnings_of(data: bytes) -> tuple[str, ...]:
    return recognise(io.BytesIO(data), "a.pdf", len(data)).warnings


def words_of(data: bytes) -> list[str]:
    (shown,) = outline(data, "pdf").pages
    return shown["text"].splitlines()


@pytest.mark.parametrize("kind", ["Link", "Text", "Highlight", "Stamp", "FreeText", "Popup"])
def test_a_pdf_with_an_annotation_and_no_form_is_shown(kind: str) -> None:
    data = annotated(annotation(kind))
    assert words_of(data) == ["Prime de 30 euros"] and warnings_of(data) == ()
    for what in (THUMBNAIL, page(1)):
        assert rendered(data, "pdf", what).startswith(b"RIFF")


def test_comments_of_a_pdf_are_read_with_their_page_and_warned_about() -> None:
    data = annotated(
        annotation("Text", Contents="Montant faux,\nvoir page 2", T="Zoé Petit"),
        annotation("Highlight", Contents="À revoir", QuadPoints=_QUAD),
        annotation("Link", Contents="https://a.example/"),
    )
    assert words_of(data) == [
        "Prime de 30 euros",
        "[commentaire de Zoé Petit : Montant faux, voir page 2]",
        "[commentaire : À revoir]",
    ]
    assert warnings_of(data) == ("comments",)


def test_words_struck_through_in_a_pdf_are_said_struck() -> None:
    words, struck = words_of(annotated(annotation("StrikeOut", QuadPoints=_QUAD)))
    assert words == "Prime de 30 euros" and struck.startswith("[barré : Prime de")


def test_a_redaction_that_was_not_applied_is_warned_about() -> None:
    assert warnings_of(annotated(annotation("Redact", QuadPoints=_QUAD))) == ("pdf_redactions",)


@pytest.mark.parametrize("usual", ["OFF", "BaseState"])
def test_layers_that_the_pages_do_not_show_are_warned_about(usual: str) -> None:
    document = pikepdf.open(io.BytesIO(annotated()))
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name="Notes"))
    off = Dictionary(OFF=Array([layer])) if usual == "OFF" else Dictionary(BaseState=Name.OFF)
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=off)
    assert warnings_of(saved(document)) == ("pdf_layers",)
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([])))
    assert warnings_of(saved(document)) == ()


def test_boxes_that_are_ticked_are_among_the_words() -> None:
    document = pikepdf.open(io.BytesIO(annotated()))
    empty = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    drawn = Dictionary(N=Dictionary(Oui=empty, Off=empty))
    boxes = [
        document.make_indirect(
            annotation("Widget", FT=Name.Btn, T=name, TU=aloud, V=state, AS=state, AP=drawn, MK=Dictionary(CA="4"))
        )
        for name, aloud, state in (("c1", "Devoir de conseil remis", Name.Oui), ("c2", "Refus", Name.Off))
    ]
    document.pages[0].Annots = Array(boxes)
    document.Root.AcroForm = Dictionary(Fields=Array(boxes))
    assert words_of(saved(document)) == ["Prime de 30 euros", "[case cochée : Devoir de conseil remis]"]


def test_a_page_full_of_annotations_is_still_shown_in_time() -> None:
    many = [annotation("StrikeOut", QuadPoints=_QUAD, Contents=f"note {number}") for number in range(2_000)]
    words = words_of(annotated(*many))
    assert len(words) == 1 + 2 * 500 + 1 and words[-1] == remarks.MORE
