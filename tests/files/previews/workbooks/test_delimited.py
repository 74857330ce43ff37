"""A CSV is a table, whatever separates and encodes it."""

from __future__ import annotations

import pytest

from tests.files.previews.drawn import outline
from tests.files.previews.tables import texts_of


@pytest.mark.parametrize("sign", [";", ",", "\t", "|", "^", "~", ":", "¦", "§"])
def test_a_csv_is_a_table_whatever_separates_it(sign: str) -> None:
    view = outline(f'Nom{sign}Prime\n"Dupont{sign} Zoé"{sign}412\n'.encode("cp1252"), "csv")
    assert texts_of(view.sheets[0]) == [["Nom", "Prime"], [f"Dupont{sign} Zoé", "412"]]
    assert not view.sheets[0]["notes"]


@pytest.mark.parametrize(
    "text,rows",
    [
        ("Client;Prime\nDupont, Jean;120,50\nMartin, Léa;98,20\n", [["Client", "Prime"], ["Dupont, Jean", "120,50"]]),
        ("a,1;b,1\nc,2;d,2\n", [["a,1", "b,1"], ["c,2", "d,2"]]),
        ("a\t1,5\t2,5\nb\t2,5\t3,5\n", [["a", "1,5", "2,5"], ["b", "2,5", "3,5"]]),
        ("Suivi des sinistres\nn°;date\n1;3/3\n", [["Suivi des sinistres", ""], ["n°", "date"]]),
        ("sep=,\na,b;c\nd,e\n", [["a", "b;c"], ["d", "e"]]),
        ("un mot\nun autre\n", [["un mot"], ["un autre"]]),
        ("Nom^Prime\nDupont, Jean^120,50\nMartin, Léa^98,20\n", [["Nom", "Prime"], ["Dupont, Jean", "120,50"]]),
        ("Suivi\nn°^date\n1^3/3, soir\n2^4/3\n", [["Suivi", ""], ["n°", "date"]]),
        ("Nom : Dupont\nPrime : 412\n", [["Nom ", " Dupont"], ["Prime ", " 412"]]),
        ("12:30\n13:45\n", [["12:30"], ["13:45"]]),
        ("https://a.example/\nhttps://b.example/\n", [["https://a.example/"], ["https://b.example/"]]),
        ("Heure;Lieu:salle\n12:30;Lyon\n", [["Heure", "Lieu:salle"], ["12:30", "Lyon"]]),
        ("Note : à revoir\nsans suite, hélas\nfin\n", [["Note : à revoir"], ["sans suite, hélas"]]),
        ('"saut\nde ligne";2\n"b";3\n', [["saut\nde ligne", "2"], ["b", "3"]]),
    ],
)
def test_the_separator_is_the_one_that_gives_equal_rows(text: str, rows: list[list[str]]) -> None:
    assert texts_of(outline(text.encode(), "csv").sheets[0])[:2] == rows


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-15", "mac-roman"]
)
def test_a_csv_of_any_usual_encoding_is_read(encoding: str) -> None:
    text = "Prénom;Échéance\nZoé;février\nFrançois;août\nAnaïs;décembre\n"
    assert texts_of(outline(text.encode(encoding), "csv").sheets[0])[1:] == [
        ["Zoé", "février"],
        ["François", "août"],
        ["Anaïs", "décembre"],
    ]


def test_a_field_of_any_length_is_read() -> None:
    view = outline(("a;" + "x" * 300_000 + "\nb;2\n").encode(), "csv")
    assert [len(text) for text in texts_of(view.sheets[0])[0]] == [1, 2001]
    assert texts_of(view.sheets[0])[1] == ["b", "2"]


def test_a_long_csv_says_that_more_follows() -> None:
    view = outline(b"a;b\n" * 5000, "csv")
    assert len(view.sheets[0]["rows"]) == 2000 and "Téléchargez" in view.sheets[0]["notes"][0]
