"""Lists the accepted kinds of files and their refusals. Data only: no file is opened here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from portfolio.errors import Invalid, RuleSource


@dataclass(frozen=True, slots=True)
class FileKind:
    """One accepted type.

    media_type: the one the service sends, never the one a client declared.
    extensions: the expected endings of the name, in lower case, without the dot.
    family: kinds of the same family are often confused in good faith (a phone names a JPEG `.heic`); a name with an
    extension of the same family is accepted with a warning, any other mismatch is refused.
    """

    code: str
    media_type: str
    label_fr: str
    extensions: tuple[str, ...]
    family: str = ""


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

_ALL: Final = (
    FileKind("pdf", "application/pdf", "Document PDF", ("pdf",)),
    FileKind("docx", _OOXML + "wordprocessingml.document", "Texte Word", ("docx",)),
    FileKind("dotx", _OOXML + "wordprocessingml.template", "Modèle Word", ("dotx",)),
    FileKind("xlsx", _OOXML + "spreadsheetml.sheet", "Classeur Excel", ("xlsx",)),
    FileKind("xltx", _OOXML + "spreadsheetml.template", "Modèle Excel", ("xltx",)),
    FileKind("pptx", _OOXML + "presentationml.presentation", "Présentation PowerPoint", ("pptx",), "slides"),
    FileKind("ppsx", _OOXML + "presentationml.slideshow", "Diaporama PowerPoint", ("ppsx",), "slides"),
    FileKind("potx", _OOXML + "presentationml.template", "Modèle PowerPoint", ("potx",), "slides"),
    FileKind("doc", "application/msword", "Texte Word 97-2003", ("doc", "dot"), "old text"),
    FileKind("rtf", "application/rtf", "Texte RTF", ("rtf",), "old text"),
    FileKind("xls", "application/vnd.ms-excel", "Classeur Excel 97-2003", ("xls", "xlt")),
    FileKind("ppt", "application/vnd.ms-powerpoint", "Présentation PowerPoint 97-2003", ("ppt", "pps", "pot")),
    FileKind("odt", _ODF + "text", "Texte OpenDocument", ("odt",)),
    FileKind("ott", _ODF + "text-template", "Modèle de texte OpenDocument", ("ott",)),
    FileKind("ods", _ODF + "spreadsheet", "Classeur OpenDocument", ("ods",)),
    FileKind("ots", _ODF + "spreadsheet-template", "Modèle de classeur OpenDocument", ("ots",)),
    FileKind("odp", _ODF + "presentation", "Présentation OpenDocument", ("odp",)),
    FileKind("otp", _ODF + "presentation-template", "Modèle de présentation OpenDocument", ("otp",)),
    FileKind("odg", _ODF + "graphics", "Dessin OpenDocument", ("odg",)),
    FileKind("drawio", "application/vnd.jgraph.mxfile", "Schéma draw.io", ("drawio",)),
    FileKind("txt", "text/plain", "Texte brut", ("txt", "text", "log"), "text"),
    FileKind("csv", "text/csv", "Tableau CSV", ("csv", "tsv"), "text"),
    FileKind("md", "text/markdown", "Texte Markdown", ("md", "markdown"), "text"),
    FileKind("json", "application/json", "Données JSON", ("json",), "text"),
    FileKind("eml", "message/rfc822", "Message électronique", ("eml",), "message"),
    FileKind("mbox", "application/mbox", "Boîte de messages", ("mbox", "mbx"), "message"),
    FileKind("msg", "application/vnd.ms-outlook", "Message Outlook", ("msg",), "message"),
    FileKind("ics", "text/calendar", "Événement de calendrier", ("ics", "ical")),
    # Served as plain text: should a store or a proxy lose the attachment header, nothing runs.
    FileKind("html", "text/plain", "Page web", ("html", "htm", "xhtml"), "page"),
    FileKind("mhtml", "multipart/related", "Page web archivée", ("mhtml", "mht"), "page"),
    FileKind("png", "image/png", "Image PNG", ("png",), "picture"),
    FileKind("jpeg", "image/jpeg", "Photo JPEG", ("jpg", "jpeg", "jpe", "jfif"), "picture"),
    FileKind("heic", "image/heic", "Photo HEIC", ("heic", "heif", "hif"), "picture"),
    FileKind("webp", "image/webp", "Image WebP", ("webp",), "picture"),
    FileKind("gif", "image/gif", "Image GIF", ("gif",), "picture"),
    FileKind("mp4", "video/mp4", "Vidéo MP4", ("mp4", "m4v", "3gp"), "recording"),
    FileKind("mov", "video/quicktime", "Vidéo QuickTime", ("mov", "qt"), "recording"),
    FileKind("webm", "video/webm", "Vidéo WebM", ("webm",), "recording"),
    FileKind("mp3", "audio/mpeg", "Son MP3", ("mp3",), "recording"),
    FileKind("m4a", "audio/mp4", "Son M4A", ("m4a",), "recording"),
)

KINDS: Final[dict[str, FileKind]] = {kind.code: kind for kind in _ALL}
BY_EXTENSION: Final[dict[str, FileKind]] = {ending: kind for kind in _ALL for ending in kind.extensions}

# The system runs these when they are opened, whatever they contain.
# fmt: off
PROGRAM_EXTENSIONS: Final = frozenset((
    "ade", "adp", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "exe", "gadget", "hlp", "hta", "inf", "js",
    "jse", "lnk", "msc", "msi", "msix", "msp", "pif", "ps1", "psm1", "reg", "scf", "scr", "sys", "url", "vb",
    "vbe", "vbs", "wsf", "wsh", "xll",
    "app", "apk", "command", "deb", "desktop", "pkg", "rpm",
    "bash", "csh", "jar", "mjs", "php", "phtml", "pl", "py", "pyc", "rb", "sh", "wasm",
))
# fmt: on


class FormatMatch(NamedTuple):
    """The kind of a content, as one family of formats recognised it: a code of KINDS, and codes of WARNINGS."""

    code: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognised:
    """The kind of a file by its content. warnings: codes of `file_warnings.WARNINGS`, each once, in a fixed order."""

    kind: str
    media_type: str
    label_fr: str
    warnings: tuple[str, ...] = ()


# --- refusals -------------------------------------------------------------------------------------


class UnacceptableFile(Invalid):
    """Base class of the refusals of a file as evidence. The sentence says why and what to do next, to the person who
    deposits it.

    fact: why, in a few French words, for everybody else.
    """

    code: ClassVar[str] = "unacceptable_file"
    fact: ClassVar[str] = "fichier qui n'est pas accepté"
    source = RuleSource.LIMIT
    detail = "Ce fichier ne peut pas être accepté. Déposez-le dans un autre format, par exemple en PDF."


class EmptyFile(UnacceptableFile):
    code = "empty_file"
    fact = "fichier vide"
    source = RuleSource.LIMIT
    detail = "Ce fichier est vide. Vérifiez qu'il s'ouvre sur votre appareil, puis déposez-le de nouveau."


class TornFile(UnacceptableFile):
    """A truncated or damaged file. label: French label of what it seems to be."""

    code = "torn_file"
    fact = "incomplet ou abîmé"
    source = RuleSource.LIMIT
    detail = (
        "Ce fichier ({label}) est incomplet ou abîmé. Ouvrez l'original sur votre appareil, enregistrez-le "
        "de nouveau, puis déposez-le."
    )

    def __init__(self, label: str = "type inconnu") -> None:
        super().__init__(label=label)


class EncryptedFile(UnacceptableFile):
    code = "encrypted_file"
    fact = "protégé par un mot de passe"
    source = RuleSource.LIMIT
    detail = (
        "Ce fichier est protégé par un mot de passe : la commission ne pourrait pas l'ouvrir. "
        "Enregistrez-en une copie sans mot de passe, puis déposez cette copie."
    )


class MacrosInFile(UnacceptableFile):
    """A file with macros. instead: the formats to save to."""

    code = "macros_in_file"
    fact = "macros"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce fichier contient des macros, ou son format en prévoit. Enregistrez-en une copie au format "
        "{instead}, puis déposez cette copie ; une capture d'écran peut montrer la macro."
    )

    def __init__(self, instead: str) -> None:
        super().__init__(instead=instead)


class ObjectsInRichText(UnacceptableFile):
    """A rich text with objects of other programs, which Word may run when it opens it."""

    code = "objects_in_rich_text"
    fact = "objet d'un autre programme dans un document RTF"
    source = RuleSource.INTEGRITY
    detail = (
        "Ce document RTF contient un objet d'un autre programme, que Word pourrait exécuter en l'ouvrant. Enregistrez "
        "le document en .docx ou en PDF, puis déposez cette copie."
    )


class MalwareInFile(UnacceptableFile):
    """A file in which the antivirus recognises a malicious program."""

    code = "malware_in_file"
    fact = "programme nuisible reconnu par l'antivirus"
    source = RuleSource.INTEGRITY
    detail = (
        "L'antivirus du service reconnaît un programme nuisible dans ce fichier : il n'est montré à personne. Examinez "
        "votre appareil, puis déposez un PDF ou une capture d'écran de ce travail. Si c'est une erreur, dites-le au "
        "secrétariat : il peut lever la quarantaine pendant trente jours."
    )


class ZipBomb(UnacceptableFile):
    code = "zip_bomb"
    fact = "démesuré une fois décompressé"
    source = RuleSource.INTEGRITY
    detail = (
        "Une fois décompressé, ce fichier serait démesuré. Enregistrez-en une version plus petite "
        "(moins de feuilles ou d'images), ou déposez-le en PDF."
    )


class TooManyPixels(UnacceptableFile):
    code = "too_many_pixels"
    fact = "image démesurée"
    source = RuleSource.LIMIT
    detail = (
        "Cette image annonce plus de points qu'aucun appareil n'en prend : l'ouvrir bloquerait un ordinateur. "
        "Enregistrez-en une copie plus petite, puis déposez cette copie."
    )


class TooComplex(UnacceptableFile):
    """A file that cannot be inspected within the bounds of the process that reads it."""

    code = "too_complex_file"
    fact = "trop complexe pour être vérifié"
    source = RuleSource.LIMIT
    detail = (
        "Ce fichier est trop complexe pour être vérifié. Ouvrez-le, imprimez-le en PDF (ou exportez-le en images), "
        "puis déposez cette copie."
    )


class ArchiveRefused(UnacceptableFile):
    """An archive. archive_format: its name."""

    code = "archive_file"
    fact = "archive"
    source = RuleSource.INTEGRITY
    detail = (
        "Les archives ({archive_format}) ne sont pas acceptées : elles cachent leur contenu à la commission. "
        "Ouvrez l'archive et déposez ses fichiers un par un."
    )

    def __init__(self, archive_format: str) -> None:
        super().__init__(archive_format=archive_format)


class ProgramRefused(UnacceptableFile):
    code = "executable_file"
    fact = "programme ou script"
    source = RuleSource.INTEGRITY
    detail = (
        "Les programmes et les scripts ne sont pas acceptés, ni les fichiers qui en contiennent. "
        "Déposez plutôt une capture d'écran, un PDF, ou le texte du script dans un fichier .txt."
    )


class ShortcutRefused(UnacceptableFile):
    """A file that only leads to a document kept elsewhere. advice: how to get the document."""

    code = "shortcut_file"
    fact = "raccourci sans le document"
    source = RuleSource.LIMIT
    detail = "Ce fichier n'est qu'un raccourci : le document n'est pas dedans. {advice}"

    def __init__(self, advice: str) -> None:
        super().__init__(advice=advice)


class SvgRefused(UnacceptableFile):
    code = "svg_file"
    fact = "dessin SVG"
    source = RuleSource.INTEGRITY
    detail = (
        "Les dessins SVG ne sont pas acceptés, car ils peuvent contenir du code. "
        "Exportez le dessin en PNG ou en PDF, puis déposez cette copie."
    )


class UnknownType(UnacceptableFile):
    """A content that is not received. resembles: French label of what it looks like, or empty. advice: what to do."""

    code = "unknown_type"
    fact = "type qui n'est pas accepté"
    source = RuleSource.LIMIT
    detail = "Le contenu de ce fichier n'est pas d'un type accepté{hint}. {advice}"
    ANY = (
        "Ouvrez-le avec le logiciel qui l'a créé et enregistrez-le en PDF, en document bureautique (.docx, .xlsx, "
        ".pptx, .odt, .ods, .odp) ou en image."
    )

    def __init__(self, resembles: str = "", advice: str = ANY) -> None:
        super().__init__(hint=f" (il ressemble à : {resembles})" if resembles else "", advice=advice)


class TypeMismatch(UnacceptableFile):
    """The extension announces one kind and the content is another (`kind`)."""

    code = "type_mismatch"
    fact = "contenu d'un autre type que le nom"
    source = RuleSource.INTEGRITY
    detail = (
        "Le nom du fichier finit par « .{extension} » ({announced}), mais son contenu est d'un autre type : {actual}. "
        "Enregistrez-le au format annoncé, ou corrigez la fin de son nom (« .{right_extension} »)."
    )

    def __init__(self, extension: str, kind: FileKind) -> None:
        super().__init__(
            extension=extension,
            announced=BY_EXTENSION[extension].label_fr,
            actual=kind.label_fr,
            right_extension=kind.extensions[0],
        )


# {code of a refusal of this module: why, in a few words}
FACTS: Final = {refusal.code: refusal.fact for refusal in UnacceptableFile.__subclasses__()}
