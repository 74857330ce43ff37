"""Whatever was typed prints as typed, in every thread, on any day."""

import io
import threading
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest

from portfolio.papers.typeset import DRAWN
from portfolio.sheet.build import build
from portfolio.sheet.papers.render_pdf import render_pdf
from portfolio.sheet.printed_values import SheetRow
from tests.sheet import cases
from tests.support.acts.printed_sheets import pages, rendered, squeezed, text_of

HOSTILE = (
    '#panic("vu") $x^2$ [a] @ref <lab> *gras* _ital_ `code` \\u{41} // fin /* non */ = Titre ~ -- --- ... #sys.inputs'
)


@pytest.mark.parametrize("field", ["appreciation", "footer", "academy", "template_version", "number", "title"])
def test_markup_typed_by_a_person_prints_as_typed(field):
    sheet = cases.plain(**{field: HOSTILE})
    assert squeezed(HOSTILE) in text_of(render_pdf(build(sheet), (), None))


def test_markup_in_names_observations_and_titles_prints_as_typed():
    sheet = cases.plain()
    rows = (replace(sheet.rows[0], observation=HOSTILE, wording=HOSTILE, evidence=(HOSTILE,)),)
    members = tuple(replace(member, name=HOSTILE) for member in sheet.commission.members)
    sheet = replace(
        sheet,
        rows=rows,
        candidate=replace(sheet.candidate, birth_name=HOSTILE),
        placements=(replace(sheet.placements[0], company=HOSTILE, tutor=HOSTILE),),
        commission=replace(sheet.commission, members=members, tutor_absence=HOSTILE),
        reality=(HOSTILE,),
    )
    printed = text_of(render_pdf(build(sheet), cases.signed(sheet), f"ANNULÉE : {HOSTILE}"))
    assert printed.count(squeezed(HOSTILE)) >= 12


def test_every_character_said_to_be_drawn_is_drawn():
    blocks = ["".join(chr(code) for code in range(first, last + 1)) for first, last in DRAWN]
    sheet = cases.plain(
        appreciation="\n".join(blocks),
        candidate=replace(cases.plain().candidate, birth_name=" ".join(blocks)),
        title=" ".join(blocks),
    )
    printed = text_of(render_pdf(build(sheet), (), None))
    assert "[U+" not in printed


def test_characters_without_a_glyph_are_named_and_kept_exactly_in_the_attachment():
    typed = "Très bien 👍 中 \U000f0000 \u202egauche\u202c"
    content = build(cases.plain(appreciation=typed))
    pdf = render_pdf(content, (), None)
    assert squeezed("Très bien [U+1F44D] [U+4E2D] [U+F0000] gauche") in text_of(pdf)
    assert "\u202e" not in "".join(pages(pdf))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert typed.encode() in document.attachments["fiche.json"].get_file().read_bytes()


def test_words_without_a_place_to_break_stay_inside_the_page():
    row = cases.plain().rows[0]
    sheet = cases.plain(
        school=replace(cases.plain().school, name="W" * 150),
        rows=(replace(row, observation="M" * 200), SheetRow("K1", "criterion", "W" * 120, None, "x" * 900, ())),
        appreciation="https://" + "m" * 400,
    )
    document = pypdfium2.PdfDocument(render_pdf(build(sheet), (), "Z" * 300))
    for page in document:
        text = page.get_textpage()
        rights = [text.get_charbox(n)[2] for n in range(text.count_chars())]
        assert max(rights) <= page.get_width() - 42  # the right margin: 15 mm


def test_the_same_sheet_is_the_same_file():
    assert rendered("plain")[1] == rendered("plain")[1]
    assert rendered("provisional_rehearsal", "BROUILLON")[1] == rendered("provisional_rehearsal", "BROUILLON")[1]


def test_a_sheet_without_a_meeting_is_dated_by_its_session():
    commission = replace(cases.plain().commission, met_on=None)
    pdf = render_pdf(build(cases.plain(commission=commission)), (), None)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.open_metadata()["xmp:CreateDate"].startswith("2027-01-01")


def test_threads_draw_their_own_sheet_and_nobody_else_s():
    sheets = [cases.plain(number=f"2027-0750654D-{n:04}") for n in range(8)]
    expected = [render_pdf(build(sheet), (), None) for sheet in sheets]
    wrong: list[str] = []

    def draw(turn: int) -> None:
        for n in range(turn, turn + 8):
            if render_pdf(build(sheets[n % 8]), (), None) != expected[n % 8]:
                wrong.append(sheets[n % 8].number)

    threads = [threading.Thread(target=draw, args=(turn,)) for turn in range(8)]
    failures: list[object] = []
    hook, threading.excepthook = threading.excepthook, failures.append
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        threading.excepthook = hook
    assert failures == []
    assert wrong == []
