"""Asks the members, before they sign, about what is rarely meant: a row not evaluated, no piece retained.

No text forbids either: whoever confirms signs, and the link of the signature says that they confirmed.
"""

from __future__ import annotations

from portfolio.counting import many
from portfolio.errors import NotNow, RuleSource
from portfolio.sheet.content import SheetContent


class SignatureToConfirm(NotNow):
    """A question that the member overrides, not a rule."""

    code = "signature_to_confirm"
    source = RuleSource.CHOICE
    detail = "Avant de signer, confirmez : {questions}"


def questions(content: SheetContent) -> list[str]:
    """Returns French sentences to be confirmed before signing; [] if there are none, and always with an outcome."""
    if content["outcome"] is not None:
        return []
    none = content["grid"]["not_evaluated"]
    rows = [row["code"] for row in content["grid"]["rows"] if row["degree"] == none]
    asked = []
    if rows:
        asked.append(f"{many(len(rows), 'ligne')} « {none['label']} » : {', '.join(rows)}.")
    if content["portfolio"]["revision"] and not content["portfolio"]["pieces"]:
        asked.append("Aucun élément du portfolio n'est retenu à l'appui de l'appréciation.")
    return asked
