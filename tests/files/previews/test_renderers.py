"""What each renderer shows of honest files, in its confined process."""

from __future__ import annotations

import io
from functools import cache

import pikepdf
import pillow_heif
import pypdfium2
import pytest
from PIL import Image

from portfolio.files.previews.preview_spec import CUT, MOST_SIGNS, PICTURE, THUMBNAIL, WORDS_ONLY, page
from tests.files.previews.drawn import drawn, outline, rendered
from tests.support import specimens as made

# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form,kind", [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")])
def test_a_picture_of_any_format_is_drawn_again_as_webp(form: str, kind: str) -> None:
    shown = drawn(made.picture(form), kind, THUMBNAIL)
    assert (shown.format, shown.size) == ("WEBP", (160, 120))


def _large() -> Image.Image:
    """2,000 by 1,000: red on the left, blue on the right."""
    image = Image.new("RGB", (2000, 1000), "red")
    image.paste("blue", (1000, 0, 2000, 1000))
    return image


def _turned(form: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: to be turned a quarter clockwise
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 7.0)}
    exif[0x010F] = "Telephone-de-Zoe"
    encoded = io.BytesIO()
    if form == "HEIF":
        pillow_heif.from_pillow(_large()).save(encoded, exif=exif.tobytes(), quality=60)
    else:
        _large().save(encoded, form, exif=exif)
    return encoded.getvalue()


@pytest.mark.parametrize("form,kind", [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_photo_stands_upright_at_both_sizes_and_its_outline_says_which(form: str, kind: str) -> None:
    photo = _turned(form)
    assert drawn(photo, kind, THUMBNAIL).size == (160, 320)
    shown = drawn(photo, kind, PICTURE)
    assert shown.size == (800, 1600)
    red, blue = shown.getpixel((400, 200)), shown.getpixel((400, 1400))
    assert red[0] > 200 > 50 > red[2] and blue[2] > 200 > 50 > blue[0]
    said = outline(photo, kind)
    assert (said.shape, said.width, said.height) == ("picture", 800, 1600)


def test_an_iphone_photo_is_shown_as_its_own_rotation_says() -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 7.0)}
    encoded = io.BytesIO()
    pillow_heif.from_pillow(_large()).save(encoded, exif=exif.tobytes(), quality=60)
    shown = drawn(encoded.getvalue(), "heic", PICTURE)
    assert (shown.format, shown.size, dict(shown.getexif())) == ("WEBP", (1600, 800), {})


@pytest.mark.parametrize("form,kind", [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("HEIF", "heic")])
def test_neither_the_place_nor_the_maker_of_a_photo_leaves_in_its_views(form: str, kind: str) -> None:
    photo = _turned(form)
    assert b"Telephone-de-Zoe" in photo
    for what in (THUMBNAIL, PICTURE):
        shown = rendered(photo, kind, what)
        assert b"Telephone" not in shown and b"EXIF" not in shown and b"XMP " not in shown
        assert not Image.open(io.BytesIO(shown)).getexif()


def test_a_see_through_drawing_stays_so() -> None:
    encoded = io.BytesIO()
    Image.new("RGBA", (400, 200), (0, 128, 0, 0)).save(encoded, "PNG")
    assert drawn(encoded.getvalue(), "png", PICTURE).getpixel((5, 5))[3] == 0


def test_an_animation_shows_its_first_view_and_says_so() -> None:
    encoded = io.BytesIO()
    first, second = Image.new("RGB", (50, 50), "red"), Image.new("RGB", (50, 50), "blue")
    first.save(encoded, "GIF", save_all=True, append_images=[second])
    assert drawn(encoded.getvalue(), "gif", PICTURE).convert("RGB").getpixel((20, 20))[0] > 200
    animated = io.BytesIO()
    first.save(animated, "PNG", save_all=True, append_images=[second])
    for data, kind in ((encoded, "gif"), (animated, "png")):
        assert outline(data.getvalue(), kind).notes == ["Image animée : seule sa première vue est montrée."]


def test_of_several_photos_in_one_file_it_is_said_which_is_shown() -> None:
    encoded = io.BytesIO()
    photos = pillow_heif.from_pillow(Image.new("RGB", (80, 40), "red"))
    photos.add_from_pillow(Image.new("RGB", (80, 40), "blue"))
    photos.save(encoded)
    assert outline(encoded.getvalue(), "heic").notes == [
        "Ce fichier réunit 2 photos : seule la principale est montrée."
    ]


def test_a_scan_of_many_shades_of_grey_keeps_them() -> None:
    encoded = io.BytesIO()
    Image.new("I;16", (50, 50), 120 * 256).save(encoded, "PNG")
    red, green, blue = drawn(encoded.getvalue(), "png", PICTURE).convert("RGB").getpixel((20, 20))
    assert 115 <= red == green == blue <= 125


# --- PDF ------------------------------------------------------------------------------------------


