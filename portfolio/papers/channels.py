"""Words the channel of an answer, which is recorded and printed but decides nothing."""

from __future__ import annotations

from portfolio.documents.attestations import SignOffAnswer, SignOffChannel

CHANNELS: dict[str, str] = {
    SignOffChannel.SIGNED_IN: "connexion à son compte, par mot de passe",
    SignOffChannel.LINK: "lien reçu à son adresse de courriel",
    SignOffChannel.CODE: "code reçu à son adresse de courriel",
    SignOffChannel.QR: "code reçu à son adresse de courriel, demandé depuis le code QR de la période",
    SignOffChannel.PAPER: "papier signé, numérisé et saisi par un professeur",
}
BRIEFLY: dict[str, str] = {
    SignOffChannel.SIGNED_IN: "compte",
    SignOffChannel.LINK: "lien reçu par courriel",
    SignOffChannel.CODE: "code reçu par courriel",
    SignOffChannel.QR: "code demandé par QR",
    SignOffChannel.PAPER: "papier numérisé",
}
ANSWERS: dict[str, str] = {
    SignOffAnswer.CONFIRMED: "Oui, c'est réel",
    SignOffAnswer.PARTLY: "En partie",
    SignOffAnswer.REFUSED: "Non",
    SignOffAnswer.NOT_KNOWN: "Je ne sais pas",
}


def channel_words(channel: str | None) -> str:
    """Returns the French words of a channel. None: an answer from before channels were recorded, which was signed in.
    Raises KeyError for an unknown one.
    """
    return CHANNELS[channel or SignOffChannel.SIGNED_IN]
