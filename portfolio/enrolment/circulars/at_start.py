"""Looks, before a process serves, whether every text that the exam is played by can be read, and is what it was.

A process that did not look would be ready, and fail each candidate who is held to a text that cannot be read.
"""

from __future__ import annotations

from portfolio.documents import Candidacy
from portfolio.rules.texts.catalogue import catalogue_faults
from portfolio.rules.texts.circular import UnknownCircular, circular, circular_faults
from portfolio.rules.texts.exam import exam_faults
from portfolio.rules.texts.referential import referential_faults


def wrong_files() -> list[str]:
    """Returns what is wrong with each installed text, in French: file, line, field. Without any engine."""
    faults = (*exam_faults(), *referential_faults(), *catalogue_faults(), *circular_faults())
    return [str(fault) for fault in faults]


def changed_files() -> list[str]:
    """Returns the circulars that candidacies are held to and that are not installed as they were, in French. One query,
    and one more for each of them. Raises PyMongoError.
    """
    return [fault for digest in Candidacy.objects.distinct("circular.sha256") if (fault := _fault_of(digest))]


def _fault_of(digest: str) -> str | None:
    held = Candidacy.objects(circular__sha256=digest).first()
    if held is None:
        return None
    pin = held.circular
    try:
        circular(pin.id, pin.version, digest)
    except UnknownCircular:
        return (
            f"{pin.id}.v{pin.version}.yaml : des candidatures sont tenues à la version d'empreinte {digest[:16]}…, "
            "que ce fichier n'a pas ou n'a plus. Remettez le fichier d'origine, ligne pour ligne : une correction est "
            "une nouvelle version."
        )
    return None


def refusal_to_start(faults: list[str]) -> str | None:
    """Returns what a process says before it stops, naming everything at once; None where nothing is wrong."""
    return (
        "\n".join(["Le service ne démarre pas : des textes de l'examen sont à corriger.", *faults]) if faults else None
    )
