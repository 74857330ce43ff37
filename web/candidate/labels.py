"""How the candidate's pages say what the portfolio holds: labels of fields, states, who owes what."""

from __future__ import annotations

from portfolio.sign_offs.answering.standing import ActivitySeat
from portfolio.sign_offs.asking.deliveries import Delivery
from web import terms

DESCRIPTION = {
    "context": ("Dans quel contexte ?", "L'entreprise ou la classe, la demande, les personnes concernées (sans nom)."),
    "aim": ("Dans quel but ?", "Ce que vous deviez obtenir."),
    "tools": (
        "Avec quels outils et quelles fonctions ?",
        "Logiciels, messagerie, intranet… et ce que vous y avez fait.",
    ),
    "own_part": ("Quelle est votre part ?", "Ce que vous avez fait vous-même."),
    "result": ("Avec quel résultat ?", "Ce qui a changé, si possible avec un chiffre."),
    "differently": ("Que feriez-vous autrement ?", "Une chose apprise, un choix que vous changeriez."),
}
PERMISSION = (
    ("non_requise", "Pas nécessaire"),
    ("demandee", "Demandée, réponse attendue"),
    ("accordee", "Accordée"),
    ("refusee", "Refusée"),
)
ANONYMISATION = (
    ("non_requis", "Pas nécessaire : aucune personne n'y est reconnaissable"),
    ("a_faire", "À faire : des noms, visages ou numéros sont encore visibles"),
    ("fait", "Fait : noms, visages et numéros sont masqués"),
)
FIELDS = {
    "title": "Titre",
    "type_code": "Type de preuve",
    "nature": "Nature",
    "situation": "Situation",
    "context": "Contexte",
    "activity": "Activité",
    "produced_on": "Date",
    "collective": "Travail à plusieurs",
    "permission": "Accord de l'entreprise",
    "anonymisation": "Anonymisation",
    "assistance_used": "Aide d'une intelligence artificielle",
    "assistance_how": "Comment cette aide a servi",
    "description": "Description",
    "details": "Informations propres au type",
    "links": "Liens",
    "files": "Fichiers",
    "competences": "Compétences",
    "criteria": "Critères",
    "tool_families": "Outils",
}
OWED_BY = {
    "candidate": "vous",
    "tutor": "votre tuteur",
    "teacher": "votre professeur",
    "office": "votre établissement",
}
SEATS = terms.SEATS
# Status of a seat → words, tone.
STATUS = {
    "confirmed": ("Confirmée", "ok"),
    "partly": ("Confirmée en partie", "ok"),
    "waived": ("Tuteur dispensé", "ok"),
    "refused": ("Non confirmée", "wrong"),
    "not_known": ("Ne peut pas se prononcer", "warn"),
    "requested": ("Demandée", "wait"),
    "lapsed": ("À redemander", "warn"),
    "missing": ("À demander", "warn"),
    "stale": ("Modifiée depuis : à redemander", "warn"),
}
REQUESTED = {
    "queued": ("Demandée", "wait"),
    "sent": ("Message envoyé", "wait"),
    "no_address": ("Sans adresse : à confirmer sur papier", "warn"),
    "bounced": ("Message non arrivé", "wrong"),
    "delayed": ("Message retardé", "warn"),
    "opened": ("Message ouvert", "wait"),
}
NOT_COME = ("Demandée : sans adresse, pas encore venu", "wait")  # of a teacher, who signs here alone
NAMELESS = ("Demandée : tuteur à désigner", "wait")
ASKABLE = ("missing", "lapsed", "stale", "refused", "not_known")
REALITY = {
    "proposed": ("Écrite par un professeur, en attente du tuteur", "wait"),
    "joint": ("Établie avec le tuteur", "ok"),
    "teacher_alone": ("Établie par les enseignants", "ok"),
}


def seat_state(seat: ActivitySeat, delivery: Delivery | None) -> tuple[str, str]:
    """Returns (French words, tone) of what became of a sign-off. delivery: of the mail that asked for it, None without
    one.
    """
    if seat.status == "requested" and seat.request is not None and seat.request.person is None:
        return NAMELESS
    if delivery is not None and delivery.state == "no_address" and seat.request and seat.request.seat == "teacher":
        return NOT_COME
    if seat.status == "requested" and delivery is not None and delivery.state in REQUESTED:
        return REQUESTED[delivery.state]
    return STATUS[seat.status]
