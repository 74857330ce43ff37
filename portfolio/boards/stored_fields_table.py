"""Draws the classification of stored fields as a document. Pure."""

from __future__ import annotations

from portfolio.boards.stored_fields import BY_POLICY, ROW, StoredField, StoredFieldsTable, class_name, stored_fields
from portfolio.documents import KINDS
from portfolio.policy.reading import READ
from portfolio.policy.table import POLICY

_HEAD = """\
# Stored fields

Drawn from `config/stored_fields.yaml` and POLICY by `python commands.py stored-fields`; a test keeps it true. Others
hold the code to it: an unclassified field fails; « mes données » gives every personal field of a person, or its reason
stands here; an elimination leaves no personal field that is kept no longer than the portfolio; exports and logs hold
nothing else. *Personal, of*: it says something of the people whom those fields of its row name.
"""


def stored_fields_as_markdown() -> str:
    """Returns the document in Markdown: codes, exports, then one table per class. Raises InvalidDataFile."""
    table = stored_fields()
    classes = [_of_class(name, table) for name in table.kinds]
    return "\n".join([_HEAD, *_codes(table), *(line for lines in classes for line in lines)]) + "\n"


def _codes(table: StoredFieldsTable) -> list[str]:
    titles = {"kept": "Kept", "seen": "Read by", "unsaid": "Why « mes données » leaves it out"}
    lines = []
    for name, title in titles.items():
        lines += [f"## {title}", "", "| | |", "| --- | --- |"]
        lines += [f"| {code} | {words} |" for code, words in table.words[name].items()] + [""]
    lines += ["## Collections that no class describes", "", "| | |", "| --- | --- |"]
    lines += [f"| `{name}` | {words} |" for name, words in table.raw.items()] + [""]
    lines += ["## Exports", "", "| export | for | drawn from |", "| --- | --- | --- |"]
    lines += [f"| {name} | {export.reader} | {', '.join(export.kinds)} |" for name, export in table.exports.items()]
    return [*lines, ""]


def _of_class(name: str, table: StoredFieldsTable) -> list[str]:
    lines = [f"## {name}", ""]
    kind = KINDS.get(name.partition(".")[2])
    if kind is not None and class_name(kind) == name and kind in READ:
        lines += [f"By POLICY, read by a person who {_readers(kind)}.", ""]
    lines += [
        "| field | personal, of | kept | read by | left out of « mes données » |",
        "| --- | --- | --- | --- | --- |",
    ]
    return lines + [_line(field, stored) for field, stored in table.kinds[name].items()] + [""]


def _readers(kind: type) -> str:
    return "; or ".join(predicate.sentence for predicate in POLICY[READ[kind]].who)


def _line(field: str, stored: StoredField) -> str:
    of = "the row" if stored.of == (ROW,) else ", ".join(f"`{name}`" for name in stored.of)
    readers = "POLICY" if stored.seen == BY_POLICY else stored.seen
    return f"| `{field}` | {of} | {stored.kept} | {readers} | {stored.unsaid or ''} |"
