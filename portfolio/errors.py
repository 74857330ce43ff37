"""Refusals in the words of the trade. Each has a stable code and a French sentence that says what to do next.

The domain raises them; `api/http/problems.py` maps each family to an HTTP status. `facts` fill the sentence
and must never contain anything that the reader may not know.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from portfolio.counting import many


class RuleSource(StrEnum):
    """What a refusal of the exam rests on, in French: a text, a circular that was read, or this service."""

    ARRETE = "texte de l'épreuve, que nomme son dossier (E5 : arrêté du 13 février 2017, annexe II D)"
    FORM_OF_EXAM = "code de l'éducation, D643-19 ; arrêté du 13 février 2017, annexe II C"
    KEPT_MARKS = "code de l'éducation, D643-15 et D643-23"
    DISCLOSURE = "code des relations entre le public et l'administration, L311-6 ; avis CADA 20073795"
    ARCHIVES = "code du patrimoine, L212-2 et R212-14"
    CIRCULAR = "circulaire de la session, une fois lue ; tant qu'elle est provisoire, elle avertit"
    INTEGRITY = "ce service : intégrité et sécurité de ce qui est enregistré"
    LIMIT = "ce service : limite technique"
    CHOICE = "ce service : choix qu'aucun texte n'impose"


class Refusal(Exception):
    """Base class of every refusal. `code` is stable; `detail` is a French sentence with placeholders for `facts`.

    source: what it rests on; None outside the rooms of the exam.
    """

    code: ClassVar[str] = "refused"
    source: ClassVar[RuleSource | None] = None
    detail: ClassVar[str] = "Cette action n'est pas possible."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.code)

    @property
    def message(self) -> str:
        """Returns the French sentence with its facts filled in."""
        return self.detail.format(**self.facts)


# --- families -------------------------------------------------------------------------------------


class NotFound(Refusal):
    """404: the thing does not exist, or the caller may not know that it does."""

    code = "not_found"
    detail = "Cet élément n'existe pas, ou vous n'y avez pas accès."


class Forbidden(Refusal):
    """403: the caller may see the thing but may not do this to it."""

    code = "forbidden"
    detail = "Votre rôle ne permet pas cette action. Demandez à l'établissement si vous pensez y avoir droit."


class Unauthenticated(Refusal):
    """401: the caller is not signed in."""

    code = "sign_in_needed"
    detail = "Connectez-vous pour continuer."


class NotNow(Refusal):
    """409: the caller has the right, but the state does not allow it."""

    code = "not_now"
    detail = "Cette action n'est pas possible dans l'état actuel."


class Invalid(Refusal):
    """422: values refused, with the reasons by field.

    errors: {field path: [French sentence, …]}.
    """

    code = "invalid_values"
    detail = "Certaines valeurs sont à corriger."

    def __init__(self, errors: dict[str, list[str]] | None = None, **facts: object) -> None:
        super().__init__(**facts)
        self.errors = errors or {}


class TooLarge(Refusal):
    """413: the request is too large."""

    code = "too_large"
    detail = "L'envoi dépasse la taille permise."


class TooMany(Refusal):
    """429: too many attempts. retry_after: seconds to wait."""

    code = "too_many_attempts"
    detail = "Trop d'essais en peu de temps. Réessayez dans {wait}."

    def __init__(self, *, retry_after: int, **facts: object) -> None:
        super().__init__(retry_after=retry_after, wait=_in_words(retry_after), **facts)


def _in_words(seconds: int) -> str:
    """Returns the wait in French, minutes and hours rounded up: « 45 secondes », « 5 minutes », « 1 heure »."""
    if seconds < 60:
        return many(seconds, "seconde")
    minutes = -(-seconds // 60)
    if minutes < 60:
        return many(minutes, "minute")
    hours = -(-minutes // 60)
    return many(hours, "heure")


class Unavailable(Refusal):
    """503: an engine is down and nothing was written. Its fact `retry_after` is in seconds."""

    code = "engine_unavailable"
    detail = "Le service est momentanément indisponible. Rien n'a été perdu : réessayez dans {wait}."

    def __init__(self, *, retry_after: int, **facts: object) -> None:
        super().__init__(retry_after=retry_after, wait=_in_words(retry_after), **facts)


class Stale(Refusal):
    """412: the thing changed since the caller read it.

    thing: the document as it is now, so that both versions can be compared.
    """

    code = "stale_revision"
    detail = (
        "Cet élément a été modifié entre-temps (révision {current}, vous aviez la {expected}). "
        "Comparez les deux versions puis recommencez."
    )

    def __init__(self, thing: object, expected: int, current: int) -> None:
        super().__init__(expected=expected, current=current)
        self.thing = thing
        self.shown: dict[str, Any] | None = None  # the JSON of `thing` for this caller, set by the door


class PreconditionMissing(Refusal):
    """428: a conditional header is missing."""

    code = "precondition_missing"
    detail = "Il manque l'en-tête {header} : {why}"
