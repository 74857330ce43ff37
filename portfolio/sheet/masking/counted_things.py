"""The words beside which a number counts or names something else than a mark, without their accents."""

from __future__ import annotations

_TIME = "jours? journees? demi-journees? semaines? mois ans? annees? trimestres? heures? minutes? secondes? fois"
_WORK = (
    "periodes? stages? entreprises? agences? cabinets? services? missions? activites? situations? ateliers? "
    "reunions? entretiens? dossiers? sinistres? contrats? devis clients? clientes? assures? assurees? societaires? "
    "interlocuteurs? appels?"
)
_PORTFOLIO = (
    "pieces? preuves? elements? productions? documents? fichiers? pages? mots? lignes? paragraphes? captures? "
    "tableaux videos? courriels? messages? lettres? publications? competences? criteres? outils? logiciels? "
    "fonctions? remises?"
)
_PEOPLE = (
    "personnes? candidats? candidates? etudiants? etudiantes? apprentis? apprenties? eleves? membres? professeurs? "
    "professeures? enseignants? enseignantes? tuteurs? tutrices? collegues?"
)
_MEASURES = "euros? € ko mo go km"
_STREETS = "rue avenue boulevard place allee chemin impasse quai cours"
# Points that are no marks.
REMARKED = (
    r"(?:forts?|faibles?|cles?|positifs?|negatifs?|de vigilance|d['’]attention|d['’]appui|a revoir|a ameliorer"
    r"|a approfondir|a travailler)(?![a-z])"
)
THINGS = "|".join(
    [*" ".join([_TIME, _WORK, _PORTFOLIO, _PEOPLE, _MEASURES, _STREETS]).split(), rf"points?\s+{REMARKED}"]
)
QUALIFIED = "(?:autres|premiers|premieres|dernieres?|derniers|grands|grandes|nouveaux|nouvelles|principales|principaux)"
NUMBERED = "salle|bureau|batiment|etage|amphi|amphitheatre|porte|pieces?|preuves?|remise|page|bloc|session|version"
