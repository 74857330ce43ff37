import io
import re
import threading
from dataclasses import replace
from decimal import Decimal

import pdfua
import pikepdf
import pypdfium2
import pytest

from portfolio.papers.typeset import DRAWN
from portfolio.sheet.build import Communicated, SheetMark, SheetOutcome, SheetRow, SheetSignature, build
from portfolio.sheet.render_pdf import render_pdf
from portfolio.store.canonical_json import canonical
from portfolio.store.digests import digest
from tests.sheet import cases

PROVISIONAL = "non conforme tant que non rapproché de l'annexe de la circulaire"
EVERY_CASE = ["plain", "provisional_rehearsal", "without_appraisal", "very_long"]
HOSTILE = (
    '#panic("vu") $x^2$ [a] @ref <lab> *gras* _ital_ `code` \\u{41} // fin /* non */ = Titre ~ -- --- ... #sys.inputs'
)
REPEATED = re.compile("BTS Assurance – Fiche d'évaluation E5|Ce document est à l'usage|Empreinte .* page ")
# What a reader meets in other words (dates, marks, kinds) or not at all (keys of programs).
SAID_OTHERWISE = {
    "schema",
    "birth_date",
    "starts",
    "ends",
    "met_on",
    "kind",
    "time_zone",
    "proposed",
    "step",
    "days",
    "not_evaluated",
}


def pages(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded() for page in document]


def squeezed(text: str) -> str:
    """Without what lines and columns add: spaces, soft hyphens, places to break."""
    return re.sub(r"[\s\u200b\x02]+", "", text)


def text_of(pdf: bytes) -> str:
    return squeezed("".join(pages(pdf)))


def strings_in(value, key=""):
    if isinstance(value, dict):
        for name, item in value.items():
            yield from strings_in(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item, key)
    elif isinstance(value, str) and key not in SAID_OTHERWISE:
        yield value


def rendered(case: str, banner: str | None = None) -> tuple[dict, bytes]:
    sheet = getattr(cases, case)()
    content = build(sheet)
    return content, render_pdf(content, cases.signed(sheet), banner)


@pytest.mark.parametrize("case", ["plain", "provisional_rehearsal"])
def test_everything_signed_can_be_read_on_the_paper(case):
    content, pdf = rendered(case)
    printed = text_of(pdf)
    missing = [words for words in strings_in(content) if squeezed(words) not in printed]
    assert missing == []
    for words in ("28/02/2006", "du 05/01/2026 au 13/02/2026", "12/04/2027", digest(content)):
        assert squeezed(words) in printed
    assert printed.count("P5Résultatducontrôle") == 1


def test_thirty_pieces_and_very_long_texts_all_reach_the_paper():
    content, pdf = rendered("very_long")
    body = "".join(body_of(page) for page in pages(pdf))
    for piece in content["portfolio"]["pieces"]:
        assert squeezed(piece["title"]) in body
    sentence = squeezed("La commission relève une maîtrise inégale des fonctionnalités avancées de l'extranet.")
    assert body.count(sentence) == 12 * len(content["grid"]["rows"]) + 20 * 6


def body_of(page: str) -> str:
    """A page without what is repeated on each: running header, footer, heading of the grid."""
    inside = [line for line in page.split("\r\n") if not REPEATED.match(line)]
    return re.sub("Compétenceoucritèreévalué.*?preuvesretenues", "", squeezed("".join(inside)))


def test_a_usual_sheet_holds_on_two_pages():
    assert len(pages(rendered("plain")[1])) == 2
    assert len(pages(rendered("without_appraisal")[1])) == 1


@pytest.mark.parametrize("case", EVERY_CASE)
def test_the_signed_json_is_attached_octet_for_octet(case):
    content, pdf = rendered(case)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert list(document.attachments) == ["fiche.json"]
        attached = document.attachments["fiche.json"]
        assert attached.get_file().read_bytes() == canonical(content)
        assert attached.get_file().mime_type == "application/json"
        assert attached.relationship == pikepdf.Name.Source


@pytest.mark.parametrize("case", EVERY_CASE)
def test_a_sheet_is_an_archive_document_that_a_screen_reader_can_read(case, tmp_path):
    content, pdf = rendered(case, "BROUILLON")
    path = tmp_path / "fiche.pdf"
    path.write_bytes(pdf)
    report = pdfua.validate(path)
    assert [f"{finding.rule_id} {finding.message}" for finding in report.findings] == []
    with pikepdf.open(path) as document:
        metadata = document.open_metadata()
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["pdfuaid:part"] == "1"
        assert content["number"] in metadata["dc:title"]
        assert str(document.Root.Lang) == "fr-FR"
        assert document.Root.ViewerPreferences.DisplayDocTitle


def test_the_grid_is_a_table_with_headings_and_the_choice_is_a_letter_not_a_colour():
    _, pdf = rendered("plain")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        tags = [str(node.S) for node in structure(document.Root.StructTreeRoot)]
    assert tags.count("/H1") == 1
    assert tags.count("/TH") >= 7
    assert "/Table" in tags
    crosses = re.findall(r"^X\s*$|\bX\r", "\r\n".join(pages(pdf)), re.MULTILINE)
    assert len(crosses) == len(cases.plain().rows)


def structure(node):
    children = node.get("/K", [])
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from structure(child)


