import io
import re
from dataclasses import replace
from decimal import Decimal

import pdfua
import pikepdf
import pytest

from portfolio.sheet.build import build
from portfolio.sheet.papers.render_pdf import render_pdf
from portfolio.sheet.printed_values import Communicated, SheetMark, SheetOutcome, SheetSignature
from portfolio.store.canonical_json import canonical
from portfolio.store.digests import digest
from tests.sheet import cases
from tests.support.acts.printed_sheets import EVERY_CASE, REPEATED, pages, rendered, squeezed, strings_in, text_of

PROVISIONAL = "non conforme tant que non rapproché de l'annexe de la circulaire"


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


def test_a_usual_sheet_holds_on_one_page_and_its_annex_on_another():
    for case in ("plain", "without_appraisal"):
        fiche, annex = pages(rendered(case)[1])
        assert "Signé le" in fiche and "Traçabilité" not in fiche
        assert annex.split("\r\n")[1] == "Annexe" and "même empreinte" in annex


def test_no_row_of_the_grid_stands_alone_on_a_page():
    """Whatever the height of what comes before: the last rows go together."""
    for count in range(8, 16):
        plain = cases.plain()
        filled = replace(plain.commission, note="\n".join(["Une ligne de plus."] * count))
        for page in pages(render_pdf(build(replace(plain, commission=filled)), (), None))[1:]:
            rows = re.findall(r"\b[CK]\d+ [A-ZÀ-Ý]", page)
            assert len(rows) != 1, page


def test_the_model_leaves_room_where_the_circular_says_so():
    spaces = ("Visa du chef d'établissement", "Cachet de l'établissement", "N° du jury")
    printed = text_of(render_pdf(build(cases.plain(spaces=spaces)), (), None))
    assert all(squeezed(space) in printed for space in spaces)
    assert "Cachet" not in text_of(rendered("plain")[1])


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
    crosses = re.findall(r"(?<!\S)X(?=\s|[A-Z])", "\r\n".join(pages(pdf)))
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
