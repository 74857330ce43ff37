"""Gives the words that stand round a value: before it in its cell or line, at the head of its column, beside it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

_FIGURES = re.compile(r"\d{3}")
LONGEST_HEADING = 60
MOST_AROUND = 240


class Surroundings:
    """A text with its lines and, where lines have cells (tabs, or semicolons in several lines alike), its columns."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(mark.end() for mark in re.finditer("\n", text))]

    def before(self, start: int, most: int = 60) -> str:
        """Returns what stands before a place in its cell, `most` signs at most."""
        return self.text[max(self._cell_start(start), start - most) : start]

    def line_before(self, start: int, most: int = 120) -> str:
        """Returns what stands before a place in its line, `most` signs at most."""
        return self.text[max(self.line(start)[0], start - most) : start]

    def after(self, end: int, most: int = 40) -> str:
        """Returns what follows a place in its line, `most` signs at most."""
        return self.text[end : end + most].partition("\n")[0]

    def heading(self, start: int) -> str:
        """Returns what introduces a value that begins its cell or line: the head of its column, or else the line above
        if it is short; empty for another value.
        """
        number = self._line_number(start)
        first, cells = self._tables.get(number, (number, ()))
        if cells:
            return self._head_of(first, number, bisect_right(cells, start) - 1)
        if number == 0 or self.before(start).strip(" \t-•*"):
            return ""
        above = self.text[self._starts[number - 1] : self._starts[number] - 1]
        return above if len(above) <= LONGEST_HEADING else ""

    def _head_of(self, first: int, number: int, column: int) -> str:
        """Returns the head of a column; where the table has none, but names on its left, the name on the left."""
        head = self._cell(first, column) if first != number else ""
        if head and not _FIGURES.search(head):
            return head
        return self._cell(number, 0) if column == 1 else ""

    def label(self, start: int, most: int = 60) -> str:
        """Returns all that introduces a value, in lower case: the heading, then what stands before it."""
        return f"{self.heading(start)} | {self.before(start, most)}".lower()

    def line(self, start: int) -> tuple[int, int]:
        """Returns where the line of a place begins and ends."""
        number = self._line_number(start)
        end = self._starts[number + 1] - 1 if number + 1 < len(self._starts) else len(self.text)
        return self._starts[number], end

    def is_head(self, start: int) -> bool:
        """Returns whether a place stands in the first line of a table that has others."""
        number = self._line_number(start)
        return self._tables.get(number, (None,))[0] == number and self._tables.get(number + 1, (None,))[0] == number

    def in_table(self, start: int) -> bool:
        """Returns whether a place stands in a table."""
        return self._line_number(start) in self._tables

    def around(self, start: int, end: int) -> str:
        """Returns what stands near a value: its row in a table, else MOST_AROUND signs on each side, as far as an empty
        line.
        """
        if self.in_table(start):
            first, last = self.line(start)
            return self.text[max(first, start - MOST_AROUND) : min(last, end + MOST_AROUND)]
        before = self.text[max(0, start - MOST_AROUND) : start].rpartition("\n\n")[2]
        after = self.text[end : end + MOST_AROUND].partition("\n\n")[0]
        return before + self.text[start:end] + after

    def _line_number(self, start: int) -> int:
        return bisect_right(self._starts, start) - 1

    def _cell_start(self, start: int) -> int:
        number = self._line_number(start)
        cells = self._tables.get(number, (number, ()))[1]
        return cells[bisect_right(cells, start) - 1] if cells else self._starts[number]

    def _cell(self, number: int, column: int) -> str:
        """Returns the text of a cell, as far as a head is read; empty beyond the last."""
        cells = self._tables[number][1]
        if not 0 <= column < len(cells):
            return ""
        end = cells[column + 1] if column + 1 < len(cells) else self.line(cells[column])[1]
        return self.text[cells[column] : min(end, cells[column] + LONGEST_HEADING)].strip("\t; \"'")

    @cached_property
    def _tables(self) -> dict[int, tuple[int, tuple[int, ...]]]:
        """Returns, for each line of a table, the line that is its head and where its own cells begin."""
        tables: dict[int, tuple[int, tuple[int, ...]]] = {}
        for sign, fewest in (("\t", 1), (";", 2)):
            head: int | None = None
            width = 0
            for number, start in enumerate(self._starts):
                count = self.text.count(sign, *self.line(start)) if number not in tables else 0
                if count < fewest or (sign == ";" and head is not None and count != width):
                    head = None
                    if count < fewest:
                        continue
                if head is None:
                    head, width = number, count
                first, last = self.line(start)
                places = [first, *(mark.end() + first for mark in re.finditer(sign, self.text[first:last]))]
                tables[number] = (head, tuple(places))
            if sign == "\t":
                continue
            heads = {entry[0] for number, entry in tables.items() if entry[0] != number}
            alone = [n for n, entry in tables.items() if entry[0] == n and n not in heads]
            for number in alone:  # one line with semicolons is a sentence
                if "\t" not in self.text[slice(*self.line(self._starts[number]))]:
                    del tables[number]
        return tables
