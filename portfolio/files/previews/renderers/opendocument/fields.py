"""Names the fields of OpenDocument texts in French."""

from __future__ import annotations

from portfolio.files.previews.renderers.documents.marks import FIELD, TextMark
from portfolio.files.previews.renderers.office_names import Attributes

_NAMES = {
    "page-number": "numéro de page", "page-count": "nombre de pages", "date": "date du jour", "time": "heure",
    "creation-date": "date de création", "creation-time": "heure de création",
    "modification-date": "date de modification", "modification-time": "heure de modification",
    "print-date": "date d'impression", "print-time": "heure d'impression", "printed-by": "imprimé par",
    "author-name": "auteur", "author-initials": "initiales", "initial-creator": "auteur", "creator": "dernier auteur",
    "file-name": "nom du fichier", "template-name": "nom du modèle", "title": "titre", "subject": "objet",
    "keywords": "mots clés", "description": "commentaires", "chapter": "chapitre", "database-name": "base de données",
    "database-row-number": "de publipostage, numéro", "database-next": "de publipostage, enregistrement suivant",
    "placeholder": "à remplir", "text-input": "à remplir", "conditional-text": "condition",
    "user-field-get": "variable", "user-field-input": "variable", "variable-set": "variable",
    "variable-get": "variable", "variable-input": "variable", "expression": "calcul", "sequence": "numérotation",
    "user-defined": "propriété", "drop-down": "liste déroulante", "word-count": "nombre de mots",
    "character-count": "nombre de signes", "paragraph-count": "nombre de paragraphes",
    "table-count": "nombre de tableaux", "image-count": "nombre d'images", "editing-duration": "durée de rédaction",
    "editing-cycles": "nombre de versions", "page-variable-get": "numéro de page",
    "page-variable-set": "numéro de page",
    "sheet-name": "nom de la feuille", "date-time": "date du jour", "header": "en-tête", "footer": "pied de page",
}  # fmt: skip
_SENDER = (
    "firstname", "lastname", "initials", "title", "position", "email", "phone-private", "fax", "company", "phone-work",
    "street", "city", "postal-code", "country", "state-or-province",
)  # fmt: skip
_IN_SLIDES = {"date-time", "header", "footer"}

FIELDS = {
    **{f"{'presentation' if name in _IN_SLIDES else 'text'}:{name}": words for name, words in _NAMES.items()},
    **{f"text:sender-{name}": "expéditeur" for name in _SENDER},
    "text:database-display": "de publipostage",
}


def field_mark(tag: str, attributes: Attributes) -> TextMark:
    """Returns the mark of a field, with its name in French. tag: of its element. Raises KeyError if not of FIELDS."""
    words = FIELDS[tag]
    if tag == "text:database-display":
        return TextMark(FIELD, f"champ de publipostage « {attributes.get('column-name', '')[:80]} »")
    if words.startswith(("de ", "à ")):
        return TextMark(FIELD, f"champ {words}")
    return TextMark(FIELD, f"champ : {words}")
