"""Names what the fields of a text do, whatever program wrote them: the program fills them in."""

from __future__ import annotations

import re
from typing import Final

# {name of a field of Word: code}; another is counted as `field`, by its name.
OF_WORD: Final = {
    "TOC": "table_of_contents",
    "INDEX": "index",
    "MERGEFIELD": "mail_merge",
    "MERGEREC": "mail_merge",
    "MERGESEQ": "mail_merge",
    "NEXT": "mail_merge",
    "NEXTIF": "mail_merge",
    "SKIPIF": "mail_merge",
    "ADDRESSBLOCK": "mail_merge",
    "GREETINGLINE": "mail_merge",
    "DATABASE": "mail_merge",
    "HYPERLINK": "link",
    "PAGE": "page_number",
    "NUMPAGES": "page_number",
    "SECTIONPAGES": "page_number",
    "REF": "cross_reference",
    "PAGEREF": "cross_reference",
    "NOTEREF": "cross_reference",
    "SEQ": "caption",
    "DATE": "date_field",
    "TIME": "date_field",
    "CREATEDATE": "date_field",
    "SAVEDATE": "date_field",
    "PRINTDATE": "date_field",
    "IF": "conditional_field",
    "CITATION": "citation",
    "BIBLIOGRAPHY": "citation",
    "FORMTEXT": "form_field",
    "FORMCHECKBOX": "form_field",
    "FORMDROPDOWN": "form_field",
    "=": "calculated_field",
}
_WITH_NAME = {"mail_merge"}  # of which the first argument says which
_NAMED = re.compile(r'^\w+\s+(?:"([^"]{1,100})"|([^"\\\s]{1,100}))')
_DEPENDENT = {"PAGEREF", "HYPERLINK"}  # a table of contents is full of them


def fact_of(instruction: str, *, within_contents: bool = False) -> tuple[str, str]:
    """Returns the code and the value of a field by its instruction: « MERGEFIELD "Nom" » is (`mail_merge`, « Nom »).
    Returns two empty texts for one that says nothing, or that a table of contents made. within_contents: it stands in
    one.
    """
    words = instruction.split()
    if not words:
        return "", ""
    name = "=" if words[0].startswith("=") else words[0].upper()
    if within_contents and name in _DEPENDENT:
        return "", ""
    code = OF_WORD.get(name, "")
    if not code:
        return ("field", name[:40]) if name.isascii() and name.isalpha() else ("", "")
    named = _NAMED.search(instruction.strip()) if code in _WITH_NAME else None
    return code, (named[1] or named[2]) if named else ""
