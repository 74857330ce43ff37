"""How the commission's pages say where a candidate stands, who signed off, what a piece is made of."""

from __future__ import annotations

from web import terms

# (words, tone) of each state of the queue.
STATES = {
    "to_score": ("À noter", "wait"),
    "sealed": ("Ma grille scellée", "plain"),
    "to_agree": ("À accorder", "wait"),
    "to_sign": ("À signer", "warn"),
    "signed_by_me": ("Signée par moi", "plain"),
    "signed": ("Signée", "ok"),
    "transmitted": ("Transmise", "ok"),
}
SIGN_OFFS = {
    "confirmed": ("Confirmée", "ok"),
    "partly": ("Confirmée en partie", "warn"),
    "refused": ("Non confirmée", "wrong"),
    "not_known": ("Sans avis", "plain"),
    "waived": ("Tuteur dispensé", "plain"),
    "requested": ("Demandée, sans réponse", "wait"),
    "lapsed": ("Sans réponse", "wait"),
    "missing": ("Sans réponse", "wait"),
    "stale": ("Modifiée depuis sa confirmation", "warn"),
}
NATURES = terms.NATURES
SEATS = terms.SEATS
DESCRIPTION = terms.DESCRIPTION
STEPS = (("grid", "Ma grille"), ("accord", "Accord"), ("sheet", "Fiche"))
SHARED_STEPS = (("grid", "Grille commune"), ("accord", "Appréciation"), ("sheet", "Fiche"))
SHEETS = {
    "draft": ("À signer", "warn"),
    "proposed": ("Signée par les deux membres", "ok"),
    "transmitted": ("Transmise au jury", "ok"),
    "final": ("Arrêtée par le jury", "ok"),
    "voided": ("Annulée", "wrong"),
}
# Why a scan is withdrawn, in the order in which it is asked.
WHY_WITHDRAWN = {
    "other_candidate": "C'est la grille d'un autre candidat",
    "other_paper": "Ce n'est pas une grille",
    "unreadable": "Il est illisible ou incomplet",
}
