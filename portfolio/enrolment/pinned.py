"""The rules that a candidacy is pinned to: those of its session, as they were when it was enrolled."""

from __future__ import annotations

from portfolio.documents import Candidacy
from portfolio.documents.fields import CandidacyThing, read
from portfolio.documents.rows import Row
from portfolio.rules.texts.circular import circular
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.referential import Referential, referential


def circular_of(candidacy: Candidacy | Row) -> Circular:
    """Returns the circular that the candidacy (document or row) is pinned to. Raises UnknownCircular if that version is
    not installed.
    """
    pin = candidacy.circular
    return circular(pin.id, pin.version, pin.sha256)


def circular_of_candidate(thing: CandidacyThing) -> Circular:
    """Returns the circular of the candidacy that a grid, an assessment or a sheet is about. Raises UnknownCircular if
    it is not installed.
    """
    return circular_of(read(Candidacy, thing.candidacy))


def referential_of(candidacy: Candidacy) -> Referential:
    """Returns the referential that the candidacy is pinned to. Raises UnknownReferential if that version is not
    installed.
    """
    pin = candidacy.referential
    return referential(pin.id, pin.version, pin.sha256)
