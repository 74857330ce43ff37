"""Files made to run code, to eat memory or time, or simply torn: each ends in a plain refusal, soon."""

from __future__ import annotations

import io
import resource
import struct
import subprocess
import zipfile
import zlib
from typing import Any

import openpyxl
import pikepdf
import pytest

from portfolio.files.confinement import start
from portfolio.files.confinement.bounds import Bounds
from portfolio.files.previews.preview_spec import MOST_PAGES, PICTURE, THUMBNAIL, page
from portfolio.files.previews.sandbox import CannotShow
from tests.files.previews.drawn import drawn, outline, rendered
from tests.files.previews.tables import texts_of
from tests.support import containers
from tests.support import specimens as made


def refused(data: bytes, kind: str, what: str = THUMBNAIL) -> str:
    with pytest.raises(CannotShow) as refusal:
        rendered(data, kind, what)
    return refusal.value.reason


def computed_s() -> float:
    """Seconds of a processor, by every child that has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


# --- pictures -------------------------------------------------------------------------------------


def test_a_drawing_with_a_script_or_a_page_is_no_picture_whatever_it_is_called() -> None:
    for data in (made.DRAWING, made.web_page(), made.pdf(), b"", made.picture("PNG")):
        assert refused(data, "jpeg") == "damaged"


def _white_png(side: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(bytes((side // 8 + 1) * side))
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_picture_of_nine_hundred_million_points_in_a_hundred_kilobytes_is_not_unpacked() -> None:
    bomb = _white_png(30_000)
    assert len(bomb) < 120_000
    before = computed_s()
    assert refused(bomb, "png") == "too_large"
    assert computed_s() - before < 5


def test_a_photo_that_announces_more_points_than_a_phone_takes_is_refused() -> None:
    photo = made.picture("JPEG")
    frame = photo.index(b"\xff\xc0")
    announced = photo[: frame + 5] + struct.pack(">HH", 65_000, 65_000) + photo[frame + 9 :]
    assert refused(announced, "jpeg") == "too_large"


def test_a_torn_photo_is_said_to_be_damaged() -> None:
    for kind, form in (("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")):
        photo = made.picture(form)
        assert refused(photo[: len(photo) // 2], kind, PICTURE) == "damaged"
    photo = made.iphone_photo()
    assert refused(photo[: len(photo) // 2], "heic", PICTURE) == "damaged"


# --- PDF ------------------------------------------------------------------------------------------


def test_a_pdf_with_javascript_is_only_its_pages() -> None:
    assert drawn(made.pdf(script=True), "pdf", page(1)).tobytes() == drawn(made.pdf(), "pdf", page(1)).tobytes()


def test_a_pdf_that_needs_a_password_says_so() -> None:
    locked = made.pdf(encryption=pikepdf.Encryption(user="secret", owner="secret"))
    assert refused(locked, "pdf", "outline") == refused(locked, "pdf", page(1)) == "locked"


def test_a_torn_pdf_is_said_to_be_damaged() -> None:
    assert refused(b"%PDF-1.7\n" + bytes(500), "pdf", page(1)) == "damaged"


def test_a_page_that_does_not_exist_is_refused() -> None:
    for number in (0, 2, MOST_PAGES + 1):
        assert refused(made.pdf(), "pdf", page(number)) == "absent"


def _with_page(size: tuple[float, float], content: bytes = b"") -> bytes:
    document = pikepdf.new()
    added = document.add_blank_page(page_size=(10, 10))
    added.MediaBox = pikepdf.Array([0, 0, *size])
    added.Contents = document.make_stream(content)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("size", [(14_400, 14_400), (1_000_000, 1_000_000), (14_400, 0.5), (3, 3)])
def test_a_page_of_any_size_is_drawn_within_a_screen(size: tuple[float, float]) -> None:
    shown = drawn(_with_page(size), "pdf", page(1))
    assert min(shown.size) >= 1 and max(shown.size) <= 1600


ENDLESS = b"[1 1] 0 d 0.1 w " + b"0 0 m " + b"500 500 l 0 500 l 500 0 l 250 500 l 0 0 l " * 80_000 + b"S\n"


def test_a_page_that_takes_for_ever_to_draw_is_given_up() -> None:
    """By its own seconds of a processor, long before the clock."""
    before = computed_s()
    with pytest.raises(CannotShow, match="too_large"):
        rendered(_with_page((500, 500), ENDLESS), "pdf", page(1), Bounds(cpu_s=1, wall_s=60))
    assert computed_s() - before < 4


# --- archives and words ---------------------------------------------------------------------------


def _workbook_of(sheet: bytes) -> bytes:
    book = openpyxl.Workbook()
    buffer = io.BytesIO()
    book.save(buffer)
    return containers.rewritten(buffer.getvalue(), {"xl/worksheets/sheet1.xml": sheet})


_SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def test_a_sheet_whose_two_corners_are_far_apart_is_shown_at_once() -> None:
    corner = b'<row r="%d"><c r="%s%d"><v>1</v></c></row>'
    apart = _workbook_of(_SHEET % (corner % (1, b"A", 1) + corner % (1_048_576, b"XFD", 1_048_576)))
    assert len(apart) < 10_000
    before = computed_s()
    (sheet,) = outline(apart, "xlsx").sheets
    assert computed_s() - before < 2
    assert [row["name"] for row in sheet["rows"]] == ["1", "2 à 1048575", "1048576"]
    assert [column["name"] for column in sheet["columns"]] == ["A", "B à XFC", "XFD"]
    assert sheet["notes"] == ["Loin sous les autres valeurs, cette feuille en a encore : XFD1048576."]


def _merged(count: int) -> bytes:
    return b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * count + b"</mergeCells>"


@pytest.mark.parametrize(
    "behind",
    [
        b'<row r="99999999999999999999"><c r="ZZZZ99"><v>1</v></c></row>',
        b'<row r="2"><c r="A2" s="999999999999"><v>1e999</v></c><c><v>nan</v></c></row>',
        b'<row r="2"><c r="A2" t="s"><v>123456789</v></c></row>',
        b'<row r="2"><c r="A2"><f t="shared" si="0"/></c><c r="B2"><f t="shared" ref="B2" si="0">A1</f></c></row>',
        b'<row r="2"><c r="A2" t="d"><v>2026-99-99</v></c></row>',
    ],
)
def test_a_cell_that_no_program_writes_leaves_the_others(behind: bytes) -> None:
    first = b'<row r="1"><c r="A1" t="inlineStr"><is><t>Avant</t></is></c></row>'
    (sheet,) = outline(_workbook_of(_SHEET % (first + behind)), "xlsx").sheets
    assert texts_of(sheet)[0][0] == "Avant"


def test_ten_thousand_merged_areas_over_each_other_cost_no_time() -> None:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c><c r="B%d"><v>1</v></c></row>' % (n, n, n) for n in range(1, 2000)
    )
    sheet = (_SHEET % rows).replace(b"</sheetData>", b"</sheetData>" + _merged(10_000))
    before = computed_s()
    outline(_workbook_of(sheet), "xlsx")
    assert computed_s() - before < 3


@pytest.mark.endure
def test_a_workbook_of_two_gigabytes_in_two_megabytes_is_given_up() -> None:
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_workbook_of(_SHEET % b""))) as whole,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in whole.namelist():
            if name != "xl/worksheets/sheet1.xml":
                bomb.writestr(name, whole.read(name))
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write((_SHEET % b"|").partition(b"|")[0] + b'<row r="1"><c r="A1" t="inlineStr"><is><t>')
            for _ in range(2000):
                part.write(b"a" * (1 << 20))
    before = computed_s()
    assert refused(packed.getvalue(), "xlsx", "outline") in ("too_large", "damaged")
    assert computed_s() - before < 30


_WORD = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _word_of(document: bytes) -> bytes:
    return containers.rewritten(made.word(), {"word/document.xml": document})


def test_entities_of_a_document_are_not_expanded_nor_fetched() -> None:
    laughs = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><w:p %s><w:t>&b;</w:t></w:p>' % _WORD
    stolen = b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:p %s><w:t>&a;</w:t></w:p>' % _WORD
    for document in (laughs, stolen):
        assert refused(_word_of(document), "docx", "outline") == "damaged"


def test_a_document_that_unpacks_to_a_hundred_megabytes_is_given_up() -> None:
    assert refused(_word_of(b"<w:p %s><w:x>" % _WORD + b" " * (100 << 20)), "docx", "outline") == "too_large"


def test_an_archive_torn_or_lacking_its_text_is_said_to_be_damaged() -> None:
    assert refused(made.word()[:2000], "docx", "outline") == "damaged"
    assert refused(made.ooxml("x", "other.xml"), "docx", "outline") == "damaged"
    assert refused(made.workbook()[:2000], "xlsx", "outline") == "damaged"
    assert refused(made.outlook_message()[:1000], "msg", "outline") == "damaged"


def test_markup_in_words_stays_words() -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    assert outline(hostile.encode(), "txt").text == hostile
    said = outline(f"<p>a</p>{hostile}<svg><script>b</script></svg><p>c".encode(), "html").text
    assert said == "a\nc"


# --- where they are read ----------------------------------------------------------------------------


def test_the_process_that_draws_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the service's environment, it is handed nothing."""
    monkeypatch.setenv("SECRET_KEY", "s" * 48)
    handed: list[dict[str, str]] = []

    def watched(*command: Any, **options: Any) -> Any:
        handed.append(options["env"])
        return run(*command, **options)

    run = subprocess.Popen
    monkeypatch.setattr(start.subprocess, "Popen", watched)
    assert rendered(made.picture("JPEG"), "jpeg", THUMBNAIL)
    assert [set(environment) for environment in handed] == [
        {"PYTHONPATH", "MALLOC_ARENA_MAX", "LC_ALL", "OMP_THREAD_LIMIT"}
    ]
