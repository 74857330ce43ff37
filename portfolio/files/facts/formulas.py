"""Notes which functions formulas use, whatever program wrote them, by their French names."""

from __future__ import annotations

import re

from portfolio.files.facts.gathered import Gathering
from portfolio.files.previews.renderers.workbooks.french_formulas import functions_in

LONGEST_FORMULA = 8_192  # signs, as spreadsheets have it
_TEXTS = re.compile(r'"[^"]*"')
_ABSOLUTE = re.compile(r"\$[A-Z]{1,3}\$?\d|[A-Z]{1,3}\$\d", re.IGNORECASE)
_LOOKUPS = {"RECHERCHEV", "RECHERCHEH", "RECHERCHEX", "RECHERCHE", "INDEX", "EQUIV", "EQUIVX"}


class UsedFormula:
    """A formula as text, worked out once for all the cells that share it. other_sheets: it reads another sheet."""

    def __init__(self, formula: str, *, other_sheets: bool) -> None:
        formula = formula[:LONGEST_FORMULA]
        self.names = list(dict.fromkeys(functions_in(formula)))
        bare = _TEXTS.sub('""', formula)
        self.absolute = _ABSOLUTE.search(bare) is not None
        self.other_sheets = other_sheets

    def note(self, gathering: Gathering, place: str) -> None:
        """Counts the formula at a cell, and each of its functions once."""
        gathering.uses("formula", place)
        for name in self.names:
            gathering.uses("formula_function", place, name)
        if self.absolute:
            gathering.uses("absolute_reference", place)
        if self.other_sheets:
            gathering.uses("other_sheet_reference", place)
        if _LOOKUPS.intersection(self.names):
            gathering.uses("lookup", place)
        if len(self.names) > 1:
            gathering.uses("nested_functions", place)
