"""Labels of the teacher's pages."""

from __future__ import annotations

from web import terms

CONTEXTS = {"classe": "en classe", "atelier": "en atelier professionnel", "pfmp": "en entreprise"}
NATURES = terms.NATURES
SITUATIONS = {"reelle": "situation réelle", "simulee": "situation simulée"}
KINDS = terms.KINDS
SEATS = terms.SEATS
# Status of a seat → words, tone.
STATUS = {
    "confirmed": ("Confirmée", "ok"),
    "partly": ("Confirmée en partie", "ok"),
    "waived": ("Tuteur dispensé", "ok"),
    "refused": ("Non confirmée", "wrong"),
    "not_known": ("Ne peut pas se prononcer", "warn"),
    "requested": ("Réponse attendue", "wait"),
    "lapsed": ("À redemander", "warn"),
    "missing": ("Pas encore demandée", "warn"),
    "stale": ("Modifiée depuis la réponse", "warn"),
}
OWED_BY = {
    "candidate": "le candidat",
    "tutor": "le tuteur",
    "teacher": "le professeur",
    "office": "l'établissement",
}
ANSWERS = (
    ("confirmed", "Oui, je confirme"),
    ("partly", "En partie : je précise"),
    ("refused", "Non : je dis pourquoi"),
    ("not_known", "Je ne peux pas me prononcer"),
)
ANSWER_WORDS = {
    "confirmed": "oui",
    "partly": "en partie",
    "refused": "non",
    "not_known": "ne peut pas se prononcer",
}
REALITY = {
    "proposed": ("Écrite, en attente du tuteur", "wait"),
    "joint": ("Établie avec le tuteur", "ok"),
    "teacher_alone": ("Établie par les enseignants", "ok"),
}
CONTESTED = {
    "not_the_right_person": "Le tuteur a répondu qu'il n'est pas la bonne personne.",
    "did_not_happen": "Le tuteur a répondu que cette période n'a pas eu lieu.",
}
ORDERS = (("late", "Ce qui est en retard d'abord"), ("name", "Nom"), ("coverage", "Compétences sans preuve d'abord"))
WAITING = ((0, "Toutes"), (3, "Depuis 3 jours ou plus"), (7, "Depuis 7 jours ou plus"), (14, "Depuis 14 jours ou plus"))
MODES = {"sealed": "chacun seul, puis ensemble", "together": "ensemble sur une grille"}
QUALITIES = {"follower": "professeur chargé du suivi", "tutor": "tuteur", "second_professor": "deuxième professeur"}
DESCRIPTION = terms.DESCRIPTION
