"""Words the refusals of unique indexes: one line per index that a person may meet."""

from __future__ import annotations

# {fields of the index: (the field to correct, the sentence)}
TAKEN = {
    ("code",): ("code", "L'académie {code} existe déjà."),
    ("uai",): ("uai", "Un établissement porte déjà le code UAI {uai}."),
    ("academies", "exam", "session"): (
        "session",
        "L'académie {academies} a déjà un jury de cette épreuve pour la session {session}.",
    ),
    ("exam", "session", "version"): (
        "version",
        "Une autre version de la circulaire {session} vient de prendre ce numéro : recommencez.",
    ),
    ("exam", "session"): (
        "session",
        "Une version de la circulaire {session} est déjà en préparation : reprenez-la, ou abandonnez-la.",
    ),
    ("school", "siret"): ("siret", "L'établissement connaît déjà une entreprise de SIRET {siret}."),
    ("email",): ("email", "L'adresse {email} vient d'être enregistrée par une autre demande : recommencez."),
    ("exam", "session", "academy", "candidate_number"): (
        "candidate_number",
        "Le numéro de candidat {candidate_number} est déjà inscrit à cette épreuve dans l'académie, session {session}.",
    ),
    ("person", "exam", "session"): (
        "email",
        "Cette adresse est déjà celle d'un candidat à cette épreuve, session {session}.",
    ),
}


def taken(key: dict[str, object]) -> tuple[str | None, str]:
    """Returns (field to correct or None, French sentence). key: {field of the unique index: value that already exists};
    an index without a line has a general sentence.
    """
    field, sentence = TAKEN.get(tuple(key), (None, "Cet élément existe déjà."))
    return field, sentence.format(**key)