@cache
def _two_pages() -> bytes:
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for number, size in ((1, (595, 842)), (2, (842, 595))):
        added = document.add_blank_page(page_size=size)
        added.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        added.Contents = document.make_stream(b"BT /F1 40 Tf 100 400 Td (Garantie %d) Tj ET" % number)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_each_page_of_a_pdf_is_a_picture_with_its_words_beside() -> None:
    said = outline(_two_pages(), "pdf")
    assert (said.shape, said.page_count, said.notes) == ("pages", 2, [])
    assert [one["text"] for one in said.pages] == ["Garantie 1", "Garantie 2"]
    for number, size in ((1, (1131, 1600)), (2, (1600, 1131))):
        shown = drawn(_two_pages(), "pdf", page(number))
        assert shown.format == "WEBP" and shown.size == size
        assert size == (said.pages[number - 1]["width"], said.pages[number - 1]["height"])
        assert shown.convert("L").getextrema()[0] < 60  # there is ink
    assert max(drawn(_two_pages(), "pdf", THUMBNAIL).size) == 320


def test_what_was_typed_into_a_pdf_form_is_seen() -> None:
    document = pikepdf.new()
    added = document.add_blank_page(page_size=(400, 400))
    appearance = document.make_stream(b"0 0 1 rg 0 0 200 50 re f")
    appearance["/Subtype"], appearance["/BBox"] = pikepdf.Name.Form, pikepdf.Array([0, 0, 200, 50])
    field = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("prime"),
            V=pikepdf.String("412"), Rect=pikepdf.Array([100, 100, 300, 150]), F=4,
            AP=pikepdf.Dictionary(N=appearance),
        )
    )  # fmt: skip
    added.Annots = pikepdf.Array([field])
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
    buffer = io.BytesIO()
    document.save(buffer)
    shown = drawn(buffer.getvalue(), "pdf", page(1)).convert("RGB")
    assert shown.getpixel((800, 1100))[2] > 150 > 100 > shown.getpixel((800, 1100))[0]


def test_what_was_typed_into_a_pdf_or_over_it_is_among_its_words() -> None:
    """A field whose drawing is left to the reader, too."""
    document = pikepdf.new()
    added = document.add_blank_page(page_size=(400, 400))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    drawing = {"Type": pikepdf.Name.Annot, "DA": pikepdf.String("/Helv 12 Tf 0 g"), "F": 4}
    field = document.make_indirect(
        pikepdf.Dictionary(
            Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("assurée"),
            V=pikepdf.String("Mme Durand"), Rect=pikepdf.Array([100, 100, 300, 150]), **drawing,
        )
    )  # fmt: skip
    over = document.make_stream(b"BT /Helv 12 Tf 2 5 Td (Vu le 3 mars) Tj ET")
    over["/Subtype"], over["/BBox"] = pikepdf.Name.Form, pikepdf.Array([0, 0, 200, 20])
    over["/Resources"] = pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font))
    note = document.make_indirect(
        pikepdf.Dictionary(
            Subtype=pikepdf.Name.FreeText, Contents=pikepdf.String("Vu le 3 mars"),
            Rect=pikepdf.Array([100, 200, 300, 220]), AP=pikepdf.Dictionary(N=over), **drawing,
        )
    )  # fmt: skip
    added.Annots = pikepdf.Array([field, note])
    document.Root.AcroForm = pikepdf.Dictionary(
        Fields=pikepdf.Array([field]),
        DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font)),
        NeedAppearances=True,
    )
    buffer = io.BytesIO()
    document.save(buffer)
    assert outline(buffer.getvalue(), "pdf").pages[0]["text"].split("\r\n") == ["Mme Durand", "Vu le 3 mars"]


def test_our_pdf_reader_has_no_javascript_engine() -> None:
    assert not {"V8", "XFA"} & set(pypdfium2.PDFIUM_INFO.flags)


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_of_any_usual_encoding_is_read(encoding: str) -> None:
    assert outline("Résiliation : 12 €".encode(encoding), "txt").text == "Résiliation : 12 €"


def test_a_long_text_is_cut_and_says_so() -> None:
    said = outline(b"a" * (MOST_SIGNS + 1), "txt")
    assert (len(said.text), said.notes) == (MOST_SIGNS, [CUT])
    assert outline(("é" * 3 * MOST_SIGNS).encode(), "md").notes == [CUT]


def test_a_document_is_shown_by_sections_in_its_own_process() -> None:
    said = outline(made.word(), "docx")
    assert (said.shape, said.notes) == ("prose", [WORDS_ONLY])
    heading, paragraph = said.sections[0]["blocks"]
    assert (heading["kind"], heading["level"], heading["runs"]) == ("heading", 1, ["Courrier de résiliation"])
    assert paragraph["runs"] == ["Madame, nous accusons réception de votre demande."]
    (text,) = outline(made.opendocument("odt"), "odt").sections
    assert text == {"title": "", "hidden": False, "blocks": [{"kind": "paragraph", "runs": ["Note de procédure"]}]}
