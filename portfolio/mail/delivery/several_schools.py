"""Says where a question goes about a mail that may speak of candidates of several schools: to the office of each."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.documents import School
from portfolio.mail.delivery.contacts import offices
from portfolio.mail.delivery.letter import Paragraph, question, question_to_offices

NOBODY = "Une question ? Adressez-vous au secrétariat de l'établissement du candidat."


def question_about(schools: Sequence[School]) -> tuple[Paragraph, tuple[str, ...]]:
    """Returns the paragraph, and the addresses of the mail's Reply-To: of the offices, those of one school to be found
    among them whichever candidate is meant; () where one school has nobody who can be written to.
    """
    addresses = offices(school.id for school in schools)
    if not addresses:
        return Paragraph(NOBODY), ()
    asked = question(schools[0]) if len(schools) == 1 else question_to_offices(schools)
    return asked, tuple(dict.fromkeys(address for office in addresses.values() for address in office))