def test_the_document_title_names_nobody():
    _, pdf = rendered("plain")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        title = document.open_metadata()["dc:title"]
    assert title == "Fiche d'évaluation E5 – BTS Assurance – session 2027 – n° 2027-0750654D-0007"


def test_every_page_says_its_number_and_what_it_rests_on():
    content, pdf = rendered("very_long")
    printed = pages(pdf)
    for number, page in enumerate(printed, 1):
        words = squeezed(page)
        assert f"page{number}/{len(printed)}" in words
        assert digest(content)[:16] in words
        assert content["chain_head"][:16] in words
        assert squeezed(content["footer"]) in words
        assert content["number"] in words


def test_the_copy_handed_to_the_candidate_says_so_on_every_page_and_holds_the_same_content():
    sheet = cases.very_long()
    content = build(sheet)
    handed = Communicated("2027-07-14T22:30:00+00:00", "Courrier #12 du 12 juillet 2027")
    pdf = render_pdf(content, cases.signed(sheet), None, handed)
    said = "à sa demande, le 15/07/2027 – demande : Courrier #12 du 12 juillet 2027 – article L. 311-6 du CRPA."
    for page in pages(pdf):
        assert squeezed(said) in squeezed(page)
        assert squeezed(content["footer"]) not in squeezed(page)
        assert digest(content)[:16] in squeezed(page)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert document.attachments["fiche.json"].get_file().read_bytes() == canonical(content)


def test_a_provisional_rehearsal_says_so_on_every_page():
    _, pdf = rendered("provisional_rehearsal", "BROUILLON")
    printed = [squeezed(page) for page in pages(pdf)]
    assert squeezed(PROVISIONAL) in printed[0]
    for page in printed:
        assert page.count("FICTIF") >= 2  # the heading and the watermark
        assert "BROUILLON" in page
        assert "MODÈLEPROVISOIRE" in page


def test_a_sheet_in_force_and_reconciled_carries_no_warning():
    printed = text_of(rendered("plain")[1])
    for word in ("FICTIF", "BROUILLON", "PROVISOIRE", "provisoire", "ANNULÉE", "autrecontenu"):
        assert word not in printed


def test_a_voided_sheet_shows_its_reason_in_full_and_its_state_on_every_page():
    reason = "ANNULÉE : " + "erreur sur l'identité, remplacée par la fiche 2027-0750654D-0008 ; " * 3
    _, pdf = rendered("plain", reason.strip())
    printed = [squeezed(page) for page in pages(pdf)]
    assert squeezed(reason) in printed[0]
    assert all("ANNULÉE:erreur" in page for page in printed)


def test_an_outcome_without_appraisal_shows_no_empty_grid_and_no_mark():
    printed = text_of(rendered("without_appraisal")[1])
    assert "Aucunportfolioremis" in printed
    assert "Aucunenoten'estproposée." in printed
    assert "Aucundegrén'aétéportésurlagrille." in printed
    assert "Noteproposée" not in printed
    assert "Satisfaisant" not in printed


def test_an_outcome_with_a_mark_shows_both_and_its_reference():
    outcome = SheetOutcome("absent_force_majeure", "Absence pour cause de force majeure", "certificat n° 12")
    rows = tuple(replace(row, degree=None) for row in cases.plain().rows)
    sheet = cases.plain(outcome=outcome, rows=rows, mark=SheetMark(Decimal(0), Decimal("0.5")))
    printed = text_of(render_pdf(build(sheet), (), None))
    assert squeezed("Absence pour cause de force majeure") in printed
    assert squeezed("Référence : certificat n° 12. Note portée : 0 / 20.") in printed


def test_a_mark_reads_as_people_write_it():
    assert "14,5/20" in text_of(rendered("plain")[1])


def test_signatures_are_dated_in_the_time_of_the_academy():
    assert squeezed("Signé le 12/04/2027 à 16:00:11 (fuseau Europe/Paris)") in text_of(rendered("plain")[1])
    sheet = cases.plain(time_zone="Indian/Reunion")
    printed = text_of(render_pdf(build(sheet), cases.signed(sheet), None))
    assert squeezed("à 18:00:11 (fuseau Indian/Reunion)") in printed


def test_a_member_who_has_not_signed_has_room_to_sign():
    sheet = cases.plain()
    printed = text_of(render_pdf(build(sheet), cases.signed(sheet)[:1], None))
    assert printed.count("Signéle") == 1
    assert printed.count("Dateetsignature:") == 1


def test_a_signature_of_another_content_is_denounced():
    sheet = cases.plain()
    first, second = cases.signed(sheet)
    stale = SheetSignature(second.name, second.quality, second.at, "0" * 64)
    printed = text_of(render_pdf(build(sheet), (first, stale), None))
    assert printed.count("cettesignatureportesurunautrecontenuquecelui-ci") == 1


def test_a_signature_of_somebody_else_does_not_pass_for_a_member_s():
    sheet = cases.plain()
    intruder = SheetSignature("Quelqu'un d'autre", "Inconnu", "2027-04-12T14:00:00Z", digest(build(sheet)))
    printed = text_of(render_pdf(build(sheet), (intruder,), None))
    assert "Quelqu'und'autre" in printed
    assert printed.count("Dateetsignature:") == 2


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
