"""Normalises and checks the identifiers and names of the trade.

Each check takes the text as typed or imported and returns the form that is stored and compared. It raises
`Malformed`, with a French sentence that says what to do, if the text is not valid.
"""

from __future__ import annotations

import re
import string
import unicodedata
from datetime import datetime

from stdnum.exceptions import ValidationError
from stdnum.fr import siren as siren_rules
from stdnum.fr import siret as siret_rules

from portfolio.errors import Invalid

# The national list (two characters, a string: the leading zero counts).
ACADEMIES = {
    "01": "Paris",
    "02": "Aix-Marseille",
    "03": "Besançon",
    "04": "Bordeaux",
    "06": "Clermont-Ferrand",
    "07": "Dijon",
    "08": "Grenoble",
    "09": "Lille",
    "10": "Lyon",
    "11": "Montpellier",
    "12": "Nancy-Metz",
    "13": "Poitiers",
    "14": "Rennes",
    "15": "Strasbourg",
    "16": "Toulouse",
    "17": "Nantes",
    "18": "Orléans-Tours",
    "19": "Reims",
    "20": "Amiens",
    "22": "Limoges",
    "23": "Nice",
    "24": "Créteil",
    "25": "Versailles",
    "27": "Corse",
    "28": "La Réunion",
    "31": "Martinique",
    "32": "Guadeloupe",
    "33": "Guyane",
    "40": "Nouvelle-Calédonie",
    "41": "Polynésie française",
    "43": "Mayotte",
    "70": "Normandie",
}
# Caen and Rouen became Normandie: old files still carry their codes.
_MERGED_ACADEMIES = {"05": "70", "21": "70"}

FIRST_YEAR, LAST_YEAR = 2019, 2100
# Of an instant: one of the wrong decade is asked about by what it is of, one of another age is no instant of anybody.
EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
NUMBER_TO_COME = "numéro à venir"
TO_BE_NAMED = "à désigner"  # a tutor, after « Tuteur : », or under that heading
TUTOR_TO_BE_NAMED = "un tuteur à désigner"  # in a sentence

# No I, O nor Q. The letter is the number modulo 23.
_KEY_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_UAI = re.compile(r"(?:0[0-8][0-9]|09[0-5]|9[78][0-9]|[67]20)[0-9]{4}[A-Z]")
_INE_RNIE = re.compile(r"[0-9_]{9}[A-Z]{2}")
_INE_BEA = re.compile(r"[0-9]{10}[A-Z]")
_INE_INA = re.compile(r"[0-9]{4}A[0-9]{5}[A-Z]")
_INE_ANY = re.compile(r"[0-9A-Z_]{11}")
_SIRET_MONACO = re.compile(r"MONACO[A-Z0-9]{5}[0-9]{3}")
_CANDIDATE_NUMBER = re.compile(r"(?=[A-Z]*[0-9])[0-9A-Z]{1,20}")
_USUAL_CANDIDATE_NUMBER = re.compile(r"[0-9A-Z]{8,13}")
_SPREADSHEET_NUMBER = re.compile(r"[0-9](?:[.,][0-9]+)?E[+][0-9]+")
_SESSION = re.compile(r"([0-9]{4})R?")
_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
# `str.upper` would turn "ß" into "SS" and accept what was never typed.
_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
# Letters that Unicode does not decompose into a plain letter and an accent.
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
NO_GIVEN_NAMES = {"sans prenom", "sans prenoms", "pas de prenom", "aucun prenom"}
_LATIN = ("LATIN ", "MODIFIER LETTER ", "FEMININE ORDINAL", "MASCULINE ORDINAL")


class Malformed(Invalid):
    """One value is refused; `message` is the French sentence to show beside its field."""

    code = "malformed_value"
    detail = "{sentence}"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence=sentence)


def _compact(text: str) -> str:
    """Returns the text in upper case, without spaces, dots and hyphens."""
    return re.sub(r"[\s.\-]", "", text).translate(_UPPER)


def _key_letter(digits: str) -> str:
    return _KEY_LETTERS[int(digits) % len(_KEY_LETTERS)]


def uai(text: str) -> str:
    """Returns a school code (UAI, ex-RNE) in upper case: 7 digits (département first, 620 and 720 in Corsica), a check
    letter. Raises Malformed for another form or a wrong letter.
    """
    code = _compact(text)
    if not _UAI.fullmatch(code):
        raise Malformed(
            "Le code UAI compte 7 chiffres, dont les premiers sont ceux du département, puis une lettre, "
            "par exemple 0750654D. Recopiez-le depuis l'annuaire de l'éducation."
        )
    if code[7] != _key_letter(code[:7]):
        raise Malformed(
            f"La lettre finale du code UAI {code} ne correspond pas à ses chiffres : "
            "vérifiez qu'aucun chiffre n'a été mal recopié."
        )
    return code


