"""Says where a question about somebody's case goes: to who follows the candidate, else to the school's office."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bson import ObjectId

from portfolio.documents import School
from portfolio.mail.delivery.contacts import offices, who_answers
from portfolio.mail.delivery.letter import Paragraph, one_line


def question_about(schools: Sequence[School], followers: Iterable[ObjectId] = ()) -> tuple[Paragraph, tuple[str, ...]]:
    """Returns the paragraph, and the addresses of the mail's Reply-To. schools: of the candidates that the mail speaks
    of, one at least.

    One school: the addresses of `followers` (person ids), else of its office. Several: of the office of each, since a
    teacher of one has nothing to read of another's. () where nobody can be written to, or nobody of one of several:
    the paragraph then leads to the school itself.
    """
    if len(schools) > 1:
        return _to_offices(schools)
    addresses = who_answers(followers, schools[0].id)
    if not addresses:
        return Paragraph(f"Une question ? Adressez-vous à {_place(schools[0])}."), ()
    asked = f"Une question ? Répondez à ce message : il arrive à quelqu'un de {_place(schools[0])}."
    return Paragraph(asked), addresses


def _to_offices(schools: Sequence[School]) -> tuple[Paragraph, tuple[str, ...]]:
    addresses = offices(school.id for school in schools)
    places = ", ".join(map(_place, schools))
    if not addresses:
        asked = f"Une question ? Adressez-vous au secrétariat de l'établissement du candidat : {places}."
        return Paragraph(asked), ()
    asked = f"Une question ? Répondez à ce message en nommant le candidat : il arrive aux secrétariats de {places}."
    return Paragraph(asked), tuple(dict.fromkeys(address for office in addresses.values() for address in office))


def _place(school: School) -> str:
    return f"{one_line(school.name)} ({one_line(school.city)})"
