"""Names what the store refuses, in words for the person who sends a file."""

from __future__ import annotations

from portfolio.errors import Invalid, NotFound, NotNow, Unavailable


class UploadGone(NotFound):
    """The multipart upload was completed, aborted or cleaned away."""

    code = "upload_gone"
    detail = "Cet envoi n'existe plus. Recommencez l'envoi du fichier."


class ObjectGone(NotFound):
    code = "file_gone"
    detail = "Le contenu de ce fichier n'est plus dans le stockage. Prévenez l'établissement."


class ObjectReplaced(NotNow):
    """The ETag of the object is not the expected one: the object was written in between."""

    code = "file_replaced"
    detail = "Le contenu de ce fichier a changé pendant la lecture. Rechargez la page."


class DamagedPart(Invalid):
    """The store received other bytes than those sent."""

    code = "damaged_part"
    detail = "Cette partie du fichier a été abîmée en route. Envoyez-la de nouveau."


class NothingKept(Unavailable):
    """The store answers, and cannot write: its disk may be full."""

    code = "store_cannot_write"
    detail = (
        "Le stockage des fichiers ne peut rien enregistrer pour l'instant. Rien n'a été gardé ni compté : "
        "renvoyez le fichier dans {wait}."
    )


class BadParts(Invalid):
    """A part is unknown, was sent again since it was listed, or is too small (5 MiB, except the last)."""

    code = "bad_parts"
    detail = "Les parties reçues ne forment pas un fichier complet. Vérifiez-les, puis envoyez celles qui manquent."


REFUSALS = {
    "NoSuchUpload": UploadGone,
    "NoSuchKey": ObjectGone,
    "PreconditionFailed": ObjectReplaced,
    "BadDigest": DamagedPart,
    "InvalidDigest": DamagedPart,
    "XAmzContentSHA256Mismatch": DamagedPart,
    "IncompleteBody": DamagedPart,
    "InvalidPart": BadParts,
    "InvalidPartOrder": BadParts,
    "EntityTooSmall": BadParts,
}
