"""Text of more than a line is kept while it is typed, or its form says that it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"
TEMPLATES = sorted(WEB.glob("*/templates/*.html"))
FORM = re.compile(r"\{% call\(form\) f\.form\((.*?)\) %\}(.*?)\{% endcall %\}|<form\b(.*?)>(.*?)</form>", re.DOTALL)
MACRO = re.compile(r"\{%-? macro (\w+)\(.*?\{%-? endmacro", re.DOTALL)
AREA = re.compile(r"\bf\.area\(|<textarea\b")
KEPT = re.compile(r"draft=true|\bdata-save=")  # a draft of the form; the grid, saved mark by mark
# {template: what its form says}: a pasted list, longer than a draft may be
NOT_KEPT = {
    "office/import_new.html": "La liste n'est gardée qu'une fois envoyée",
    "office/period_list.html": "La liste elle-même n'est gardée nulle part",
    "office/keyed_marks.html": "Ce qui est collé ici n'est pas gardé",
}


def _macros() -> set[str]:
    """Names of macros that draw a textarea, by themselves or by another macro."""
    bodies = {found[1]: found[0] for path in TEMPLATES for found in MACRO.finditer(path.read_text())}
    drawing = {name for name, body in bodies.items() if AREA.search(body)} - {"form"}
    while more := {name for name, body in bodies.items() if _calls(body, drawing)} - drawing - {"form"}:
        drawing |= more
    return drawing


def _calls(body: str, macros: set[str]) -> bool:
    return bool(macros) and bool(re.search(rf"\{{\{{[^}}]*\b({'|'.join(macros)})\(", body))


def _forms() -> Iterator[tuple[str, str, str]]:
    """Yields (template, what begins the form, what it holds) of each form with a textarea."""
    macros = _macros()
    for path in TEMPLATES:
        for found in FORM.finditer(path.read_text()):
            begins, holds = (found[1], found[2]) if found[1] else (found[3], found[4])
            if path.name != "forms.html" and (AREA.search(holds) or _calls(holds, macros)):
                yield f"{path.parent.parent.name}/{path.name}", begins, holds


def test_each_form_with_more_than_a_line_keeps_it_or_says_that_it_does_not() -> None:
    forms = list(_forms())
    assert len(forms) >= 25
    unkept = {template: holds for template, begins, holds in forms if not KEPT.search(begins)}
    assert set(unkept) == set(NOT_KEPT), "draft=true, or a sentence of the form that says it is not kept"
    assert [template for template, holds in unkept.items() if NOT_KEPT[template] not in holds] == []


def test_no_textarea_stands_outside_the_forms_that_are_counted() -> None:
    counted = {template for template, _, _ in _forms()}
    macros = {"everyone/forms.html", "candidate/parts.html", "commission/rows.html", "tutor/pieces.html"}
    drawn = {f"{path.parent.parent.name}/{path.name}" for path in TEMPLATES if AREA.search(path.read_text())}
    assert drawn - counted == macros
