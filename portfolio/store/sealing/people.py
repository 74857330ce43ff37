"""What is sealed of people, of how they come in, and of the places and companies that they belong to."""

from __future__ import annotations

from mongoengine import Document

from portfolio import documents as kept
from portfolio.store.sealing.sealed import ENDS, TELLS, FieldNames, Sealed, why

SCHOOL: FieldNames = ("uai", "name", "city", "academy", "kind", "carried_by_public_body", "habilitated")
OFFERED = {
    "exams": ("épreuves proposées", ("exams",)),
    "habilitations": ("habilitations", ("habilitations",)),
    "replacements": ("remplacements de professeurs", ("replacements",)),
    "amended": ("nom et ville corrigés", ("amended",)),
}
PEOPLE: dict[type[Document], Sealed] = {
    kept.Person: Sealed(
        "la personne",
        {
            "address": ("adresse", ("email",)),
            "name": ("nom", ("family_name", "given_names")),
            "password": ("mot de passe", ("password",)),
            "second_factor": ("second facteur", ("totp",)),
            "state": ("état du compte", ("state",)),
            "grants": ("droits", ("grants",)),
            "exam": ("épreuve des droits", ("grants.exam",)),
            "schools": ("établissements", ("schools",)),
            "feed": ("adresse d'agenda", ("feed_hash",)),
            "amended": ("noms corrigés", ("amended",)),
        },
        why(TELLS, "feed_made_at", "suspended_because", "address_failed_at", "address_failure", "address_delayed_at")
        | {"totp_step": "avance à chaque code tapé"},
    ),
    kept.Invitation: Sealed(
        "l'invitation",
        {
            "way_in": ("accès", ("person", "purpose", "nonce", "token_hash", "expires_at")),
            "address": ("adresse à prouver", ("email",)),
        },
        {"used_at": ENDS},
        may_leave=True,
    ),
    kept.SignIn: Sealed(
        "la connexion",
        {
            "way_in": ("accès", ("person", "token_hash", "way", "opened_by", "scope", "expires_at")),
            "second_factor": ("second facteur", ("second_factor_at",)),
        },
        {"ended_at": ENDS} | why(TELLS, "label", "network", "device", "browser"),
        may_leave=True,
    ),
    kept.SignOffLink: Sealed(
        "le lien de confirmation",
        {"way_in": ("accès", ("person", "purpose", "token_hash", "expires_at"))},
        why(ENDS, "revoked_at") | why(TELLS, "row", "revoked_because", "opened_at"),
        may_leave=True,
    ),
    kept.AccountChange: Sealed(
        "le changement de compte",
        {
            "asked": (
                "demande",
                ("what", "person", "by", "role", "grant", "academies", "juries", "schools", "email", "address_before"),
            ),
            "state": ("effet", ("counts_from", "state", "settled_by", "settled_at")),
            "alike": ("ressemblances", ("alike",)),
            "deputies": ("suppléance", ("deputy", "titular")),
        },
    ),
    kept.Academy: Sealed("l'académie", {"academy": ("académie", ("code", "name", "timezone"))}),
    kept.School: Sealed(
        "l'établissement",
        {"school": ("établissement", SCHOOL), **OFFERED},
        {"list_titles": "ne sert qu'à lire les listes"},
    ),
    kept.Jury: Sealed(
        "le jury",
        {
            "jury": ("jury", ("academy", "session", "name")),
            "exam": ("épreuve", ("exam",)),
            "academies": ("académies regroupées", ("academies",)),
            "published": ("publication", ("published_at", "publications")),
            "seatings": ("suppléances", ("seatings",)),
        },
    ),
    kept.Company: Sealed(
        "l'entreprise",
        {
            "company": ("entreprise", ("school", "siret", "name", "city", "address")),
            "abroad": ("pays et numéro local", ("country", "local_number")),
        },
    ),
}
