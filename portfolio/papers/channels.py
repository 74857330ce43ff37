"""By which way an answer came, in words: recorded and printed, never judged."""

from __future__ import annotations

CHANNELS = {
    "signed_in": "connexion à son compte, par mot de passe",
    "link": "lien reçu à son adresse de courriel",
    "code": "code reçu à son adresse de courriel",
    "qr": "code reçu à son adresse de courriel, demandé depuis le code QR de la période",
    "paper": "papier signé, numérisé et saisi par un professeur",
}
BRIEFLY = {
    "signed_in": "compte",
    "link": "lien reçu par courriel",
    "code": "code reçu par courriel",
    "qr": "code demandé par QR",
    "paper": "papier numérisé",
}
ANSWERS = {
    "confirmed": "Oui, c'est réel",
    "partly": "En partie",
    "refused": "Non",
    "not_known": "Je ne sais pas",
}


def channel_words(channel: str | None) -> str:
    """Of answers given before channels were told apart: by an account."""
    return CHANNELS[channel or "signed_in"]
