"""Words what is to be known of an accepted file, for its owner and for its readers. Data only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple


class FileWarning(NamedTuple):
    """owner: what it is and what to do, for the candidate. reader: the fact alone, for everybody who reads the file."""

    owner: str
    reader: str


MALWARE: Final = "malware"
MALWARE_LIFTED: Final = "malware_lifted"
NOT_EXAMINED: Final = "not_examined"
BEYOND_ANTIVIRUS: Final = "beyond_antivirus"
_CLIENTS = "vérifiez que rien n'y montre des données de clients."


def _fact(fact: str, advice: str) -> FileWarning:
    return FileWarning(f"{fact} : {advice}", f"{fact}.")


def _unshown(why: str) -> FileWarning:
    return FileWarning(
        f"Ce fichier ne peut pas être affiché : {why}. Ouvrez-le sur votre appareil, et déposez-le aussi en PDF "
        "(en JPEG pour une photo).",
        f"Au dépôt, ce fichier n'a pas pu être affiché : {why}. Téléchargez-le pour l'ouvrir.",
    )


# The codes are stored with the file, in this order, and given by the API: one never changes.
WARNINGS: Final[dict[str, FileWarning]] = {
    "photo_gps": _fact(
        "Cette photo contient la position GPS de la prise de vue", "vérifiez qu'elle ne révèle pas une adresse privée."
    ),
    "video_gps": _fact(
        "Cette vidéo contient la position GPS de la prise de vue", "vérifiez qu'elle ne révèle pas une adresse privée."
    ),
    "picture_cut": _fact(
        "Cette image est incomplète : une partie en manque", "ouvrez l'original, et déposez-le de nouveau en entier."
    ),
    "pdf_repaired": _fact(
        "Ce PDF est abîmé, et montré tel qu'il a pu être réparé",
        "vérifiez que rien n'y manque, ou enregistrez-le de nouveau et déposez cette copie.",
    ),
    "pdf_javascript": _fact(
        "Ce PDF contient du code JavaScript", "il est montré en images, et ce code ne s'exécute pas."
    ),
    "pdf_launch": _fact(
        "Ce PDF contient une action qui ouvre un programme", "il est montré en images, et rien ne s'ouvre."
    ),
    "pdf_sends_form": _fact(
        "Ce PDF contient une action qui envoie ou reçoit des données", "il est montré en images, et rien ne part."
    ),
    "pdf_media": _fact(
        "Ce PDF contient un son, une vidéo ou un objet en 3D que l'aperçu ne montre pas", "déposez-le aussi à part."
    ),
    "pdf_attachments": _fact(
        "Ce PDF contient des fichiers joints que l'aperçu ne montre pas", "déposez-les aussi, un par un."
    ),
    "pdf_dynamic_form": _fact(
        "Ce PDF est un formulaire dynamique (XFA) que l'aperçu ne montre pas en entier",
        "imprimez-le en PDF, et déposez aussi cette copie.",
    ),
    "pdf_layers": _fact("Ce PDF contient des calques masqués, que ses pages ne montrent pas", _CLIENTS),
    "pdf_redactions": _fact(
        "Ce PDF contient des caviardages qui n'ont pas été appliqués : ce qu'ils devaient cacher se lit encore",
        "appliquez-les, ou imprimez le document en PDF, puis déposez cette copie.",
    ),
    "tracked_changes": _fact(
        "Ce document contient des modifications suivies", "un lecteur peut voir ce qui a été supprimé."
    ),
    "comments": _fact("Ce document contient des commentaires", "un lecteur peut les voir."),
    "hidden_text": _fact("Ce fichier contient du texte masqué, blanc ou trop petit pour être lu", _CLIENTS),
    "hidden_slides": _fact("Cette présentation contient des diapositives masquées", _CLIENTS),
    "hidden_sheets": _fact("Ce classeur contient des feuilles masquées", _CLIENTS),
    "hidden_cells": _fact("Ce classeur contient des lignes ou des colonnes masquées", _CLIENTS),
    "pivot_cache": _fact("Ce classeur garde une copie des données sources d'un tableau croisé dynamique", _CLIENTS),
    "attached_gps": _fact(
        "Une pièce jointe de ce message contient la position GPS de la prise de vue",
        "vérifiez qu'elle ne révèle pas une adresse privée.",
    ),
    "attached_hides": _fact(
        "Une pièce jointe de ce message contient des commentaires, des modifications suivies ou des parties masquées",
        _CLIENTS,
    ),
    "attached_acts": _fact(
        "Une pièce jointe de ce message est un PDF qui contient du code ou une action",
        "il est montré en images, et rien ne s'exécute.",
    ),
    "attached_unshown": _fact(
        "Une pièce jointe de ce message n'est pas montrée, ou pas en entier",
        "déposez-la aussi à part, en PDF ou en image.",
    ),
    MALWARE: _fact(
        "L'antivirus, qui a examiné ce fichier après son dépôt, y reconnaît un programme nuisible ; il ne s'ouvre plus",
        "examinez votre appareil, et déposez un PDF ou une capture d'écran de ce travail ; si c'est une erreur, "
        "dites-le au secrétariat.",
    ),
    MALWARE_LIFTED: _fact(
        "L'antivirus avait signalé ce fichier, et le secrétariat a levé la quarantaine", "rien n'est à faire."
    ),
    NOT_EXAMINED: _fact(
        "L'antivirus du service n'a pas encore pu examiner ce fichier",
        "il le sera dès que possible, sans rien à faire.",
    ),
    BEYOND_ANTIVIRUS: _fact(
        "Ce fichier est trop lourd pour être examiné par l'antivirus du service", "il est gardé tel quel."
    ),
    "other_extension": _fact(
        "L'extension du nom n'est pas celle du contenu", "l'application indique le type réel du fichier."
    ),
    "view_damaged": _unshown("il ne se laisse pas lire en entier"),
    "view_locked": _unshown("il est protégé par un mot de passe"),
    "view_too_large": _unshown("il est trop lourd ou trop complexe"),
    "view_missing": _unshown("ce type de fichier n'a pas d'aperçu"),
}
UNSHOWN: Final = frozenset(code for code in WARNINGS if code.startswith("view_"))


# {code of a warning: that of a mail which has such a file attached}
_OF_A_MAIL: Final = {
    **dict.fromkeys(("photo_gps", "video_gps"), "attached_gps"),
    **dict.fromkeys(("tracked_changes", "comments", "pivot_cache"), "attached_hides"),
    **dict.fromkeys(("hidden_text", "hidden_slides", "hidden_sheets", "hidden_cells"), "attached_hides"),
    **dict.fromkeys(("pdf_javascript", "pdf_launch", "pdf_sends_form"), "attached_acts"),
    **dict.fromkeys(("pdf_layers", "pdf_redactions"), "attached_hides"),
    **dict.fromkeys(("pdf_media", "pdf_attachments", "pdf_dynamic_form", "picture_cut", *UNSHOWN), "attached_unshown"),
}


def of_a_mail(codes: Iterable[str]) -> set[str]:
    """Returns the codes of a mail from those of a file attached to it."""
    return {_OF_A_MAIL[code] for code in codes if code in _OF_A_MAIL}


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Returns the known codes, each once, in the order of the table."""
    given = set(codes)
    return tuple(code for code in WARNINGS if code in given)


def for_owner(codes: Iterable[str]) -> list[str]:
    """Returns the French sentences for the file's owner, in the order of WARNINGS; unknown codes have none."""
    return [WARNINGS[code].owner for code in in_order(codes)]


def for_reader(codes: Iterable[str]) -> list[str]:
    """Returns the French sentences for a tutor, a teacher, a commission, in the order of WARNINGS: facts, no advice and
    no blame; unknown codes have none.
    """
    return [WARNINGS[code].reader for code in in_order(codes)]


def is_shown(codes: Iterable[str]) -> bool:
    """Returns whether the file could be displayed when it was deposited."""
    return UNSHOWN.isdisjoint(codes)
