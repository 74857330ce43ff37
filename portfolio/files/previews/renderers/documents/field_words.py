"""Says in French what a field of Word stands for, by its instruction."""

from __future__ import annotations

import re

from portfolio.files.previews.renderers.documents.equation_fields import equation_words
from portfolio.files.previews.renderers.documents.marks import FIELD, TextMark, link

_WORDS = re.compile(r'"([^"]{0,300})"|(\S{1,300})')
NO_VALUE = "valeur non enregistrée"
_EQUATION = TextMark(FIELD, "équation")
_BUTTONS = ("MACROBUTTON", "GOTOBUTTON")  # what they display ends their instruction
_MOST_READ = 2_000  # signs of an instruction
# Their result is text of the document, or leads to another place in it.
_PLAIN = {
    "TOC", "PAGEREF", "REF", "NOTEREF", "TC", "XE", "INDEX", "RD", "SYMBOL", "EQ", "QUOTE", "ADVANCE", "LISTNUM",
    "AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "EMBED", "LINK", "SHAPE", "INCLUDEPICTURE", "STYLEREF", "SET",
    "BIBLIOGRAPHY", "CITATION", "ADDIN", "CONTROL", "HTMLCONTROL", "BARCODE", "PRIVATE",
}  # fmt: skip
_NAMES = {
    "PAGE": "numéro de page", "NUMPAGES": "nombre de pages", "SECTIONPAGES": "nombre de pages", "DATE": "date du jour",
    "TIME": "heure", "CREATEDATE": "date de création", "SAVEDATE": "date d'enregistrement",
    "PRINTDATE": "date d'impression", "AUTHOR": "auteur", "LASTSAVEDBY": "dernier auteur", "USERNAME": "utilisateur",
    "USERINITIALS": "initiales", "USERADDRESS": "adresse", "FILENAME": "nom du fichier", "TITLE": "titre",
    "SUBJECT": "objet", "KEYWORDS": "mots clés", "COMMENTS": "commentaires", "IF": "condition", "SEQ": "numérotation",
    "SECTION": "numéro de section", "FILLIN": "texte demandé", "ASK": "texte demandé", "NUMWORDS": "nombre de mots",
    "NUMCHARS": "nombre de signes", "FORMTEXT": "de formulaire", "FORMCHECKBOX": "case à cocher",
    "FORMDROPDOWN": "liste déroulante", "ADDRESSBLOCK": "de publipostage, adresse",
    "GREETINGLINE": "de publipostage, salutation", "NEXT": "de publipostage, enregistrement suivant",
    "NEXTIF": "de publipostage, enregistrement suivant", "MERGEREC": "de publipostage, numéro",
    "MERGESEQ": "de publipostage, numéro", "=": "calcul", "MACROBUTTON": "bouton", "GOTOBUTTON": "bouton",
}  # fmt: skip
_NAMED = {"DOCPROPERTY": "propriété", "DOCVARIABLE": "variable", "DATABASE": "base de données"}


def mark_of(instruction: str) -> TextMark | None:
    """Returns the mark of a field's result; None for one whose result is text like any other. instruction: as Word
    stores it, such as « HYPERLINK "https://…" ».
    """
    words = [quoted or bare for quoted, bare in _WORDS.findall(instruction[:_MOST_READ])]
    if not words:
        return None
    name, first = words[0].upper(), next((word for word in words[1:] if not word.startswith("\\")), "")
    if name == "HYPERLINK":
        return link(first) if first and "\\l" not in words[1:2] else None
    if name == "MERGEFIELD":
        return TextMark(FIELD, f"champ de publipostage « {first} »")
    if name in _PLAIN:
        return None
    if name.startswith("="):
        name = "="
    if name in _NAMED:
        return TextMark(FIELD, f"champ : {_NAMED[name]} « {first} »")
    known = _NAMES.get(name, "")
    if known.startswith("de "):
        return TextMark(FIELD, f"champ {known}")
    return TextMark(FIELD, f"champ : {known}" if known else f"champ {name[:40]}")


class FieldStack:
    """Follows fields inside each other: each has an instruction, then perhaps a result."""

    DEEPEST = 20

    def __init__(self) -> None:
        self._fields: list[_Field] = []
        self._beyond = 0

    @property
    def in_instruction(self) -> bool:
        """Returns whether what is read now is an instruction, not words of the document."""
        return any(not field.has_result for field in self._fields)

    def marks(self) -> list[TextMark]:
        """Returns the marks of the words that are read now, and notes that their fields have a result."""
        marks = []
        for field in self._fields:
            field.is_empty = False
            if field.mark is not None:
                marks.append(field.mark)
        return marks

    def begin(self) -> None:
        if len(self._fields) < self.DEEPEST:
            self._fields.append(_Field())
        else:
            self._beyond += 1

    def instruct(self, text: str) -> None:
        if self._fields and not self._fields[-1].has_result:
            self._fields[-1].instruction += text[: _MOST_READ - len(self._fields[-1].instruction)]

    def separate(self) -> None:
        if self._fields and not self._beyond:
            self._fields[-1].has_result = True
            self._fields[-1].mark = mark_of(self._fields[-1].instruction)

    def note_value(self, words: str) -> None:
        """Notes what the innermost field displays without a result: a box, a list."""
        if self._fields and not self._beyond:
            self._fields[-1].value = words

    def give_up_instructions(self) -> None:
        """Reads on after a field whose instruction does not end in its paragraph: its sign of the end is lacking."""
        for field in self._fields:
            field.has_result = True

    def end(self) -> tuple[str, TextMark] | None:
        """Ends the innermost field. Returns (words, their mark) for one that displayed nothing, so that it is named: of
        an equation, which Word draws anew each time, its instruction as words; None for any other.
        """
        if self._beyond:
            self._beyond -= 1
            return None
        if not self._fields:
            return None
        field = self._fields.pop()
        if not field.is_empty or self.in_instruction:
            return None
        if _is_equation(field.instruction):
            words = equation_words(field.instruction)
            return (words, _EQUATION) if words else None
        mark = field.mark or (None if field.has_result else mark_of(field.instruction))
        value = field.value or _on_button(field.instruction) or NO_VALUE
        return (value, mark) if mark is not None and mark.kind == FIELD else None


def _is_equation(instruction: str) -> bool:
    return instruction.split(maxsplit=1)[:1] in (["EQ"], ["eq"], ["Eq"])


def _on_button(instruction: str) -> str:
    """Returns what a button displays, such as « Cliquez ici »; "" for another field."""
    words = instruction.split(maxsplit=2)
    return words[2].strip() if len(words) == 3 and words[0].upper() in _BUTTONS else ""


class _Field:
    def __init__(self) -> None:
        self.instruction = self.value = ""
        self.has_result = False
        self.is_empty = True
        self.mark: TextMark | None = None
