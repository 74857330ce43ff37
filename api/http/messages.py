"""Marshmallow's own messages, in French: what a person reads beside a field."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

_FIELDS: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.Field: {
        "required": "Ce champ est nécessaire.",
        "null": "Ce champ ne peut pas être vide (null).",
        "validator_failed": "Valeur refusée.",
    },
    fields.String: {"invalid": "Un texte est attendu.", "invalid_utf8": "Ce texte n'est pas de l'UTF-8."},
    fields.Number: {"invalid": "Un nombre est attendu.", "too_large": "Ce nombre est trop grand."},
    fields.Integer: {"invalid": "Un nombre entier est attendu."},
    fields.Boolean: {"invalid": "Vrai ou faux est attendu (true, false)."},
    fields.DateTime: {"invalid": "Date et heure attendues, par exemple 2027-04-12T14:00:00+02:00."},
    fields.AwareDateTime: {
        "invalid": "Date et heure attendues, par exemple 2027-04-12T14:00:00+02:00.",
        "invalid_awareness": "Précisez le fuseau, par exemple +02:00.",
    },
    fields.List: {"invalid": "Une liste est attendue."},
    fields.Url: {"invalid": "Adresse complète attendue, qui commence par https:// ou http://."},
    fields.Nested: {"type": "Un objet est attendu."},
    fields.Mapping: {"invalid": "Un objet est attendu."},
}


def install() -> None:
    for kind, messages in _FIELDS.items():
        kind.default_error_messages = {**kind.default_error_messages, **messages}
    Schema.error_messages = {
        "unknown": "Ce champ est inconnu : vérifiez son nom.",
        "type": "Un objet JSON est attendu.",
    }
    validate.Length.message_min = "Au moins {min} caractères ou éléments."
    validate.Length.message_max = "Au plus {max} caractères ou éléments."
    validate.Length.message_all = "Entre {min} et {max} caractères ou éléments."
    validate.Length.message_equal = "Exactement {equal} caractères ou éléments."
    validate.Range.message_min = "La valeur doit être {min_op} {{min}}."
    validate.Range.message_max = "La valeur doit être {max_op} {{max}}."
    validate.Range.message_all = "La valeur doit être {min_op} {{min}} et {max_op} {{max}}."
    validate.Range.message_gte = "supérieure ou égale à"
    validate.Range.message_gt = "supérieure à"
    validate.Range.message_lte = "inférieure ou égale à"
    validate.Range.message_lt = "inférieure à"
    validate.OneOf.default_message = "Choix attendu : {choices}."
    validate.Regexp.default_message = "Format inattendu."
