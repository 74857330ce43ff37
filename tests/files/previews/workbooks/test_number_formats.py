"""Numbers under the format codes of spreadsheets, as a spreadsheet set to French displays them."""

from __future__ import annotations

import pytest

from portfolio.files.previews.renderers.workbooks.number_formats import BUILT_IN, display_number, display_text

EURO = '#,##0.00\\ "€"'
ACCOUNTS = '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-'
PHONE = '0#" "##" "##" "##" "##'


@pytest.mark.parametrize(
    "code,number,display",
    [
        # --- without a format: nothing of a number is lost
        ("General", 12345678901234, "12345678901234"),
        ("General", 190017512345655, "190017512345655"),
        ("General", 0.1 + 0.2, "0,3"),
        ("General", -1234.567, "-1234,567"),
        ("General", 0.000012345, "0,000012345"),
        ("General", 1e20, "1E+20"),
        ("General", 1.2e-12, "1,2E-12"),
        ('General" km"', 12.5, "12,5 km"),
        ("@", 612, "612"),
        ('"Réf. "@', -612, "-612"),
        ("[Blue]", -2, "-2"),
        # --- decimals, groups, percentages, euros
        ("0", 1234.5, "1235"),
        ("0.00", 0.125, "0,13"),
        ("0.00", 1.005, "1,01"),
        ("0.00", -0.001, "0,00"),
        ("#,##0", 1234567, "1 234 567"),
        ("#,##0.00", -1234.567, "-1 234,57"),
        ("0.##", 1, "1"),
        ("#.##", 0.5, ",5"),
        ("0.0?", 1.5, "1,5 "),
        ("0%", 0.125, "13 %"),
        ("0.00%", 0.125, "12,50 %"),
        ("0.0\\ %", 0.125, "12,5 %"),
        ('0.00" %"', 12.5, "12,50 %"),
        (EURO, 1234.5, "1 234,50 €"),
        ("#,##0.00\\ [$€-40C]", -3, "-3,00 €"),
        ("[$$-409]#,##0.00", 1234.5, "$1 234,50"),
        ("[$CHF] #,##0", 12, "CHF 12"),
        (ACCOUNTS, 0, " -   € "),
        (ACCOUNTS, -1234.567, "-1 234,57 € "),
        ('0.0,,"M€"', 612345678, "612,3M€"),
        # --- zeros in front, figures in groups
        (PHONE, 612345678, "06 12 34 56 78"),
        ("00000", 1400, "01400"),
        ("000-00-00", 1234567, "123-45-67"),
        ('"n° "000', 7, "n° 007"),
        ("000", -7, "-007"),
        # --- sections, conditions, colours
        ("0.00;(0.00)", -5, "(5,00)"),
        ('0.0;-0.0;"zéro"', 0, "zéro"),
        ("0;;", -5, ""),
        (";;;", 12, ""),
        ('[>100]"grand";[<0]"neg";"moyen"', 50, "moyen"),
        ('[>100]"grand";[<0]"neg";"moyen"', 101, "grand"),
        ("[<100]0;0.0", -5, "-5"),
        ("[=1]0;[=2]0", 3, "#######"),
        # --- days
        ("dd/mm/yyyy", 46356, "30/11/2026"),
        ("d/m/yy", 46356, "30/11/26"),
        ("yyyy-mm-dd", 46356, "2026-11-30"),
        ("dddd d mmmm yyyy", 46356, "lundi 30 novembre 2026"),
        ("ddd d mmm", 46356, "lun. 30 nov."),
        ("mmmmm", 46356, "n"),
        ("[$-409]dddd d mmmm", 46356, "Monday 30 November"),
        ("[$-409]ddd d mmm", 46356, "Mon 30 Nov"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", 46356, "lundi 30 novembre 2026"),
        ("dd/mm/yyyy", 1e12, "#######"),
        # --- hours and durations
        ("hh:mm", 46356.43771, "10:30"),
        ("h:mm:ss", 0.125, "3:00:00"),
        ('hh"h"mm', 0.25, "06h00"),
        ("h:mm AM/PM", 0.75, "6:00 PM"),
        ("[$-F400]h:mm:ss\\ AM/PM", 0.75, "18:00:00"),
        ("[h]:mm:ss", 1.2604166666666667, "30:15:00"),
        ("[h]:mm", -0.5, "-12:00"),
        ("[mm]:ss", 1 / 24, "60:00"),
        ("mm:ss.0", 1.5 / 86400, "00:01,5"),
        ("mm:ss", 1.5 / 24, "30:00"),
        ("d mmm yyyy h:mm", 46356.25, "30 nov. 2026 6:00"),
        # --- powers and fractions
        ("0.00E+00", 1234.5, "1,23E+03"),
        ("##0.0E+0", 12345, "12,3E+3"),
        ("0.0E-0", 1200, "1,2E3"),
        ("# ?/?", 1234.5, "1234 1/2"),
        ("# ?/?", 3, "3"),
        ("0/8", 0.125, "1/8"),
    ],
)
def test_a_number_is_displayed_as_its_format_says(code: str, number: float, display: str) -> None:
    assert display_number(number, code).text.replace("\u00a0", " ") == display


@pytest.mark.parametrize(
    "code,text,display",
    [
        ("General", "AUTO-1", "AUTO-1"),
        ("0.00", "12 rue des Lilas", "12 rue des Lilas"),
        ('"Réf. "@', "A7", "Réf. A7"),
        ('0;-0;0;"("@")"', "A7", "(A7)"),
        (";;;", "caché", ""),
    ],
)
def test_words_are_changed_by_a_section_for_words_alone(code: str, text: str, display: str) -> None:
    assert display_text(text, code).text == display


def test_a_colour_says_what_the_minus_sign_would_have_said() -> None:
    shown = display_number(-5, "0;[Red]0")
    assert (shown.text, shown.colour) == ("5", "red")
    assert display_number(5, "0;[Red]0").colour == ""


def test_days_of_a_workbook_that_counts_from_1904_are_four_years_later() -> None:
    assert display_number(44894, "dd/mm/yyyy", from_1904=True).text == "30/11/2026"


def test_formats_named_by_number_are_those_of_a_french_spreadsheet() -> None:
    displays = {number: display_number(46356.5, BUILT_IN[number]).text for number in (9, 14, 17, 20, 22, 46)}
    assert displays == {
        9: "4635650 %",
        14: "30/11/2026",
        17: "nov.-26",
        20: "12:00",
        22: "30/11/2026 12:00",
        46: "1112556:00:00",
    }