def ine(text: str) -> tuple[str, str | None]:
    """Returns (national student number in upper case, French warning or None). Known shapes: RNIE (9 digits, 2
    letters), BEA (10 digits, key letter), INA (apprentices). Another shape of eleven characters is kept with a warning,
    since others exist; so is a wrong BEA key, which has a variant that is not public. Raises Malformed for another
    length.
    """
    number = _compact(text)
    if _INE_RNIE.fullmatch(number) or _INE_INA.fullmatch(number):
        return number, None
    if _INE_BEA.fullmatch(number):
        if number[10] == _key_letter(number[:10]):
            return number, None
        return number, (f"La lettre finale de l'INE {number} n'est pas celle que donnent ses chiffres : vérifiez-le.")
    if not _INE_ANY.fullmatch(number):
        raise Malformed(
            "L'INE compte 11 chiffres ou lettres. "
            "Vérifiez-le sur le relevé de notes du baccalauréat, ou laissez-le vide."
        )
    return number, f"L'INE {number} n'a pas une forme habituelle : vérifiez-le sur le relevé de notes du baccalauréat."


def siret(text: str) -> str:
    """Returns a SIRET: 14 digits (Luhn; La Poste has its own rule), or the Monaco form such as MONACOCONFO001. Raises
    Malformed.
    """
    number = _compact(text)
    if _SIRET_MONACO.fullmatch(number):
        return number
    if not re.fullmatch(r"[0-9]{14}", number):
        raise Malformed("Le SIRET compte 14 chiffres (les 9 du SIREN de l'entreprise, puis 5 pour l'établissement).")
    try:
        return siret_rules.validate(number)
    except ValidationError as error:
        raise Malformed(
            "Ce SIRET contient une erreur : vérifiez chaque chiffre sur annuaire-entreprises.data.gouv.fr."
        ) from error


def siren(text: str) -> str:
    """Returns a SIREN: 9 digits (Luhn). Raises Malformed."""
    number = _compact(text)
    if not re.fullmatch(r"[0-9]{9}", number):
        raise Malformed("Le SIREN compte 9 chiffres : ce sont les 9 premiers du SIRET.")
    try:
        return siren_rules.validate(number)
    except ValidationError as error:
        raise Malformed(
            "Ce SIREN contient une erreur : vérifiez chaque chiffre sur annuaire-entreprises.data.gouv.fr."
        ) from error


def orias(text: str) -> str | None:
    """Returns the 8-digit registration of an insurance intermediary, or None if blank: insurers have none. Raises
    Malformed.
    """
    number = _compact(text)
    if not number:
        return None
    if not re.fullmatch(r"[0-9]{8}", number):
        raise Malformed("Le numéro ORIAS compte 8 chiffres : vérifiez-le sur orias.fr, ou laissez vide.")
    return number


def candidate_number(text: str) -> str:
    """Returns the exam number of a candidate: 1 to 20 digits or capital letters, at least one digit, leading zeros
    kept; no checksum is known. Raises Malformed, also for a number that a spreadsheet rounded (`2,1E+09`).
    """
    number = "".join(text.split()).translate(_UPPER)
    if _SPREADSHEET_NUMBER.fullmatch(number):
        raise Malformed(
            "Le tableur a transformé ce numéro de candidat en nombre : mettez la colonne au format Texte, "
            "puis saisissez de nouveau le numéro en entier."
        )
    if not _CANDIDATE_NUMBER.fullmatch(number):
        raise Malformed(
            "Le numéro de candidat n'a que des chiffres et des lettres, 20 au plus, dont un chiffre : "
            "recopiez-le depuis la confirmation d'inscription à l'examen."
        )
    return number


def candidate_number_doubt(text: str) -> str | None:
    """Returns a warning in French about a number of an unusual length, or None. No text states the length, so that
    none is refused for it.
    """
    if _USUAL_CANDIDATE_NUMBER.fullmatch(candidate_number(text)):
        return None
    return (
        "Un numéro de candidat compte d'habitude de 8 à 13 chiffres ou lettres, zéros de tête compris : "
        "vérifiez celui-ci sur la confirmation d'inscription à l'examen."
    )


def numbered(number: str | None) -> str:
    """Returns the number as it stands in a sentence or a heading: "n° 02012345678", or "numéro à venir" before the
    examination service has given one.
    """
    return f"n° {number}" if number else NUMBER_TO_COME


