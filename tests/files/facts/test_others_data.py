"""What a file holds of other people is told by kind, place and count, and never by its value."""

from __future__ import annotations

import io
import json

from openpyxl import Workbook

from portfolio.files.facts.others_data import MOST_SIGNS, others_data
from tests.files.facts.told import facts

IBAN = "FR76 3000 6000 0112 3456 7890 189"


def test_of_a_hidden_sheet_it_is_told_what_and_where() -> None:
    book, data = Workbook(), io.BytesIO()
    book.active.append(["Prime", 120])
    clients = book.create_sheet("Clients")
    clients.sheet_state = "hidden"
    clients.append(["Client", "IBAN", "Téléphone"])
    clients.append(["Roux", IBAN, "06 12 34 56 78"])
    clients.append(["Petit", IBAN, "06 12 34 56 79"])
    book.save(data)
    entries = facts(data.getvalue(), "xlsx")["personal_data"]
    assert [(entry["code"], entry["count"]) for entry in entries] == [("iban", 2), ("phone", 1), ("phone", 1)]
    assert all("Clients" in place for entry in entries for place in entry["places"])
    assert [place[-2:] for place in entries[0]["places"]] == ["B2", "B3"]
    written = json.dumps(entries)
    assert "0112" not in written and "34 56" not in written


def test_a_place_is_that_of_the_text_where_a_value_begins() -> None:
    (entry,) = others_data([("page 1", "rien"), ("page 2", f"compte {IBAN}"), ("page 3", "rien")])
    assert entry["places"] == ["page 2"] and others_data([]) == []


def test_of_endless_texts_the_beginning_is_searched() -> None:
    assert others_data([("page 1", "mot " * (MOST_SIGNS // 4)), ("page 2", IBAN)]) == []