def academy_code(text: str) -> str:
    """Returns a key of `ACADEMIES`. Raises Malformed for an unknown or merged one, and for a code without its leading
    zero: "1" could be a truncated "10".
    """
    code = text.strip()
    if code in _MERGED_ACADEMIES:
        successor = _MERGED_ACADEMIES[code]
        raise Malformed(f"Le code d'académie {code} n'existe plus : utilisez {successor} ({ACADEMIES[successor]}).")
    if code not in ACADEMIES:
        raise Malformed("Ce code d'académie est inconnu : il compte deux chiffres, par exemple 08 pour Grenoble.")
    return code


def session_code(text: str) -> str:
    """Returns a session: "2027", or "2027R" for a rehearsal with fictional people. Raises Malformed outside 2019 to
    2100.
    """
    code = _compact(text)
    match = _SESSION.fullmatch(code)
    if not match or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise Malformed(
            f"La session est l'année de l'examen, de {FIRST_YEAR} à {LAST_YEAR}, par exemple 2027 "
            "(2027R pour une répétition)."
        )
    return code


def is_rehearsal(session: str) -> bool:
    """Returns True if the session code is that of a rehearsal: it ends with R."""
    return session.endswith("R")


def exam_year(session: str) -> int:
    """Returns the year of the exam of a session code that `session_code` accepts."""
    return int(session.removesuffix("R"))


def session_in_preparation(at: datetime) -> str:
    """Returns the first session that is not past: sessions are held in June, so the next year's from September."""
    return str(at.year + (at.month >= 9))


def email(text: str) -> str:
    """Returns the address in lower case and ASCII, of 254 characters at most; an international domain takes its xn--
    form (IDNA). Raises Malformed.
    """
    address = unicodedata.normalize("NFC", text).strip().lower()
    local, at, domain = address.rpartition("@")
    if not at:
        raise Malformed("Une adresse de courriel contient un signe @, par exemple prenom.nom@exemple.fr.")
    if not local.isascii():
        raise Malformed("La partie de l'adresse placée avant le signe @ ne doit pas contenir d'accent.")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    address = f"{local}@{domain}"
    sane = _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)
    if not sane or len(local) > 64 or len(address) > 254:
        raise Malformed(
            "Cette adresse de courriel est incomplète ou contient un caractère interdit : "
            "vérifiez-la, par exemple prenom.nom@exemple.fr."
        )
    return address


def person_name(text: str) -> str:
    """Returns a family name or given names in NFC, with single spaces: 1 to 100 characters. Raises Malformed, also for
    an invisible character, a name without a letter, letters of another script than Latin, and a first character that a
    spreadsheet would run as a formula: names end up in exported files.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"} for character in name):
        raise Malformed("Ce nom contient un caractère invisible : retapez-le au clavier au lieu de le coller.")
    name = " ".join(name.split())
    if not name:
        raise Malformed("Ce nom est vide : indiquez-le.")
    if len(name) > 100:
        raise Malformed("Ce nom dépasse 100 caractères : abrégez-le.")
    if name[0] in "=+@-":
        raise Malformed(f"Un nom ne peut pas commencer par le signe « {name[0]} » : retirez ce signe.")
    if not any(character.isalpha() for character in name):
        raise Malformed("Ce nom ne contient aucune lettre : vérifiez qu'il est dans la bonne colonne.")
    if not all(_is_latin(character) for character in name if character.isalpha()):
        raise Malformed(
            "Ce nom n'est pas écrit en lettres latines : recopiez-le tel que l'écrivent l'état civil français, "
            "la carte d'identité ou le titre de séjour, accents compris."
        )
    return name


def given_names(text: str) -> str:
    """Returns given names as `person_name` does, or "" for somebody who has one name only: civil status then writes
    « SANS PRENOM ». Raises Malformed.
    """
    if not text or name_key(text) in NO_GIVEN_NAMES:
        return ""
    if not any(character.isalpha() for character in text):
        raise Malformed("Ce prénom ne contient aucune lettre. Si cette personne n'a qu'un nom, écrivez SANS PRENOM.")
    return person_name(text)


def full_name(given: str, family: str) -> str:
    """Returns both names on one line; the family name alone for somebody who has no other."""
    return f"{given} {family}" if given else family


def _is_latin(letter: str) -> bool:
    """Returns True for a letter of any Latin alphabet, and for signs written with them (« ʻ », « ª »)."""
    return unicodedata.name(letter, "").startswith(_LATIN)


def name_key(text: str) -> str:
    """Returns the key that sorts names and groups homonyms: no case, no accent, one space for any other signs; ""
    without letters and digits.
    """
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_LIGATURES)
    folded = unicodedata.normalize("NFKD", folded).casefold()
    letters = (c for c in folded if not unicodedata.category(c).startswith("M"))
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split())
